//! What actors do: logging in, sending, calling REST.

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use serde_json::{Value as Json, json};

use super::{
    cast::Cast,
    disturbance::disturbance,
    evidence::answered,
    member::{Member, Refusing},
    setback::Setback,
    stage::Frame,
};
use crate::{
    client,
    protocol::{
        id::LocalId,
        message::{Body, GroupAck, Outgoing},
        refusal::Outcome,
        secret::Secret,
    },
    scenario::{
        Value,
        model::{Authorization, Deed, Message, Method, Perform, Refused, Rest, Send},
        value,
    },
    session::Answer,
};

impl Cast {
    /// One step of one actor; all clients of a group do it at the same time.
    pub(super) async fn perform(&self, perform: &Perform, frame: &mut Frame) -> Result<(), Setback> {
        let members = self.performers(perform.who, frame);
        let result = match members.as_slice() {
            [only] => self.deed(only, perform, frame).await?,
            several => {
                let frame = &*frame;
                try_join_all(several.iter().map(|member| self.deed(member, perform, frame))).await?;
                None
            }
        };
        if let (Some(name), Some(result)) = (&perform.bind, result) {
            frame.bind(name, result);
        }
        Ok(())
    }

    /// What one client does; the value is what `as` binds.
    async fn deed(
        &self,
        member: &Arc<Member>,
        perform: &Perform,
        frame: &Frame,
    ) -> Result<Option<Value>, Setback> {
        let (within, refused) = (perform.within, perform.refused);
        match &perform.deed {
            Deed::Login => entered(member, member.login(within).await, refused, "login"),
            Deed::Reconnect => entered(member, member.reconnect(within).await, refused, "reconnect"),
            Deed::Logout => {
                let ended = member.logout(within).await;
                ended.map(|()| None).map_err(|error| Setback::client("logout succeeds", &error))
            }
            Deed::Drop => {
                let dropped = member.drop_socket().await;
                dropped.map(|()| None).map_err(|error| Setback::client("the socket is cut", &error))
            }
            Deed::Send(send) => self.send(member, send, refused, within, frame).await.map(Some),
            Deed::Expect(expect) => self.expect(member, expect, within, frame).await.map(Some),
            Deed::Never(never) => self.never(member, never, within, frame).await.map(|()| None),
            Deed::Pause(time) => {
                tokio::time::sleep(*time).await;
                Ok(None)
            }
            Deed::Rest(call) => self.call_rest(Some(member), call, within, frame).await.map(Some),
        }
    }

    async fn send(
        &self,
        member: &Arc<Member>,
        send: &Send,
        refused: Option<Refused>,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let destination = self.destination(&send.to, frame)?;
        let Message::Text(template) = &send.message;
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
        let expected = match refused {
            None => "the server takes the message".to_owned(),
            Some(Refused::Code(code)) => format!("the send is refused with {code}"),
            Some(Refused::Muted) => "the send is refused because its sender is muted".to_owned(),
        };
        let sent = member.send(outgoing, &text, within).await;
        let sent = sent.map_err(|error| Setback::client(expected.as_str(), &error))?;
        let accepted = matches!(sent.answer, Answer::Accepted { .. });
        self.wrote(member, &destination, accepted);
        let mut bound = json!({
            "id": sent.id.to_string(), "mid": null, "to": destination.to, "text": text,
            "code": null, "status": null, "reason": "", "time": null,
        });
        let fits = match (&sent.answer, refused) {
            (Answer::Accepted { mid, timestamp }, wanted) => {
                bound["mid"] = mid.to_string().into();
                bound["time"] = timestamp.map_or(Json::Null, |time| time.as_millis().into());
                wanted.is_none()
            }
            (Answer::Refused { outcome, status, reason }, wanted) => {
                bound["code"] = outcome.code().map_or(Json::Null, Json::from);
                bound["status"] = status.map_or(Json::Null, Json::from);
                bound["reason"] = reason.as_str().into();
                match wanted {
                    None => false,
                    Some(Refused::Muted) => *outcome == Outcome::Muted,
                    Some(Refused::Code(code)) => outcome.code() == Some(code),
                }
            }
            (Answer::TimedOut | Answer::Lost(_), _) => false,
        };
        if fits { Ok(value(&bound)) } else { Err(Setback::target(expected, answered(&sent.answer))) }
    }

    /// A REST call of a client, or of nobody in particular.
    pub(super) async fn call_rest(
        &self,
        member: Option<&Arc<Member>>,
        call: &Rest,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let path = call.path.render(&frame.scope)?;
        let body = call.body.as_ref().map(|body| body.render(&frame.scope)).transpose()?;
        let expected = match call.status {
            Some(status) => format!("{} {path} answers {status}", call.method.name()),
            None => format!("{} {path} succeeds", call.method.name()),
        };
        let failed = |error: &client::ClientError| Setback::client(expected.as_str(), error);
        let method = match call.method {
            Method::Get => client::Method::GET,
            Method::Post => client::Method::POST,
            Method::Put => client::Method::PUT,
            Method::Delete => client::Method::DELETE,
        };
        // Before the call: it may have its effect even if no reply comes.
        let session = member.or_else(|| self.everyone().next()).map(|member| member.role.session);
        if let (Some(session), Some(disturbance)) = (session, disturbance(call.method, &path)) {
            self.ledger.disturbed(session, disturbance);
        }
        let answer = async {
            let token = match call.authorization {
                Authorization::Nobody => None,
                Authorization::App => Some(self.app_token.as_ref().ok_or_else(|| {
                    Setback::script(expected.as_str(), "the app's credentials are not known for this target")
                })?),
                Authorization::User => {
                    let client = member.and_then(|member| member.client());
                    let client = client
                        .ok_or_else(|| Setback::script(expected.as_str(), "the client is not logged in"))?;
                    return client.rest(method, &path, body.as_ref()).await.map_err(|error| failed(&error));
                }
            };
            self.rest.call(method, &path, token, body.as_ref()).await.map_err(|error| failed(&error))
        };
        let reply = match tokio::time::timeout(within, answer).await {
            Ok(reply) => reply?,
            Err(_) => return Err(Setback::target(expected, format!("no answer within {within:?}"))),
        };
        self.ledger.rest(reply.span);
        if let Some(token) = reply.body["access_token"].as_str() {
            self.ledger.keep_secret(&Secret::new(token));
        }
        let fits =
            call.status.map_or_else(|| (200..300).contains(&reply.status), |wanted| wanted == reply.status);
        if fits {
            return Ok(value(&json!({"status": reply.status, "body": reply.body})));
        }
        let said = super::evidence::excerpt(&reply.body.to_string());
        Err(Setback::target(expected, format!("status {}: {said}", reply.status)))
    }
}

/// How a login or reconnect ended, held against what the step asks for.
fn entered(
    member: &Member,
    ended: Result<(), Refusing>,
    refused: Option<Refused>,
    what: &str,
) -> Result<Option<Value>, Setback> {
    match (ended, refused) {
        (Ok(()), None) => Ok(Some(member.value())),
        (Ok(()), Some(_)) => Err(Setback::target(format!("{what} is refused"), "it succeeded")),
        (Err(refusing), wanted) => refusing.judged(wanted, what).map(|()| Some(member.value())),
    }
}
