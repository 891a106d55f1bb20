//! `/chatmessages/{yyyyMMddHH}`: what was said in one hour, as a file of JSON lines.

use jiff::{civil::DateTime, tz::Offset};
use prost::Message as _;
use serde_json::{Value, json};

use super::{
    call::{Call, Reply},
    error::RestError,
};
use crate::{
    protocol::{
        payload,
        schema::{MessageBody, Meta},
        time::Moment,
    },
    server::world::{
        attachment::{Access, Bounds, Upload},
        history::{Conversation, Said},
        place::Kind,
    },
};

/// How an hour is written, in UTC.
const HOUR: &str = "%Y%m%d%H";

/// Where the file of that hour is. The hour that runs has none yet, nor has one in which nothing
/// was said.
pub(super) fn of_hour(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let hour = call.parameter(0).to_owned();
    let begins = begin_of(&hour).ok_or_else(|| {
        RestError::IllegalArgument("expected an hour such as 2026112408, in UTC".to_owned())
    })?;
    let ends = begins + std::time::Duration::from_secs(3600);
    let said = call.world.history.said_between(begins, ends).filter(|_| ends <= call.now);
    let lines: String = said
        .filter_map(|(conversation, said)| line(call, conversation, said))
        .map(|line| format!("{line}\n"))
        .collect();
    if lines.is_empty() {
        return Err(RestError::NoSuchLog { hour });
    }
    let upload = Upload {
        name: format!("{hour}.jsonl"),
        content_type: "application/x-ndjson".to_owned(),
        bytes: lines.into(),
    };
    let world = &mut *call.world;
    let file =
        world.files.keep(&mut world.random, call.now, &upload, Access::Restricted, Bounds::default(), None);
    let (organization, app) = world.settings.organization_and_app();
    let url = format!(
        "{}/{organization}/{app}/chatfiles/{}?share-secret={}",
        call.origin,
        file.id.as_str(),
        file.secret.reveal()
    );
    Ok(Reply::data(json!([{"url": url}])))
}

/// When an hour begins; the reader wants minutes, which the text has not.
fn begin_of(hour: &str) -> Option<Moment> {
    let is_hour = hour.len() == 10 && hour.bytes().all(|byte| byte.is_ascii_digit());
    let text = format!("{}0000", Some(hour).filter(|_| is_hour)?);
    let begins: DateTime = DateTime::strptime(format!("{HOUR}%M%S"), text).ok()?;
    let begins = Offset::UTC.to_timestamp(begins).ok()?;
    u64::try_from(begins.as_millisecond()).ok().map(Moment::from_millis)
}

fn line(call: &Call<'_>, conversation: Conversation, said: &Said) -> Option<Value> {
    let meta = Meta::decode(said.meta.clone()).ok()?;
    let body = MessageBody::decode(meta.payload.clone()?).ok()?;
    let chat_type = match conversation {
        Conversation::Single(..) => "chat",
        Conversation::Place(key) => match call.world.places.get(key)?.kind {
            Kind::Group => "groupchat",
            Kind::Room => "chatroom",
        },
    };
    let payload = payload::of(&body);
    Some(json!({
        "msg_id": said.id.to_string(),
        "timestamp": meta.timestamp?,
        "direction": "outgoing",
        "from": payload["from"],
        "to": payload["to"],
        "chat_type": chat_type,
        "payload": payload,
    }))
}
