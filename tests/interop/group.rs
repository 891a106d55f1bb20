//! Groups, as pages of three generations manage them and hear of them.

use chatproof::protocol::generation::Generation;
use serde_json::{Value, json};

use super::{Page, text};
use crate::serve::Serving;

/// A page that hears of what others do in groups and rooms.
pub(super) struct Witness {
    pub(super) page: Page,
    generation: Generation,
}

impl Witness {
    /// The pages of three users of the demo world, each on another generation: bob, carol and dave.
    pub(super) async fn all(serving: &Serving) -> [Self; 3] {
        let users = ["bob", "carol", "dave"].into_iter().zip(Generation::ALL);
        let [bob, carol, dave] = users
            .map(async |(user, generation)| Self {
                page: Page::open_with(serving, user, generation).await,
                generation,
            })
            .collect::<Vec<_>>()
            .try_into()
            .unwrap_or_else(|_| panic!("three generations"));
        [bob.await, carol.await, dave.await]
    }

    /// A change is told in each of the ways in which this page's generation tells it.
    pub(super) async fn hears(&mut self, place: &Told<'_>, presence: &str, event: &str, from: &str) -> Value {
        place.to(&mut self.page, self.generation, presence, event, from).await
    }
}

/// Where something is told to have changed.
pub(super) struct Told<'a> {
    pub(super) id: &'a str,
    /// The handler of 4.x that is called besides `onPresence`.
    pub(super) handler: &'a str,
}

impl Told<'_> {
    /// `type` of `onPresence`, `operation` of the 4.x event, and who did it: what was told last.
    pub(super) async fn to(
        &self,
        page: &mut Page,
        generation: Generation,
        presence: &str,
        event: &str,
        from: &str,
    ) -> Value {
        let told =
            page.expect_with("onPresence", json!({"type": presence, "gid": self.id, "from": from})).await;
        if generation == Generation::V3_6_3 {
            return told;
        }
        page.expect_with(self.handler, json!({"operation": event, "id": self.id, "from": from})).await
    }
}

/// Makes a group: its id. Without a callback, SDK 3.6.3 throws once the server has answered.
async fn found(page: &mut Page, group: Value) -> String {
    let call = json!({"method": "createGroupNew", "argument": {"data": group}, "callbacks": ["success"]});
    let founded = page.called(&call).await.unwrap();
    page.expect("callback.success").await;
    founded["data"]["groupid"].as_str().unwrap().to_owned()
}

/// What 4.x makes of a REST refusal; 3.6.3 knows one number only.
pub(super) fn refusal(generation: Generation, later: i64) -> i64 {
    if generation == Generation::V3_6_3 { 17 } else { later }
}

