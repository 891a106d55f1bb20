//! Groups and chat rooms: places where several users talk.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    address::{self, Address},
    name,
    rate::Rate,
    user::UserId,
};
use crate::protocol::time::Moment;

/// The end of a mute that has none.
pub(super) const FOREVER: Moment = Moment::from_micros(u64::MAX);

/// One group or room; never reused. Both draw from one numbering.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct PlaceId(u32);

/// Which of the two a place is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// A group: what is said waits for members who are offline.
    Group,
    /// A chat room: what is said reaches only who is online.
    Room,
}

/// One group or room.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) address: Address,
    pub(super) kind: Kind,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) custom: String,
    /// What its staff tells its members; empty if nothing.
    pub(super) announcement: String,
    pub(super) owner: UserId,
    /// Owner included.
    pub(super) members: BTreeMap<UserId, Member>,
    /// Only the owner, admins and the allow list may speak.
    pub(super) mute_all: bool,
    pub(super) is_disabled: bool,
    pub(super) blocked: BTreeSet<UserId>,
    /// Who asked to join and waits for the owner.
    pub(super) applicants: BTreeSet<UserId>,
    /// Who was invited and has not answered, and by whom.
    pub(super) invited: BTreeMap<UserId, UserId>,
    pub(super) rules: Rules,
    pub(super) created: Moment,
    /// What was said there a moment ago.
    pub(super) rate: Rate,
}

/// Who may join and how, as its creator set it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Rules {
    pub(super) is_public: bool,
    /// Joining needs the owner's consent.
    pub(super) members_only: bool,
    /// Members may invite, not only the owner and admins.
    pub(super) allow_invites: bool,
    /// Who is invited is asked first.
    pub(super) invite_needs_confirm: bool,
    pub(super) max_users: usize,
}

/// What one member is and may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) joined: Moment,
    pub(super) is_admin: bool,
    pub(super) is_allowed: bool,
    /// Does not want to hear what is said there.
    pub(super) is_shielded: bool,
    /// Muted until then.
    pub(super) muted_until: Option<Moment>,
}

impl Member {
    /// An ordinary member.
    pub(super) const fn new(joined: Moment) -> Self {
        Self { joined, is_admin: false, is_allowed: false, is_shielded: false, muted_until: None }
    }

    /// Whether the member may not speak.
    pub(super) fn is_muted(&self, now: Moment) -> bool {
        self.muted_until.is_some_and(|until| now < until)
    }
}

impl Place {
    /// The id, as users see it.
    pub(super) fn id(&self) -> &str {
        &self.address.name
    }

    /// Whether that user is the owner or an admin.
    pub(super) fn is_staff(&self, user: UserId) -> bool {
        self.owner == user || self.members.get(&user).is_some_and(|member| member.is_admin)
    }

    /// What that user is there, in the word of the service.
    pub(super) fn role(&self, user: UserId) -> &'static str {
        if self.owner == user {
            "owner"
        } else if self.is_staff(user) {
            "admin"
        } else {
            "member"
        }
    }

    /// The owner and the admins, as far as they are there.
    pub(super) fn staff(&self) -> impl Iterator<Item = UserId> {
        self.members.keys().copied().filter(|user| self.is_staff(*user))
    }
}

/// Every group and room of the world.
#[derive(Debug, Default)]
pub(super) struct Places {
    // A destroyed place leaves an empty slot of 8 bytes behind: ids are never reused.
    all: Vec<Option<Box<Place>>>,
    by_id: HashMap<Box<str>, PlaceId>,
}

impl Places {
    /// Adds a place under an id that is not taken, with its owner as the only member.
    pub(super) fn add(&mut self, app_key: &str, kind: Kind, id: &str, owner: UserId, now: Moment) -> PlaceId {
        let key = PlaceId(u32::try_from(self.all.len()).expect("a world is limited to far fewer places"));
        self.all.push(Some(Box::new(Place {
            address: address::conference(app_key, id),
            kind,
            title: String::new(),
            description: String::new(),
            custom: String::new(),
            announcement: String::new(),
            owner,
            members: BTreeMap::from([(owner, Member::new(now))]),
            mute_all: false,
            is_disabled: false,
            blocked: BTreeSet::new(),
            applicants: BTreeSet::new(),
            invited: BTreeMap::new(),
            rules: Rules {
                is_public: true,
                members_only: false,
                allow_invites: false,
                invite_needs_confirm: false,
                max_users: 200,
            },
            created: now,
            rate: Rate::default(),
        })));
        self.by_id.insert(id.into(), key);
        key
    }

    /// Takes a place out.
    pub(super) fn remove(&mut self, key: PlaceId) -> Option<Box<Place>> {
        let place = self.all.get_mut(key.0 as usize)?.take()?;
        self.by_id.remove(place.id());
        Some(place)
    }

    /// Takes a user who is no member out of every other list.
    pub(super) fn strike(&mut self, user: UserId) {
        for place in self.all.iter_mut().flatten() {
            place.blocked.remove(&user);
            place.applicants.remove(&user);
            place.invited.retain(|invited, inviter| *invited != user && *inviter != user);
        }
    }

    /// A place by its id.
    pub(super) fn find(&self, id: &str) -> Option<PlaceId> {
        self.by_id.get(&*name::fold(id)).copied()
    }

    /// The places of an owner, oldest first: of a room even one who is not there.
    pub(super) fn owned_by(&self, owner: UserId) -> Vec<PlaceId> {
        let all = self.all.iter().enumerate();
        all.filter(|(_, place)| place.as_ref().is_some_and(|place| place.owner == owner))
            .filter_map(|(at, _)| u32::try_from(at).ok())
            .map(PlaceId)
            .collect()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// A place by its key.
    pub(super) fn get(&self, key: PlaceId) -> Option<&Place> {
        self.all.get(key.0 as usize)?.as_deref()
    }

    /// A place by its key, to change.
    pub(super) fn get_mut(&mut self, key: PlaceId) -> Option<&mut Place> {
        self.all.get_mut(key.0 as usize)?.as_deref_mut()
    }

    /// Every place of a kind, oldest first.
    pub(super) fn iter(&self, kind: Kind) -> impl Iterator<Item = &Place> {
        self.all.iter().flatten().map(|place| &**place).filter(move |place| place.kind == kind)
    }
}
