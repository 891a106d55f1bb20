//! A user's session list over REST (heading 会话列表): what a page asks for, and what it is answered.

use serde_json::{Value, json};

use super::{
    generation::Generation,
    id::ServerId,
    jid::{CONFERENCE_DOMAIN, USER_DOMAIN},
    message::ChatType,
};

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Part {
    /// All of it (`getSessionList`).
    #[default]
    Whole,
    /// One page (`getConversationlist` of 4.21.1).
    Page {
        /// From 1.
        number: u32,
        /// How many sessions.
        size: u32,
    },
}

impl Part {
    /// What follows `/users/{user}` in the call's path; `now` is the cache buster that the SDK adds to a
    /// call with parameters, milliseconds.
    pub fn path(self, now: u64) -> String {
        match self {
            Self::Whole => "/user_channels".to_owned(),
            Self::Page { number, size } => {
                format!("/user_channels/page?pageNum={number}&pageSize={size}&_v={now}")
            }
        }
    }
}

/// Takes a session off the list (heading 删除会话).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deletion<'a> {
    /// The other user or the group.
    pub channel: &'a str,
    /// Which of the two it is.
    pub chat_type: ChatType,
    /// Whether its history goes too.
    pub roaming: Roaming,
}

/// What becomes of the history of a session that is deleted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Roaming {
    /// It stays.
    Kept,
    /// It goes, for this user.
    Deleted,
}

impl Deletion<'_> {
    /// The call's path. 3.6.3 has no such call; it is given that of 4.0.8.
    pub fn path(generation: Generation, user: &str, resource: &str) -> String {
        match generation {
            Generation::V3_6_3 | Generation::V4_0_8 => format!("/users/{user}/user_channel"),
            Generation::V4_21_1 => format!("/user/{user}/user_channel?resource={resource}"),
        }
    }

    /// The call's body.
    pub fn body(&self) -> Value {
        let kind = if self.chat_type == ChatType::Single { "chat" } else { "groupChat" };
        json!({"channel": self.channel, "type": kind, "delete_roam": self.roaming == Roaming::Deleted})
    }
}

/// One session of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// `org#app_name@domain`.
    pub channel_id: String,
    /// The other user or the group.
    pub name: String,
    /// Which of the two it is.
    pub chat_type: ChatType,
    /// How many messages are unread.
    pub unread: u32,
    /// The last message, if the list tells one.
    pub last: Option<Last>,
}

/// The last message of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Last {
    /// Its id.
    pub id: ServerId,
    /// When the server took it, milliseconds.
    pub time: Option<u64>,
    /// `{bodies, ext, from, to}`.
    pub payload: Value,
}

/// An answer that is no session list.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoList {
    /// There is no list in it.
    #[error("no `data.channel_infos`")]
    NoSessions,
    /// A session lacks something.
    #[error("session {number} of `data.channel_infos` has no readable `{field}`")]
    BadSession {
        /// Which session, from 0.
        number: usize,
        /// What it lacks.
        field: &'static str,
    },
}

/// Reads the body of an answer; the sessions are in its order.
///
/// # Errors
/// It is not what the document describes.
pub fn read(app_key: &str, body: &Value) -> Result<Vec<Session>, NoList> {
    let sessions = body.pointer("/data/channel_infos").and_then(Value::as_array);
    let sessions = sessions.ok_or(NoList::NoSessions)?.iter().enumerate();
    sessions
        .map(|(number, session)| one(app_key, session).map_err(|field| NoList::BadSession { number, field }))
        .collect()
}

fn one(app_key: &str, session: &Value) -> Result<Session, &'static str> {
    let channel_id = session.get("channel_id").and_then(Value::as_str).ok_or("channel_id")?;
    let (address, domain) = channel_id.rsplit_once('@').ok_or("channel_id")?;
    let name = address.strip_prefix(app_key).and_then(|rest| rest.strip_prefix('_')).ok_or("channel_id")?;
    let chat_type = match domain {
        USER_DOMAIN => ChatType::Single,
        CONFERENCE_DOMAIN => ChatType::Group,
        _ => return Err("channel_id"),
    };
    let unread =
        session.get("unread_num").and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok());
    let meta = session.get("meta").and_then(Value::as_object).ok_or("meta")?;
    let last = if meta.is_empty() { None } else { Some(last(session).ok_or("meta")?) };
    Ok(Session {
        channel_id: channel_id.to_owned(),
        name: name.to_owned(),
        chat_type,
        unread: unread.ok_or("unread_num")?,
        last,
    })
}

