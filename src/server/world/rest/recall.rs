//! `/messages/msg_recall` and `/messages/recall`: taking a message back through REST.
//!
//! The app may take back what anybody said, in any name; a user only what that user said.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    call::{Call, Caller, Reply},
    error::RestError,
};
use crate::{
    protocol::{
        id::ServerId,
        schema::{KeyValue, key_value},
    },
    server::world::{
        address::Address,
        history::{Conversation, Said},
        place::Kind,
        recall::NotRecalled,
        user::UserId,
    },
};

/// In whose name the app takes messages back if it does not say.
const ADMIN: &str = "admin";

#[derive(Deserialize)]
struct Request {
    /// A message id, as a text or a number.
    msg_id: Value,
    /// The user, group or room that the message was sent to.
    to: String,
    /// `chat`, `groupchat` or `chatroom`, in whatever case.
    chat_type: String,
    /// In whose name.
    from: Option<String>,
    /// Also tell of a message that the server has forgotten.
    #[serde(default)]
    force: bool,
    /// Also tell the devices of the message's sender, in single chat.
    #[serde(default)]
    sync_device: bool,
    #[serde(rename = "recallMessageExtensionInfo")]
    extension: Option<String>,
}

/// What the caller is told in place of an id that cannot be taken back.
const fn reason(problem: NotRecalled) -> &'static str {
    match problem {
        NotRecalled::Closed => "message recall service is unopened",
        NotRecalled::TooLate => "exceed recall time limit",
        NotRecalled::Unknown => "not_found msg",
    }
}

/// Whom a recall concerns.
struct Parties {
    conversation: Conversation,
    /// The message, unless the server has forgotten it.
    said: Option<Said>,
    address: Address,
}

/// Takes one message back.
pub(super) fn recall(call: &mut Call<'_>) -> Result<Reply, RestError> {
    if let Err(closed) = call.world.recall_is_open() {
        return Err(RestError::Forbidden(reason(closed).to_owned()));
    }
    let request: Request = call.json()?;
    let text = request.msg_id.as_str().map_or_else(|| request.msg_id.to_string(), str::to_owned);
    let message = text
        .parse()
        .map(ServerId)
        .map_err(|_| RestError::IllegalArgument("msg_id is no message id".to_owned()))?;
    let from = name(call, &request)?;
    let answer = match take_back(call, &request, &from, message) {
        Ok(()) => json!({
            "recalled": "yes", "chattype": request.chat_type, "from": from, "to": request.to, "msg_id": text,
        }),
        Err(why) => json!({"msgs": [{"msg_id": text, "recalled": why}]}),
    };
    Ok(Reply::data(answer))
}

/// In whose name the message is taken back.
fn name(call: &Call<'_>, request: &Request) -> Result<String, RestError> {
    let Caller::User(user) = call.caller else {
        return super::call::legal(request.from.as_deref().unwrap_or(ADMIN));
    };
    if let Some(from) = &request.from {
        call.must_be(call.user(from)?)?;
    }
    Ok(call.known(user)?.name().to_owned())
}

fn take_back(
    call: &mut Call<'_>,
    request: &Request,
    from: &str,
    message: ServerId,
) -> Result<(), &'static str> {
    let parties = parties(call, request, from, message)?;
    let is_single = matches!(parties.conversation, Conversation::Single(..));
    let author = parties.said.as_ref().map(|said| said.sender).or_else(|| call.world.users.anybody(from));
    let untold: Vec<UserId> = author.filter(|_| is_single && !request.sync_device).into_iter().collect();
    let ext = request.extension.clone().map(|text| KeyValue {
        key: Some("recallMessageExtensionInfo".to_owned()),
        r#type: Some(key_value::ValueType::String as i32),
        value: Some(key_value::Value::StringValue(text)),
    });
    let world = &mut *call.world;
    let parcel = world.notice_of_recall(call.now, from, &parties.address, message, ext);
    if let Some(said) = &parties.said {
        world.take_back(parties.conversation, said);
    }
    world.tell(parties.conversation, &parcel, &untold);
    Ok(())
}

fn parties(
    call: &Call<'_>,
    request: &Request,
    from: &str,
    message: ServerId,
) -> Result<Parties, &'static str> {
    const NO_ADDRESSEE: &str = "can't find msg to";

    let world = &*call.world;
    let found = world.history.locate(message);
    let place = match request.chat_type.to_ascii_lowercase().as_str() {
        "chat" => None,
        "groupchat" => Some(Kind::Group),
        "chatroom" => Some(Kind::Room),
        _ => return Err(NO_ADDRESSEE),
    };
    let (conversation, address) = if let Some(kind) = place {
        let key = world.places.find(&request.to).ok_or(NO_ADDRESSEE)?;
        let place = world.places.get(key).filter(|place| place.kind == kind).ok_or(NO_ADDRESSEE)?;
        (Conversation::Place(key), place.address.clone())
    } else {
        let to = world.users.find(&request.to).ok_or(NO_ADDRESSEE)?;
        // A forgotten message does not say who sent it.
        let from = found.map(|(_, said)| said.sender).or_else(|| world.users.anybody(from));
        let conversation = Conversation::between(from.ok_or(reason(NotRecalled::Unknown))?, to);
        (conversation, world.users.get(to).ok_or(NO_ADDRESSEE)?.address.clone())
    };
    let said = match found {
        Some((at, said)) if at == conversation => Some(said.clone()),
        Some(_) => return Err(NO_ADDRESSEE),
        None if request.force => None,
        None => return Err(reason(NotRecalled::Unknown)),
    };
    if call.actor().is_some_and(|actor| said.as_ref().is_none_or(|said| said.sender != actor)) {
        return Err(reason(NotRecalled::Unknown));
    }
    let at = said.as_ref().map_or_else(|| message.moment(), |said| said.at);
    world.is_in_recall_window(call.now, at).map_err(reason)?;
    Ok(Parties { conversation, said, address })
}
