//! World files: what is accepted, and how every mistake is shown.

use super::*;

fn report(text: &str) -> String {
    WorldFile::parse("my.yaml", text).unwrap_err().to_string()
}

#[test]
fn the_demo_world_is_the_documented_one() {
    let file = WorldFile::demo();
    assert_eq!((file.name(), file.app_key()), ("demo", APP));
    let users: Vec<&str> = file.users().map(|(name, _)| name).collect();
    assert_eq!(users, ["alice", "bob", "carol", "dave"]);
    assert!(file.users().all(|(_, password)| password.reveal() == "1"));
    assert_eq!(file.filters.len(), 14);
    assert_eq!(file.limits.recall_window, std::time::Duration::from_secs(120));
}

#[test]
fn the_values_that_the_demo_world_documents_are_the_ones_that_hold() {
    let demo = include_str!("../../../../fixtures/worlds/demo.yaml");
    let documented = demo.split("if it does not:").nth(1).unwrap();
    let lines = documented.lines().filter_map(|line| line.strip_prefix("# ")).collect::<Vec<_>>().join("\n");
    let text = format!("world: w\nappkey: o#a\n{lines}\n");
    let (written, silent) = (
        WorldFile::parse("d.yaml", &text).unwrap(),
        WorldFile::parse("s.yaml", "world: w\nappkey: o#a\n").unwrap(),
    );
    assert_eq!(format!("{:?}", written.limits), format!("{:?}", silent.limits));
    assert_eq!(format!("{:?}", written.choices), format!("{:?}", silent.choices));
    assert_eq!(format!("{:?}", written.services), format!("{:?}", silent.services));
    assert_eq!(format!("{:?}", written.hook), format!("{:?}", silent.hook));
    assert_eq!(format!("{:?}", written.message_types), format!("{:?}", silent.message_types));
}

#[test]
fn every_key_of_the_format_is_read() {
    let text = r##"
world: full
appkey: o#a
app_credentials: {client_id: c, client_secret: s}
open_registration: true
users:
  - {name: alice, password: "1"}
  - {name: bob, password: "1"}
  - {name: carol, password: "1"}
groups:
  - {id: "1", name: g, owner: alice, members: [bob], admins: [bob], muted: [bob], mute_all: false, allow_list: [bob], allow_list_only: true, blocks: [carol]}
rooms:
  - {id: "2", name: r, owner: alice, members: [bob]}
super_admins: [bob]
blocks:
  alice: [bob]
filters:
  - {contains: W, status: 7, reason: no}
services: {recall: false, roaming: false, sessions: false, group_ack: false, multi_device: false, files: false, receipts: false, contacts: false, blocks: false, mutes: false, allow_lists: false, groups: false, rooms: false, rest_sessions: true, room_history: true, friends_only: true}
message_types: [txt]
limits: {recall_window: 2s, body_bytes: 100, history_per_conversation: 5, history: 50, sessions_per_user: 5, offline_per_user: 5, room_backlog: 5, devices: 2, duplicates_per_device: 3, device_memory: 1m, room_absence: 1m, idle: 1m, token_ttl: 1h, users: 9, groups: 9, members_per_group: 9, group_acks: 9, groups_per_user: 9, block_list: 9, contacts: 9, tokens: 9, messages_per_second: 9, room_messages_per_second: 9, rest_calls_per_second: 9}
hook: {on_timeout: block, rules: [{contains: x, answer: reject, code: y}, {contains: z, answer: swallow}, {contains: w, answer: none}]}
choices: {unknown_recipient: refuse, device_limit: kick_oldest, sender_copies: false, password_login: false, history_before_joining: false, staff_recall: true, provision_delay: 1s}
"##;
    let file = WorldFile::parse("full.yaml", text).unwrap();
    assert!(!file.services.recall && !file.choices.sender_copies);
    assert_eq!(file.limits.duplicates_per_device, 3);
    World::new(&file, 1);
    assert_eq!(
        file.capabilities().into_iter().collect::<Vec<_>>(),
        ["core", "filter", "hook", "rest-admin", "single-login", "sockjs"]
    );
}

#[test]
fn the_demo_world_offers_all_that_can_be_required_of_one_plain_server() {
    let offered: Vec<_> = WorldFile::demo().capabilities().into_iter().collect();
    assert_eq!(
        offered.join(" "),
        "attach block channel-ack core deliver-ack filter group group-ack hook multi-device mute read-ack recall \
         rest-admin roam room roster sessions sockjs whitelist"
    );
}

