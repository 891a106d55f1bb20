//! The verb `rest`: any REST call, a client's or nobody's.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::{cast::Cast, disturbance::disturbance, member::Member, setback::Setback, stage::Frame};
use crate::{
    client,
    history::Disturbance,
    protocol::secret::Secret,
    scenario::{
        Value,
        model::{Authorization, Method, Rest},
        value,
    },
};

impl Cast {
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
        let disturbance = disturbance(call.method, &path);
        if let (Some(session), Some(disturbance)) = (session, disturbance) {
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
        self.ledger.took(|metrics| metrics.rest, reply.span);
        if let Some(token) = reply.body["access_token"].as_str() {
            self.ledger.keep_secret(&Secret::new(token));
        }
        let fits =
            call.status.map_or_else(|| (200..300).contains(&reply.status), |wanted| wanted == reply.status);
        if disturbance == Some(Disturbance::Members) {
            self.call_roll(&path).await;
        }
        if fits {
            return Ok(value(&json!({"status": reply.status, "body": reply.body})));
        }
        let said = super::evidence::excerpt(&reply.body.to_string());
        Err(Setback::target(expected, format!("status {}: {said}", reply.status)))
    }
}
