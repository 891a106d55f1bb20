//! The verbs `read`, `delivery` and `channel`: receipts for messages and conversations.

use std::{sync::Arc, time::Duration};

use super::{
    address::Destination, answer, cast::Cast, member::Member, place::Place, setback::Setback, stage::Frame,
    subject::Subject,
};
use crate::{
    protocol::{
        generation::Generation,
        id::LocalId,
        message::{Api, Body, ChatType, GroupAck, Outgoing},
    },
    scenario::{
        Value,
        model::{Address, Receipt, ReceiptKind, Refused},
        value,
    },
};

impl Cast {
    pub(super) async fn receipt(
        &self,
        member: &Arc<Member>,
        receipt: &Receipt,
        refused: Option<Refused>,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let subject = Subject::of(&receipt.message, frame)?;
        let content = receipt.content.as_ref().map(|content| content.render(&frame.scope)).transpose()?;
        let destination = match &receipt.to {
            Some(to) => self.destination(to, frame)?,
            None => returned(&subject, receipt.kind, member.role.generation)?,
        };
        let in_group = subject.chat_type == ChatType::Group || destination.chat_type == ChatType::Group;
        let outgoing = match receipt.kind {
            ReceiptKind::Read if in_group => {
                let body =
                    Body::Read { message: subject.id, content: content.map(std::borrow::Cow::into_owned) };
                Outgoing {
                    chat_type: ChatType::Group,
                    group_ack: Some(GroupAck::Asked),
                    // The other way leaves the content behind in 4.x.
                    api: Api::New,
                    ..Outgoing::new(LocalId::default(), destination.to, body)
                }
            }
            ReceiptKind::Read => Outgoing {
                chat_type: destination.chat_type,
                ..Outgoing::new(
                    LocalId::default(),
                    destination.to,
                    Body::Read { message: subject.id, content: None },
                )
            },
            ReceiptKind::Delivery => {
                Outgoing::new(LocalId::default(), destination.to, Body::Delivery { message: subject.id })
            }
        };
        let own = &member.role.user;
        let place = match (&subject.chat_type, &subject.to, &subject.from) {
            // Whoever addresses a receipt by hand may address it to somebody else.
            _ if receipt.to.is_some() => Place::of(outgoing.chat_type, own, &outgoing.to),
            (ChatType::Single, _, Some(from)) => Place::single(own, from),
            (chat_type, Some(to), _) => Place::of(*chat_type, own, to),
            _ => Place::of(outgoing.chat_type, own, &outgoing.to),
        };
        told(member, &place, outgoing, refused, within).await
    }

    pub(super) async fn channel(
        &self,
        member: &Arc<Member>,
        to: &Address,
        refused: Option<Refused>,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let Destination { chat_type, to } = self.destination(to, frame)?;
        let outgoing = Outgoing { chat_type, ..Outgoing::new(LocalId::default(), to, Body::Channel) };
        let place = Place::of(chat_type, &member.role.user, &outgoing.to);
        told(member, &place, outgoing, refused, within).await
    }
}

/// Where a receipt for a message goes, if the step does not say: to its sender, as the document
/// has it. A group read receipt of 4.x goes to the group, since its SDK has no other way.
fn returned(subject: &Subject, kind: ReceiptKind, generation: Generation) -> Result<Destination, Setback> {
    let to_group =
        kind == ReceiptKind::Read && subject.chat_type == ChatType::Group && generation != Generation::V3_6_3;
    let (chat_type, to) = match subject.chat_type {
        ChatType::Group if to_group => (ChatType::Group, &subject.to),
        ChatType::Group | ChatType::Single | ChatType::Room => (ChatType::Single, &subject.from),
    };
    match to {
        Some(to) => Ok(Destination { chat_type, to: to.clone() }),
        None => Err(Setback::script(
            "it is known where the receipt goes",
            "the message is only an id; say so with `to`",
        )),
    }
}

async fn told(
    member: &Arc<Member>,
    place: &Place,
    outgoing: Outgoing,
    refused: Option<Refused>,
    within: Duration,
) -> Result<Value, Setback> {
    let expected = answer::expectation("the server takes the receipt", "the receipt", refused);
    let sent = member.send_about(place, outgoing, within).await;
    let sent = sent.map_err(|error| Setback::client(expected.as_str(), &error))?;
    answer::judged(expected, member, &sent.answer, refused).map(|()| value(&answer::bound(&sent)))
}
