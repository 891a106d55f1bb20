//! The task of one client: it owns the session and the connection, and moves everything between
//! them, the commands and whoever listens.

use std::{collections::VecDeque, sync::Arc};

use tokio::{sync::oneshot, time::timeout};

use super::{
    Audience, ClientError, Entry, Happened, Login, Misbehaviour, Network, Opening, Sent, Span,
    handle::Id,
    link::{Alarm, Link, LinkEvent},
    mailbox::Mailbox,
    reconnect,
};
use crate::{
    protocol::{
        event::{Detail, Event, Kick},
        generation::Generation,
        id::LocalId,
        message::Outgoing,
        secret::Secret,
        time::Moment,
    },
    session::{Answer, Delivered, LoginFailure, Loss, Output, Session},
    transport::{Raw, Received},
};

/// What a handle asks of its task.
#[derive(Debug)]
pub(super) enum Command {
    /// Send a message.
    Send { outgoing: Box<Outgoing>, id: Id, answer: oneshot::Sender<Sent> },
    /// Send something that need not follow the protocol.
    Raw { raw: Box<Raw>, written: oneshot::Sender<Result<(), ClientError>> },
    /// Cut the socket.
    Drop { done: oneshot::Sender<()> },
    /// Cut the socket if there is one, connect and log in.
    Reconnect { opened: oneshot::Sender<Result<Opening, ClientError>> },
    /// Close the connection and end.
    Logout { done: oneshot::Sender<()> },
}

/// What the task has to do next.
enum Step {
    Command(Option<Command>),
    Link(LinkEvent),
    Alarm,
}

/// A send that awaits its answer.
struct Unanswered {
    id: LocalId,
    started: Moment,
    answer: oneshot::Sender<Sent>,
}

/// Someone who waits for the connection to open.
struct Awaited {
    opened: oneshot::Sender<Result<Opening, ClientError>>,
    attempt: Attempt,
    times: Opening,
}

/// Which connection of a client is being opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Attempt {
    /// The one without which there is no client.
    First,
    /// One after it.
    Again,
}

/// Whether the task goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Life {
    Running,
    Ended,
}

/// The task's state.
pub(super) struct Driver {
    network: Network,
    user: Arc<str>,
    token: Secret,
    generation: Generation,
    session: Session,
    link: Link,
    commands: Arc<Mailbox<Command>>,
    audience: Arc<dyn Audience>,
    unanswered: VecDeque<Unanswered>,
    awaited: Option<Box<Awaited>>,
    reconnects: u32,
    /// Attempts since the connection was last open.
    attempts: u32,
    kicked: Option<Kick>,
    life: Life,
}

impl Driver {
    /// A client whose first connection is being made; `opened` hears what comes of it.
    pub(super) fn new(
        network: Network,
        login: &Login,
        token: Secret,
        commands: Arc<Mailbox<Command>>,
        audience: Arc<dyn Audience>,
        opened: oneshot::Sender<Result<Opening, ClientError>>,
    ) -> Box<Self> {
        let session = Session::new(login.session(&network, token.clone()));
        let mut driver = Box::new(Self {
            network,
            user: Arc::clone(&login.user),
            token,
            generation: login.generation,
            session,
            link: Link::Down,
            commands,
            audience,
            unanswered: VecDeque::new(),
            awaited: None,
            reconnects: login.reconnects,
            attempts: 0,
            kicked: None,
            life: Life::Running,
        });
        driver.open(Attempt::First, opened);
        driver
    }

    /// Runs until the client logs out or its handle is dropped. Boxed: a future holds what it is
    /// called with twice, once as argument and once as variable.
    pub(super) async fn run(mut self: Box<Self>) {
        let clock = self.network.clock();
        let mut alarm = Alarm::new(clock.instant(clock.now()));
        while self.life == Life::Running {
            let wake = self.wake();
            if let Some(wake) = wake {
                alarm.set(clock.instant(wake));
            }
            let step = tokio::select! {
                command = self.commands.next() => Step::Command(command),
                event = self.link.next() => Step::Link(event),
                () = alarm.ring(), if wake.is_some() => Step::Alarm,
            };
            // Read once a step, as near to the socket as can be: it becomes the end of service times.
            let now = clock.now();
            match step {
                Step::Command(Some(command)) => self.obey(now, command).await,
                Step::Command(None) => self.life = Life::Ended,
                Step::Link(event) => self.handle_link(now, event),
                Step::Alarm => self.handle_time(now),
            }
            self.pump(now);
        }
        self.end();
    }

    /// When something is due, if nothing happens before.
    fn wake(&self) -> Option<Moment> {
        let session = self.session.poll_timeout();
        match self.link {
            Link::Waiting(until) => Some(session.map_or(until, |session| session.min(until))),
            Link::Down | Link::Dialing(_) | Link::Up(_) => session,
        }
    }

