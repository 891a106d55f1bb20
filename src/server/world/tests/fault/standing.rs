//! Faults of who may say what to whom.

use super::*;
use crate::protocol::schema::message_body::{
    Content,
    Type::{Chat, Chatroom, Groupchat},
    content,
};

const GROUP: &str = "93734273351681";
const ROOM: &str = "179800091197441";

/// What `from` is answered to a frame, and how many items each of `readers` gets of that place.
fn outcome(
    stage: &mut Stage,
    from: &str,
    frame: &MSync,
    readers: &[&str],
    place: &str,
) -> (Vec<i32>, Vec<usize>) {
    let sender = stage.login(from, "s");
    let readers: Vec<ConnectionId> = readers.iter().map(|name| stage.login(name, "r")).collect();
    let answered = statuses(stage, sender, frame);
    let queue = Jid::conference(APP, place);
    (answered, readers.into_iter().map(|reader| stage.fetch(reader, &queue, None).metas.len()).collect())
}

fn to_group(kind: message_body::Type) -> MSync {
    text(1, Jid::conference(APP, GROUP), kind, "hi")
}

fn to_room() -> MSync {
    text(1, Jid::conference(APP, ROOM), Chatroom, "hi")
}

fn of_kind(kind: content::Type, to: Jid, chat: message_body::Type) -> MSync {
    let content = Content { r#type: Some(kind as i32), ..Content::default() };
    let body = MessageBody { r#type: Some(chat as i32), contents: vec![content], ..MessageBody::default() };
    meta(1, to, 1, body.encode_to_vec())
}

#[test]
fn a_member_misses_it_and_an_outsider_gets_it() {
    let exchange =
        |stage: &mut Stage| outcome(stage, "alice", &to_group(Groupchat), &["bob", "carol", "dave"], GROUP);
    prove("skip-one-member", (vec![0], vec![1, 1, 0]), (vec![0], vec![0, 1, 0]), exchange);
    prove("cross-delivery", (vec![0], vec![1, 1, 0]), (vec![0], vec![1, 1, 1]), exchange);
    prove("group-silent", (vec![0], vec![1, 1, 0]), (vec![], vec![1, 1, 0]), exchange);
}

#[test]
fn outsiders_speak() {
    let group = |stage: &mut Stage| outcome(stage, "dave", &to_group(Groupchat), &["bob"], GROUP);
    prove("non-member-may-send", (vec![1], vec![0]), (vec![0], vec![1]), group);
    prove("602-text-only", (vec![1], vec![0]), (vec![1], vec![0]), group);
    let image = of_kind(content::Type::Image, Jid::conference(APP, GROUP), Groupchat);
    prove("602-text-only", (vec![1], vec![0]), (vec![0], vec![1]), |stage| {
        outcome(stage, "dave", &image, &["bob"], GROUP)
    });
    let room = |stage: &mut Stage| outcome(stage, "dave", &to_room(), &["bob"], ROOM);
    prove("room-open", (vec![1], vec![0]), (vec![0], vec![1]), room);
}

#[test]
fn a_room_is_silent() {
    let exchange = |stage: &mut Stage| outcome(stage, "alice", &to_room(), &["bob"], ROOM);
    prove("room-silent", (vec![0], vec![1]), (vec![], vec![1]), exchange);
}

#[test]
fn what_is_no_such_group_takes_messages() {
    prove("no-such-group-ok", vec![1], vec![0], |stage| {
        let alice = stage.login("alice", "a");
        statuses(stage, alice, &text(1, Jid::conference(APP, "1"), Groupchat, "hi"))
    });
    let exchange = |stage: &mut Stage| outcome(stage, "alice", &to_group(Chatroom), &["bob"], GROUP);
    prove("route-by-id", (vec![1], vec![0]), (vec![0], vec![1]), exchange);
}

#[test]
fn mutes_and_allow_lists_do_not_hold() {
    let exchange = |stage: &mut Stage| outcome(stage, "bob", &to_group(Groupchat), &["carol"], GROUP);
    for (fault, more, sound, broken) in [
        ("mute-leaks", "muted: [bob]", (vec![15], vec![0]), (vec![15], vec![1])),
        ("mute-says-ok", "muted: [bob]", (vec![15], vec![0]), (vec![0], vec![0])),
        ("whitelist-ignored", "allow_list_only: true", (vec![1], vec![0]), (vec![0], vec![1])),
    ] {
        let text = include_str!("../../../../../fixtures/worlds/demo.yaml");
        let old = text.lines().find(|line| line.contains("name: demo group")).unwrap();
        let new = old.replace('}', &format!(", {more}}}"));
        let file = WorldFile::parse("demo.yaml", &text.replace(old, &new)).unwrap();
        let mut stage = Stage::of(&file);
        assert_eq!(exchange(&mut stage), sound, "without {fault}");
        let mut stage = Stage::of(&file);
        stage.world = World::with_faults(&file, 7, &[fault.parse().unwrap()]);
        assert_eq!(exchange(&mut stage), broken, "with {fault}");
    }
}

#[test]
fn commands_to_groups_vanish() {
    let command = of_kind(content::Type::Command, Jid::conference(APP, GROUP), Groupchat);
    prove("cmd-not-in-groups", (vec![0], vec![1]), (vec![0], vec![0]), |stage| {
        outcome(stage, "alice", &command, &["bob"], GROUP)
    });
}

#[test]
fn filters_do_not_look_at_groups() {
    let banned = text(1, Jid::conference(APP, GROUP), Groupchat, "SENSITIVE");
    prove("filter-single-only", (vec![7], vec![0]), (vec![0], vec![1]), |stage| {
        outcome(stage, "alice", &banned, &["bob"], GROUP)
    });
}

#[test]
fn the_apps_own_refusal_looks_like_a_filter() {
    let hook = "hook: {on_timeout: pass, rules: [{contains: NO, answer: reject}]}";
    prove_with(hook, "hook-as-7", vec![19], vec![7], |stage| {
        let alice = stage.login("alice", "a");
        say(stage, alice, 1, "NO")
    });
}

#[test]
fn blocks_hold_the_wrong_way_or_for_texts_only() {
    let blocks = "blocks: {bob: [alice]}";
    let both = |stage: &mut Stage| {
        let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
        let back = text(1, Jid::user(APP, "alice"), Chat, "hi");
        let image = of_kind(content::Type::Image, Jid::user(APP, "bob"), Chat);
        let texts = (say(stage, alice, 1, "hi"), statuses(stage, bob, &back));
        let alice = stage.login("alice", "a2");
        (texts.0, texts.1, statuses(stage, alice, &image))
    };
    prove_with(blocks, "block-reversed", (vec![1], vec![0], vec![1]), (vec![0], vec![1], vec![0]), both);
    prove_with(blocks, "block-text-only", (vec![1], vec![0], vec![1]), (vec![1], vec![0], vec![0]), both);
}