#[tokio::test]
async fn a_group_is_founded_joined_managed_and_ended() {
    let serving = Serving::start(&[]);
    let [mut bob, mut carol, mut dave] = Witness::all(&serving).await;
    for generation in Generation::ALL {
        let mut alice = Page::open_with(&serving, "alice", generation).await;

        let readers = json!({
            "groupname": "Readers", "desc": "of books", "members": ["bob", "carol"], "public": true,
            "approval": true, "allowinvites": true, "inviteNeedConfirm": false, "maxusers": 200,
        });
        let id = found(&mut alice, readers).await;
        let group = Told { id: &id, handler: "handler.onGroupEvent" };
        for member in [&mut bob, &mut carol] {
            member.hears(&group, "direct_joined", "directJoined", "alice").await;
        }
        let with = |more: Value| {
            let mut argument = json!({"groupId": id});
            argument.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            argument
        };

        // Dave applies twice; the second time he is let in.
        dave.page.call("joinGroup", with(json!({"message": "hi"}))).await;
        group.to(&mut alice, generation, "joinGroupNotifications", "requestToJoin", "dave").await;
        alice.call("rejectJoinGroup", with(json!({"applicant": "dave", "reason": "no"}))).await;
        dave.hears(&group, "joinPublicGroupDeclined", "joinPublicGroupDeclined", "alice").await;
        dave.page.call("joinGroup", with(json!({"message": "please"}))).await;
        group.to(&mut alice, generation, "joinGroupNotifications", "requestToJoin", "dave").await;
        alice.call("agreeJoinGroup", with(json!({"applicant": "dave"}))).await;
        dave.hears(&group, "joinPublicGroupSuccess", "acceptRequest", "alice").await;
        bob.hears(&group, "memberJoinPublicGroupSuccess", "memberPresence", "dave").await;

        // Bob becomes an admin and hears of a mute.
        alice.call("setAdmin", with(json!({"username": "bob"}))).await;
        bob.hears(&group, "addAdmin", "setAdmin", "alice").await;
        assert_eq!(carol.page.call("getGroupAdmin", with(json!({}))).await["data"], json!(["bob"]));
        alice.call("mute", with(json!({"username": "carol", "muteDuration": 3_600_000}))).await;
        for member in [&mut bob, &mut carol] {
            member.hears(&group, "addMute", "muteMember", "alice").await;
        }
        let muted = alice.call("getMuted", with(json!({}))).await;
        assert_eq!(muted["data"][0]["user"], "carol");
        let (ended, _) = carol.page.ended(&text(&id, "groupChat", "may I?")).await;
        assert_eq!(ended, "onMutedMessage");
        alice.call("removeMute", with(json!({"username": "carol"}))).await;
        carol.hears(&group, "removeMute", "unmuteMember", "alice").await;
        carol.page.send(&text(&id, "groupChat", "I may")).await;

        // Everybody is muted but the allow list.
        alice.call("disableSendGroupMsg", with(json!({}))).await;
        dave.hears(&group, "muteGroup", "muteAllMembers", "alice").await;
        alice.call("addUsersToGroupWhitelist", with(json!({"users": ["dave"]}))).await;
        dave.hears(&group, "addUserToGroupWhiteList", "addUserToAllowlist", "alice").await;
        let white = dave.page.call("isGroupWhiteUser", with(json!({"userName": "dave"}))).await;
        assert_eq!((&white["data"]["member"], &white["data"]["white"]), (&json!("dave"), &json!(true)));
        dave.page.send(&text(&id, "groupChat", "I am on the list")).await;
        assert_eq!(carol.page.refused(&text(&id, "groupChat", "and I?")).await, 506);
        alice.call("rmUsersFromGroupWhitelist", with(json!({"userName": "dave"}))).await;
        dave.hears(&group, "rmUserFromGroupWhiteList", "removeAllowlistMember", "alice").await;
        alice.call("enableSendGroupMsg", with(json!({}))).await;
        dave.hears(&group, "rmGroupMute", "unmuteAllMembers", "alice").await;

        alice.call("modifyGroup", with(json!({"groupName": "Writers", "description": "of books"}))).await;
        let changed = dave.hears(&group, "update", "updateInfo", "alice").await;
        assert_eq!(changed["detail"]["name"], "Writers");
        let shown = carol.page.call("getGroupInfo", with(json!({}))).await;
        assert_eq!(
            (&shown["data"][0]["name"], &shown["data"][0]["affiliations_count"]),
            (&json!("Writers"), &json!(4))
        );

        // Out onto the block list, off it, in again, and out.
        alice.call("groupBlockSingle", with(json!({"username": "dave"}))).await;
        dave.hears(&group, "removedFromGroup", "removeMember", "alice").await;
        bob.hears(&group, "leaveGroup", "memberAbsence", "dave").await;
        assert_eq!(alice.call("getGroupBlacklistNew", with(json!({}))).await["data"], json!(["dave"]));
        assert_eq!(dave.page.call_refused("joinGroup", with(json!({"message": "x"}))).await["type"], 603);
        alice.call("removeGroupBlockSingle", with(json!({"username": "dave"}))).await;
        dave.hears(&group, "allow", "unblockMember", "alice").await;
        alice.call("inviteToGroup", with(json!({"users": ["dave"]}))).await;
        dave.hears(&group, "direct_joined", "directJoined", "alice").await;
        alice.call("removeSingleGroupMember", with(json!({"username": "dave"}))).await;
        dave.hears(&group, "removedFromGroup", "removeMember", "alice").await;
        assert_eq!(dave.page.refused(&text(&id, "groupChat", "x")).await, 602, "no member any more");

        carol.page.call("quitGroup", with(json!({}))).await;
        group.to(&mut alice, generation, "leaveGroup", "memberAbsence", "carol").await;
        alice.call("changeOwner", with(json!({"newOwner": "bob"}))).await;
        bob.hears(&group, "changeOwner", "changeOwner", "alice").await;
        let refused = alice.call_refused("dissolveGroup", with(json!({}))).await;
        assert_eq!(refused["type"], refusal(generation, 603), "{refused}");
        bob.page.call("dissolveGroup", with(json!({}))).await;
        group.to(&mut alice, generation, "deleteGroupChat", "destroy", "bob").await;
        let gone = alice.call_refused("getGroupInfo", with(json!({}))).await;
        assert_eq!(gone["type"], refusal(generation, 605), "{gone}");
        assert_eq!(alice.refused(&text(&id, "groupChat", "x")).await, 605);
        alice.leave(&serving).await;
    }
}

