//! Users and their devices.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use bytes::Bytes;

use super::{
    ConnectionId,
    address::{self, Address},
    history::Conversation,
    mailbox::{DeviceId, Mailbox},
    name,
    place::PlaceId,
    rate::Rate,
    session_list::SessionList,
    silence::Silence,
};
use crate::protocol::{
    id::{LocalId, ServerId},
    secret::Secret,
    time::Moment,
};

/// One user; never reused.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct UserId(u32);

/// One user.
#[derive(Debug)]
pub(super) struct User {
    pub(super) address: Address,
    pub(super) password: Secret,
    pub(super) nickname: Option<String>,
    pub(super) created: Moment,
    /// The app has not banned the account.
    pub(super) is_active: bool,
    /// May make chat rooms.
    pub(super) is_super_admin: bool,
    /// Where the app does not let the user speak.
    pub(super) silence: Silence,
    /// What the user sent a moment ago.
    pub(super) rate: Rate,
    /// Whom this user does not want to hear from.
    pub(super) blocked: BTreeSet<UserId>,
    pub(super) contacts: BTreeSet<UserId>,
    /// What this user calls contacts.
    pub(super) remarks: BTreeMap<UserId, String>,
    /// Who asked to become a contact and waits for an answer.
    pub(super) requests: BTreeSet<UserId>,
    /// The groups and rooms that this user belongs to.
    pub(super) places: BTreeSet<PlaceId>,
    /// Online devices and those that went offline a short time ago, oldest login first.
    pub(super) devices: Vec<Device>,
    /// When the last device went offline, if none is online and one was.
    pub(super) absent_since: Option<Moment>,
    pub(super) mailbox: Mailbox,
    pub(super) sessions: SessionList,
    /// The last message of each conversation whose history up to there the user has deleted.
    pub(super) deleted: HashMap<Conversation, ServerId>,
    /// Messages that asked for read receipts and got some while no device was online.
    pub(super) read_while_away: BTreeSet<ServerId>,
    next_device: u32,
    number: u32,
}

/// One device of a user.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) id: DeviceId,
    pub(super) resource: Box<str>,
    /// The encoded JID with the resource.
    pub(super) jid: Bytes,
    /// Its connection, while it is online.
    pub(super) connection: Option<ConnectionId>,
    /// When it went offline, if it is.
    pub(super) left: Option<Moment>,
    recent: VecDeque<(LocalId, ServerId)>,
}

impl User {
    /// The folded name.
    pub(super) fn name(&self) -> &str {
        &self.address.name
    }

    /// What REST names the user by: a made-up UUID that never changes.
    pub(super) fn uuid(&self) -> String {
        format!("{:08x}-0000-11ec-8000-{:012x}", self.number, self.created.as_millis() & 0xffff_ffff_ffff)
    }

    /// The connections of the devices that are online, with the devices.
    pub(super) fn online(&self) -> impl Iterator<Item = (DeviceId, ConnectionId)> {
        self.devices.iter().filter_map(|device| Some((device.id, device.connection?)))
    }

    /// Whether any device is online.
    pub(super) fn is_online(&self) -> bool {
        self.online().next().is_some()
    }

    /// The message up to which the user has deleted the history of a conversation.
    pub(super) fn deleted_up_to(&self, conversation: Conversation) -> ServerId {
        self.deleted.get(&conversation).copied().unwrap_or_default()
    }

    /// A device by its id.
    pub(super) fn device(&mut self, id: DeviceId) -> Option<&mut Device> {
        self.devices.iter_mut().find(|device| device.id == id)
    }

    /// The device of that resource, made if it is not known, and given a place in the mailbox.
    pub(super) fn admit(&mut self, resource: &str) -> &mut Device {
        let at = self.devices.iter().position(|device| &*device.resource == resource).unwrap_or_else(|| {
            let id = DeviceId(self.next_device);
            self.next_device += 1;
            self.mailbox.admit(id);
            let recent = VecDeque::new();
            let jid = address::device(&self.address, resource);
            self.devices.push(Device {
                id,
                resource: resource.into(),
                jid,
                connection: None,
                left: None,
                recent,
            });
            self.devices.len() - 1
        });
        &mut self.devices[at]
    }

    /// Forgets a device.
    pub(super) fn forget(&mut self, id: DeviceId) {
        self.devices.retain(|device| device.id != id);
        self.mailbox.forget(id);
    }
}

