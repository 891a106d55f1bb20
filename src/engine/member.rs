//! One client of a cast, with its account, its inbox and its place in the books.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::json;

use super::{
    content,
    evidence::Line,
    inbox::Inbox,
    ledger::Ledger,
    place::Place,
    setback::{Setback, chain},
};
use crate::{
    client::{
        Audience, Client, ClientError, Credential, Entry, Full, Happened, Login, Network, Opening, Sent,
    },
    history::{Call, OperationId, Refusal, SessionId, Unknown, UserId},
    protocol::{
        downlink::Delivery, generation::Generation, id::LocalId, message::Outgoing, refusal::TOKEN_REFUSED,
        secret::Secret,
    },
    scenario::{Value, model::Refused, value},
    session::{Answer, Delivered, LoginFailure},
};

/// What a member is made from.
#[derive(Debug)]
pub(super) struct Role {
    /// What a person calls it, such as `member[3]`.
    pub(super) label: Arc<str>,
    /// The actor's name.
    pub(super) actor: Arc<str>,
    /// Its number among the actor's clients, from 0.
    pub(super) index: u32,
    /// The account.
    pub(super) user: Arc<str>,
    /// The account's password.
    pub(super) password: Secret,
    /// The SDK generation that it plays.
    pub(super) generation: Generation,
    /// Automatic delivered receipts.
    pub(super) delivery: Delivery,
    /// The way to the target.
    pub(super) network: Network,
    /// Its account in the history.
    pub(super) account: UserId,
    /// Its client in the history.
    pub(super) session: SessionId,
    /// Shared by the devices of the account.
    pub(super) turn: Turn,
}

/// Whose turn it is to log in: the SDK names a device after the millisecond of its login, so two
/// devices of one account must not log in within the same one.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn(Arc<tokio::sync::Mutex<()>>);

impl Turn {
    /// Does it alone among the devices of the account.
    async fn take<T>(&self, login: impl Future<Output = T>) -> T {
        let turn = self.0.lock().await;
        let result = login.await;
        if Arc::strong_count(&self.0) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(turn);
        result
    }
}

/// One client of a cast.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) role: Role,
    pub(super) ears: Arc<Ears>,
    client: Mutex<Option<Arc<Client>>>,
    resource: Mutex<String>,
}

/// Where a client's entries go.
#[derive(Debug)]
pub(super) struct Ears {
    label: Arc<str>,
    user: Arc<str>,
    session: SessionId,
    ledger: Arc<Ledger>,
    online: AtomicBool,
    pub(super) inbox: Inbox,
    /// Markers of fences and of the end: never seen by steps.
    pub(super) markers: Inbox,
}

impl Audience for Ears {
    fn hear(&self, entry: Entry) -> Result<(), Full> {
        self.ledger.hear(self.session, &self.user, &entry);
        let (who, at) = (|| Arc::clone(&self.label), entry.at);
        match entry.happened {
            Happened::Delivered(delivered) => {
                let delivered: Arc<Delivered> = Arc::from(delivered);
                if super::fence::is_marker(delivered.event.text()) {
                    self.markers.push(delivered);
                    return Ok(());
                }
                self.ledger.note_at(at, Line::Heard { who: who(), delivered: Arc::clone(&delivered) });
                self.inbox.push(delivered);
            }
            Happened::Disconnected { cause } => {
                self.online.store(false, Ordering::Release);
                self.ledger.note(Line::Said { who: who(), text: format!("disconnected: {cause}") });
            }
            Happened::Kicked(kick) => {
                let text = format!("told to leave ({})", kick.code());
                self.ledger.note(Line::Said { who: who(), text });
            }
            Happened::Misbehaved(misbehaviour) => {
                self.ledger.breach(|| format!("at {}: {misbehaviour}", self.label));
                let text = format!("the server misbehaved: {misbehaviour}");
                self.ledger.note(Line::Said { who: who(), text });
            }
            Happened::Unreachable { cause } => {
                self.ledger.note(Line::Said { who: who(), text: format!("cannot connect: {cause}") });
            }
            Happened::Opened { .. } => self.online.store(true, Ordering::Release),
            Happened::GaveUp { .. } | Happened::LoginFailed(_) | Happened::Overflowed => {}
        }
        Ok(())
    }
}

/// How a login or a call to REST ended, if not well.
#[derive(Debug)]
pub(super) enum Refusing {
    /// The server said no, with the number that a page sees.
    Code(i32, ClientError),
    /// Anything else.
    Failed(ClientError),
}