#[tokio::test]
async fn whom_a_private_group_asks_first_answers_the_one_who_invited() {
    let serving = Serving::start(&[]);
    let [mut bob, mut carol, mut dave] = Witness::all(&serving).await;
    for generation in Generation::ALL {
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let friends = json!({
            "groupname": "Friends", "desc": "", "members": ["bob"], "public": false, "approval": true,
            "allowinvites": true, "inviteNeedConfirm": true, "maxusers": 200,
        });
        let id = found(&mut alice, friends).await;
        let group = Told { id: &id, handler: "handler.onGroupEvent" };
        let invite = json!({"groupId": id, "users": ["carol", "dave"]});
        let answer = |invitee: &str| json!({"groupId": id, "invitee": invitee});
        bob.page.call("inviteToGroup", invite).await;
        carol.hears(&group, "invite", "inviteToJoin", "bob").await;
        dave.hears(&group, "invite", "inviteToJoin", "bob").await;
        carol.page.call("rejectInviteIntoGroup", answer("carol")).await;
        bob.hears(&group, "invite_decline", "rejectInvite", "carol").await;
        dave.page.call("agreeInviteIntoGroup", answer("dave")).await;
        bob.hears(&group, "invite_accept", "acceptInvite", "dave").await;
        group.to(&mut alice, generation, "memberJoinPublicGroupSuccess", "memberPresence", "dave").await;
        dave.page.send(&text(&id, "groupChat", "thank you")).await;
        assert_eq!(alice.expect("onTextMessage").await["data"], "thank you");
        let refused = carol.page.call_refused("joinGroup", json!({"groupId": id, "message": "x"})).await;
        assert_eq!(refused["type"], 603, "a private group is not applied to");
        alice.leave(&serving).await;
    }
}

#[tokio::test]
async fn lists_of_groups_and_members_read_the_same_in_every_generation() {
    let serving = Serving::start(&[]);
    for generation in Generation::ALL {
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let id = super::GROUP;
        let demo = json!([{"groupid": id, "groupname": "demo group"}]);
        let own = alice.call("getGroup", json!({})).await;
        assert_eq!(own["data"], demo, "{generation}: {own}");
        let public = alice.call("listGroups", json!({"limit": 20})).await;
        assert_eq!(public["data"], demo, "{generation}: {public}");
        let members = json!({"groupId": id, "pageNum": 1, "pageSize": 20});
        let members = alice.call("listGroupMember", members).await;
        assert_eq!(
            members["data"],
            json!([{"owner": "alice"}, {"member": "bob"}, {"member": "carol"}]),
            "{generation}: {members}"
        );
    }
}

#[tokio::test]
async fn several_members_are_put_out_blocked_and_let_in_at_once() {
    let serving = Serving::start(&[]);
    for generation in Generation::ALL {
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let id = super::GROUP;
        let both = json!({"groupId": id, "usernames": ["bob", "carol"]});
        let users = json!({"groupId": id, "users": ["bob", "carol"]});
        let each = |answer: &Value| -> Vec<(String, bool)> {
            let text = |one: &Value| one["user"].as_str().unwrap().to_owned();
            let list = answer["data"].as_array().unwrap_or_else(|| panic!("{generation}: {answer}"));
            list.iter().map(|one| (text(one), one["result"].as_bool().unwrap())).collect()
        };
        let done = [("bob".to_owned(), true), ("carol".to_owned(), true)];
        assert_eq!(each(&alice.call("removeMultiGroupMember", users.clone()).await), done);
        let again = each(&alice.call("removeMultiGroupMember", users.clone()).await);
        assert_eq!(again, [("bob".to_owned(), false), ("carol".to_owned(), false)], "gone already");
        assert_eq!(each(&alice.call("groupBlockMulti", both.clone()).await), done);
        let refused = each(&alice.call("inviteToGroup", users.clone()).await);
        assert_eq!(refused, [("bob".to_owned(), false), ("carol".to_owned(), false)], "blocked");
        assert_eq!(each(&alice.call("removeGroupBlockMulti", both).await), done);
        assert_eq!(each(&alice.call("inviteToGroup", users).await), done);
    }
}

