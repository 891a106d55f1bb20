//! Mistakes of meaning in a world file: names that nobody bears, ids twice, numbers out of range.

use std::collections::{HashMap, HashSet};

use serde_saphyr::{Location, Spanned};

use super::{
    Name, PlaceFile, WorldFile,
    error::{Mistake, nearest},
};
use crate::server::world::name;

/// Every mistake of meaning in the file, in the order of its sections.
pub(super) fn mistakes(file: &WorldFile) -> Vec<Mistake> {
    let mut check = Check { users: HashSet::new(), found: Vec::new() };
    check.app_key(&file.app_key);
    check.user_names(file);
    let mut ids = HashMap::new();
    for (kind, places) in [("group", &file.groups), ("chat room", &file.rooms)] {
        for place in places {
            check.place(kind, place, &mut ids);
        }
    }
    file.super_admins.iter().for_each(|name| check.is_user(name, "super_admins"));
    for (user, blocked) in &file.blocks.0 {
        check.is_user(user, "a block list");
        blocked.iter().for_each(|name| check.is_user(name, "a block list"));
    }
    for filter in &file.filters {
        check.filter(&filter.contains, &filter.status);
    }
    file.improper_files.iter().for_each(|word| check.improper(word));
    for rule in &file.hook.rules {
        check.word(&rule.contains);
    }
    check.found
}

struct Check<'a> {
    users: HashSet<&'a str>,
    found: Vec<Mistake>,
}

impl<'a> Check<'a> {
    fn app_key(&mut self, app_key: &Name) {
        let legal = app_key.value.split_once('#').is_some_and(|(organization, app)| {
            [organization, app].iter().all(|part| !part.is_empty() && part.chars().all(is_app_key_char))
        });
        if !legal {
            self.report(
                app_key.referenced,
                format!("the app key {:?} is not of the form org#app", app_key.value),
                "an organisation, #, an app; letters, digits, - and _",
                Some("for example easemob-demo#chatdemoui".to_owned()),
            );
        }
    }

    fn user_names(&mut self, file: &'a WorldFile) {
        for user in &file.users {
            self.legal("user", &user.name);
            if !self.users.insert(&user.name.value) {
                self.report(
                    user.name.referenced,
                    format!("two users are called {:?}", user.name.value),
                    "again",
                    None,
                );
            }
        }
    }

    fn place(&mut self, kind: &str, place: &'a PlaceFile, ids: &mut HashMap<&'a str, Location>) {
        self.legal(kind, &place.id);
        if let Some(first) = ids.insert(&place.id.value, place.id.referenced) {
            self.report(
                place.id.referenced,
                format!("the id {:?} is given twice", place.id.value),
                "groups and chat rooms share their ids",
                Some(format!("the first is at line {}", first.line())),
            );
        }
        self.is_user(&place.owner, "the owner");
        let belongs: HashSet<&str> =
            place.members.iter().chain([&place.owner]).map(|name| name.value.as_str()).collect();
        let lists = [("members", &place.members), ("blocks", &place.blocks)];
        for (list, names) in lists {
            names.iter().for_each(|name| self.is_user(name, list));
        }
        let of_members =
            [("admins", &place.admins), ("muted", &place.muted), ("allow_list", &place.allow_list)];
        for (list, names) in of_members {
            for name in names {
                self.is_user(name, list);
                if self.users.contains(name.value.as_str()) && !belongs.contains(name.value.as_str()) {
                    self.report(
                        name.referenced,
                        format!("{:?} is in `{list}` but no member of the {kind}", name.value),
                        "not a member",
                        Some("add it to `members`".to_owned()),
                    );
                }
            }
        }
        for name in place.blocks.iter().filter(|name| belongs.contains(name.value.as_str())) {
            self.report(
                name.referenced,
                format!("{:?} is both a member and in `blocks` of the {kind}", name.value),
                "a member",
                Some("who is blocked cannot be a member: remove one of the two".to_owned()),
            );
        }
    }

    fn filter(&mut self, contains: &Name, status: &Spanned<i32>) {
        self.word(contains);
        if status.value <= 0 {
            self.report(
                status.referenced,
                format!("status {} does not refuse", status.value),
                "expected a status above 0",
                Some(
                    "7 is permission denied, 19 refused by the app's own rule, 15 muted, 1 any other"
                        .to_owned(),
                ),
            );
        }
    }

    fn improper(&mut self, word: &Name) {
        if word.value.is_empty() {
            self.report(
                word.referenced,
                "an empty word in `improper_files` refuses every file".to_owned(),
                "empty",
                Some("give the word that a refused file holds".to_owned()),
            );
        }
    }

    fn word(&mut self, contains: &Name) {
        if contains.value.is_empty() {
            self.report(
                contains.referenced,
                "a rule with an empty word meets every text".to_owned(),
                "empty",
                Some("give the word that such a text contains".to_owned()),
            );
        }
    }

    fn legal(&mut self, kind: &str, name: &Name) {
        if let Err(illegal) = name::check(&name.value) {
            self.report(
                name.referenced,
                format!("{:?} is no legal {kind} name", name.value),
                illegal.reason(),
                (illegal == name::Illegal::UpperCase)
                    .then(|| format!("write {:?}", name.value.to_ascii_lowercase())),
            );
        }
    }

    fn is_user(&mut self, name: &Name, wherein: &str) {
        if self.users.contains(name.value.as_str()) {
            return;
        }
        let near = nearest(&name.value, self.users.iter().copied());
        let help = near.map_or_else(
            || "add it to `users`".to_owned(),
            |user| format!("did you mean {user:?}? Otherwise add it to `users`"),
        );
        self.report(
            name.referenced,
            format!("{wherein} names {:?}, who is no user of this world", name.value),
            "unknown user",
            Some(help),
        );
    }

    fn report(&mut self, at: Location, what: String, label: &str, help: Option<String>) {
        self.found.push(Mistake { at, what, label: label.to_owned(), help });
    }
}

fn is_app_key_char(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}
