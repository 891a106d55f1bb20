//! Whatever is done to groups, rooms and contacts: the lists of a world agree with each other, and with
//! what somebody who is there all the time hears of them.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use super::*;
use crate::server::world::place::Kind;

const USERS: [&str; 4] = ["alice", "bob", "carol", "dave"];
const PLACES: [&str; 2] = ["/chatgroups/93734273351681", "/chatrooms/179800091197441"];

/// One thing that somebody does to a place or to somebody; whether it is allowed is the world's to say.
#[derive(Clone, Debug)]
struct Deed {
    by: usize,
    place: usize,
    to: usize,
    what: usize,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = (0..4_usize, 0..2_usize, 0..4_usize, 0..CALLS.len());
    vec(deed.prop_map(|(by, place, to, what)| Deed { by, place, to, what }), 1..60)
}

type Call = fn(&str, &str, &str) -> (&'static str, String, Value);

/// Each call, of the place, the caller and the one whom it is about. Nobody hands a place over: alice
/// stays the owner of both, and so hears everything.
const CALLS: [Call; 17] = [
    |place, _, _| ("POST", format!("{place}/apply"), json!({"message": "hi"})),
    |place, _, _| ("DELETE", format!("{place}/quit"), Value::Null),
    |place, _, to| ("POST", format!("{place}/users/{to}"), Value::Null),
    |place, _, to| ("DELETE", format!("{place}/users/{to}"), Value::Null),
    |place, _, to| ("POST", format!("{place}/invite"), json!({"usernames": [to]})),
    |place, by, _| ("POST", format!("{place}/invite_verify"), json!({"invitee": by, "verifyResult": true})),
    |place, _, to| ("POST", format!("{place}/apply_verify"), json!({"applicant": to, "verifyResult": true})),
    |place, _, to| ("POST", format!("{place}/admin"), json!({"newadmin": to})),
    |place, _, to| ("DELETE", format!("{place}/admin/{to}"), Value::Null),
    |place, _, to| ("POST", format!("{place}/blocks/users"), json!({"usernames": [to]})),
    |place, _, to| ("DELETE", format!("{place}/blocks/users/{to}"), Value::Null),
    |place, _, to| ("POST", format!("{place}/white/users"), json!({"usernames": [to]})),
    |place, _, _| ("PUT", place.to_owned(), json!({"membersonly": true, "invite_need_confirm": true})),
    |place, _, _| ("PUT", place.to_owned(), json!({"maxusers": 3})),
    |_, by, to| ("POST", format!("/users/{by}/contacts/apply"), json!({"usernames": [to]})),
    |_, by, to| ("POST", format!("/users/{by}/contacts/accept/users/{to}"), Value::Null),
    |_, by, to| ("DELETE", format!("/users/{by}/contacts/users/{to}"), Value::Null),
];

/// What no deed may break.
fn check(world: &World) {
    for (id, kind) in [("93734273351681", Kind::Group), ("179800091197441", Kind::Room)] {
        let key = world.places.find(id).unwrap();
        let place = world.places.get(key).unwrap();
        assert!(kind == Kind::Room || place.members.contains_key(&place.owner), "a group without its owner");
        assert!(place.members.len() <= place.rules.max_users, "more members than it may have");
        for (user, member) in &place.members {
            assert!(world.users.get(*user).unwrap().places.contains(&key), "a member who does not know");
            assert!(!place.blocked.contains(user), "a member on the block list");
            assert!(!place.applicants.contains(user) && !place.invited.contains_key(user), "asked and there");
            assert!(!(member.is_admin && place.owner == *user), "an owner who is an admin");
        }
        for user in USERS.map(|name| world.users.find(name).unwrap()) {
            let knows = world.users.get(user).unwrap().places.contains(&key);
            assert_eq!(knows, place.members.contains_key(&user), "a user who believes to be a member");
        }
    }
    for one in USERS.map(|name| world.users.find(name).unwrap()) {
        let user = world.users.get(one).unwrap();
        assert!(!user.contacts.contains(&one), "a contact of oneself");
        for other in &user.contacts {
            assert!(world.users.get(*other).unwrap().contacts.contains(&one), "a contact of one side");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_lists_of_a_world_agree_whatever_is_done(deeds in deeds()) {
        let mut stage = Stage::new();
        let alice = stage.login("alice", "a");
        let tokens = USERS.map(|name| stage.user_token(name));
        let mut heard: Vec<BTreeSet<String>> =
            vec![["alice", "bob", "carol"].map(str::to_owned).into(), ["alice", "bob"].map(str::to_owned).into()];
        for Deed { by, place, to, what } in deeds {
            // The owner of a room may leave it, and would hear no more.
            if by == 0 && what == 1 {
                continue;
            }
            let (method, path, body) = CALLS[what](PLACES[place], USERS[by], USERS[to]);
            stage.call(method, &path, Some(&tokens[by]), &body);
            check(&stage.world);
            for change in stage.changes(alice) {
                let present = &mut heard[usize::from(change.is_chatroom == Some(true))];
                let who = change.from.as_ref().and_then(|jid| jid.name.clone()).unwrap_or_default();
                match change.operation {
                    Some(17) => prop_assert!(present.insert(who), "came twice"),
                    Some(18) => prop_assert!(present.remove(&who), "went twice"),
                    _ => {}
                }
            }
        }
        for (id, heard) in ["93734273351681", "179800091197441"].into_iter().zip(heard) {
            let place = stage.world.places.get(stage.world.places.find(id).unwrap()).unwrap();
            let present = place.members.keys().map(|user| stage.world.users.get(*user).unwrap().name().to_owned());
            prop_assert_eq!(heard, present.collect::<BTreeSet<String>>());
        }
    }
}
