//! The verb `readers`: who has read a group message (heading 消息回执).

use std::{sync::Arc, time::Duration};

use serde_json::{Value as Json, json};

use super::{
    cast::Cast,
    inquiry::{Given, Inquiry, Wanted},
    ledger::Exclusive,
    member::Member,
    setback::Setback,
    stage::Frame,
    subject::Subject,
};
use crate::{
    client::{Method, Reply, segment},
    history::{Call, What},
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
    pub(super) async fn readers(
        &self,
        member: &Arc<Member>,
        readers: &Readers,
        refused: Option<Refused>,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let subject = Subject::of(&readers.message, frame)?;
        let group = match &readers.to {
            Some(to) => Some(self.destination(to, frame)?.to),
            None => subject.to,
        };
        let group = group.ok_or_else(|| {
            Setback::script(
                "the group of the message is known",
                "the message is only an id; say so with `to`",
            )
        })?;
        let wanted = Wanted { refused, status: readers.status, within };
        let inquiry =
            Inquiry::begin(member, Call::Readers { message: subject.id }, "the list of readers", wanted);
        let (mut users, mut pages) = (Vec::new(), 0);
        // What the SDK asks for at first.
        let mut key = "undefined".to_owned();
        let total = loop {
            let (group, limit) = (segment(&group), readers.size);
            let path = format!("/chatgroups/{group}/acks/{}?limit={limit}&key={}", subject.id, segment(&key));
            let reply = match inquiry.call(refusal::Subject::Group, Method::GET, &path, None).await? {
                Given::Reply(reply) => reply,
                Given::Refusal(mut bound) => {
                    bound.extend(listed(&[], 0, 0));
                    return Ok(value(&Json::Object(bound)));
                }
            };
            let Some(page) = read(&reply) else {
                return Err(inquiry.unreadable("`userlist`, `total`, `is_last` and `next_key`", &reply));
            };
            pages += 1;
            users.extend(page.users);
            match page.next {
                Some(_) if pages >= PAGES => {
                    return Err(inquiry.unreadable("an end after 10000 pages", &reply));
                }
                Some(next) => key = next,
                None => break page.total,
            }
        };
        for user in &users {
            let user = self.ledger.user(user, Exclusive::No);
            self.ledger.learned(member.role.session, What::Reader { operation: inquiry.operation, user });
        }
        inquiry.succeeded(|metrics| metrics.readers);
        let mut bound = listed(&users, total, pages);
        bound.extend([
            ("code".to_owned(), Json::Null),
            ("status".to_owned(), 200.into()),
            ("error".to_owned(), Json::Null),
        ]);
        Ok(value(&Json::Object(bound)))
    }
}

fn listed(users: &[String], total: u64, pages: u32) -> serde_json::Map<String, Json> {
    let fields = [
        ("users", json!(users)),
        ("count", users.len().into()),
        ("total", total.into()),
        ("pages", pages.into()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
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
