//! One logical message as a line of JSON, in the words of the document: what `encode` reads.
//!
//! The line means what a page means that passes these options to the SDK, so JavaScript decides
//! about numbers, truth and property order. What the SDK would lose in silence is an error here.

use serde_json::{Map, Value};

use super::{
    generation::Generation,
    id::LocalId,
    js,
    message::{Api, Body, GroupAck, Location, Options, Outgoing, Priority},
    trace::TraceId,
};

mod attachment;
mod chat_type;
mod field;
mod kind;
mod refused;

use field::Fields;
use kind::Kind;
pub use refused::Refused;

/// What one line asks to send.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The sending user, where the line says who.
    pub from: Option<String>,
    /// The trace id of the frame, where the line gives one.
    pub trace: Option<TraceId>,
    /// The message, receipt or recall.
    pub outgoing: Outgoing,
}

impl Line {
    /// Reads a line as a page on this generation means it.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the text is no JSON object, a key is unknown, missing or of a wrong type, or
    /// the SDK of this generation would not send it.
    ///
    /// ```
    /// use chatproof::protocol::{generation::Generation, line::Line};
    ///
    /// let line = r#"{"type":"txt","id":7,"from":"alice","to":"bob","msg":"hello"}"#;
    /// let line = Line::read(Generation::V3_6_3, line)?;
    /// assert_eq!(line.from.as_deref(), Some("alice"));
    ///
    /// let typo = Line::read(Generation::V3_6_3, r#"{"type":"txt","id":7,"too":"bob"}"#);
    /// assert_eq!(typo.unwrap_err().to_string(), "unknown key \"too\"; did you mean \"to\"?");
    /// # Ok::<(), chatproof::protocol::line::Refused>(())
    /// ```
    pub fn read(generation: Generation, text: &str) -> Result<Self, Refused> {
        match serde_json::from_str(text).map_err(Refused::NotJson)? {
            Value::Object(map) => Self::from_map(generation, &map),
            other => Err(Refused::NotAnObject { got: refused::shown(&other) }),
        }
    }

    /// Reads a line that is parsed already.
    ///
    /// # Errors
    ///
    /// As [`Line::read`].
    pub fn from_map(generation: Generation, map: &Map<String, Value>) -> Result<Self, Refused> {
        let fields = Fields::new(map)?;
        let kind = Kind::of(&fields)?;
        let api = api(generation, &fields)?;
        let to = fields.required_text("to")?;
        if to.is_empty() && generation == Generation::V4_21_1 {
            return Err(Refused::SdkRefuses { generation, what: "an empty \"to\"" });
        }
        let outgoing = Outgoing {
            chat_type: chat_type::read(generation, kind, &fields)?,
            ext: fields.ext("ext")?,
            group_ack: group_ack(&fields)?,
            api,
            options: options(&fields)?,
            body: body(generation, api, kind, &fields)?,
            ..Outgoing::new(LocalId(fields.required_long("id")?), to, Body::Channel)
        };
        Ok(Self {
            from: fields.text("from")?.filter(|from| !from.is_empty()),
            trace: fields.exact_long("traceId")?.map(TraceId),
            outgoing,
        })
    }
}

fn api(generation: Generation, fields: &Fields<'_>) -> Result<Api, Refused> {
    match fields.choice("api", &[("old", Api::Old), ("new", Api::New)])?.unwrap_or_default() {
        Api::New if generation == Generation::V3_6_3 => {
            Err(Refused::SdkRefuses { generation, what: "\"api\":\"new\": it has no create()" })
        }
        api => Ok(api),
    }
}

fn group_ack(fields: &Fields<'_>) -> Result<Option<GroupAck>, Refused> {
    let Some(config) = fields.object("msgConfig")? else { return Ok(None) };
    Ok(Some(match config.get("allowGroupAck") {
        None | Some(Value::Null) => GroupAck::Unsaid,
        Some(value) if js::is_truthy(value) => GroupAck::Asked,
        Some(_) => GroupAck::Declined,
    }))
}

fn options(fields: &Fields<'_>) -> Result<Options, Refused> {
    let priorities = [("high", Priority::High), ("normal", Priority::Normal), ("low", Priority::Low)];
    Ok(Options {
        thread: fields.is_truthy("isChatThread"),
        online_only: fields.is_truthy("deliverOnlineOnly"),
        receivers: fields.texts("receiverList")?,
        priority: fields.choice("priority", &priorities)?.unwrap_or_default(),
    })
}

fn body(generation: Generation, api: Api, kind: Kind, fields: &Fields<'_>) -> Result<Body, Refused> {
    let file = || attachment::read(generation, api, kind, fields);
    Ok(match kind {
        Kind::Text => Body::Text(fields.text("msg")?),
        Kind::Image => Body::Image(file()?),
        Kind::File => Body::File(file()?),
        Kind::Audio => Body::Audio(file()?),
        Kind::Video => Body::Video(file()?),
        Kind::Location => Body::Location(Location {
            address: fields.text("addr")?,
            latitude: fields.number("lat")?,
            longitude: fields.number("lng")?,
            building: fields.text("buildingName")?,
        }),
        Kind::Command => Body::Command(fields.text("action")?),
        Kind::Custom => Body::Custom { event: fields.text("customEvent")?, exts: fields.ext("customExts")? },
        Kind::Read => {
            Body::Read { message: fields.required_server_id("ackId")?, content: fields.text("ackContent")? }
        }
        Kind::Delivery => Body::Delivery { message: fields.required_server_id("ackId")? },
        Kind::Channel => Body::Channel,
        Kind::Recall => Body::Recall { message: fields.required_server_id("mid")? },
    })
}

#[cfg(test)]
mod tests;