    async fn obey(&mut self, now: Moment, command: Command) {
        match command {
            Command::Send { mut outgoing, id, answer } => {
                if id == Id::Fresh {
                    outgoing.id = self.session.next_id(now);
                }
                self.unanswered.push_back(Unanswered { id: outgoing.id, started: now, answer });
                self.session.send(now, &outgoing);
            }
            Command::Raw { raw, written } => {
                let patience = self.network.patience().close;
                let result = match &mut self.link {
                    Link::Up(connection) => {
                        // Boxed, as the close below: else each client had room for it at all times.
                        match Box::pin(timeout(patience, connection.send_raw(*raw))).await {
                            Ok(result) => result.map_err(ClientError::from),
                            Err(_) => Err(ClientError::Timeout {
                                waited_for: "room for the bytes to send".to_owned(),
                                after: patience,
                            }),
                        }
                    }
                    Link::Down | Link::Waiting(_) | Link::Dialing(_) => Err(ClientError::Misuse {
                        problem: "there is no connection to send bytes on".to_owned(),
                    }),
                };
                // Nobody hears it if the asker gave up.
                drop(written.send(result));
            }
            Command::Drop { done } => {
                self.cut(now);
                self.retry(now);
                let _ = done.send(());
            }
            Command::Reconnect { opened } => {
                self.cut(now);
                self.kicked = None;
                self.attempts = 0;
                self.open(Attempt::Again, opened);
            }
            Command::Logout { done } => {
                if let Link::Up(connection) = std::mem::replace(&mut self.link, Link::Down) {
                    Box::pin(connection.close(self.network.patience().close)).await;
                }
                self.life = Life::Ended;
                let _ = done.send(());
            }
        }
    }

    fn handle_time(&mut self, now: Moment) {
        if let Link::Waiting(until) = self.link
            && until <= now
        {
            self.dial(now);
        }
        if self.session.poll_timeout().is_some_and(|due| due <= now) {
            self.session.handle_timeout(now);
        }
    }

    fn handle_link(&mut self, now: Moment, event: LinkEvent) {
        match event {
            LinkEvent::Connected(Ok(connection)) => {
                if let Some(awaited) = &mut self.awaited {
                    awaited.times.connect.ended = now;
                    awaited.times.provision.started = now;
                }
                self.link = Link::Up(connection);
                self.session.handle_connected(now);
            }
            LinkEvent::Connected(Err(error)) => {
                self.link = Link::Down;
                match self.awaited.take() {
                    Some(awaited) => self.fail(*awaited, error.into()),
                    None => self.tell(now, Happened::Unreachable { cause: chain(&error) }),
                }
                self.retry(now);
            }
            LinkEvent::Received(Ok(Received::Frame(frame))) => self.session.handle_frame(now, &frame),
            LinkEvent::Received(Ok(Received::Malformed(malformed))) => {
                self.tell(now, Happened::Misbehaved(Misbehaviour::Frame(malformed)));
            }
            LinkEvent::Received(Err(error)) => {
                self.lose(now, &chain(&error));
                if let Some(awaited) = self.awaited.take() {
                    self.fail(*awaited, error.into());
                }
                self.retry(now);
            }
        }
    }

    /// Moves what the session has to say to where it belongs, until it has nothing more.
    fn pump(&mut self, now: Moment) {
        while let Some(output) = self.session.poll_output() {
            self.handle_output(now, output);
        }
        while let Some(frame) = self.session.poll_transmit() {
            let Link::Up(connection) = &mut self.link else { continue };
            if let Err(error) = connection.queue(frame) {
                self.lose(now, &chain(&error));
                self.retry(now);
            }
        }
        // A loss makes the session answer what it had sent.
        while let Some(output) = self.session.poll_output() {
            self.handle_output(now, output);
        }
    }

    fn handle_output(&mut self, now: Moment, output: Output) {
        match output {
            Output::Opened { resource } => {
                self.attempts = 0;
                let awaited = self.awaited.take();
                // Once whoever waits for the login goes on, the audience knows of it.
                self.tell(now, Happened::Opened { resource: resource.clone() });
                if let Some(mut awaited) = awaited {
                    awaited.times.provision.ended = now;
                    awaited.times.resource = resource;
                    drop(awaited.opened.send(Ok(awaited.times)));
                }
            }
            Output::LoginFailed(failure) => match self.awaited.take() {
                Some(awaited) => self.refuse(*awaited, failure),
                None => self.tell(now, Happened::LoginFailed(failure)),
            },
            Output::Answered { id, answer } => {
                let place = self.unanswered.iter().position(|sent| sent.id == id);
                if let Some(sent) = place.and_then(|place| self.unanswered.remove(place)) {
                    drop(sent.answer.send(Sent { id, started: sent.started, ended: now, answer }));
                }
            }
            Output::Delivered(delivered) => self.tell(now, Happened::Delivered(delivered)),
            Output::Kicked(kick) => {
                self.kicked = Some(kick);
                self.tell(now, Happened::Kicked(kick));
            }
            Output::FetchBlocklist => self.fetch_blocklist(),
            Output::Misbehaved(misbehaviour) => {
                self.tell(now, Happened::Misbehaved(Misbehaviour::Session(misbehaviour)));
            }
        }
    }