/// What only SDK 4.21.1 asks.
#[tokio::test]
async fn the_latest_sdk_counts_pages_shields_and_hears_of_its_other_devices() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open_with(&serving, "alice", Generation::V4_21_1).await;
    let mut tablet = Page::open_with(&serving, "alice", Generation::V4_21_1).await;
    let mut bob = Page::open_with(&serving, "bob", Generation::V4_21_1).await;
    let readers = json!({
        "groupname": "Readers", "desc": "", "members": [], "public": true, "approval": false,
        "allowinvites": false, "inviteNeedConfirm": false, "maxusers": 200,
    });
    let id = found(&mut alice, readers).await;
    tablet
        .expect_with("handler.onGroupEvent", json!({"operation": "create", "id": id, "from": "alice"}))
        .await;
    assert_eq!(alice.call("getJoinedGroupsCount", Value::Null).await["data"], 2);
    assert!(alice.heard("handler.onGroupEvent").is_empty(), "who founds a group is not told");

    let page = json!({"pageNum": 0, "pageSize": 20, "needRole": true, "needAffiliations": true});
    let own = alice.call("getJoinedGroups", page).await;
    assert_eq!(
        (
            &own["entities"][0]["groupName"],
            &own["entities"][0]["role"],
            &own["entities"][0]["affiliationsCount"]
        ),
        (&json!("demo group"), &json!("owner"), &json!(3)),
        "{own}"
    );
    let page = alice.call("getJoinedGroups", json!({"pageNum": 0, "pageSize": 20})).await;
    assert_eq!(page["data"][1]["groupname"], "Readers", "{page}");

    let first = alice.call("getGroupMembers", json!({"groupId": super::GROUP, "limit": 2})).await;
    let roles = |answer: &Value| -> Vec<(Value, Value)> {
        let members = answer["data"]["members"].as_array().unwrap().iter();
        members.map(|member| (member["role"].clone(), member["userId"].clone())).collect()
    };
    assert_eq!(roles(&first), [(json!("owner"), json!("alice")), (json!("member"), json!("bob"))]);
    let cursor = &first["data"]["cursor"];
    let rest = json!({"groupId": super::GROUP, "limit": 2, "cursor": cursor});
    let rest = alice.call("getGroupMembers", rest).await;
    assert_eq!(roles(&rest), [(json!("member"), json!("carol"))]);

    let group = json!({"groupId": super::GROUP});
    assert_eq!(bob.call("isInGroupMutelist", group.clone()).await["data"], false);
    alice.call("mute", json!({"groupId": super::GROUP, "username": "bob", "muteDuration": 60_000})).await;
    let muted = json!({"operation": "muteMember", "id": super::GROUP, "userId": "bob"});
    let told = bob.expect_with("handler.onGroupEvent", muted).await;
    assert!(told["muteTimestamp"].as_u64().unwrap() > 1_640_995_200_000, "{told}");
    assert_eq!(bob.call("isInGroupMutelist", group.clone()).await["data"], true);

    let shielded = bob.call("blockGroupMessage", group.clone()).await;
    assert_eq!(shielded["data"]["result"], true, "{shielded}");
    let shown = bob.call("getGroupInfo", group.clone()).await;
    assert_eq!(shown["data"][0]["shieldgroup"], true, "{shown}");
    alice.send(&text(super::GROUP, "groupChat", "not for bob")).await;
    bob.call("unblockGroupMessage", group).await;
    alice.send(&text(super::GROUP, "groupChat", "for bob")).await;
    assert_eq!(bob.expect("onTextMessage").await["data"], "for bob");
}
