//! Reading a conversation's history over REST (heading 消息漫游): what a page asks for, and what it is
//! answered. Which messages stand in an answer is read by [`downlink::roamed`](super::downlink::roamed).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use prost::Message as _;
use serde_json::{Map, Value, json};

use super::{
    generation::Generation,
    jid::{CONFERENCE_DOMAIN, USER_DOMAIN},
    message::{Api, ChatType},
    schema::Meta,
};

/// One page of a history.
///
/// ```
/// use chatproof::protocol::{
///     generation::Generation,
///     message::{Api, ChatType},
///     roaming::{Order, Request},
/// };
///
/// let request = Request {
///     api: Api::Old,
///     chat_type: ChatType::Single,
///     with: "bob",
///     start: None,
///     size: 20,
///     order: Order::Up,
/// };
/// let body = request.body(Generation::V3_6_3).to_string();
/// assert_eq!(body, r#"{"queue":"bob@easemob.com","start":-1,"end":-1}"#);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Request<'a> {
    /// `fetchHistoryMessages` ([`Api::Old`]), or `getHistoryMessages`, which 3.6.3 does not have.
    pub api: Api,
    /// What `with` is.
    pub chat_type: ChatType,
    /// The other user, the group or the room, in the case given: the server does not fold it.
    pub with: &'a str,
    /// The id or cursor behind which the page begins; `None` is where the conversation does.
    pub start: Option<&'a str>,
    /// How many messages; only [`Api::New`] tells the server.
    pub size: u32,
    /// Only [`Api::New`] tells the server.
    pub order: Order,
}

/// In which order a history is read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// From the newest message back.
    #[default]
    Up,
    /// From the oldest message on.
    Down,
}

impl Request<'_> {
    /// The request's body, as the SDK of this generation writes it.
    pub fn body(&self, generation: Generation) -> Value {
        let domain = match self.chat_type {
            ChatType::Single => USER_DOMAIN,
            ChatType::Group | ChatType::Room => CONFERENCE_DOMAIN,
        };
        let mut body = Map::new();
        let mut put = |key: &str, value: Value| {
            body.insert(key.to_owned(), value);
        };
        put("queue", format!("{}@{domain}", self.with).into());
        put("start", self.start.map_or_else(|| json!(-1), Value::from));
        if self.api == Api::New {
            put("pull_number", self.size.into());
            if generation != Generation::V4_21_1 {
                put("isGroup", (self.chat_type != ChatType::Single).into());
            }
            put("is_positive", (self.order == Order::Down).into());
            if generation == Generation::V4_21_1 {
                put("msgType", "".into());
            }
        }
        put("end", json!(-1));
        if self.api == Api::New && generation == Generation::V4_21_1 {
            for unset in ["startTime", "endTime", "userId"] {
                put(unset, Value::Null);
            }
        }
        body.into()
    }
}

/// What the server answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The entries, in the order of the answer.
    pub metas: Vec<Meta>,
    /// Whether nothing is behind them.
    pub is_last: bool,
    /// Where the next page begins.
    pub next_key: Option<String>,
}

/// An answer that is no page.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoPage {
    /// There is no `data`.
    #[error("no `data`")]
    NoData,
    /// There is no `msgs`: the SDK asks once more and then takes it for an empty page.
    #[error("no `data.msgs`")]
    NoMessages,
    /// There is no `is_last`: the SDK would ask for ever.
    #[error("no `data.is_last`")]
    NoEnd,
    /// An entry cannot be read.
    #[error("entry {0} of `data.msgs` is not the base64 of a Meta")]
    BadEntry(usize),
}

impl Page {
    /// Reads the body of an answer.
    ///
    /// # Errors
    /// It is not what the SDK needs.
    pub fn read(body: &Value) -> Result<Self, NoPage> {
        let data = body.get("data").ok_or(NoPage::NoData)?;
        let entries = data.get("msgs").and_then(Value::as_array).ok_or(NoPage::NoMessages)?;
        let is_last = data.get("is_last").and_then(Value::as_bool).ok_or(NoPage::NoEnd)?;
        let entry = |(number, entry): (usize, &Value)| {
            let bytes =
                entry.get("msg").and_then(Value::as_str).and_then(|text| BASE64_STANDARD.decode(text).ok());
            bytes.and_then(|bytes| Meta::decode(&bytes[..]).ok()).ok_or(NoPage::BadEntry(number))
        };
        let metas = entries.iter().enumerate().map(entry).collect::<Result<_, _>>()?;
        let next_key = match data.get("next_key") {
            Some(Value::String(key)) if !key.is_empty() => Some(key.clone()),
            Some(Value::Number(key)) => Some(key.to_string()),
            _ => None,
        };
        Ok(Self { metas, is_last, next_key })
    }
}
