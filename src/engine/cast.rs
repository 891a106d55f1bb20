//! One cast: the clients that play the actors of one scenario, and the world that they share.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use super::{
    address::Destination, authority::Authority, errand::Errands, ledger::Ledger, member::Member, place::Place,
};
use crate::{
    client::Rest,
    protocol::{message::ChatType, secret::Secret},
    scenario::{Scenario, Scope, Value, value},
};

/// A group or room of the cast's world.
#[derive(Debug)]
pub(super) struct Conference {
    /// Its name in the file.
    pub(super) name: String,
    /// Its id on the target.
    pub(super) id: String,
    /// Group or room.
    pub(super) chat_type: ChatType,
    /// Its owner, if it is one of the cast.
    pub(super) owner: Option<Arc<Member>>,
    /// Who of the cast is in it, its owner among them.
    pub(super) members: Mutex<Vec<Arc<Member>>>,
    /// Whether it was made for this cast, and goes with it.
    pub(super) made: bool,
}

/// What expressions see of the run and of its target.
#[derive(Debug)]
pub(super) struct Facts {
    /// As `run`.
    pub(super) run: Value,
    /// As `target`.
    pub(super) target: Value,
}

/// One cast, set up and ready to play.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) scenario: Arc<Scenario>,
    pub(super) ledger: Arc<Ledger>,
    /// The clients of each actor, in the order of the file.
    pub(super) members: Vec<Vec<Arc<Member>>>,
    pub(super) groups: Vec<Conference>,
    pub(super) rooms: Vec<Conference>,
    /// What every conversation knows from the start.
    pub(super) scope: Scope,
    /// The target's REST side, and the app's token for it where known.
    pub(super) rest: Rest,
    pub(super) app_token: Option<Secret>,
    /// What takes the cast's world away.
    pub(super) errands: Errands,
    trail: Mutex<Vec<Trail>>,
}

/// Someone wrote somewhere.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    pub(super) sender: Arc<Member>,
    pub(super) destination: Destination,
    /// Whether the server took the last message.
    pub(super) accepted: bool,
}

impl Cast {
    /// A cast whose members have accounts and whose world is true.
    pub(super) fn new(
        scenario: Arc<Scenario>,
        ledger: Arc<Ledger>,
        members: Vec<Vec<Arc<Member>>>,
        conferences: Vec<Conference>,
        authority: Authority,
        facts: &Facts,
    ) -> Self {
        let (groups, rooms): (Vec<_>, Vec<_>) =
            conferences.into_iter().partition(|one| one.chat_type == ChatType::Group);
        let mut scope = Scope::default();
        scope.bind("run", facts.run.clone());
        scope.bind("target", facts.target.clone());
        scope.bind("vars", scenario.vars.clone());
        scope.bind("cast", Value::from(ledger.cast().0));
        for conference in groups.iter().chain(&rooms) {
            let known = json!({"id": conference.id, "name": conference.name});
            scope.bind(conference.name.as_str(), value(&known));
        }
        let Authority { rest, app_token, errands, denied: _ } = authority;
        let trail = Mutex::default();
        Self { scenario, ledger, members, groups, rooms, scope, rest, app_token, errands, trail }
    }

    /// Every client.
    pub(super) fn everyone(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.members.iter().flatten()
    }

    /// Every group and room.
    pub(super) fn conferences(&self) -> impl Iterator<Item = &Conference> {
        self.groups.iter().chain(&self.rooms)
    }

    /// Remembers who wrote where.
    pub(super) fn wrote(&self, sender: &Arc<Member>, destination: &Destination, accepted: bool) {
        let mut trail = self.trail.lock().unwrap_or_else(PoisonError::into_inner);
        let known =
            trail.iter_mut().find(|one| Arc::ptr_eq(&one.sender, sender) && one.destination == *destination);
        match known {
            Some(known) => known.accepted = accepted,
            None => {
                trail.push(Trail { sender: Arc::clone(sender), destination: destination.clone(), accepted })
            }
        }
    }

    /// Who wrote where so far, oldest first.
    pub(super) fn trail(&self) -> Vec<Trail> {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Who receives what is written there, apart from its sender.
    pub(super) fn receivers(&self, sender: &Member, destination: &Destination) -> Vec<Arc<Member>> {
        let others = |member: &&Arc<Member>| member.role.user != sender.role.user;
        match destination.chat_type {
            ChatType::Single => self
                .everyone()
                .filter(|member| *member.role.user == *destination.to)
                .map(Arc::clone)
                .collect(),
            ChatType::Group | ChatType::Room => self
                .conferences()
                .filter(|one| one.id == destination.to)
                .flat_map(Conference::present)
                .filter(|member| others(&member))
                .collect(),
        }
    }

    /// Binds what expressions see of actors: a client, or the list of an actor's clients.
    pub(super) fn introduce(&self, scope: &mut Scope) {
        for (actor, members) in self.scenario.actors.iter().zip(&self.members) {
            let known = match members.as_slice() {
                [only] if !actor.is_group => only.value(),
                several => Value::from(several.iter().map(|member| member.value()).collect::<Vec<_>>()),
            };
            scope.bind(actor.name.as_str(), known);
        }
    }

    /// Tells the history who is where from the start.
    pub(super) fn book_members(&self) {
        for conference in self.conferences() {
            let place = Place::of(conference.chat_type, "", &conference.id);
            for member in conference.present() {
                self.ledger.member(member.role.session, &place, member.role.account);
            }
        }
    }
}