impl Member {
    pub(super) fn new(role: Role, ledger: Arc<Ledger>) -> Self {
        let ears = Arc::new(Ears {
            label: Arc::clone(&role.label),
            user: Arc::clone(&role.user),
            session: role.session,
            ledger,
            online: AtomicBool::new(false),
            inbox: Inbox::default(),
            markers: Inbox::default(),
        });
        Self { role, ears, client: Mutex::default(), resource: Mutex::default() }
    }

    /// The books of its cast.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ears.ledger
    }

    /// The client, if it is logged in or was since the last logout.
    pub(super) fn client(&self) -> Option<Arc<Client>> {
        lock(&self.client).clone()
    }

    /// Whether it is logged in on a living connection.
    pub(super) fn is_online(&self) -> bool {
        self.ears.online.load(Ordering::Acquire) && self.client().is_some()
    }

    /// The resource that the server gave its device; empty before the first login.
    pub(super) fn resource(&self) -> String {
        lock(&self.resource).clone()
    }

    /// What expressions see of it.
    pub(super) fn value(&self) -> Value {
        value(&json!({
            "user": &*self.role.user,
            "resource": &*lock(&self.resource),
            "index": self.role.index,
            "name": &*self.role.actor,
        }))
    }

    /// Gets a token, connects and logs in.
    pub(super) async fn login(&self, within: Duration) -> Result<(), Refusing> {
        if self.client().is_some() {
            let problem = format!("{} is logged in already; log it out first", self.role.label);
            return Err(Refusing::Failed(ClientError::Misuse { problem }));
        }
        let credential = Credential::Password(self.role.password.clone());
        let mut login = Login::new(self.role.generation, Arc::clone(&self.role.user), credential);
        login.delivery = self.role.delivery;
        login.provision_timeout = login.provision_timeout.min(within);
        let audience: Arc<dyn Audience> = Arc::<Ears>::clone(&self.ears);
        login.audience = Some(audience);
        let operation = self.begin(Call::Login);
        let login = self.deadline(within, "login", Client::login(&self.role.network, login));
        let opened = self.role.turn.take(login).await;
        let client = self.settled(operation, opened)?;
        self.ledger().keep_secret(client.token());
        let opening = client.opening().clone();
        self.opened(&opening);
        *lock(&self.client) = Some(Arc::new(client));
        Ok(())
    }

    /// Connects and logs in again.
    pub(super) async fn reconnect(&self, within: Duration) -> Result<(), Refusing> {
        let client = self.client().ok_or_else(|| Refusing::Failed(self.not_logged_in()))?;
        let operation = self.begin(Call::Login);
        let opened = self.role.turn.take(self.deadline(within, "reconnect", client.reconnect())).await;
        let opening = self.settled(operation, opened)?;
        self.opened(&opening);
        Ok(())
    }

    /// Closes the connection in good order.
    pub(super) async fn logout(&self, within: Duration) -> Result<(), ClientError> {
        let Some(client) = lock(&self.client).take() else { return Err(self.not_logged_in()) };
        let operation = self.begin(Call::Logout);
        let closed = self.deadline(within, "logout", async {
            client.logout().await;
            Ok(())
        });
        let closed = closed.await;
        let now = self.ledger().clock().now();
        match closed {
            Ok(()) => self.ledger().ok(self.role.session, now, operation),
            Err(_) => self.ledger().unknown(self.role.session, now, operation, Unknown::TimedOut),
        }
        closed
    }

    /// Cuts the socket.
    pub(super) async fn drop_socket(&self) -> Result<(), ClientError> {
        self.client().ok_or_else(|| self.not_logged_in())?.drop_socket().await
    }

    /// Sends a message, receipt or recall and waits for its answer until the deadline, behind which
    /// it is unknown.
    pub(super) async fn send(&self, outgoing: Outgoing, within: Duration) -> Result<Sent, ClientError> {
        let place = Place::of(outgoing.chat_type, &self.role.user, &outgoing.to);
        self.send_about(&place, outgoing, within).await
    }

    /// The same with something that belongs to another conversation than its address says.
    pub(super) async fn send_about(
        &self,
        place: &Place,
        outgoing: Outgoing,
        within: Duration,
    ) -> Result<Sent, ClientError> {
        let client = self.client().ok_or_else(|| self.not_logged_in())?;
        let (ledger, session) = (self.ledger(), self.role.session);
        let started = ledger.clock().now();
        let sending = ledger.sending(session, place, &outgoing.body);
        let (to, (kind, text)) = (outgoing.to.clone(), content::words(&outgoing.body));
        let sent = match tokio::time::timeout(within, client.send(outgoing)).await {
            Ok(Ok(sent)) => sent,
            Ok(Err(error)) => {
                ledger.unanswered(session, sending, ledger.clock().now(), Unknown::Disconnected);
                return Err(error);
            }
            Err(_) => {
                let ended = ledger.clock().now();
                Sent { id: LocalId::default(), started, ended, answer: Answer::TimedOut }
            }
        };
        ledger.sent(session, sending, &sent);
        let (who, answer) = (Arc::clone(&self.role.label), sent.answer.clone());
        ledger.note_at(sent.started, Line::Sent { who, to, kind, text, answer });
        Ok(sent)
    }

    fn begin(&self, call: Call) -> OperationId {
        self.ledger().invoke(self.role.session, self.ledger().clock().now(), call)
    }

    fn opened(&self, opening: &Opening) {
        opening.resource.clone_into(&mut lock(&self.resource));
        self.ledger().opened(opening.connect, opening.provision);
        let text = format!("logged in as {}/{}", self.role.user, opening.resource);
        self.ledger().note(Line::Said { who: Arc::clone(&self.role.label), text });
    }

    /// Books the end of a login.
    fn settled<T>(&self, operation: OperationId, result: Result<T, ClientError>) -> Result<T, Refusing> {
        let now = self.ledger().clock().now();
        let session = self.role.session;
        let refused = |code: i32, error: ClientError| {
            self.ledger().refused(session, now, operation, Refusal::Code(code));
            Refusing::Code(code, error)
        };
        match result {
            Ok(value) => {
                self.ledger().ok(session, now, operation);
                Ok(value)
            }
            Err(error @ ClientError::LoginFailed { failure: LoginFailure::Refused { code, .. }, .. }) => {
                Err(refused(code, error))
            }
            Err(error @ ClientError::Rest { .. }) => Err(refused(TOKEN_REFUSED, error)),
            Err(error) => {
                let unknown = match error {
                    ClientError::Timeout { .. } => Unknown::TimedOut,
                    _ => Unknown::Disconnected,
                };
                self.ledger().unknown(session, now, operation, unknown);
                Err(Refusing::Failed(error))
            }
        }
    }

    async fn deadline<T>(
        &self,
        within: Duration,
        what: &str,
        future: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        match tokio::time::timeout(within, future).await {
            Ok(result) => result,
            Err(_) => Err(ClientError::Timeout { waited_for: format!("the end of {what}"), after: within }),
        }
    }

    pub(super) fn not_logged_in(&self) -> ClientError {
        let problem = format!("{0} is not logged in; write `{0}: login` before this step", self.role.label);
        ClientError::Misuse { problem }
    }
}

