//! The rules of a world, and how a world file becomes one.

use super::{
    World,
    attachment::Upload,
    file::{AppCredentials, Choices, Hook, Limits, MessageTypes, PlaceFile, Services, WorldFile},
    frame::Refusal,
    history::Bounds,
    mailbox::Capacity,
    place::{self, Kind, Member},
};
use crate::protocol::time::Moment;

/// What does not change while a world lives.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) app_key: String,
    pub(super) app_credentials: Option<AppCredentials>,
    pub(super) open_registration: bool,
    pub(super) filters: Vec<Filter>,
    pub(super) improper_files: Vec<String>,
    pub(super) hook: Hook,
    pub(super) services: Services,
    pub(super) message_types: MessageTypes,
    pub(super) limits: Limits,
    pub(super) choices: Choices,
}

/// Refuses each text that contains a word.
#[derive(Debug)]
pub(super) struct Filter {
    contains: String,
    refusal: Refusal,
}

impl Settings {
    pub(super) fn new(file: &WorldFile) -> Self {
        let filters = file.filters.iter().map(|filter| Filter {
            contains: filter.contains.value.clone(),
            refusal: Refusal { status: filter.status.value, reason: filter.reason.clone() },
        });
        Self {
            app_key: file.app_key().to_owned(),
            app_credentials: file.app_credentials().cloned(),
            open_registration: file.open_registration,
            filters: filters.collect(),
            improper_files: file.improper_files.iter().map(|word| word.value.clone()).collect(),
            hook: file.hook.clone(),
            services: file.services,
            message_types: file.message_types.clone(),
            limits: file.limits,
            choices: file.choices,
        }
    }

    /// The organisation and the app, as the paths of REST calls name them.
    pub(super) fn organization_and_app(&self) -> (&str, &str) {
        self.app_key.split_once('#').expect("a world file's app key has been checked")
    }

    /// The first filter that refuses the text.
    pub(super) fn filter(&self, text: &str) -> Option<&Refusal> {
        self.filters.iter().find(|filter| text.contains(&filter.contains)).map(|filter| &filter.refusal)
    }

    /// Whether the name or the content of a file holds a word that is not allowed there.
    pub(super) fn is_improper(&self, upload: &Upload) -> bool {
        let holds = |word: &String| {
            upload.name.contains(word) || memchr::memmem::find(&upload.bytes, word.as_bytes()).is_some()
        };
        self.improper_files.iter().any(holds)
    }

    /// How much one user's mailbox keeps.
    pub(super) const fn capacity(&self) -> Capacity {
        Capacity {
            stored: self.limits.offline_per_user,
            bytes: self.limits.offline_bytes_per_user,
            room: self.limits.room_backlog,
        }
    }

    /// How much the history keeps.
    pub(super) const fn history_bounds(&self) -> Bounds {
        Bounds {
            per_conversation: self.limits.history_per_conversation,
            total: self.limits.history,
            bytes: self.limits.history_bytes,
        }
    }
}

impl World {
    /// Brings the users, places and blocks of a checked file into an empty world. What belongs to a
    /// closed service stays outside.
    pub(super) fn populate(&mut self, file: &WorldFile) {
        let born = Moment::default();
        for user in &file.users {
            self.users.add(&self.settings.app_key, &user.name.value, user.password.clone(), born);
        }
        let services = self.settings.services;
        for (kind, places, is_open) in
            [(Kind::Group, &file.groups, services.groups), (Kind::Room, &file.rooms, services.rooms)]
        {
            for place in is_open.then_some(places).into_iter().flatten() {
                self.found(kind, place, born);
            }
        }
        for name in &file.super_admins {
            if let Some(user) = self.users.find(&name.value).and_then(|user| self.users.get_mut(user)) {
                user.is_super_admin = true;
            }
        }
        for (user, blocked) in services.blocks.then_some(&file.blocks.0).into_iter().flatten() {
            let blocked: Vec<_> = blocked.iter().filter_map(|name| self.users.find(&name.value)).collect();
            if let Some(user) = self.users.find(&user.value).and_then(|user| self.users.get_mut(user)) {
                user.blocked.extend(blocked);
            }
        }
    }

    fn found(&mut self, kind: Kind, file: &PlaceFile, born: Moment) {
        let services = self.settings.services;
        let Some(owner) = self.users.find(&file.owner.value) else { return };
        let key = self.places.add(&self.settings.app_key, kind, &file.id.value, owner, born);
        let Some(place) = self.places.get_mut(key) else { return };
        place.title.clone_from(&file.name);
        place.mute_all = services.mutes && file.mute_all || services.allow_lists && file.allow_list_only;
        let users = &self.users;
        place.members.extend(
            file.members
                .iter()
                .filter_map(|name| users.find(&name.value))
                .map(|user| (user, Member::new(born))),
        );
        for user in file.admins.iter().filter_map(|name| users.find(&name.value)) {
            place.members.entry(user).and_modify(|member| member.is_admin = true);
        }
        for user in services
            .mutes
            .then_some(&file.muted)
            .into_iter()
            .flatten()
            .filter_map(|name| users.find(&name.value))
        {
            place.members.entry(user).and_modify(|member| member.muted_until = Some(place::FOREVER));
        }
        for user in services
            .allow_lists
            .then_some(&file.allow_list)
            .into_iter()
            .flatten()
            .filter_map(|name| users.find(&name.value))
        {
            place.members.entry(user).and_modify(|member| member.is_allowed = true);
        }
        let blocked = services.blocks.then_some(&file.blocks).into_iter().flatten();
        place.blocked.extend(blocked.filter_map(|name| users.find(&name.value)));
        place.rules.max_users = place.rules.max_users.max(place.members.len());
        for member in place.members.keys() {
            if let Some(user) = self.users.get_mut(*member) {
                user.places.insert(key);
            }
        }
    }
}
