//! The verbs `sessions` and `delete_session` (headings 会话列表 and 删除会话).

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value as Json, json};

use super::{
    cast::Cast,
    member::Member,
    message::chat_type_word,
    place::Place,
    reply::{Asking, Wanted, succeeded},
    setback::Setback,
    stage::Frame,
};
use crate::{
    client::{Method, segment},
    history::Call,
    protocol::{
        refusal::Subject,
        session_list::{self, Deletion, Part, Roaming, Session},
    },
    scenario::{
        Value,
        model::{DeleteSession, Refused, Sessions},
        value,
    },
};

/// Sessions of a page if the step does not say.
const PAGE: u32 = 20;

impl Cast {
    /// Reads the session list, or a page of it.
    pub(super) async fn sessions(
        &self,
        member: &Arc<Member>,
        sessions: &Sessions,
        refused: Option<Refused>,
        within: Duration,
    ) -> Result<Value, Setback> {
        let wanted = Wanted { success: "the session list is answered", status: sessions.status, refused };
        let part = match (sessions.page, sessions.size) {
            (None, None) => Part::Whole,
            (number, size) => Part::Page { number: number.unwrap_or(1), size: size.unwrap_or(PAGE) },
        };
        let now = self.ledger.clock().now().as_millis();
        let path = format!("/users/{}{}", segment(&member.role.user), part.path(now));
        let about = Subject::of_path(&path);
        let asking = Asking { method: Method::GET, path: &path, body: None, about };
        let asked = member.ask(|_| Call::Sessions, asking, within).await;
        let asked = asked.map_err(|error| wanted.unanswered(&error))?;
        if let Some(refusal) = wanted.judge(&asked)? {
            return Ok(value(&refusal));
        }
        self.ledger.took(|metrics| metrics.sessions, asked.reply.span);
        let list = session_list::read(member.role.network.app_key(), &asked.reply.body);
        let list = list.map_err(|error| wanted.missed(format!("the answer is no session list: {error}")))?;
        let (at, own) = (asked.reply.span.ended, &member.role.user);
        self.ledger.listed(member.role.session, at, asked.operation, own, &list);
        let mut bound = succeeded();
        let of: Map<String, Json> =
            list.iter().map(|session| (session.name.clone(), shown(session))).collect();
        bound.insert("list".to_owned(), list.iter().map(shown).collect());
        bound.insert("of".to_owned(), of.into());
        Ok(value(&bound))
    }

    /// Deletes a session from the list.
    pub(super) async fn delete_session(
        &self,
        member: &Arc<Member>,
        deletion: &DeleteSession,
        refused: Option<Refused>,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let wanted = Wanted { success: "the session is deleted", status: deletion.status, refused };
        let with = self.destination(&deletion.with, frame)?;
        let role = &member.role;
        let conversation = self.ledger.conversation(&Place::of(with.chat_type, &role.user, &with.to));
        let roaming = if deletion.delete_roam { Roaming::Deleted } else { Roaming::Kept };
        let body = Deletion { channel: &with.to, chat_type: with.chat_type, roaming }.body();
        let user = segment(&role.user).to_string();
        let path = Deletion::path(role.generation, &user, &segment(&member.resource()).to_string());
        let about = Subject::of_path(&path);
        let asking = Asking { method: Method::DELETE, path: &path, body: Some(&body), about };
        let call = Call::DeleteSession { conversation, roaming: deletion.delete_roam };
        let asked = member.ask(|_| call, asking, within).await;
        let asked = asked.map_err(|error| wanted.unanswered(&error))?;
        if let Some(refusal) = wanted.judge(&asked)? {
            return Ok(value(&refusal));
        }
        self.ledger.took(|metrics| metrics.delete_session, asked.reply.span);
        self.ledger.ok(role.session, asked.reply.span.ended, asked.operation);
        if asked.reply.body.pointer("/data/result").and_then(Json::as_str) != Some("ok") {
            return Err(wanted.missed("the answer has no `data.result` of `ok`"));
        }
        Ok(value(&succeeded()))
    }
}

fn shown(session: &Session) -> Json {
    json!({
        "id": session.channel_id,
        "name": session.name,
        "chatType": chat_type_word(session.chat_type),
        "unread": session.unread,
        "last": session.last.as_ref().map(|last| last.fields(session.chat_type)),
    })
}
