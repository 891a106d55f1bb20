//! One connection from its first frame to its last: who may say what, when.

use bytes::Bytes;
use prost::Message as _;

use super::{
    ConnectionId, Output, World, fault::Fault, frame, frame::Refusal, login::Login, mailbox::DeviceId,
    timer::Timer, uplink, user::UserId,
};
use crate::protocol::{
    schema::{m_sync::Command, status::ErrorCode},
    time::Moment,
};

/// Frames that are dropped behind a PROVISION that was refused: a page sends its queue there.
const DISCARDED_FRAMES: u32 = 256;
/// Frames that are held while PROVISION waits for its answer.
const HELD_FRAMES: usize = 256;
/// Logins that one connection may try.
const LOGINS: u32 = 5;

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    state: State,
    last_frame: Moment,
}

/// What a connection may do.
#[derive(Debug)]
enum State {
    /// Nobody yet: only PROVISION is served.
    AwaitProvision {
        /// PROVISIONs that were refused.
        refused: u32,
        /// Frames that were dropped since the first refusal.
        discarded: u32,
    },
    /// PROVISION came, its answer is due later.
    Provisioning { login: Result<Box<Login>, Refusal>, held: Vec<Bytes>, refused: u32 },
    /// A device.
    Online(UserId, DeviceId),
}

impl World {
    pub(super) fn open(&mut self, now: Moment, connection: ConnectionId) {
        let state = State::AwaitProvision { refused: 0, discarded: 0 };
        self.connections.insert(connection, Connection { state, last_frame: now });
        self.timers.start(now + self.settings.limits.idle, Timer::Idle(connection));
    }

