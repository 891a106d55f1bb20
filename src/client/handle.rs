//! The handle on one simulated client.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::oneshot;

use super::{
    Audience, ClientError, Downloading, Entry, Fetched, Login, Method, Network, Opening, Progress, Reply,
    Uploading,
    driver::{Command, Driver},
    login::Credential,
    mailbox::Mailbox,
};
use crate::{
    protocol::{id::LocalId, message::Outgoing, secret::Secret, time::Moment},
    session::Answer,
    transport::Raw,
};

/// Most commands that wait for a client's task. One is the rule; `parallel` steps make more.
const COMMANDS: usize = 1024;

/// One simulated client. Dropping it cuts its connection, as killing the page does.
#[derive(Debug)]
pub struct Client {
    commands: Arc<Mailbox<Command>>,
    inbox: Arc<Mailbox<Entry>>,
    network: Network,
    user: Arc<str>,
    token: Secret,
    opening: Opening,
}

/// How something that was sent ended, and when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sent {
    /// The id that it was sent with.
    pub id: LocalId,
    /// When its first byte could leave.
    pub started: Moment,
    /// When its answer was read, or given up.
    pub ended: Moment,
    /// How it ended.
    pub answer: Answer,
}

impl Client {
    /// Gets a token, connects and logs in. Within the deadlines of the [`Network`]'s patience and
    /// of `login`.
    ///
    /// # Errors
    /// Any [`ClientError`]; a first login is not retried.
    pub async fn login(network: &Network, login: Login) -> Result<Self, ClientError> {
        network
            .endpoint()
            .fits(login.generation)
            .map_err(|error| ClientError::Misuse { problem: error.to_string() })?;
        let (token, token_span) = match &login.credential {
            Credential::Token(token) => (token.clone(), None),
            Credential::Password(password) => {
                let (token, span) = network.rest().user_token(&login.user, password).await?;
                (token, Some(span))
            }
        };
        let commands = Arc::new(Mailbox::new(COMMANDS));
        let inbox = Arc::new(Mailbox::new(login.inbox));
        let audience = login.audience.clone().unwrap_or_else(|| {
            let inbox: Arc<dyn Audience> = Arc::<Mailbox<Entry>>::clone(&inbox);
            inbox
        });
        let (opened, opening) = oneshot::channel();
        let driver =
            Driver::new(network.clone(), &login, token.clone(), Arc::clone(&commands), audience, opened);
        // The client exists from here on, so that giving up on this future ends the task.
        let mut client = Self {
            commands,
            inbox,
            network: network.clone(),
            user: login.user,
            token,
            opening: Opening::default(),
        };
        tokio::spawn(driver.run());
        client.opening = opening.await.map_err(|_| ClientError::Ended)??;
        client.opening.token = token_span;
        Ok(client)
    }

    /// The user name.
    pub const fn user(&self) -> &Arc<str> {
        &self.user
    }

    /// The user's access token.
    pub const fn token(&self) -> &Secret {
        &self.token
    }

    /// How the first connection was opened.
    pub const fn opening(&self) -> &Opening {
        &self.opening
    }

    /// The way to the target.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Sends one message, receipt or recall under a fresh id; the `id` given in it is not used.
    /// Ends with exactly one answer: the server's, or a time-out or loss.
    ///
    /// # Errors
    /// [`ClientError::Ended`] if the client has ended.
    pub async fn send(&self, outgoing: Outgoing) -> Result<Sent, ClientError> {
        self.ask(|answer| Command::Send { outgoing: Box::new(outgoing), id: Id::Fresh, answer }).await
    }

    /// Sends one message, receipt or recall under the id that it carries, used before or not.
    ///
    /// # Errors
    /// [`ClientError::Ended`] if the client has ended.
    pub async fn resend(&self, outgoing: Outgoing) -> Result<Sent, ClientError> {
        self.ask(|answer| Command::Send { outgoing: Box::new(outgoing), id: Id::Given, answer }).await
    }

    /// Sends something that need not follow the protocol; ends when it is written.
    ///
    /// # Errors
    /// [`ClientError::Misuse`] without a connection, [`ClientError::Transport`] if it broke.
    pub async fn send_raw(&self, raw: Raw) -> Result<(), ClientError> {
        self.ask(|written| Command::Raw { raw: Box::new(raw), written }).await?
    }

    /// The next thing that happens, in order; `None` once the client has ended and everything was
    /// taken. For one waiter at a time; dropping the future loses nothing.
    pub async fn next(&self) -> Option<Entry> {
        self.inbox.next().await
    }

    /// What has happened already, oldest first.
    pub fn try_next(&self) -> Option<Entry> {
        self.inbox.take()
    }

    /// Cuts the socket without a close handshake, as a lost network does.
    ///
    /// # Errors
    /// [`ClientError::Ended`] if the client has ended.
    pub async fn drop_socket(&self) -> Result<(), ClientError> {
        self.ask(|done| Command::Drop { done }).await
    }

    /// Connects and logs in again, at once and once; an open connection is cut first.
    ///
    /// # Errors
    /// What kept it from logging in; [`ClientError::Ended`] if the client has ended.
    pub async fn reconnect(&self) -> Result<Opening, ClientError> {
        self.ask(|opened| Command::Reconnect { opened }).await?
    }

    /// Closes the connection as `conn.close()` does, and ends the client. What its inbox holds can
    /// still be taken.
    pub async fn logout(&self) {
        // A client that has ended is logged out already.
        drop(self.ask(|done| Command::Logout { done }).await);
    }

    /// Makes a REST call with the user's own token.
    ///
    /// # Errors
    /// What kept the call from being answered; a refusal is a [`Reply`].
    pub async fn rest(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Reply, ClientError> {
        self.network.rest().call(method, path, Some(&self.token), body).await
    }

    /// Uploads a file with the user's own token, and tells how far it is.
    ///
    /// # Errors
    /// What kept the call from being answered; a refusal is a [`Reply`].
    pub async fn upload(
        &self,
        path: &str,
        file: &Uploading<'_>,
        progress: impl FnMut(Progress) + Send + Sync + 'static,
    ) -> Result<Reply, ClientError> {
        self.network.rest().upload(path, &self.token, file, progress).await
    }

    /// Downloads a file with the user's own token.
    ///
    /// # Errors
    /// What kept the call from being answered; a refusal is an answer.
    pub async fn download(
        &self,
        file: &Downloading<'_>,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Fetched, ClientError> {
        self.network.rest().download(&self.token, file, progress).await
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, ClientError> {
        let (answer, answered) = oneshot::channel();
        self.commands.push(command(answer)).map_err(|rejected| match rejected {
            super::mailbox::Rejected::Closed => ClientError::Ended,
            super::mailbox::Rejected::Full => ClientError::Misuse {
                problem: format!("{} commands wait for {} already", COMMANDS, self.user),
            },
        })?;
        answered.await.map_err(|_| ClientError::Ended)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.commands.close();
    }
}

/// Which id a message is sent under.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Id {
    /// The next of the session.
    Fresh,
    /// Its own.
    Given,
}
