//! The session list of one user: with whom the user talked, what was said last, and how much of it
//! is unread (heading 会话列表).
//!
//! Bounded: the session in which nothing was said for longest makes room. Chat rooms are never in it.

use bytes::Bytes;

use super::mailbox::Peer;
use crate::protocol::id::ServerId;

/// One session of one user.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// Whom it is with.
    pub(super) peer: Peer,
    /// The encoded meta of the last message; `None` if that was taken back and nothing is left.
    pub(super) last: Option<Bytes>,
    /// Messages of others since the user said that the conversation is read.
    pub(super) unread: u32,
    /// The id of the last message, which orders the list.
    touched: ServerId,
    /// What came up to this one is read.
    read: ServerId,
}

/// Whose message it is, as the owner of a list sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Author {
    /// The owner's own: it is not unread.
    Owner,
    /// Somebody else's.
    Other,
}

/// The session list of one user.
#[derive(Debug, Default)]
pub(super) struct SessionList {
    sessions: Vec<Session>,
}

impl SessionList {
    /// A message was said in a session, which begins with it if it is not known.
    pub(super) fn add(&mut self, peer: Peer, id: ServerId, meta: &Bytes, author: Author, limit: usize) {
        if limit == 0 {
            return;
        }
        let session = match self.sessions.iter().position(|session| session.peer == peer) {
            Some(at) => &mut self.sessions[at],
            None => {
                while self.sessions.len() >= limit {
                    self.drop_oldest();
                }
                // What was said before the session is not counted in it.
                let read = ServerId(id.0 - 1);
                self.sessions.push(Session { peer, last: None, unread: 0, touched: id, read });
                let at = self.sessions.len() - 1;
                &mut self.sessions[at]
            }
        };
        session.last = Some(meta.clone());
        session.touched = id;
        if author == Author::Other {
            session.unread = session.unread.saturating_add(1);
        }
    }

    /// The owner has read a whole session, up to the newest id that was given out.
    pub(super) fn read(&mut self, peer: Peer, newest: ServerId) {
        if let Some(session) = self.find(peer) {
            session.unread = 0;
            session.read = newest;
        }
    }

    /// A message was taken back; `last` is what was said last without it.
    pub(super) fn recall(
        &mut self,
        peer: Peer,
        id: ServerId,
        author: Author,
        last: Option<(ServerId, Bytes)>,
    ) {
        let Some(session) = self.find(peer) else { return };
        if author == Author::Other && id > session.read {
            session.unread = session.unread.saturating_sub(1);
        }
        if session.touched == id {
            match last {
                Some((before, meta)) => (session.touched, session.last) = (before, Some(meta)),
                None => session.last = None,
            }
        }
    }

    /// Takes a session off the list.
    pub(super) fn remove(&mut self, peer: Peer) {
        self.sessions.retain(|session| session.peer != peer);
    }

    /// The sessions, newest message first.
    pub(super) fn newest_first(&self) -> Vec<&Session> {
        let mut sessions: Vec<&Session> = self.sessions.iter().collect();
        sessions.sort_unstable_by_key(|session| std::cmp::Reverse((session.touched, session.peer)));
        sessions
    }

    fn find(&mut self, peer: Peer) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.peer == peer)
    }

    fn drop_oldest(&mut self) {
        let oldest = self.sessions.iter().enumerate().min_by_key(|(_, session)| session.touched);
        if let Some((at, _)) = oldest {
            self.sessions.swap_remove(at);
        }
    }
}
