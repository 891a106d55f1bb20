//! Chat rooms, as pages of three generations manage them and hear of them.

use chatproof::protocol::generation::Generation;
use serde_json::{Value, json};

use super::{
    Page, ROOM,
    group::{Told, Witness, refusal},
    text,
};
use crate::serve::Serving;

#[tokio::test]
async fn a_room_is_founded_joined_managed_and_ended() {
    let serving = Serving::start(&[]);
    let [mut bob, mut carol, mut dave] = Witness::all(&serving).await;
    for generation in Generation::ALL {
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        // These two methods of 4.x want the token of a super admin, whoever is logged in.
        let token = alice.property("context").await["accessToken"].clone();
        let founding = json!({
            "name": "Hall", "description": "", "maxusers": 200, "members": ["bob"], "token": token,
        });
        let founded = alice.call("createChatRoom", founding).await;
        let id = founded["data"]["id"].as_str().unwrap().to_owned();
        let room = Told { id: &id, handler: "handler.onChatroomEvent" };
        let with = |more: Value| {
            let mut argument = json!({"chatRoomId": id});
            argument.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            argument
        };
        let refused = bob
            .page
            .call_refused(
                "createChatRoom",
                json!({"name": "Mine", "description": "", "maxusers": 9, "members": []}),
            )
            .await;
        assert_eq!(refused["type"], 17, "only super admins make rooms");

        // 3.6.3 and 4.0.8 join by REST, 4.21.1 by a frame.
        carol.page.call("joinChatRoom", json!({"roomId": id, "message": "hi"})).await;
        bob.hears(&room, "memberJoinChatRoomSuccess", "memberPresence", "carol").await;
        let joined = dave.page.call("joinChatRoom", json!({"roomId": id, "message": "hi"})).await;
        assert_eq!(joined["data"]["info"]["memberCount"], 4, "{joined}");
        room.to(&mut alice, generation, "memberJoinChatRoomSuccess", "memberPresence", "dave").await;
        dave.page.send(&text(&id, "chatRoom", "hello")).await;
        carol.page.expect_with("onTextMessage", json!({"data": "hello", "to": id})).await;

        alice.call("setChatRoomAdmin", with(json!({"username": "bob"}))).await;
        bob.hears(&room, "addAdmin", "setAdmin", "alice").await;
        alice.call("muteChatRoomMember", with(json!({"username": "carol", "muteDuration": -1000}))).await;
        for member in [&mut bob, &mut carol] {
            member.hears(&room, "addMute", "muteMember", "alice").await;
        }
        let (ended, _) = carol.page.ended(&text(&id, "chatRoom", "may I?")).await;
        assert_eq!(ended, "onMutedMessage");
        assert_eq!(
            alice.call("getChatRoomMuted", with(json!({}))).await["data"],
            json!([{"user": "carol", "expire": -1}])
        );
        alice.call("removeMuteChatRoomMember", with(json!({"username": "carol"}))).await;
        carol.hears(&room, "removeMute", "unmuteMember", "alice").await;

        alice.call("disableSendChatRoomMsg", with(json!({}))).await;
        dave.hears(&room, "muteChatRoom", "muteAllMembers", "alice").await;
        alice.call("addUsersToChatRoomWhitelist", with(json!({"users": ["dave"]}))).await;
        dave.hears(&room, "addUserToChatRoomWhiteList", "addUserToAllowlist", "alice").await;
        dave.page.send(&text(&id, "chatRoom", "I am on the list")).await;
        assert_eq!(carol.page.refused(&text(&id, "chatRoom", "and I?")).await, 506);
        alice.call("rmUsersFromChatRoomWhitelist", with(json!({"userName": "dave"}))).await;
        dave.hears(&room, "rmUserFromChatRoomWhiteList", "removeAllowlistMember", "alice").await;
        alice.call("enableSendChatRoomMsg", with(json!({}))).await;
        dave.hears(&room, "rmChatRoomMute", "unmuteAllMembers", "alice").await;

        alice
            .call(
                "modifyChatRoom",
                with(json!({"chatRoomName": "Yard", "description": "outside", "maxusers": 100})),
            )
            .await;
        dave.hears(&room, "update", "updateInfo", "alice").await;
        let shown = carol.page.call("getChatRoomDetails", with(json!({}))).await;
        assert_eq!((&shown["data"][0]["name"], &shown["data"][0]["maxusers"]), (&json!("Yard"), &json!(100)));

        alice.call("chatRoomBlockSingle", with(json!({"username": "carol"}))).await;
        carol.hears(&room, "removedFromGroup", "removeMember", "alice").await;
        bob.hears(&room, "leaveChatRoom", "memberAbsence", "carol").await;
        let kept_out = carol.page.call_refused("joinChatRoom", json!({"roomId": id, "message": "x"})).await;
        assert_eq!(kept_out["type"], 603, "{kept_out}");
        alice.call("removeChatRoomBlockSingle", with(json!({"username": "carol"}))).await;
        alice.call("addUsersToChatRoom", with(json!({"users": ["carol"]}))).await;
        carol.hears(&room, "direct_joined", "directJoined", "alice").await;
        alice.call("removeSingleChatRoomMember", with(json!({"username": "carol"}))).await;
        carol.hears(&room, "removedFromGroup", "removeMember", "alice").await;
        dave.page.call("quitChatRoom", json!({"roomId": id})).await;
        room.to(&mut alice, generation, "leaveChatRoom", "memberAbsence", "dave").await;
        assert_eq!(dave.page.refused(&text(&id, "chatRoom", "x")).await, 602, "no member any more");

        alice.call("destroyChatRoom", with(json!({"token": token}))).await;
        bob.hears(&room, "deleteGroupChat", "destroy", "alice").await;
        let gone = alice.call_refused("getChatRoomDetails", with(json!({}))).await;
        assert_eq!(gone["type"], refusal(generation, 705), "{gone}");
        alice.leave(&serving).await;
    }
}