#[test]
fn an_unknown_message_type_is_shown_with_its_place() {
    insta::assert_snapshot!(report("world: w\nappkey: o#a\nmessage_types: [txt, audoi]\n"), @r#"
    read the world file:
    error: unknown word `audoi`
     --> my.yaml:3:22
      |
    3 | message_types: [txt, audoi]
      |                      ^^^^^ expected one of txt, img, file, audio, video, loc, cmd, custom
      |
      = help: did you mean `audio`?
    "#);
}

#[test]
fn an_unknown_key_is_shown_with_its_place_and_the_known_ones() {
    insta::assert_snapshot!(report("world: w\nappkey: o#a\nusrs: []\n"), @r#"
    read the world file:
    error: unknown key `usrs`
     --> my.yaml:3:1
      |
    3 | usrs: []
      | ^^^^ not a key of this mapping
      |
      = help: did you mean `users`? The keys are world, appkey, app_credentials, open_registration, users, groups, rooms, super_admins, blocks, filters, improper_files, hook, services, message_types, limits, choices
    "#);
}

#[test]
fn a_value_of_another_type_is_shown_with_its_place() {
    insta::assert_snapshot!(report("world: w\nappkey: o#a\nlimits: {devices: many}\n"), @r#"
    read the world file:
    error: a value of another type
     --> my.yaml:3:19
      |
    3 | limits: {devices: many}
      |                   ^^^^ expected a whole number
    "#);
}

#[test]
fn a_bad_duration_says_what_one_looks_like() {
    insta::assert_snapshot!(report("world: w\nappkey: o#a\nlimits: {recall_window: 120 parsecs}\n"), @r#"
    read the world file:
    error: expected a duration such as 120s or 2m, got "120 parsecs": unknown time unit "parsecs", supported units: ns, us/µs, ms, sec, min, hours, days, weeks, months, years (and few variations)
     --> my.yaml:3:25
      |
    3 | limits: {recall_window: 120 parsecs}
      |                         ^^^^^^^^^^^ here
    "#);
}

#[test]
fn every_mistake_of_meaning_is_shown_at_once() {
    let text = "\
world: w
appkey: easemob
users:
  - {name: alice, password: \"1\"}
  - {name: Bob, password: \"1\"}
  - {name: alice, password: \"2\"}
groups:
  - {id: \"1\", owner: alcie, members: [alice], admins: [alice]}
  - {id: \"1\", owner: alice, muted: [zoé]}
filters:
  - {contains: W, status: 0}
";
    let error = WorldFile::parse("my.yaml", text).unwrap_err();
    assert_eq!(error.mistakes(), 7);
    insta::assert_snapshot!(error.to_string(), @r#"
    read the world file:
    error: the app key "easemob" is not of the form org#app
     --> my.yaml:2:9
      |
    2 | appkey: easemob
      |         ^^^^^^^ an organisation, #, an app; letters, digits, - and _
      |
      = help: for example easemob-demo#chatdemoui

    error: "Bob" is no legal user name
     --> my.yaml:5:12
      |
    5 |   - {name: Bob, password: "1"}
      |            ^^^ names are lower case
      |
      = help: write "bob"

    error: two users are called "alice"
     --> my.yaml:6:12
      |
    6 |   - {name: alice, password: "2"}
      |            ^^^^^ again

    error: the owner names "alcie", who is no user of this world
     --> my.yaml:8:22
      |
    8 |   - {id: "1", owner: alcie, members: [alice], admins: [alice]}
      |                      ^^^^^ unknown user
      |
      = help: did you mean "alice"? Otherwise add it to `users`

    error: the id "1" is given twice
     --> my.yaml:9:10
      |
    9 |   - {id: "1", owner: alice, muted: [zoé]}
      |          ^^^ groups and chat rooms share their ids
      |
      = help: the first is at line 8

    error: muted names "zoé", who is no user of this world
     --> my.yaml:9:37
      |
    9 |   - {id: "1", owner: alice, muted: [zoé]}
      |                                     ^^^ unknown user
      |
      = help: add it to `users`

    error: status 0 does not refuse
      --> my.yaml:11:27
       |
    11 |   - {contains: W, status: 0}
       |                           ^ expected a status above 0
       |
       = help: 7 is permission denied, 19 refused by the app's own rule, 15 muted, 1 any other
    "#);
}