impl From<Refusing> for ClientError {
    fn from(refusing: Refusing) -> Self {
        match refusing {
            Refusing::Code(_, error) | Refusing::Failed(error) => error,
        }
    }
}

impl Refusing {
    /// What a step makes of it, given the refusal that it asks for.
    pub(super) fn judged(self, wanted: Option<Refused>, what: &str) -> Result<(), Setback> {
        match (self, wanted) {
            (Self::Code(code, _), Some(Refused::Code(wanted))) if code == wanted => Ok(()),
            (Self::Code(code, error), wanted) => {
                let expected = match wanted {
                    Some(Refused::Code(wanted)) => format!("{what} is refused with {wanted}"),
                    Some(Refused::Muted) => format!("{what} is refused as muted"),
                    None => format!("{what} succeeds"),
                };
                Err(Setback::target(expected, format!("refused with {code}: {}", chain(&error))))
            }
            (Self::Failed(error), _) => Err(Setback::client(format!("{what} succeeds"), &error)),
        }
    }
}

fn lock<Inner>(mutex: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn devices_of_one_account_never_log_in_within_the_same_millisecond() {
        let turn = Turn::default();
        let other = turn.clone();
        let login = || async { Instant::now() };
        let (first, second) = tokio::join!(turn.take(login()), other.take(login()));
        assert!(second - first >= Duration::from_millis(1), "{:?}", second - first);
    }
}
