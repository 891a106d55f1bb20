//! The verb `recall` (heading 消息撤回).

use std::{sync::Arc, time::Duration};

use super::{
    address::Destination, answer, cast::Cast, member::Member, setback::Setback, stage::Frame,
    subject::Subject,
};
use crate::{
    protocol::{
        id::LocalId,
        message::{Body, ChatType, Outgoing},
    },
    scenario::{
        Value,
        model::{Recall, Refused},
        value,
    },
};

impl Cast {
    /// Takes a message back.
    pub(super) async fn recall(
        &self,
        member: &Arc<Member>,
        recall: &Recall,
        refused: Option<Refused>,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let subject = Subject::of(&recall.message, frame)?;
        let Destination { chat_type, to } = match &recall.to {
            Some(to) => self.destination(to, frame)?,
            None => sent_to(&subject, &member.role.user)?,
        };
        let expected = answer::expectation("the server takes the message back", "the recall", refused);
        let body = Body::Recall { message: subject.id };
        let outgoing = Outgoing { chat_type, ..Outgoing::new(LocalId::default(), to.as_str(), body) };
        let sent = member.send(outgoing, within).await;
        let sent = sent.map_err(|error| Setback::client(expected.as_str(), &error))?;
        let mut bound = answer::bound(&sent);
        bound.insert("to".to_owned(), to.into());
        answer::judged(expected, member, &sent.answer, refused).map(|()| value(&bound))
    }
}

/// Where a message was sent. Somebody who tries to take a received message back addresses its sender.
fn sent_to(subject: &Subject, own: &str) -> Result<Destination, Setback> {
    let to = match (subject.chat_type, &subject.from, &subject.to) {
        (ChatType::Single, Some(from), _) if from != own => Some(from),
        (_, _, to) => to.as_ref(),
    };
    let to = to.ok_or_else(|| {
        Setback::script("it is known where the message was sent", "it is only an id; say so with `to`")
    })?;
    Ok(Destination { chat_type: subject.chat_type, to: to.clone() })
}
