//! The world behind one lock, and the outboxes of those connected to it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::{sync::Notify, time::sleep};

use super::{Addresses, Limits, clock::Clock, framing::Farewell, outbox::Outbox};
use crate::{
    protocol::time::Moment,
    server::world::{ConnectionId, Output, RestRequest, RestResponse, World},
};

/// Everything that the connections of one server share.
pub(super) struct Hub {
    clock: Clock,
    limits: Limits,
    addresses: Addresses,
    longest: Longest,
    state: Mutex<State>,
    /// Told when the world's next deadline moves nearer.
    sooner: Notify,
}

/// Longest request bodies, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Longest {
    /// A body of JSON.
    pub(super) json: usize,
    /// The file in a form.
    pub(super) file: usize,
}

struct State {
    world: World,
    outboxes: HashMap<ConnectionId, Arc<Outbox>>,
    last_connection: u64,
    /// Set when the server stops: whoever comes later is told the same.
    farewell: Option<Farewell>,
    /// When `keep_time` will wake up by itself.
    armed: Option<Moment>,
}

impl Hub {
    pub(super) fn new(world: World, longest: Longest, addresses: Addresses, limits: Limits) -> Arc<Self> {
        let state =
            State { world, outboxes: HashMap::new(), last_connection: 0, farewell: None, armed: None };
        Arc::new(Self {
            clock: Clock::start(),
            limits,
            addresses,
            longest,
            state: Mutex::new(state),
            sooner: Notify::new(),
        })
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The time, as the world is told it.
    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Where the server is reached.
    pub(super) const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Longest request bodies.
    pub(super) const fn longest(&self) -> Longest {
        self.longest
    }

    /// A panic under the lock ends one connection; the others go on with the world as it is.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the world act, and hands out what it has to say while still holding the lock, so that
    /// each client sees the world's order.
    fn act<R>(&self, act: impl FnOnce(&mut World, Moment) -> R) -> R {
        let mut state = self.lock();
        let result = act(&mut state.world, self.clock.now());
        while let Some((connection, output)) = state.world.poll_output() {
            let Some(outbox) = state.outboxes.get(&connection) else {
                continue;
            };
            match output {
                Output::Send(frame) => outbox.push(frame),
                Output::Close => outbox.close(Farewell::Ended),
            }
        }
        let due = state.world.poll_timeout();
        if due.is_some_and(|due| state.armed.is_none_or(|armed| due < armed)) {
            state.armed = due;
            self.sooner.notify_one();
        }
        result
    }

    /// Connects a client. It is disconnected when the value is dropped, however that happens.
    pub(super) fn attach(self: Arc<Self>) -> Attached {
        let outbox = Arc::new(Outbox::new(&self.limits));
        let mut state = self.lock();
        state.last_connection += 1;
        let connection = ConnectionId(state.last_connection);
        state.outboxes.insert(connection, Arc::clone(&outbox));
        if let Some(farewell) = state.farewell {
            outbox.close(farewell);
        }
        drop(state);
        self.act(|world, now| world.connect(now, connection));
        Attached { hub: self, connection, outbox }
    }

    /// Answers one REST request.
    pub(super) fn rest(&self, request: &RestRequest) -> RestResponse {
        self.act(|world, now| world.rest(now, request))
    }

    /// Ends every connection, and each later one as soon as it opens.
    pub(super) fn close_all(&self, farewell: Farewell) {
        let mut state = self.lock();
        state.farewell = Some(farewell);
        for outbox in state.outboxes.values() {
            outbox.close(farewell);
        }
    }

    /// Wakes the world at its deadlines, for ever.
    pub(super) async fn keep_time(self: Arc<Self>) {
        loop {
            let armed = self.lock().armed;
            let wait = armed.map(|due| due.since(self.clock.now()));
            tokio::select! {
                () = self.sooner.notified() => {}
                () = sleep(wait.unwrap_or_default()), if wait.is_some() => {
                    self.lock().armed = None;
                    self.act(World::handle_timeout);
                }
            }
        }
    }
}

/// One client's place in the hub.
pub(super) struct Attached {
    hub: Arc<Hub>,
    connection: ConnectionId,
    outbox: Arc<Outbox>,
}

impl Attached {
    pub(super) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    pub(super) fn handle_frame(&self, frame: &Bytes) {
        self.hub.act(|world, now| world.handle_frame(now, self.connection, frame));
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.hub.lock().outboxes.remove(&self.connection);
        self.hub.act(|world, now| world.disconnect(now, self.connection));
    }
}
