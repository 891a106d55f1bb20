//! The verb `send`: a message of any type.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::{answer, cast::Cast, member::Member, setback::Setback, stage::Frame};
use crate::{
    protocol::{
        id::LocalId,
        message::{Body, ChatType, GroupAck, Outgoing},
    },
    scenario::{
        Value,
        model::{Message, Refused, Send},
        value,
    },
    session::Answer,
};

impl Cast {
    pub(super) async fn send(
        &self,
        member: &Arc<Member>,
        send: &Send,
        refused: Option<Refused>,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let destination = self.destination(&send.to, frame)?;
        let Message::Text(template) = &send.message else {
            return Err(Setback::script("the message is sent", "not a text"));
        };
        let text = template.render(&frame.scope)?;
        let ext = send
            .ext
            .iter()
            .map(|(key, pattern)| Ok((key.clone(), pattern.render(&frame.scope)?.into())))
            .collect::<Result<_, Setback>>()?;
        let body = Body::Text(Some(text.clone().into_owned()));
        let outgoing = Outgoing {
            chat_type: destination.chat_type,
            ext,
            group_ack: send
                .allow_group_ack
                .map(|asked| if asked { GroupAck::Asked } else { GroupAck::Declined }),
            api: send.api,
            ..Outgoing::new(LocalId::default(), destination.to.as_str(), body)
        };
        let expected = answer::expectation("the server takes the message", "the send", refused);
        let sent = member.send(outgoing, &text, within).await;
        let sent = sent.map_err(|error| Setback::client(expected.as_str(), &error))?;
        let accepted = matches!(sent.answer, Answer::Accepted { .. });
        self.wrote(member, &destination, accepted);
        let mut bound = answer::bound(&sent);
        bound.extend([
            ("from".to_owned(), (*member.role.user).into()),
            ("to".to_owned(), destination.to.as_str().into()),
            ("chatType".to_owned(), chat_type_word(destination.chat_type).into()),
            ("type".to_owned(), send.message.kind().into()),
            ("text".to_owned(), json!(text)),
            ("url".to_owned(), json!(null)),
            ("secret".to_owned(), json!(null)),
            ("filename".to_owned(), json!(null)),
        ]);
        answer::judged(expected, &sent.answer, refused).map(|()| value(&bound))
    }
}

/// A chat type as `send` spells it.
pub(super) const fn chat_type_word(chat_type: ChatType) -> &'static str {
    match chat_type {
        ChatType::Single => "singleChat",
        ChatType::Group => "groupChat",
        ChatType::Room => "chatRoom",
    }
}