impl Device {
    /// The server id that this device's message was accepted under, if it was, a short time ago.
    pub(super) fn accepted(&self, id: LocalId) -> Option<ServerId> {
        self.recent.iter().rev().find(|(local, _)| *local == id).map(|(_, server)| *server)
    }

    /// Remembers an accepted message; the oldest beyond `limit` is forgotten.
    pub(super) fn remember(&mut self, id: LocalId, accepted: ServerId, limit: usize) {
        while self.recent.len() >= limit.max(1) {
            self.recent.pop_front();
        }
        self.recent.push_back((id, accepted));
    }
}

/// Every user of the world.
#[derive(Debug, Default)]
pub(super) struct Users {
    // A removed user leaves an empty slot of 8 bytes behind: ids are never reused.
    all: Vec<Option<Box<User>>>,
    by_name: HashMap<Box<str>, UserId>,
    /// Names in which the app's server has spoken, and whom nobody has registered.
    outsiders: HashMap<Box<str>, UserId>,
}

impl Users {
    /// Adds a user of a folded name that is not taken. What was said in that name before is the
    /// user's.
    pub(super) fn add(&mut self, app_key: &str, name: &str, password: Secret, now: Moment) -> UserId {
        let id = match self.outsiders.remove(name) {
            Some(id) => {
                if let Some(user) = self.get_mut(id) {
                    (user.password, user.created) = (password, now);
                }
                id
            }
            None => self.make(app_key, name, password, now),
        };
        self.by_name.insert(name.into(), id);
        id
    }

    /// Whoever bears a folded name: a user, or somebody in whose name the app's server speaks, made
    /// if there is none and fewer than `limit` of both.
    pub(super) fn known_or_outsider(
        &mut self,
        app_key: &str,
        name: &str,
        now: Moment,
        limit: usize,
    ) -> Option<UserId> {
        if let Some(id) = self.anybody(name) {
            return Some(id);
        }
        if self.by_name.len() + self.outsiders.len() >= limit {
            return None;
        }
        // No login looks among outsiders, so that this password opens nothing.
        let id = self.make(app_key, name, Secret::new(""), now);
        self.outsiders.insert(name.into(), id);
        Some(id)
    }

    /// Whoever bears a name, in whatever case: a user or somebody in whose name the app's server spoke.
    pub(super) fn anybody(&self, name: &str) -> Option<UserId> {
        self.find(name).or_else(|| self.outsiders.get(&*name::fold(name)).copied())
    }

    fn make(&mut self, app_key: &str, name: &str, password: Secret, now: Moment) -> UserId {
        let id = UserId(u32::try_from(self.all.len()).expect("a world is limited to far fewer users"));
        self.all.push(Some(Box::new(User {
            address: address::user(app_key, name),
            password,
            nickname: None,
            created: now,
            is_active: true,
            silence: Silence::default(),
            rate: Rate::default(),
            is_super_admin: false,
            blocked: BTreeSet::new(),
            contacts: BTreeSet::new(),
            remarks: BTreeMap::new(),
            requests: BTreeSet::new(),
            places: BTreeSet::new(),
            devices: Vec::new(),
            absent_since: None,
            mailbox: Mailbox::default(),
            sessions: SessionList::default(),
            deleted: HashMap::new(),
            read_while_away: BTreeSet::new(),
            next_device: 0,
            number: id.0,
        })));
        id
    }

    /// Takes a user out.
    pub(super) fn remove(&mut self, id: UserId) -> Option<Box<User>> {
        let user = self.all.get_mut(id.0 as usize)?.take()?;
        self.by_name.remove(user.name());
        for other in self.all.iter_mut().flatten() {
            other.blocked.remove(&id);
            other.contacts.remove(&id);
            other.remarks.remove(&id);
            other.requests.remove(&id);
        }
        Some(user)
    }

    /// A user by name, in whatever case.
    pub(super) fn find(&self, name: &str) -> Option<UserId> {
        self.by_name.get(&*name::fold(name)).copied()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Every user, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &User> {
        self.all.iter().flatten().map(|user| &**user)
    }

    /// A user by id.
    pub(super) fn get(&self, id: UserId) -> Option<&User> {
        self.all.get(id.0 as usize)?.as_deref()
    }

    /// A user by id, to change.
    pub(super) fn get_mut(&mut self, id: UserId) -> Option<&mut User> {
        self.all.get_mut(id.0 as usize)?.as_deref_mut()
    }
}
