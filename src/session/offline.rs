//! Whether the messages that came while this device was away are still arriving, as 4.21.1 tells it.

use crate::protocol::schema::Jid;

/// Between a login and the end of the queues that its first answer to UNREAD listed.
#[derive(Debug, Default)]
pub(super) enum Offline {
    /// Logged in, and nothing is known yet.
    #[default]
    AwaitUnread,
    /// The names of the queues that have not ended.
    Arriving(Vec<String>),
    /// All have arrived, until the next login.
    Arrived,
}

impl Offline {
    /// UNREAD was answered; whether messages begin to arrive.
    pub(super) fn has_begun(&mut self, queues: &[Option<Jid>]) -> bool {
        if !matches!(self, Self::AwaitUnread) || queues.is_empty() {
            return false;
        }
        let mut names: Vec<String> = queues.iter().map(|queue| name(queue.as_ref())).collect();
        names.sort_unstable();
        names.dedup();
        *self = Self::Arriving(names);
        true
    }

    /// A queue ended; whether it was the last one.
    pub(super) fn has_ended(&mut self, queue: Option<&Jid>) -> bool {
        let Self::Arriving(names) = self else { return false };
        names.retain(|known| *known != name(queue));
        let ended = names.is_empty();
        if ended {
            *self = Self::Arrived;
        }
        ended
    }
}

fn name(queue: Option<&Jid>) -> String {
    queue.and_then(|queue| queue.name.clone()).unwrap_or_default()
}
