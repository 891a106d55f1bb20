//! Chat rooms: who is told what, who leaves by staying away, and what somebody who joins learns.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    place::{everybody, told},
    *,
};

const ROOM: &str = "179800091197441";

#[test]
fn each_change_of_a_room_is_told_to_those_whom_it_concerns() {
    let (mut stage, people, alice, dave) = everybody();
    let room = format!("/chatrooms/{ROOM}");
    let at = |path: &str| format!("{room}{path}");
    let mut heard = String::new();
    for (token, call) in [
        (&dave, ("POST", at("/apply"), json!({"message": "hi"}))),
        (&dave, ("POST", at("/apply"), json!({"message": "again"}))),
        (&alice, ("POST", at("/users"), json!({"usernames": ["carol"]}))),
        (&alice, ("PUT", at(""), json!({"newowner": "bob"}))),
        (&alice, ("DELETE", at("/quit"), Value::Null)),
    ] {
        heard += &stage.heard(&people, token, call);
    }
    let bob = stage.user_token("bob");
    for call in [
        ("POST", at("/mute"), json!({"usernames": ["dave"], "mute_duration": -1000})),
        ("POST", at("/ban"), Value::Null),
        ("DELETE", at("/users/carol"), Value::Null),
        ("POST", at("/blocks/users"), json!({"usernames": ["dave"]})),
        ("POST", at("/users/alice"), Value::Null),
        ("DELETE", at(""), Value::Null),
    ] {
        heard += &stage.heard(&people, &bob, call);
    }
    insta::assert_snapshot!(heard, @r"
    POST 179800091197441/apply: alice hears Presence by dave; bob hears Presence by dave
    POST 179800091197441/apply: 
    POST 179800091197441/users: alice hears Presence by carol; bob hears Presence by carol; carol hears DirectJoined by alice to carol; dave hears Presence by carol
    PUT 179800091197441: alice hears AssignOwner by alice to bob; bob hears AssignOwner by alice to bob; carol hears AssignOwner by alice to bob; dave hears AssignOwner by alice to bob
    DELETE 179800091197441/quit: bob hears Absence by alice; carol hears Absence by alice; dave hears Absence by alice
    POST 179800091197441/mute: dave hears AddMute by bob to dave
    POST 179800091197441/ban: carol hears BanGroup by bob; dave hears BanGroup by bob
    DELETE 179800091197441/users/carol: bob hears Absence by carol; carol hears Kick by bob to carol; dave hears Absence by carol
    POST 179800091197441/blocks/users: bob hears Absence by dave; dave hears Kick by bob to dave
    POST 179800091197441/users/alice: alice hears DirectJoined by bob to alice; bob hears Presence by alice
    DELETE 179800091197441: alice hears Destroy by bob
    ");
}

#[test]
fn members_of_a_room_who_stay_away_have_left_but_not_its_staff_nor_its_allow_list() {
    let (mut stage, people, alice, dave) = everybody();
    let room = format!("/chatrooms/{ROOM}");
    stage.call("POST", &format!("{room}/apply"), Some(&dave), &json!({}));
    stage.call("POST", &format!("{room}/users/carol"), Some(&alice), &Value::Null);
    stage.call("POST", &format!("{room}/white/users/carol"), Some(&alice), &Value::Null);
    let [(_, alice_device), (_, bob), (_, carol), (_, dave)] = people;
    for device in [bob, carol, dave] {
        stage.world.disconnect(stage.now, device);
    }
    stage.changes(alice_device);
    stage.wait(Duration::from_secs(200));
    // Dave was away for a while only.
    stage.login("dave", "dave");
    stage.frame(alice_device, &command(m_sync::Command::Unread));
    stage.wait(Duration::from_secs(101));
    let left: Vec<String> = stage.changes(alice_device).iter().map(told).collect();
    assert_eq!(left, ["Absence by bob"]);
    let (_, shown) = stage.call("GET", &room, Some(&alice), &Value::Null);
    assert_eq!(shown["data"][0]["affiliations_count"], 3, "{shown}");
}

#[test]
fn who_joins_a_room_by_frame_learns_its_state_and_may_leave_the_others() {
    let (mut stage, people, alice, _) = everybody();
    let body = json!({"name": "R", "owner": "alice", "members": ["dave"]});
    let (_, made) = stage.call("POST", "/chatrooms", Some(&alice), &body);
    let other = made["data"]["id"].as_str().unwrap().to_owned();
    let dave = people[3].1;
    let join = MucBody {
        muc_id: Some(Jid::conference(APP, ROOM)),
        operation: Some(2),
        ext: Some("from the live page".to_owned()),
        leave_other_rooms: Some(true),
        ..MucBody::default()
    };
    let to = Jid { domain: Some("easemob.com".into()), ..Jid::default() };
    let outputs = stage.frame(dave, &meta(9, to, 2, join.encode_to_vec()));
    let Some((_, Output::Send(bytes))) = outputs.last() else { panic!("{outputs:?}") };
    let answer = read_sync(bytes);
    assert_eq!((answer.meta_id, answer.is_last, answer.status.unwrap().error_code), (Some(9), None, Some(0)));
    let state = MucBody::decode(answer.metas[0].payload.clone().unwrap()).unwrap();
    let state: Value = serde_json::from_str(&state.status.unwrap().chatroom_info.unwrap()).unwrap();
    assert_eq!(
        state,
        json!({"dave": {
            "is_all_mute": false, "create_timestamp": 0, "is_in_white_list": false, "member_count": 3,
            "mute_duration": 0,
        }})
    );
    let heard = stage.changes(people[1].1);
    let [arrival] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((arrival.ext.as_deref(), arrival.muc_member_count), (Some("from the live page"), Some(3)));
    let (_, shown) = stage.call("GET", &format!("/chatrooms/{other}"), Some(&alice), &Value::Null);
    assert_eq!(shown["data"][0]["affiliations_count"], 1, "{shown}");
}

#[test]
fn who_joins_a_room_gets_its_newest_messages_where_the_world_keeps_them() {
    let room = Jid::conference(APP, ROOM);
    for (services, first) in [("services: {room_history: true}", Some("3")), ("services: {}", None)] {
        let mut stage = Stage::with(services);
        let (alice, dave) = (stage.login("alice", "a"), stage.login("dave", "d"));
        for number in 1..=12 {
            let said = text(number, room.clone(), message_body::Type::Chatroom, &number.to_string());
            stage.frame(alice, &said);
        }
        stage.frame(dave, &muc(99, 2, &room));
        let heard = stage.pull(dave, &room).concat();
        assert_eq!(heard.first().map(String::as_str), first, "{services}");
        assert_eq!(heard.last().map(String::as_str), first.map(|_| "12"), "{services}");
        stage.frame(alice, &text(100, room.clone(), message_body::Type::Chatroom, "and on"));
        assert_eq!(stage.pull(dave, &room).concat(), ["and on"], "{services}");
    }
}
