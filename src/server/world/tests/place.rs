//! Groups: who is told what, and who may not do what.

use serde_json::{Value, json};

use super::*;

const GROUP: &str = "93734273351681";

/// What a change in a group or room reads like.
pub(super) fn told(body: &MucBody) -> String {
    let name = |jid: &Jid| jid.name.clone().unwrap_or_default();
    let mut text = format!("{:?}", body.operation());
    text += &body.from.as_ref().map(|from| format!(" by {}", name(from))).unwrap_or_default();
    text += &body.to.first().map(|to| format!(" to {}", name(to))).unwrap_or_default();
    text += &body.reason.as_ref().map(|reason| format!(" because {reason}")).unwrap_or_default();
    text
}

impl Stage {
    /// Everything about groups and rooms that waits for a device.
    pub(super) fn changes(&mut self, id: ConnectionId) -> Vec<MucBody> {
        let outputs = self.frame(id, &command(m_sync::Command::Unread));
        let Some((_, Output::Send(answer))) = outputs.last() else { panic!("{outputs:?}") };
        let unread = crate::protocol::schema::CommUnreadDl::decode(
            MSync::decode(answer.clone()).unwrap().payload.unwrap(),
        )
        .unwrap();
        let mut changes = Vec::new();
        for queue in unread.unread {
            let queue = queue.queue.unwrap();
            let mut page = self.fetch(id, &queue, None);
            while page.is_last != Some(true) {
                let metas = page.metas.iter().filter(|meta| meta.ns == Some(2));
                changes.extend(metas.map(|meta| MucBody::decode(meta.payload.clone().unwrap()).unwrap()));
                page = self.fetch(id, &queue, page.next_key);
            }
        }
        changes
    }

    /// Makes a call and tells what everybody hears of it.
    pub(super) fn heard(
        &mut self,
        people: &[(&str, ConnectionId)],
        token: &str,
        call: (&str, String, Value),
    ) -> String {
        let (method, path, body) = call;
        let (status, answer) = self.call(method, &path, Some(token), &body);
        assert_eq!(status, 200, "{method} {path}: {answer}");
        let mut heard = Vec::new();
        for (name, device) in people {
            heard.extend(self.changes(*device).iter().map(|change| format!("{name} hears {}", told(change))));
        }
        let path =
            path.split_once('/').map_or("", |(_, rest)| rest).split_once('/').map_or("", |(_, rest)| rest);
        format!("{method} {path}: {}\n", heard.join("; "))
    }
}