    pub(super) fn receive(&mut self, now: Moment, id: ConnectionId, bytes: &Bytes) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.last_frame = now;
        if let State::Provisioning { held, .. } = &mut connection.state {
            if held.len() < HELD_FRAMES {
                held.push(bytes.clone());
            } else {
                self.close(now, id);
            }
            return;
        }
        let frame = uplink::Frame::decode(bytes.clone());
        match (&mut connection.state, frame) {
            (State::Online(..), Ok(_)) if self.faults.refuses_frame(bytes) => {
                self.send(id, frame::refused(None, not_readable("an MSync"), now));
            }
            (State::Online(user, device), Ok(frame)) => {
                let (user, device) = (*user, *device);
                self.serve(now, id, user, device, &frame);
            }
            (State::Online(..), Err(_)) if self.faults.strikes(Fault::CrashOnGarbage) => self.close_all(now),
            (State::Online(..), Err(_)) => {
                self.send(id, frame::refused(None, not_readable("an MSync"), now));
            }
            (State::AwaitProvision { refused, .. }, Ok(frame))
                if frame.command == Some(Command::Provision as i32) =>
            {
                let refused = *refused;
                self.begin_login(now, id, &frame, refused);
            }
            (State::AwaitProvision { refused: 0, .. }, Ok(frame))
                if self.faults.strikes(Fault::ServeBeforeLogin) =>
            {
                self.serve_stranger(now, id, &frame);
            }
            (State::AwaitProvision { refused: 0, .. }, Ok(frame)) => {
                self.send(id, refuse_stranger(&frame, now));
                self.close(now, id);
            }
            (State::AwaitProvision { refused: 0, .. }, Err(_)) => self.close(now, id),
            (State::AwaitProvision { discarded, .. }, _) => {
                *discarded += 1;
                if *discarded > DISCARDED_FRAMES {
                    self.close(now, id);
                }
            }
            (State::Provisioning { .. }, _) => {}
        }
    }

    fn begin_login(&mut self, now: Moment, id: ConnectionId, frame: &uplink::Frame, refused: u32) {
        let login = Login::read(frame).map(Box::new);
        let delay = self.settings.choices.provision_delay;
        self.set_state(id, State::Provisioning { login, held: Vec::new(), refused });
        if delay.is_zero() {
            self.finish_login(now, id);
        } else {
            self.timers.start(now + delay, Timer::Provision(id));
        }
    }

    fn finish_login(&mut self, now: Moment, id: ConnectionId) {
        let Some(Connection { state: State::Provisioning { login, held, refused }, .. }) =
            self.connections.get_mut(&id)
        else {
            return;
        };
        let (login, held, refused) = (login.clone(), std::mem::take(held), *refused + 1);
        let outcome = login.and_then(|login| self.admit(now, id, &login));
        match outcome {
            Ok((user, device, answer)) => {
                self.set_state(id, State::Online(user, device));
                self.send(id, answer);
                if self.faults.strikes(Fault::LoginAnsweredTwice) {
                    self.send(id, frame::provision(&super::login::accepted_as("")));
                }
            }
            Err(refusal) => {
                self.set_state(id, State::AwaitProvision { refused, discarded: 0 });
                self.send(id, super::login::refusal(refusal));
                if refused >= LOGINS {
                    self.close(now, id);
                }
            }
        }
        for frame in &held {
            self.receive(now, id, frame);
        }
    }

    fn serve(
        &mut self,
        now: Moment,
        id: ConnectionId,
        user: UserId,
        device: DeviceId,
        frame: &uplink::Frame,
    ) {
        // An absent command is SYNC, the value that protobuf takes for it.
        match Command::try_from(frame.command.unwrap_or_default()) {
            Ok(Command::Sync) => self.sync(now, id, user, device, frame.payload.as_ref()),
            Ok(Command::Unread) if self.faults.strikes_after_first(Fault::HeartbeatOnce, id) => {}
            Ok(Command::Unread) => self.unread(now, id, user, device),
            Ok(Command::Provision) => {
                self.part(now, id);
                self.open(now, id);
                self.begin_login(now, id, frame, 0);
            }
            Ok(Command::Logout) => {
                if let Some(user) = self.users.get_mut(user) {
                    user.forget(device);
                }
                self.close(now, id);
            }
            Ok(Command::Notice) | Err(_) => {
                let refusal = Refusal::new(ErrorCode::UnknownCommand as i32, "unknown command");
                self.send(id, frame::refused(None, refusal, now));
            }
        }
    }

    fn sync(
        &mut self,
        now: Moment,
        id: ConnectionId,
        user: UserId,
        device: DeviceId,
        payload: Option<&Bytes>,
    ) {
        let Ok(sync) = uplink::Sync::decode(payload.cloned().unwrap_or_default()) else {
            self.send(id, frame::refused(None, not_readable("a CommSyncUL"), now));
            return;
        };
        if let Some(queue) = sync.queue {
            self.fetch(now, id, user, device, queue, sync.key);
        }
        if let Some(meta) = sync.meta {
            self.take_meta(now, id, user, device, meta);
        }
    }

    /// What a fault answers to somebody who has not logged in.
    fn serve_stranger(&mut self, now: Moment, id: ConnectionId, frame: &uplink::Frame) {
        let answer = if frame.command == Some(Command::Unread as i32) {
            frame::unread(frame::ok(), Vec::new(), now)
        } else {
            frame::accepted(meta_id(frame).unwrap_or_default(), self.ids.next(now), now)
        };
        self.send(id, answer);
    }

    /// Ends every connection, as a process that dies does.
    fn close_all(&mut self, now: Moment) {
        let mut all: Vec<ConnectionId> = self.connections.keys().copied().collect();
        all.sort_unstable();
        for id in all {
            self.close(now, id);
        }
    }

    fn set_state(&mut self, id: ConnectionId, state: State) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.state = state;
        }
    }

    /// The connection ends; its device keeps its place in the queues for a while.
    pub(super) fn part(&mut self, now: Moment, id: ConnectionId) {
        let Some(connection) = self.connections.remove(&id) else { return };
        let State::Online(user_id, device_id) = connection.state else { return };
        let Some(user) = self.users.get_mut(user_id) else { return };
        if let Some(device) = user.device(device_id)
            && device.connection == Some(id)
        {
            device.connection = None;
            device.left = Some(now);
            self.timers.start(now + self.settings.limits.device_memory, Timer::Forget(user_id, device_id));
        }
        if !user.is_online() {
            user.mailbox.clear_rooms();
            self.begin_absence(now, user_id);
        }
    }

    /// Ends a connection from this side.
    pub(super) fn close(&mut self, now: Moment, id: ConnectionId) {
        if self.connections.contains_key(&id) {
            self.part(now, id);
            self.outputs.push_back((id, Output::Close));
        }
    }

    pub(super) fn send(&mut self, id: ConnectionId, frame: Bytes) {
        self.outputs.push_back((id, Output::Send(frame)));
    }

    pub(super) fn fire(&mut self, now: Moment, timer: Timer) {
        match timer {
            Timer::Idle(id) => {
                let Some(connection) = self.connections.get(&id) else { return };
                let due = connection.last_frame + self.settings.limits.idle;
                if due <= now {
                    self.close(now, id);
                } else {
                    self.timers.start(due, timer);
                }
            }
            Timer::Provision(id) => self.finish_login(now, id),
            Timer::Absence(user) => self.end_absence(now, user),
            Timer::Forget(user, device_id) => {
                let memory = self.settings.limits.device_memory;
                let Some(user) = self.users.get_mut(user) else { return };
                let is_over = user.device(device_id).is_some_and(|device| {
                    device.connection.is_none() && device.left.is_some_and(|left| left + memory <= now)
                });
                if is_over {
                    user.forget(device_id);
                }
            }
        }
    }
}

/// What a frame wants of a server: the id of its meta.
fn meta_id(frame: &uplink::Frame) -> Option<u64> {
    uplink::Sync::decode(frame.payload.clone().unwrap_or_default()).ok().and_then(|sync| sync.meta?.id)
}

/// The answer to a frame from somebody who has not logged in, in the shape of what was asked.
fn refuse_stranger(frame: &uplink::Frame, now: Moment) -> Bytes {
    let refusal = Refusal::new(ErrorCode::Unauthorized as i32, "provision first");
    if frame.command == Some(Command::Unread as i32) {
        return frame::unread(refusal.into_status(), Vec::new(), now);
    }
    frame::refused(meta_id(frame), refusal, now)
}

/// The refusal of bytes that are no such message.
pub(super) fn not_readable(expected: &str) -> Refusal {
    Refusal::new(ErrorCode::PbParserError as i32, format!("not readable as {expected}"))
}
