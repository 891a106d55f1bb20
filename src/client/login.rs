//! Who logs in, and how the client behaves afterwards.

use std::{sync::Arc, time::Duration};

use super::{Audience, Network, Span};
use crate::{
    protocol::{
        downlink::{Attachments, Delivery},
        generation::Generation,
        secret::Secret,
    },
    session::Config,
};

/// Most unread entries that a client's inbox holds, unless told otherwise.
const INBOX: usize = 4096;

/// What opens the door.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Credential {
    /// The user's password, exchanged for a token by REST.
    Password(Secret),
    /// A token that is there already.
    Token(Secret),
}

/// How one client logs in and behaves.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user name, in the case given.
    pub user: Arc<str>,
    /// Password or token.
    pub credential: Credential,
    /// The SDK generation to play.
    pub generation: Generation,
    /// The option `deviceId`; `None` is a default device.
    pub device: Option<Arc<str>>,
    /// Automatic delivered receipts.
    pub delivery: Delivery,
    /// Where attachments are (the option `useOwnUploadFun`).
    pub attachments: Attachments,
    /// `heartBeatWait`.
    pub heartbeat: Duration,
    /// `autoReconnectNumMax`: attempts to reconnect after a loss; the SDK's default is none.
    pub reconnects: u32,
    /// How long the answer to PROVISION may take.
    pub provision_timeout: Duration,
    /// How long the answer to a send may take.
    pub operation_timeout: Duration,
    /// Most unread entries of the inbox. A client whose inbox overflows ends: it could no longer
    /// tell what it has seen.
    pub inbox: usize,
    /// Hears what happens in place of the inbox, which then stays empty.
    pub audience: Option<Arc<dyn Audience>>,
}

impl Login {
    /// The SDK's own settings for this user.
    pub fn new(generation: Generation, user: impl Into<Arc<str>>, credential: Credential) -> Self {
        let session = Config::new(generation, "", "", Secret::default());
        Self {
            user: user.into(),
            credential,
            generation,
            device: session.device,
            delivery: session.delivery,
            attachments: session.attachments,
            heartbeat: session.heartbeat,
            reconnects: 0,
            provision_timeout: session.provision_timeout,
            operation_timeout: session.operation_timeout,
            inbox: INBOX,
            audience: None,
        }
    }

    /// What the session is told, once the token is known.
    pub(super) fn session(&self, network: &Network, token: Secret) -> Config {
        Config {
            generation: self.generation,
            app_key: Arc::clone(network.app_key()),
            user: Arc::clone(&self.user),
            token,
            device: self.device.clone(),
            delivery: self.delivery,
            api_url: Arc::clone(network.rest().api_url()),
            attachments: self.attachments,
            heartbeat: self.heartbeat,
            provision_timeout: self.provision_timeout,
            operation_timeout: self.operation_timeout,
        }
    }
}

/// How a connection was opened.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Opening {
    /// The resource that the server gave this device.
    pub resource: String,
    /// The exchange of the password for a token, where there was one.
    pub token: Option<Span>,
    /// From the first packet to a usable connection.
    pub connect: Span,
    /// PROVISION and its answer.
    pub provision: Span,
}
