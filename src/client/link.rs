//! What a client's task waits on beside its commands: the connection in all its states, and a timer.

use std::{future::pending, pin::Pin};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::{
    protocol::time::Moment,
    transport::{Connection, Received, TransportError},
};

type Dialing = Pin<Box<dyn Future<Output = Result<Box<Connection>, TransportError>> + Send>>;

/// The connection, or what is done about it.
pub(super) enum Link {
    /// None, and none is on its way.
    Down,
    /// The next attempt to reconnect is made at this moment.
    Waiting(Moment),
    /// A connection is being made. Boxed: only this short while needs so much room.
    Dialing(Dialing),
    /// There is one.
    Up(Box<Connection>),
}

/// What came of waiting for the link.
pub(super) enum LinkEvent {
    Connected(Result<Box<Connection>, TransportError>),
    Received(Result<Received, TransportError>),
}

impl Link {
    /// The next thing that the link brings; never, if there is none. Dropping the future loses
    /// nothing.
    pub(super) async fn next(&mut self) -> LinkEvent {
        match self {
            Self::Down | Self::Waiting(_) => pending().await,
            Self::Dialing(dialing) => LinkEvent::Connected(dialing.await),
            Self::Up(connection) => LinkEvent::Received(connection.receive().await),
        }
    }
}

/// One timer that is moved only when it would ring too late: most deadlines are never reached, and
/// moving a timer costs a lock of the runtime's wheel.
pub(super) struct Alarm {
    sleep: Pin<Box<Sleep>>,
}

impl Alarm {
    pub(super) fn new(at: Instant) -> Self {
        Self { sleep: Box::pin(sleep_until(at)) }
    }

    /// Makes it ring at `at` or before.
    pub(super) fn set(&mut self, at: Instant) {
        if self.sleep.is_elapsed() || at < self.sleep.deadline() {
            self.sleep.as_mut().reset(at);
        }
    }

    pub(super) async fn ring(&mut self) {
        self.sleep.as_mut().await;
    }
}
