//! What a message says in the words of the REST API: the `payload` of session lists and of
//! history files, as the page's SDK and app servers read it.

use serde_json::{Map, Value, json};

use super::{
    event::{ext, number},
    schema::{
        Jid, KeyValue, MessageBody,
        message_body::{Content, content},
    },
};

/// Of one message: its bodies, its ext, and the bare names of sender and addressee.
///
/// A value that its sender left out is left out here too. An ext whose JSON does not parse is
/// shown empty: it is its receivers' business to stumble over it.
///
/// ```
/// use chatproof::protocol::{
///     payload,
///     schema::{Jid, MessageBody, message_body::Content},
/// };
///
/// let hello = Content { r#type: Some(0), text: Some("hello".into()), ..Content::default() };
/// let body = MessageBody {
///     from: Some(Jid::named("alice")),
///     to: Some(Jid::named("bob")),
///     contents: vec![hello],
///     ..MessageBody::default()
/// };
/// assert_eq!(
///     payload::of(&body).to_string(),
///     r#"{"bodies":[{"msg":"hello","type":"txt"}],"ext":{},"from":"alice","to":"bob"}"#
/// );
/// ```
pub fn of(body: &MessageBody) -> Value {
    let name = |party: &Option<Jid>| party.as_ref().map(|jid| jid.name().to_owned()).unwrap_or_default();
    json!({
        "bodies": body.contents.iter().map(one).collect::<Vec<_>>(),
        "ext": pairs(&body.ext),
        "from": name(&body.from),
        "to": name(&body.to),
    })
}

/// The `type` of a content in REST words; `None` for one that REST has no word for.
pub const fn kind(kind: content::Type) -> Option<&'static str> {
    Some(match kind {
        content::Type::Text => "txt",
        content::Type::Image => "img",
        content::Type::Video => "video",
        content::Type::Location => "loc",
        content::Type::Voice => "audio",
        content::Type::File => "file",
        content::Type::Command => "cmd",
        content::Type::Custom => "custom",
        content::Type::Combine => return None,
    })
}

fn one(content: &Content) -> Value {
    use content::Type;

    let mut fields = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        fields.extend(value.map(|value| (key.to_owned(), value)));
    };
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let size =
        content.size.map(|size| json!({"width": size.width.map(number), "height": size.height.map(number)}));
    let is_attachment = matches!(content.r#type(), Type::Image | Type::Video | Type::Voice | Type::File);
    if is_attachment {
        put("filename", text(&content.display_name));
        put("url", text(&content.remote_path));
        put("secret", text(&content.secret_key));
        put("file_length", content.file_length.map(Value::from));
    }
    match content.r#type() {
        Type::Text => put("msg", text(&content.text)),
        Type::Image => put("size", size),
        Type::Video => {
            put("length", content.duration.map(Value::from));
            put("size", size);
            put("thumb", text(&content.thumbnail_remote_path));
            put("thumb_secret", text(&content.thumbnail_secret_key));
        }
        Type::Voice => put("length", content.duration.map(Value::from)),
        Type::Location => {
            put("addr", text(&content.address));
            put("lat", content.latitude.map(number));
            put("lng", content.longitude.map(number));
            put("buildingName", text(&content.building_name));
        }
        Type::Command => put("action", text(&content.action)),
        Type::Custom => {
            put("customEvent", text(&content.custom_event));
            put("customExts", Some(pairs(&content.custom_exts)));
        }
        Type::File | Type::Combine => {}
    }
    put("type", kind(content.r#type()).map(Value::from));
    fields.into()
}

fn pairs(pairs: &[KeyValue]) -> Value {
    ext(pairs).unwrap_or_default().into()
}
