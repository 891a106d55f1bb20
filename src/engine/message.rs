//! The verb `send`: a message of any type.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use super::{answer, cast::Cast, member::Member, reply::Wanted, setback::Setback, stage::Frame};
use crate::{
    client::Uploaded,
    protocol::{
        ext::Ext,
        id::LocalId,
        message::{Attachment, Body, ChatType, GroupAck, Location, Origin, Outgoing, Size},
    },
    scenario::{
        Pattern, Value,
        model::{Message, Options, Refused, Send},
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
        let body = match &send.message {
            Message::Text(template) => Body::Text(Some(template.render(&frame.scope)?.into_owned())),
            Message::Options(options) => {
                let given = Given { options, frame };
                match &options.file {
                    None => given.body(given.named()?)?,
                    Some(file) => {
                        let name = file.name.render(&frame.scope)?;
                        match stored(member, &name, &file.bytes, refused, within).await? {
                            Ok(uploaded) => given.body(given.stored(&name, file.bytes.len(), uploaded)?)?,
                            Err(refusal) => return Ok(value(&refusal)),
                        }
                    }
                }
            }
        };
        let mut described = described(&body);
        let outgoing = Outgoing {
            chat_type: destination.chat_type,
            ext: pairs(&send.ext, frame)?,
            group_ack: send
                .allow_group_ack
                .map(|asked| if asked { GroupAck::Asked } else { GroupAck::Declined }),
            api: send.api,
            ..Outgoing::new(LocalId::default(), destination.to.as_str(), body)
        };
        let expected = answer::expectation("the server takes the message", "the send", refused);
        let sent = member.send(outgoing, within).await;
        let sent = sent.map_err(|error| Setback::client(expected.as_str(), &error))?;
        let accepted = matches!(sent.answer, Answer::Accepted { .. });
        self.wrote(member, &destination, accepted);
        let mut bound = answer::bound(&sent);
        bound.append(&mut described);
        bound.extend([
            ("from".to_owned(), (*member.role.user).into()),
            ("to".to_owned(), destination.to.as_str().into()),
            ("chatType".to_owned(), chat_type_word(destination.chat_type).into()),
            ("type".to_owned(), send.message.kind().into()),
        ]);
        answer::judged(expected, member, &sent.answer, refused).map(|()| value(&bound))
    }
}

/// Uploads the file of a message, which the SDK sends only if that succeeds. The inner error is
/// what `as` binds of an upload that was to be refused.
async fn stored(
    member: &Arc<Member>,
    name: &str,
    bytes: &Bytes,
    refused: Option<Refused>,
    within: Duration,
) -> Result<Result<Uploaded, Map<String, Json>>, Setback> {
    let success = "the file of the message is uploaded";
    let wanted = Wanted { success, status: None, refused };
    let asked =
        member.upload(name, bytes.clone(), within).await.map_err(|error| wanted.unanswered(&error))?;
    if asked.reply.is_success() {
        // The refusal that the step asks for may still be that of the message.
        return member.uploaded(asked).map(Ok).map_err(|error| wanted.unanswered(&error));
    }
    wanted.judge(&asked).map(|refusal| Err(refusal.unwrap_or_default()))
}

/// What `as` binds of the message itself.
fn described(body: &Body) -> Map<String, Json> {
    let (mut text, mut url, mut secret, mut filename) = (json!(null), json!(null), json!(null), json!(null));
    match body {
        Body::Text(said) => text = json!(said),
        Body::Image(file) | Body::File(file) | Body::Audio(file) | Body::Video(file) => {
            (url, secret, filename) = (json!(file.url), json!(file.secret), json!(file.filename));
        }
        _ => {}
    }
    let fields = [("text", text), ("url", url), ("secret", secret), ("filename", filename)];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The options of a message with the values that they have in this conversation.
struct Given<'a> {
    options: &'a Options,
    frame: &'a Frame,
}

impl Given<'_> {
    /// The message; `file` is what it carries if it is one with a file.
    fn body(&self, file: Attachment) -> Result<Body, Setback> {
        Ok(match self.options.kind.name {
            "img" => Body::Image(file),
            "file" => Body::File(file),
            "audio" => Body::Audio(file),
            "video" => Body::Video(file),
            "loc" => Body::Location(Location {
                address: self.text("addr")?,
                latitude: self.number("lat")?,
                longitude: self.number("lng")?,
                building: self.text("buildingName")?,
            }),
            "cmd" => Body::Command(self.text("action")?),
            "custom" => Body::Custom {
                event: self.text("customEvent")?,
                exts: pairs(&self.options.pairs, self.frame)?,
            },
            other => {
                return Err(Setback::script(format!("a `{other}` message is sent"), "it has no form here"));
            }
        })
    }

    /// A file that is there already, as a page gives it in `body`.
    fn named(&self) -> Result<Attachment, Setback> {
        let (width, height) = (self.number("width")?, self.number("height")?);
        Ok(Attachment {
            origin: Origin::Given,
            url: self.text("url")?,
            secret: self.text("secret")?,
            filename: self.text("filename")?,
            file_length: self.number("file_length")?,
            size: (width.is_some() || height.is_some()).then_some(Size { width, height }),
            length: self.number("length")?,
        })
    }

    /// A file that was uploaded for this message.
    fn stored(&self, name: &str, bytes: usize, uploaded: Uploaded) -> Result<Attachment, Setback> {
        let named = self.named()?;
        #[expect(clippy::cast_precision_loss, reason = "no file is longer than 2^53 bytes")]
        let length = bytes as f64;
        Ok(Attachment {
            origin: Origin::Upload,
            url: Some(uploaded.url),
            secret: Some(uploaded.secret.reveal().to_owned()),
            filename: named.filename.or_else(|| Some(name.to_owned())),
            file_length: named.file_length.or(Some(length)),
            ..named
        })
    }

    /// An option's text; `None` where it is not given.
    fn text(&self, name: &str) -> Result<Option<String>, Setback> {
        let given = self.options.fields.iter().find(|(known, _)| *known == name);
        Ok(given.map(|(_, template)| template.render(&self.frame.scope)).transpose()?.map(Into::into))
    }

    /// An option's number; `None` where it is not given.
    fn number(&self, name: &str) -> Result<Option<f64>, Setback> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => {
                let got = super::evidence::excerpt(&text);
                Err(Setback::script(format!("`{name}` is a number"), format!("it is {got}")))
            }
        }
    }
}

/// Pairs of an ext or of `customExts` with the values that they have in this conversation.
fn pairs(given: &[(String, Pattern)], frame: &Frame) -> Result<Ext, Setback> {
    given.iter().map(|(key, pattern)| Ok((key.clone(), pattern.render(&frame.scope)?.into()))).collect()
}

/// A chat type as `send` spells it.
pub(super) const fn chat_type_word(chat_type: ChatType) -> &'static str {
    match chat_type {
        ChatType::Single => "singleChat",
        ChatType::Group => "groupChat",
        ChatType::Room => "chatRoom",
    }
}
