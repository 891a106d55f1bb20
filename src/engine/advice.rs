//! What to do where a target does not let a run be set up.

use super::{errand::Undone, target::App};
use crate::client::ClientError;

/// Where the app's credentials are refused.
pub(super) const CREDENTIALS: &str =
    "are CHATPROOF_CLIENT_ID and CHATPROOF_CLIENT_SECRET those of the target's `appkey`?";
/// Where an account is.
pub(super) const PASSWORD: &str = "is this the account's password?";
/// Where an app token is.
const TOKEN: &str = "is CHATPROOF_TOKEN an app token of the target's `appkey`, and still good?";
/// Where a user is not allowed what the app may be.
const NEEDED: &str = "it may need the app's credentials: set CHATPROOF_CLIENT_ID with \
                      CHATPROOF_CLIENT_SECRET, or CHATPROOF_TOKEN";

/// What to look at where a call that makes a world is not allowed.
pub(super) const fn denied(app: Option<&App>) -> &'static str {
    match app {
        None => NEEDED,
        Some(App::Token(_)) => TOKEN,
        Some(App::Credentials { .. }) => CREDENTIALS,
    }
}

/// Why a call of a set-up failed, with what to do about it; `denied` where the server did not allow it.
pub(super) fn advised(undone: &Undone, denied: &str) -> String {
    let advice = match &undone.error {
        ClientError::Rest { error, .. } if error.contains("organization_application_not_found") => {
            "is the `appkey` right?"
        }
        ClientError::Rest { status: 401 | 403, .. } => denied,
        ClientError::Rest { error, .. } if error.contains("invalid_grant") => denied,
        ClientError::Unreachable { .. } => "is the server running, and is this its REST address?",
        ClientError::Transport(_) => "is the server running, and is this its chat endpoint?",
        _ => return undone.to_string(),
    };
    format!("{undone}; {advice}")
}
