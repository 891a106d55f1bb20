//! Who makes worlds and takes them away.

use serde_json::Value as Json;

use super::{
    setback::chain,
    setup::SetupError,
    target::{App, Target},
};
use crate::{
    client::{ClientError, Method, Reply, Rest},
    history::Secrets,
    protocol::secret::Secret,
};

/// What makes and unmakes worlds: the target's REST side, with the app's token where known.
#[derive(Clone, Debug)]
pub(super) struct Authority {
    pub(super) rest: Rest,
    pub(super) app_token: Option<Secret>,
}

impl Authority {
    /// Gets the app's token, if the target's credentials are known.
    pub(super) async fn new(target: &Target, secrets: &Secrets) -> Result<Self, SetupError> {
        let Some(rest) = target.rest().cloned() else {
            return Err(SetupError::NotTestable("the target has no endpoint".to_owned()));
        };
        let app_token = match &target.app {
            None => None,
            Some(App::Token(token)) => Some(token.clone()),
            Some(App::Credentials { id, secret }) => {
                secrets.add(secret);
                let token = rest.app_token(id, secret).await;
                Some(
                    token
                        .map_err(|error| {
                            SetupError::Failed(format!("get the app's token: {}", chain(&error)))
                        })?
                        .0,
                )
            }
        };
        app_token.iter().for_each(|token: &Secret| secrets.add(token));
        Ok(Self { rest, app_token })
    }

    /// One POST, with that token or else the app's.
    pub(super) async fn post(
        &self,
        path: &str,
        token: Option<&Secret>,
        body: Option<&Json>,
    ) -> Result<Reply, ClientError> {
        self.rest.call(Method::POST, path, token.or(self.app_token.as_ref()), body).await?.success()
    }
}
