//! `/messages/users`, `/messages/chatgroups`, `/messages/chatrooms`: what the app's server sends, and what
//! it brings in from elsewhere (`/import`).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    call::{self, Call, Reply},
    content,
    error::{RestError, echo},
};
use crate::{
    protocol::time::Moment,
    server::world::{
        app_message::{AppMessage, Copies, Imported, Recipient, chat_type},
        delivery::Reach,
        file::UnknownRecipient,
        place::Kind,
        user::UserId,
    },
};

/// In whose name the app speaks if it does not say.
const ADMIN: &str = "admin";
/// Recipients of one call.
const USERS: usize = 600;
const GROUPS: usize = 3;
const ROOMS: usize = 10;
/// How much of a room's load a message may be dropped for.
const LEVELS: [&str; 3] = ["high", "normal", "low"];

#[derive(Deserialize)]
struct Message {
    from: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    body: Map<String, Value>,
    ext: Option<Value>,
    /// Milliseconds since 1970.
    msg_timestamp: Option<u64>,
    #[serde(default)]
    sync_device: bool,
    routetype: Option<String>,
    chatroom_msg_level: Option<String>,
}

#[derive(Deserialize)]
struct Recipients {
    to: Vec<String>,
}

#[derive(Deserialize)]
struct Import {
    target: String,
    #[serde(default)]
    is_ack_read: bool,
}

/// Sends to users.
pub(super) fn to_users(call: &mut Call<'_>) -> Result<Reply, RestError> {
    send(call, None)
}

/// Sends to groups or rooms.
pub(super) fn to_places(call: &mut Call<'_>) -> Result<Reply, RestError> {
    send(call, Some(call.kind))
}

/// Brings one message between two users in.
pub(super) fn import_to_user(call: &mut Call<'_>) -> Result<Reply, RestError> {
    import(call, None)
}

/// Brings one message in a group in.
pub(super) fn import_to_group(call: &mut Call<'_>) -> Result<Reply, RestError> {
    import(call, Some(Kind::Group))
}

/// Every recipient must be known before anybody is sent anything.
fn send(call: &mut Call<'_>, kind: Option<Kind>) -> Result<Reply, RestError> {
    let Recipients { to } = call.json()?;
    let most = match kind {
        None => USERS,
        Some(Kind::Group) => GROUPS,
        Some(Kind::Room) => ROOMS,
    };
    if to.is_empty() || to.len() > most {
        return Err(RestError::IllegalArgument(format!("to has 1 to {most} entries, got {}", to.len())));
    }
    let recipients: Vec<Recipient> =
        to.iter().map(|name| recipient(call, kind, name)).collect::<Result<_, _>>()?;
    let message = message(call, kind)?;
    let mut sent = Map::new();
    for (name, recipient) in to.into_iter().zip(recipients) {
        let id = call.world.say_for_app(call.now, &message, recipient);
        sent.insert(name, id.to_string().into());
    }
    Ok(Reply::data(sent))
}

fn import(call: &mut Call<'_>, kind: Option<Kind>) -> Result<Reply, RestError> {
    let Import { target, is_ack_read } = call.json()?;
    let recipient = recipient(call, kind, &target)?;
    let message = message(call, kind)?;
    let state = if is_ack_read { Imported::Read } else { Imported::Unread };
    let id = call.world.import(call.now, &message, recipient, state);
    Ok(Reply::data(json!({"msg_id": id.to_string()})))
}

fn recipient(call: &Call<'_>, kind: Option<Kind>, name: &str) -> Result<Recipient, RestError> {
    if kind.is_some() {
        return call.place_of(name).map(|(key, _)| Recipient::Place(key));
    }
    match (call.world.users.find(name), call.world.settings.choices.unknown_recipient) {
        (Some(user), _) => Ok(Recipient::User(user)),
        (None, UnknownRecipient::Accept) => Ok(Recipient::Nobody),
        (None, UnknownRecipient::Refuse) => Err(RestError::NoSuchRecipient(name.to_owned())),
    }
}

fn message(call: &mut Call<'_>, kind: Option<Kind>) -> Result<AppMessage, RestError> {
    let message: Message = call.json()?;
    let content = content::read(&message.kind, &message.body)?;
    if !call.world.settings.message_types.take(content.r#type.unwrap_or_default()) {
        return Err(RestError::IllegalArgument(format!("messages of type {} are not taken", message.kind)));
    }
    let ext = content::ext(message.ext)?;
    let reach = match message.routetype.as_deref() {
        None | Some("ROUTE_ALL") => Reach::Everybody,
        Some("ROUTE_ONLINE") => Reach::Online,
        Some(other) => {
            return Err(RestError::IllegalArgument(format!(
                "routetype can only be ROUTE_ONLINE, got {:?}",
                echo(other)
            )));
        }
    };
    if message.chatroom_msg_level.is_some_and(|level| !LEVELS.contains(&level.as_str())) {
        return Err(RestError::IllegalArgument(format!(
            "chatroom_msg_level can only be {}",
            LEVELS.join(", ")
        )));
    }
    let from = sender(call, message.from.as_deref(), kind)?;
    let message = AppMessage {
        from,
        content,
        ext,
        reach,
        copies: if message.sync_device { Copies::Online } else { Copies::None },
        at: message.msg_timestamp.map_or(call.now, Moment::from_millis),
    };
    if message.size() > call.world.settings.limits.body_bytes {
        return Err(RestError::IllegalArgument("message is too large".to_owned()));
    }
    Ok(message)
}

/// In whose name it is said: anybody's, but not somebody's whom the app has muted.
fn sender(call: &mut Call<'_>, from: Option<&str>, kind: Option<Kind>) -> Result<UserId, RestError> {
    if from.is_some_and(str::is_empty) {
        return Err(RestError::IllegalArgument("from can't be empty".to_owned()));
    }
    let name = call::legal(from.unwrap_or(ADMIN))?;
    let world = &mut *call.world;
    let limit = world.settings.limits.users;
    let user = world
        .users
        .known_or_outsider(&world.settings.app_key, &name, call.now, limit)
        .ok_or(RestError::LimitReached("this app has as many users as it may"))?;
    world
        .may_speak_at_all(call.now, user, chat_type(kind))
        .map_err(|_| RestError::Forbidden(format!("user {name} is mute")))?;
    Ok(user)
}
