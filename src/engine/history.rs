//! The verb `history`: the pages of a conversation, and what must stand there (heading 消息漫游).

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::json;

use super::{
    cast::Cast,
    evidence::described,
    expectation::argument,
    member::Member,
    reply::{Wanted, succeeded},
    setback::Setback,
    stage::Frame,
    subject::{Subject, scalar},
    walk::{Walk, Walked},
};
use crate::{
    protocol::{event::Event, id::ServerId},
    scenario::{
        Expression, Value,
        model::{History, Order, Refused},
        value,
    },
};

/// Most messages that a failure lists.
const LISTED: usize = 8;

impl Cast {
    /// Walks through the history of a conversation.
    pub(super) async fn history(
        &self,
        member: &Arc<Member>,
        history: &History,
        refused: Option<Refused>,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let wanted = Wanted { success: "the history is answered", status: history.status, refused };
        let with = self.destination(&history.with, frame)?;
        let start = history.start.as_ref().map(|start| begin(start, frame)).transpose()?;
        let mut walk = Walk::new(member, history, &wanted, &with, start, within);
        let (pages, mut messages) = match walk.pages().await? {
            Walked::Refused(refusal) => return Ok(value(&refusal)),
            Walked::Pages { pages, messages } => (pages, messages),
        };
        let cursor = walk.cursor(messages.last());
        if history.order == Order::Up {
            messages.reverse();
        }
        let ids: Vec<Option<ServerId>> = messages.iter().map(Event::id).collect();
        shows(&history.shows, &ids, &messages, frame)?;
        hides(&history.hides, &ids, frame)?;
        let mut fields = succeeded();
        fields.extend([
            ("pages".to_owned(), pages.into()),
            ("last".to_owned(), walk.is_over().into()),
            ("cursor".to_owned(), json!(cursor)),
        ]);
        let mut bound: BTreeMap<String, Value> =
            fields.iter().map(|(key, field)| (key.clone(), value(field))).collect();
        bound.insert("messages".to_owned(), messages.iter().map(argument).collect());
        Ok(Value::from(bound))
    }
}

/// Where a history begins: behind a message, or at an id or a cursor.
fn begin(start: &Expression, frame: &Frame) -> Result<String, Setback> {
    match scalar(&start.evaluate(&frame.scope)?) {
        Some(text) => Ok(text),
        None => Ok(Subject::of(start, frame)?.id.to_string()),
    }
}

/// Messages stand there one after the other.
fn shows(
    wanted: &[Expression],
    ids: &[Option<ServerId>],
    all: &[Event],
    frame: &Frame,
) -> Result<(), Setback> {
    let mut after: Option<(usize, &str)> = None;
    for expression in wanted {
        let id = Subject::of(expression, frame)?.id;
        let name = expression.text();
        let expected = format!("the history shows {}", texts(wanted));
        let Some(at) = ids.iter().position(|one| *one == Some(id)) else {
            let seen = all.iter().rev().take(LISTED).rev().map(described).collect();
            return Err(Setback::target(expected, format!("`{name}` is missing")).with_also_seen(seen));
        };
        if let Some((before, earlier)) = after
            && at != before + 1
        {
            let observed = if at == before {
                format!("`{earlier}` and `{name}` are one message there, {id}")
            } else if at < before {
                format!("`{name}` stands before `{earlier}`")
            } else {
                let between: Vec<String> = all[before + 1..at].iter().take(LISTED).map(described).collect();
                format!("between `{earlier}` and `{name}` stands {}", between.join(", "))
            };
            return Err(Setback::target(expected, observed));
        }
        after = Some((at, name));
    }
    Ok(())
}

/// Messages do not stand there.
fn hides(unwanted: &[Expression], ids: &[Option<ServerId>], frame: &Frame) -> Result<(), Setback> {
    for expression in unwanted {
        let id = Subject::of(expression, frame)?.id;
        if ids.contains(&Some(id)) {
            let expected = format!("the history does not show `{}`", expression.text());
            return Err(Setback::target(expected, format!("message {id} stands there")));
        }
    }
    Ok(())
}

fn texts(expressions: &[Expression]) -> String {
    let texts: Vec<String> =
        expressions.iter().map(|expression| format!("`{}`", expression.text())).collect();
    texts.join(", ")
}