    /// Asks REST for the block list; the page is called back when it is there.
    fn fetch_blocklist(&self) {
        let (network, audience) = (self.network.clone(), Arc::clone(&self.audience));
        let (user, token, generation) = (Arc::clone(&self.user), self.token.clone(), self.generation);
        tokio::spawn(async move {
            let names = network.rest().blocklist(&user, &token).await;
            let event = Event { generation, detail: Detail::Blocklist(names) };
            let delivered = Box::new(Delivered { queue: None, key: None, event });
            let at = network.clock().now();
            // A client that has ended, or cannot hold more, needs it no longer.
            let _ = audience.hear(Entry { at, happened: Happened::Delivered(delivered) });
        });
    }

    fn refuse(&mut self, awaited: Awaited, failure: LoginFailure) {
        let user = self.user.to_string();
        self.fail(awaited, ClientError::LoginFailed { user, failure });
    }

    /// Tells whoever waits for the connection that there will be none. A client that was never
    /// open ends with it.
    fn fail(&mut self, awaited: Awaited, error: ClientError) {
        if awaited.attempt == Attempt::First {
            self.life = Life::Ended;
        }
        drop(awaited.opened.send(Err(error)));
    }

    fn tell(&mut self, at: Moment, happened: Happened) {
        if self.audience.hear(Entry { at, happened }).is_err() {
            self.life = Life::Ended;
        }
    }

    fn open(&mut self, attempt: Attempt, opened: oneshot::Sender<Result<Opening, ClientError>>) {
        let now = self.network.clock().now();
        let times = Opening { connect: Span { started: now, ended: now }, ..Opening::default() };
        self.awaited = Some(Box::new(Awaited { opened, attempt, times }));
        self.dial(now);
    }

    fn dial(&mut self, now: Moment) {
        let network = self.network.clone();
        self.link = Link::Dialing(Box::pin(async move {
            network.dialer().dial(network.endpoint(), now.as_millis()).await.map(Box::new)
        }));
    }

    /// Cuts whatever there is of a connection, on command.
    fn cut(&mut self, now: Moment) {
        self.lose(now, "cut by the client");
        if let Some(awaited) = self.awaited.take() {
            let problem = "the connection was cut while it was being opened".to_owned();
            self.fail(*awaited, ClientError::Misuse { problem });
        }
    }

    fn lose(&mut self, now: Moment, cause: &str) {
        if let Link::Up(_) = std::mem::replace(&mut self.link, Link::Down) {
            self.session.handle_disconnected(now);
            self.tell(now, Happened::Disconnected { cause: cause.to_owned() });
        }
    }

    /// Plans the next attempt as the SDK does, if it makes one.
    fn retry(&mut self, now: Moment) {
        if self.life == Life::Ended || self.kicked.is_some() {
            return;
        }
        if self.attempts < self.reconnects {
            self.attempts += 1;
            self.link = Link::Waiting(now + reconnect::delay(self.generation, self.attempts));
        } else if self.attempts > 0 {
            let attempts = self.attempts;
            self.tell(now, Happened::GaveUp { attempts });
        }
    }

    /// Leaves nobody waiting.
    fn end(&mut self) {
        self.link = Link::Down;
        let now = self.network.clock().now();
        for Unanswered { id, started, answer } in self.unanswered.drain(..) {
            let lost = Answer::Lost(Loss::Disconnected);
            drop(answer.send(Sent { id, started, ended: now, answer: lost }));
        }
        self.commands.close();
        while self.commands.take().is_some() {}
        self.audience.close();
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::{Clock, Credential, Target},
        transport::{Patience, Trust},
    };

    #[tokio::test]
    async fn a_task_and_its_state_take_less_than_two_kibibytes() {
        let target = Target {
            endpoint: "ws://127.0.0.1:1/websocket".parse().unwrap(),
            rest: "http://127.0.0.1:1".to_owned(),
            app_key: "org#app".to_owned(),
            trust: Trust::System,
            patience: Patience::default(),
        };
        let network = Network::new(target, Clock::start()).unwrap();
        let token = Secret::new("t");
        let login = Login::new(Generation::V4_21_1, "alice", Credential::Token(token.clone()));
        let (opened, _) = oneshot::channel();
        let (commands, inbox) = (Arc::new(Mailbox::new(1)), Arc::new(Mailbox::new(1)));
        let driver = Driver::new(network, &login, token, commands, inbox, opened);
        assert!(size_of::<Driver>() <= 1024, "{}", size_of::<Driver>());
        let size = size_of_val(&driver.run());
        assert!(size <= 640, "{size}");
    }
}