fn last(session: &Value) -> Option<Last> {
    let meta = session.get("meta")?;
    // JavaScript parses the payload as it comes: a text that is no JSON throws there.
    let payload: Value = serde_json::from_str(meta.get("payload")?.as_str()?).ok()?;
    let id = meta.get("id")?;
    let id = id.as_str().map_or_else(|| id.as_u64(), |text| text.parse().ok())?;
    Some(Last { id: ServerId(id), time: meta.get("timestamp").and_then(Value::as_u64), payload })
}

impl Last {
    /// The fields of a received message, as far as the list tells them.
    pub fn fields(&self, chat_type: ChatType) -> Value {
        let body = self.payload.pointer("/bodies/0").cloned().unwrap_or_else(|| json!({}));
        let mut fields = json!({
            "id": self.id.to_string(),
            "from": self.payload["from"],
            "to": self.payload["to"],
            "ext": self.payload["ext"],
            "time": self.time.map(|time| time.to_string()),
            "type": if chat_type == ChatType::Single { "chat" } else { "groupchat" },
        });
        if let (Value::Object(fields), Value::Object(body)) = (&mut fields, body) {
            for (key, value) in body {
                // A text is `data` in a page's events, and `type` is where it was said.
                let key = match key.as_str() {
                    "msg" => "data",
                    "type" => "contentsType",
                    other => other,
                };
                fields.entry(key).or_insert(value);
            }
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_own_list_is_read() {
        let body = json!({"data": {"channel_infos": [
            {"channel_id": "easemob-demo#chatdemoui_username@easemob.com", "meta": {}, "unread_num": 0},
            {
                "channel_id": "easemob-demo#chatdemoui_93734273351681@conference.easemob.com",
                "meta": {
                    "from": "easemob-demo#chatdemoui_zdtest@easemob.com/webim_1610159114836",
                    "id": "827197124377577640",
                    "payload": r#"{"bodies":[{"msg":"1","type":"txt"}],"ext":{},"from":"zdtest","to":"93734273351681"}"#,
                    "timestamp": 1_610_161_638_919_u64,
                    "to": "easemob-demo#chatdemoui_93734273351681@conference.easemob.com",
                },
                "unread_num": 5,
            },
        ]}});
        let list = read("easemob-demo#chatdemoui", &body).unwrap();
        assert_eq!(
            (list[0].name.as_str(), list[0].chat_type, &list[0].last),
            ("username", ChatType::Single, &None)
        );
        assert_eq!(
            (list[1].name.as_str(), list[1].chat_type, list[1].unread),
            ("93734273351681", ChatType::Group, 5)
        );
        let fields = list[1].last.as_ref().unwrap().fields(ChatType::Group);
        assert_eq!(
            (&fields["id"], &fields["data"], &fields["from"]),
            (&json!("827197124377577640"), &json!("1"), &json!("zdtest"))
        );
    }

    #[test]
    fn what_is_no_list_says_what_is_missing() {
        let session = |field: &str, value: Value| {
            let mut session = json!({"channel_id": "a#b_c@easemob.com", "meta": {}, "unread_num": 1});
            session[field] = value;
            read("a#b", &json!({"data": {"channel_infos": [session]}})).unwrap_err()
        };
        assert_eq!(read("a#b", &json!("x")), Err(NoList::NoSessions));
        for (field, value) in [
            ("channel_id", json!("c@easemob.com")),
            ("channel_id", json!("a#b_c@elsewhere")),
            ("unread_num", json!(-1)),
            ("meta", Value::Null),
            ("meta", json!({"id": "1", "payload": "{"})),
        ] {
            assert_eq!(session(field, value.clone()), NoList::BadSession { number: 0, field }, "{value}");
        }
    }
}
