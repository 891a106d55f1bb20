//! Who makes worlds and takes them away.

use super::{
    advice::{self, CREDENTIALS},
    errand::{AfterLoss, Errands, Terms},
    setup::SetupError,
    target::{App, Target},
};
use crate::{client::Rest, history::Secrets, protocol::secret::Secret};

/// What makes and unmakes worlds: the target's REST side, with the app's token where known.
#[derive(Clone, Debug)]
pub(super) struct Authority {
    pub(super) rest: Rest,
    pub(super) app_token: Option<Secret>,
    pub(super) errands: Errands,
    /// What to look at where it may not do what it must.
    pub(super) denied: &'static str,
}

impl Authority {
    /// Gets the app's token, if the target's credentials are known.
    pub(super) async fn new(target: &Target, secrets: &Secrets) -> Result<Self, SetupError> {
        let Some(rest) = target.rest().cloned() else {
            return Err(SetupError::NotTestable("the target has no endpoint".to_owned()));
        };
        let errands = Errands::default();
        let app_token = match &target.app {
            None => None,
            Some(App::Token(token)) => Some(token.clone()),
            Some(App::Credentials { id, secret }) => {
                secrets.add(secret);
                let terms = Terms { after_loss: AfterLoss::Ask, until: None, stop: None };
                let token = errands.run(terms, |_| rest.app_token(id, secret)).await;
                let (token, _) = token.map_err(|undone| {
                    let told = advice::advised(&undone, CREDENTIALS);
                    SetupError::Failed(format!("get the app's token: {told}"))
                })?;
                Some(token)
            }
        };
        app_token.iter().for_each(|token: &Secret| secrets.add(token));
        Ok(Self { rest, app_token, errands, denied: advice::denied(target.app.as_ref()) })
    }
}