/// A stage on which all four users of the demo world are, with the tokens of two.
pub(super) fn everybody() -> (Stage, [(&'static str, ConnectionId); 4], String, String) {
    let mut stage = Stage::new();
    let people = ["alice", "bob", "carol", "dave"].map(|name| (name, stage.login(name, name)));
    let (alice, dave) = (stage.user_token("alice"), stage.user_token("dave"));
    (stage, people, alice, dave)
}

#[test]
fn each_change_of_a_group_is_told_to_those_whom_it_concerns() {
    let (mut stage, people, alice, dave) = everybody();
    let bob = stage.user_token("bob");
    let group = format!("/chatgroups/{GROUP}");
    let at = |path: &str| format!("{group}{path}");
    let names = |names: &[&str]| json!({"usernames": names});
    let mut heard = String::new();
    for (token, call) in [
        (&dave, ("POST", at("/apply"), json!({"message": "hi"}))),
        (&dave, ("DELETE", at("/quit"), Value::Null)),
        (&alice, ("POST", at("/invite"), names(&["dave"]))),
        (&alice, ("POST", at("/admin"), json!({"newadmin": "bob"}))),
        (&bob, ("POST", at("/mute"), json!({"usernames": ["carol"], "mute_duration": 60_000}))),
        (&bob, ("DELETE", at("/mute/carol"), Value::Null)),
        (&alice, ("POST", at("/ban"), Value::Null)),
        (&alice, ("DELETE", at("/ban"), Value::Null)),
        (&alice, ("POST", at("/white/users"), names(&["carol"]))),
        (&alice, ("DELETE", at("/white/users/carol"), Value::Null)),
        (&alice, ("DELETE", at("/admin/bob"), Value::Null)),
        (&alice, ("PUT", at(""), json!({"groupname": "N"}))),
        (&alice, ("DELETE", at("/users/dave"), Value::Null)),
        (&alice, ("POST", at("/blocks/users/carol"), Value::Null)),
        (&alice, ("DELETE", at("/blocks/users/carol"), Value::Null)),
        (&alice, ("PUT", at(""), json!({"newowner": "bob"}))),
        (&bob, ("DELETE", at("?version=v3"), Value::Null)),
    ] {
        heard += &stage.heard(&people, token, call);
    }
    insta::assert_snapshot!(heard, @r"
    POST 93734273351681/apply: alice hears Presence by dave; bob hears Presence by dave; carol hears Presence by dave
    DELETE 93734273351681/quit: alice hears Absence by dave; bob hears Absence by dave; carol hears Absence by dave
    POST 93734273351681/invite: alice hears Presence by dave; bob hears Presence by dave; carol hears Presence by dave; dave hears DirectJoined by alice to dave
    POST 93734273351681/admin: bob hears AddAdmin by alice to bob
    POST 93734273351681/mute: alice hears AddMute by bob to carol; carol hears AddMute by bob to carol
    DELETE 93734273351681/mute/carol: alice hears RemoveMute by bob to carol; carol hears RemoveMute by bob to carol
    POST 93734273351681/ban: bob hears BanGroup by alice; carol hears BanGroup by alice; dave hears BanGroup by alice
    DELETE 93734273351681/ban: bob hears RemoveBanGroup by alice; carol hears RemoveBanGroup by alice; dave hears RemoveBanGroup by alice
    POST 93734273351681/white/users: bob hears AddUserWhiteList by alice to carol; carol hears AddUserWhiteList by alice to carol
    DELETE 93734273351681/white/users/carol: bob hears RemoveUserWhiteList by alice to carol; carol hears RemoveUserWhiteList by alice to carol
    DELETE 93734273351681/admin/bob: bob hears RemoveAdmin by alice to bob
    PUT 93734273351681: bob hears Update by alice; carol hears Update by alice; dave hears Update by alice
    DELETE 93734273351681/users/dave: alice hears Absence by dave; bob hears Absence by dave; carol hears Absence by dave; dave hears Kick by alice to dave
    POST 93734273351681/blocks/users/carol: alice hears Absence by carol; bob hears Absence by carol; carol hears Kick by alice to carol
    DELETE 93734273351681/blocks/users/carol: carol hears Allow by alice to carol
    PUT 93734273351681: bob hears AssignOwner by alice to bob
    DELETE 93734273351681?version=v3: alice hears Destroy by bob
    ");
}

#[test]
fn a_group_with_approval_is_entered_through_its_staff() {
    let (mut stage, people, alice, dave) = everybody();
    let body =
        json!({"groupname": "G", "owner": "alice", "members": ["bob"], "public": true, "approval": true});
    let (_, made) = stage.call("POST", "/chatgroups", Some(&alice), &body);
    let group = format!("/chatgroups/{}", made["data"]["groupid"].as_str().unwrap());
    let mut heard = String::new();
    let verdict = |verdict: bool| json!({"applicant": "dave", "verifyResult": verdict, "reason": "no"});
    for (token, call) in [
        (&alice, ("POST", format!("{group}/admin"), json!({"newadmin": "bob"}))),
        (&dave, ("POST", format!("{group}/apply"), json!({"message": "hi"}))),
        (&alice, ("POST", format!("{group}/apply_verify"), verdict(false))),
        (&dave, ("POST", format!("{group}/apply"), json!({"message": "please"}))),
        (&alice, ("POST", format!("{group}/apply_verify"), verdict(true))),
    ] {
        heard += &stage.heard(&people, token, call);
    }
    insta::assert_snapshot!(heard, @r"
    POST 112144853047207/admin: bob hears DirectJoined by alice to bob; bob hears AddAdmin by alice to bob
    POST 112144853047207/apply: alice hears Apply by dave to alice because hi; bob hears Apply by dave to bob because hi
    POST 112144853047207/apply_verify: dave hears ApplyDecline by alice to dave because no
    POST 112144853047207/apply: alice hears Apply by dave to alice because please; bob hears Apply by dave to bob because please
    POST 112144853047207/apply_verify: alice hears Presence by dave; bob hears Presence by dave; dave hears ApplyAccept by alice to dave
    ");
    let again = stage.call("POST", &format!("{group}/apply_verify"), Some(&alice), &verdict(true));
    assert_eq!((again.0, &again.1["error"]), (403, &json!("forbidden_op")));
}

#[test]
fn who_is_asked_first_answers_the_one_who_invited() {
    let (mut stage, people, alice, dave) = everybody();
    let bob = stage.user_token("bob");
    let body = json!({
        "groupname": "G", "owner": "alice", "members": ["bob"], "public": false, "allowinvites": true,
        "invite_need_confirm": true,
    });
    let (_, made) = stage.call("POST", "/chatgroups", Some(&alice), &body);
    let group = format!("/chatgroups/{}", made["data"]["groupid"].as_str().unwrap());
    stage.changes(people[1].1);
    let invite = ("POST", format!("{group}/invite"), json!({"usernames": ["dave"]}));
    let answer = |verdict: bool| {
        ("POST", format!("{group}/invite_verify"), json!({"invitee": "dave", "verifyResult": verdict}))
    };
    assert_eq!(stage.call("GET", &group, Some(&dave), &Value::Null).0, 403, "private, and dave is no member");
    let mut heard = String::new();
    for (token, call) in
        [(&bob, invite.clone()), (&dave, answer(false)), (&bob, invite), (&dave, answer(true))]
    {
        heard += &stage.heard(&people, token, call);
    }
    insta::assert_snapshot!(heard, @r"
    POST 177173662072024/invite: dave hears Invite by bob to dave
    POST 177173662072024/invite_verify: bob hears InviteDecline by dave to bob
    POST 177173662072024/invite: dave hears Invite by bob to dave
    POST 177173662072024/invite_verify: alice hears Presence by dave; bob hears Presence by dave; bob hears InviteAccept by dave to bob
    ");
    assert_eq!(stage.call("GET", &group, Some(&dave), &Value::Null).1["data"][0]["permission"], "member");
}

#[test]
fn whoever_may_not_is_refused_and_nobody_hears_of_it() {
    let (mut stage, people, alice, dave) = everybody();
    let (bob, carol) = (stage.user_token("bob"), stage.user_token("carol"));
    stage.call("POST", &format!("/chatgroups/{GROUP}/admin"), Some(&alice), &json!({"newadmin": "bob"}));
    stage.call("POST", &format!("/chatgroups/{GROUP}/admin"), Some(&alice), &json!({"newadmin": "carol"}));
    people.iter().for_each(|(_, device)| drop(stage.changes(*device)));
    let group = |path: &str| format!("/chatgroups/{GROUP}{path}");
    let mut seen = String::new();
    for (token, method, path, body) in [
        (&dave, "DELETE", group("/quit"), Value::Null),
        (&alice, "DELETE", group("/quit"), Value::Null),
        (&dave, "GET", group("/users?pagenum=1&pagesize=20"), Value::Null),
        (&dave, "POST", group("/mute"), json!({"usernames": ["bob"], "mute_duration": 1})),
        (&dave, "GET", group("/mute"), Value::Null),
        (&dave, "POST", group("/invite"), json!({"usernames": ["dave"]})),
        (&bob, "POST", group("/mute"), json!({"usernames": ["carol"], "mute_duration": 1})),
        (&bob, "DELETE", group("/users/carol"), Value::Null),
        (&bob, "DELETE", group("/users/alice"), Value::Null),
        (&bob, "POST", group("/blocks/users/alice"), Value::Null),
        (&bob, "POST", group("/admin"), json!({"newadmin": "carol"})),
        (&bob, "PUT", group(""), json!({"newowner": "bob"})),
        (&bob, "DELETE", group(""), Value::Null),
        (&alice, "PUT", group(""), json!({"newowner": "alice"})),
        (&alice, "PUT", group(""), json!({"newowner": "dave"})),
        (&alice, "PUT", group(""), json!({"colour": "red"})),
        (&alice, "POST", group("/admin"), json!({"newadmin": "dave"})),
        (&alice, "POST", group("/mute"), json!({"usernames": ["dave"], "mute_duration": 1})),
        (&alice, "POST", group("/white/users/dave"), Value::Null),
        (&alice, "DELETE", group("/blocks/users/dave"), Value::Null),
        (&alice, "POST", group("/users/carol"), Value::Null),
        (&alice, "POST", group("/users/nobody"), Value::Null),
        (&carol, "POST", "/chatrooms".to_owned(), json!({"name": "R", "owner": "carol"})),
        (&carol, "POST", "/chatgroups".to_owned(), json!({"groupname": "G", "owner": "bob"})),
        (&carol, "POST", "/chatgroups".to_owned(), json!({"groupname": "G", "members": ["nobody"]})),
        (&carol, "DELETE", format!("/chatrooms/{GROUP}"), Value::Null),
    ] {
        let (status, answer) = stage.call(method, &path, Some(token), &body);
        let description =
            answer["error_description"].as_str().unwrap_or_else(|| panic!("{method} {path}: {answer}"));
        seen += &format!("{method} {}: {status} {description}\n", path.replace(GROUP, "G"));
    }
    insta::assert_snapshot!(seen, @r"
    DELETE /chatgroups/G/quit: 403 user: dave doesn't exist in group: 93734273351681
    DELETE /chatgroups/G/quit: 403 forbidden operation on group owner!
    GET /chatgroups/G/users?pagenum=1&pagesize=20: 403 you have no permission to do this operation
    POST /chatgroups/G/mute: 403 you have no permission to do this operation
    GET /chatgroups/G/mute: 403 you have no permission to do this operation
    POST /chatgroups/G/invite: 403 you have no permission to do this operation
    POST /chatgroups/G/mute: 403 you have no permission to do this operation
    DELETE /chatgroups/G/users/carol: 403 you have no permission to do this operation
    DELETE /chatgroups/G/users/alice: 403 forbidden operation on group owner!
    POST /chatgroups/G/blocks/users/alice: 403 forbidden operation on group owner!
    POST /chatgroups/G/admin: 403 you have no permission to do this operation
    PUT /chatgroups/G: 403 you have no permission to do this operation
    DELETE /chatgroups/G: 403 you have no permission to do this operation
    PUT /chatgroups/G: 403 new owner and old owner are the same
    PUT /chatgroups/G: 403 users [dave] are not members of this group!
    PUT /chatgroups/G: 400 no field that can be changed is given
    POST /chatgroups/G/admin: 403 users [dave] are not members of this group!
    POST /chatgroups/G/mute: 403 users [dave] are not members of this group!
    POST /chatgroups/G/white/users/dave: 403 users [dave] are not members of this group!
    DELETE /chatgroups/G/blocks/users/dave: 403 user: dave doesn't exist in group: 93734273351681
    POST /chatgroups/G/users/carol: 403 can not join this group, reason:user: carol already in group: 93734273351681
    POST /chatgroups/G/users/nobody: 404 Service resource not found
    POST /chatrooms: 403 only super admins create chat rooms
    POST /chatgroups: 403 you have no permission to do this operation
    POST /chatgroups: 400 group member nobody doesn't exist
    DELETE /chatrooms/G: 404 do not find this group:93734273351681
    ");
    for (name, device) in people {
        assert_eq!(stage.changes(device), Vec::new(), "{name}");
    }
}

#[test]
fn version_3_of_the_calls_is_answered_as_sdk_4_21_1_reads_it() {
    let (mut stage, _, alice, _) = everybody();
    let group = format!("/chatgroups/{GROUP}");
    let shown = |(status, answer): (u16, Value)| (status, answer["data"].clone());
    let blocked =
        stage.call("POST", &format!("{group}/blocks/users/carol?version=v3"), Some(&alice), &Value::Null);
    assert_eq!(
        shown(blocked),
        (200, json!([{"result": true, "action": "add_blocks", "user": "carol", "groupid": GROUP}]))
    );
    let public = stage.call("GET", "/publicchatgroups?version=v3&limit=20", Some(&alice), &Value::Null);
    assert_eq!(shown(public), (200, json!([{"id": GROUP, "name": "demo group"}])));
    let mine = stage.call(
        "GET",
        "/users/alice/joined_chatgroups?pagenum=0&pagesize=20&version=v3",
        Some(&alice),
        &Value::Null,
    );
    assert_eq!(
        shown(mine),
        (200, json!([{"id": GROUP, "name": "demo group", "disabled": false, "permission": "owner"}]))
    );
    let members =
        stage.call("GET", &format!("{group}/users?limit=1&joined_time=true"), Some(&alice), &Value::Null);
    assert_eq!(
        (&members.1["data"], &members.1["cursor"]),
        (&json!([{"owner": "alice", "joined_time": 0}]), &json!("1"))
    );
    let muted = stage.call("GET", &format!("/sdk{group}/mute/alice?version=v3"), Some(&alice), &Value::Null);
    assert_eq!(shown(muted), (200, json!(false)));
    let count = stage.call("GET", "/chatgroups/user/alice/joined_count", Some(&alice), &Value::Null);
    assert_eq!(shown(count), (200, json!(1)));
}

#[test]
fn who_shields_a_group_stays_a_member_and_hears_nothing_said_there() {
    let (mut stage, people, _, _) = everybody();
    let bob = stage.user_token("bob");
    let [(_, alice_device), (_, bob_device), (_, carol_device), _] = people;
    let group = Jid::conference(APP, GROUP);
    for (id, method, heard) in [(1, "POST", 0), (2, "DELETE", 1)] {
        let (status, _) =
            stage.call(method, &format!("/chatgroups/{GROUP}/shield"), Some(&bob), &Value::Null);
        assert_eq!(status, 200);
        stage.frame(alice_device, &text(id, group.clone(), message_body::Type::Groupchat, "hi"));
        assert_eq!(stage.pull(bob_device, &group).len(), heard, "{method}");
        assert_eq!(stage.pull(carol_device, &group).len(), 1, "{method}");
    }
}
