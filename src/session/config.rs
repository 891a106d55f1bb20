//! What a session is told once: who it is, which SDK generation it plays, and its patience.

use std::{sync::Arc, time::Duration};

use crate::protocol::{
    downlink::{Attachments, Delivery},
    generation::Generation,
    secret::Secret,
};

/// The period of the SDK's heartbeat when the page says nothing (`heartBeatWait`).
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How long 4.21.1 waits for the answer to PROVISION; used for every generation.
const PROVISION_TIMEOUT: Duration = Duration::from_secs(10);
/// How long 4.21.1 waits for the answer to a message; used for every generation.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(15);

/// How a session behaves. Strings that many sessions share can share their memory.
#[derive(Clone, Debug)]
pub struct Config {
    /// The SDK generation to play.
    pub generation: Generation,
    /// `org#app`.
    pub app_key: Arc<str>,
    /// The user name, in the case given.
    pub user: Arc<str>,
    /// The user's access token.
    pub token: Secret,
    /// The option `deviceId`; `None` takes a resource from the time of each connection.
    pub device: Option<Arc<str>>,
    /// Which messages are acknowledged with a delivered receipt (the option `delivery`).
    pub delivery: Delivery,
    /// The REST address (`apiUrl`), which takes the place of the host in attachment URLs.
    pub api_url: Arc<str>,
    /// Where attachments are (the option `useOwnUploadFun`).
    pub attachments: Attachments,
    /// `heartBeatWait`: the time between two heartbeats. 3.6.3 raises values below 5 s to 5 s.
    pub heartbeat: Duration,
    /// How long the answer to PROVISION may take.
    pub provision_timeout: Duration,
    /// How long the answer to anything sent may take, counted from [`Session::send`].
    ///
    /// [`Session::send`]: super::Session::send
    pub operation_timeout: Duration,
}

impl Config {
    /// The SDK's own settings for this user.
    pub fn new(
        generation: Generation,
        app_key: impl Into<Arc<str>>,
        user: impl Into<Arc<str>>,
        token: Secret,
    ) -> Self {
        Self {
            generation,
            app_key: app_key.into(),
            user: user.into(),
            token,
            device: None,
            delivery: Delivery::Off,
            api_url: "".into(),
            attachments: Attachments::Hosted,
            heartbeat: HEARTBEAT,
            provision_timeout: PROVISION_TIMEOUT,
            operation_timeout: OPERATION_TIMEOUT,
        }
    }
}
