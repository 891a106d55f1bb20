//! The verb `readers`: who has read a group message (heading 消息回执).

use std::{sync::Arc, time::Duration};

use serde_json::{Value as Json, json};
use tokio::time::Instant;

use super::{
    cast::Cast,
    member::Member,
    reply::{Asking, Wanted, succeeded},
    setback::Setback,
    stage::Frame,
    subject::Subject,
};
use crate::{
    client::{Method, Reply, Span, segment},
    history::Call,
    protocol::refusal,
    scenario::{
        Value,
        model::{Readers, Refused},
        value,
    },
};

/// Most pages of one walk: a server that never says that it was the last is stopped.
const PAGES: u32 = 10_000;

/// One page of readers.
struct Page {
    users: Vec<String>,
    total: u64,
    /// Where the next page begins; `None` behind the last.
    next: Option<String>,
}

impl Cast {
    /// Walks through the readers of a message.
    pub(super) async fn readers(
        &self,
        member: &Arc<Member>,
        readers: &Readers,
        refused: Option<Refused>,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let message = Subject::of(&readers.message, frame)?;
        let group = match &readers.to {
            Some(to) => Some(self.destination(to, frame)?.to),
            None => message.to,
        };
        let group = group.ok_or_else(|| {
            Setback::script("the group of the message is known", "it is only an id; say so with `to`")
        })?;
        let wanted = Wanted { success: "the readers are listed", status: readers.status, refused };
        let deadline = Instant::now() + within;
        let (mut users, mut pages, mut started) = (Vec::new(), 0, None);
        // What the SDK asks for at first.
        let mut key = "undefined".to_owned();
        let total = loop {
            let (group, limit) = (segment(&group), readers.size);
            let path = format!("/chatgroups/{group}/acks/{}?limit={limit}&key={}", message.id, segment(&key));
            let asking =
                Asking { method: Method::GET, path: &path, body: None, about: refusal::Subject::Group };
            let left = deadline.saturating_duration_since(Instant::now());
            let asked = member.ask(|_| Call::Readers { message: message.id }, asking, left).await;
            let asked = asked.map_err(|error| wanted.unanswered(&error))?;
            if let Some(mut refusal) = wanted.judge(&asked)? {
                refusal.extend(listed(&[], 0, 0));
                return Ok(value(&refusal));
            }
            let Some(page) = read(&asked.reply) else {
                return Err(wanted.missed("the answer lacks `userlist`, `total`, `is_last` or `next_key`"));
            };
            let ended = asked.reply.span.ended;
            self.ledger.readers(member.role.session, ended, asked.operation, &page.users);
            let began = *started.get_or_insert(asked.reply.span.started);
            pages += 1;
            users.extend(page.users);
            match page.next {
                Some(_) if pages >= PAGES => {
                    return Err(wanted.missed(format!("no page of {PAGES} was the last")));
                }
                Some(next) => key = next,
                None => {
                    self.ledger.took(|metrics| metrics.readers, Span { started: began, ended });
                    break page.total;
                }
            }
        };
        let mut bound = succeeded();
        bound.extend(listed(&users, total, pages));
        Ok(value(&bound))
    }
}

fn listed(users: &[String], total: u64, pages: u32) -> [(String, Json); 4] {
    [
        ("users".to_owned(), json!(users)),
        ("count".to_owned(), users.len().into()),
        ("total".to_owned(), total.into()),
        ("pages".to_owned(), pages.into()),
    ]
}

fn read(reply: &Reply) -> Option<Page> {
    let data = reply.body.get("data")?;
    let users = data.get("userlist")?.as_array()?.iter();
    let next = match data.get("is_last")?.as_bool()? {
        true => None,
        false => Some(data.get("next_key")?.as_str().filter(|key| !key.is_empty())?.to_owned()),
    };
    Some(Page {
        users: users.map(|user| user.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        total: data.get("total")?.as_u64()?,
        next,
    })
}