#[tokio::test]
async fn rooms_are_listed_and_what_is_not_there_is_not_joined() {
    let serving = Serving::start(&[]);
    for generation in Generation::ALL {
        let mut dave = Page::open_with(&serving, "dave", generation).await;
        let rooms = dave.call("getChatRooms", json!({"pagenum": 1, "pagesize": 20})).await;
        assert_eq!(
            rooms["data"],
            json!([{"id": ROOM, "name": "demo room", "owner": "alice", "affiliations_count": 2}]),
            "{generation}"
        );
        let refused = dave.call_refused("joinChatRoom", json!({"roomId": "7", "message": "x"})).await;
        assert_eq!(refused["type"], refusal(generation, 705), "{refused}");
    }
}

/// What only SDK 4.21.1 asks.
#[tokio::test]
async fn the_latest_sdk_brings_words_into_a_room_and_leaves_the_others() {
    let serving = Serving::start(&[]);
    let mut bob = Page::open_with(&serving, "bob", Generation::V4_21_1).await;
    let mut alice = Page::open_with(&serving, "alice", Generation::V4_21_1).await;
    let token = alice.property("context").await["accessToken"].clone();
    let founding =
        json!({"name": "Hall", "description": "", "maxusers": 200, "members": ["dave"], "token": token});
    let hall = alice.call("createChatRoom", founding).await["data"]["id"].as_str().unwrap().to_owned();
    let mut dave = Page::open_with(&serving, "dave", Generation::V4_21_1).await;
    let join = json!({"roomId": ROOM, "ext": "from the live page", "leaveOtherRooms": true});
    let joined = dave.call("joinChatRoom", join).await;
    assert_eq!(
        (&joined["data"]["info"]["isAllMembersMuted"], &joined["data"]["info"]["muteExpireTimestamp"]),
        (&json!(false), &json!(-1)),
        "{joined}"
    );
    let arrival = json!({"operation": "memberPresence", "id": ROOM, "from": "dave"});
    let arrival = bob.expect_with("handler.onChatroomEvent", arrival).await;
    assert_eq!((&arrival["ext"], &arrival["memberCount"]), (&json!("from the live page"), &json!(3)));
    let gone = json!({"operation": "memberAbsence", "id": hall, "from": "dave"});
    alice.expect_with("handler.onChatroomEvent", gone).await;
    let own = dave.call("getJoinedChatRooms", json!({"pageNum": 1, "pageSize": 20})).await;
    assert_eq!(
        (&own["data"][0]["id"], &own["data"][0]["owner"], &own["data"][1]),
        (&json!(ROOM), &json!("alice"), &Value::Null),
        "{own}"
    );
}
