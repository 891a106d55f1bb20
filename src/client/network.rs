//! What all clients of a run share: where the target is, how to reach it, and the clock.

use std::sync::Arc;

use super::{ClientError, Clock, Rest};
use crate::transport::{Dialer, Endpoint, Patience, Security, Trust};

/// Where the server under test is.
#[derive(Clone, Debug)]
pub struct Target {
    /// The chat endpoint.
    pub endpoint: Endpoint,
    /// The REST base, such as `https://a1.easemob.com`.
    pub rest: String,
    /// `org#app`.
    pub app_key: String,
    /// Which certificates it may show.
    pub trust: Trust,
    /// How long each step of connecting and each REST call may take.
    pub patience: Patience,
}

/// The way to one target, for any number of clients. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Network(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    endpoint: Endpoint,
    app_key: Arc<str>,
    dialer: Dialer,
    rest: Rest,
    clock: Clock,
}

impl Network {
    /// Prepares the way to the target; nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError::Misuse`] for an address or app key that is none, and
    /// [`ClientError::Transport`] if the certificates to trust cannot be used.
    pub fn new(target: Target, clock: Clock) -> Result<Self, ClientError> {
        let Target { endpoint, rest, app_key, trust, patience } = target;
        let secure = endpoint.is_secure() || rest.starts_with("https:");
        let dialer = Dialer::new(&trust, if secure { Security::Tls } else { Security::Plain }, patience)?;
        let rest = Rest::new(dialer.http().clone(), &rest, &app_key, patience.http, clock)?;
        Ok(Self(Arc::new(Shared { endpoint, app_key: app_key.into(), dialer, rest, clock })))
    }

    /// The chat endpoint.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// `org#app`.
    pub fn app_key(&self) -> &Arc<str> {
        &self.0.app_key
    }

    /// The REST side.
    pub fn rest(&self) -> &Rest {
        &self.0.rest
    }

    /// The clock of the run.
    pub fn clock(&self) -> Clock {
        self.0.clock
    }

    /// How long each step may take.
    pub fn patience(&self) -> Patience {
        self.0.dialer.patience()
    }

    pub(super) fn dialer(&self) -> &Dialer {
        &self.0.dialer
    }
}
