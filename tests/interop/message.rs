//! Each message type between a genuine page and our own client, both ways, in every chat type and
//! in every pair of generations.

use chatproof::protocol::{
    event::Name,
    ext::Ext,
    generation::Generation,
    id::LocalId,
    message::{Attachment, Body, ChatType, Location, Origin, Outgoing, Size},
};
use serde_json::{Value, json};

use super::{GROUP, ROOM, ours::Ours, page::Page};
use crate::serve::Serving;

/// A chat type for us, for a page that sends and for a page that receives, and where messages from
/// alice to bob and back go in it.
const CHATS: [(ChatType, &str, &str, &str, &str); 3] = [
    (ChatType::Single, "singleChat", "chat", "bob", "alice"),
    (ChatType::Group, "groupChat", "groupchat", GROUP, GROUP),
    (ChatType::Room, "chatRoom", "chatroom", ROOM, ROOM),
];

/// One message as a page sends it, as we do, and what either receiver must see of it.
struct Sample {
    page: Value,
    ours: Body,
    name: Name,
    callback: &'static str,
    shows: Value,
}

const URL: &str = "http://files.example/a/file.bin";

fn linked(kind: &str) -> Value {
    json!({"do": "send", "type": kind, "body": {
        "type": "file", "url": URL, "secret": "s", "filename": "file.bin", "file_length": 7, "length": 3,
        "size": {"width": 4, "height": 3},
    }})
}

fn attachment() -> Attachment {
    Attachment {
        origin: Origin::Given,
        url: Some(URL.to_owned()),
        secret: Some("s".to_owned()),
        filename: Some("file.bin".to_owned()),
        file_length: Some(7.0),
        size: Some(Size { width: Some(4.0), height: Some(3.0) }),
        length: Some(3.0),
    }
}

fn ext() -> Value {
    json!({"s": "x", "e": "", "n": -1, "d": 1.5, "t": true, "f": false, "o": {"deep": [null, "二"]}, "a": [], "none": null})
}

fn samples() -> Vec<Sample> {
    let exts = json!({"key": "value", "more": "又"});
    let pairs = |json: &Value| -> Ext {
        json.as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.clone().into())).collect()
    };
    let file = |kind: &str, ours: Body, name: Name, callback: &'static str| Sample {
        page: linked(kind),
        ours,
        name,
        callback,
        shows: json!({"filename": "file.bin", "secret": "s"}),
    };
    vec![
        Sample {
            page: json!({"do": "send", "type": "txt", "msg": "你好 <b>&\"\u{1f600}"}),
            ours: Body::Text(Some("你好 <b>&\"\u{1f600}".to_owned())),
            name: Name::TEXT,
            callback: "onTextMessage",
            shows: json!({"data": "你好 <b>&\"\u{1f600}"}),
        },
        Sample {
            page: json!({"do": "send", "type": "cmd", "action": "go"}),
            ours: Body::Command(Some("go".to_owned())),
            name: Name::COMMAND,
            callback: "onCmdMessage",
            shows: json!({"action": "go"}),
        },
        Sample {
            page: json!({"do": "send", "type": "loc", "addr": "北京", "lat": 39.9, "lng": -116.4}),
            ours: Body::Location(Location {
                address: Some("北京".to_owned()),
                latitude: Some(39.9),
                longitude: Some(-116.4),
                building: None,
            }),
            name: Name::LOCATION,
            callback: "onLocationMessage",
            shows: json!({"addr": "北京", "lat": 39.9, "lng": -116.4}),
        },
        Sample {
            page: json!({"do": "send", "type": "custom", "customEvent": "gift", "customExts": exts}),
            ours: Body::Custom { event: Some("gift".to_owned()), exts: pairs(&exts) },
            name: Name::CUSTOM,
            callback: "onCustomMessage",
            shows: json!({"customEvent": "gift", "customExts": exts}),
        },
        file("img", Body::Image(attachment()), Name::PICTURE, "onPictureMessage"),
        file("file", Body::File(attachment()), Name::FILE, "onFileMessage"),
        file("audio", Body::Audio(attachment()), Name::AUDIO, "onAudioMessage"),
        file("video", Body::Video(attachment()), Name::VIDEO, "onVideoMessage"),
    ]
}

/// What a receiver was called back with holds what the sender had put in.
fn holds(heard: &Value, shows: &Value, context: &str) {
    for (key, value) in shows.as_object().unwrap() {
        assert_eq!(heard[key], *value, "{context}: {key} in {heard}");
    }
}

async fn crosses(generation: Generation) {
    let serving = Serving::start(&[]);
    let mut alice = Page::open_with(&serving, "alice", generation).await;
    let ext_pairs: Ext = {
        let ext = ext();
        ext.as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.clone().into())).collect()
    };
    for other in Generation::ALL {
        let bob = Ours::open(&serving, "bob", other).await;
        for Sample { page, ours, name, callback, shows } in samples() {
            for (chat_type, page_chat_type, called, to_bob, to_alice) in CHATS {
                let context = format!("{callback} in {page_chat_type}, {generation} and {other}");
                let mut message = page.clone();
                let own = json!({"to": to_bob, "chatType": page_chat_type, "ext": ext()});
                message.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
                let sent = alice.send(&message).await;
                let heard = bob.expect(name).await;
                assert_eq!(heard.id().unwrap().to_string(), sent["mid"], "{context}");
                assert_eq!((heard.from(), heard.to()), (Some("alice"), Some(to_bob)), "{context}");
                assert_eq!(heard.chat_type(), Some(chat_type), "{context}");
                let argument = &heard.args()[0];
                holds(argument, &shows, &context);
                assert_eq!(argument["ext"], ext(), "{context}");

                let outgoing = Outgoing {
                    chat_type,
                    ext: ext_pairs.clone(),
                    ..Outgoing::new(LocalId(0), to_alice, ours.clone())
                };
                let mid = bob.accepted(outgoing).await;
                let heard = alice.expect_with(callback, json!({"id": mid.to_string()})).await;
                holds(
                    &heard,
                    &json!({"type": called, "from": "bob", "to": to_alice, "ext": ext()}),
                    &context,
                );
                holds(&heard, &shows, &context);
            }
        }
        bob.close().await;
    }
}

/// From 4.0 on a page can also make messages with `WebIM.message.create`.
#[tokio::test]
async fn what_a_page_creates_arrives_like_what_it_sets() {
    for generation in [Generation::V4_0_8, Generation::V4_21_1] {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let bob = Ours::open(&serving, "bob", generation).await;
        for Sample { mut page, name, shows, .. } in samples() {
            if page.get("body").is_some() {
                continue;
            }
            for (chat_type, page_chat_type, _, to_bob, _) in CHATS {
                let context = format!("{name:?} in {page_chat_type}, {generation}");
                let own = json!({"api": "new", "to": to_bob, "chatType": page_chat_type, "ext": ext()});
                page.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
                let sent = alice.send(&page).await;
                let heard = bob.expect(name).await;
                assert_eq!(heard.id().unwrap().to_string(), sent["mid"], "{context}");
                assert_eq!(heard.chat_type(), Some(chat_type), "{context}");
                let argument = &heard.args()[0];
                holds(argument, &shows, &context);
                // `create` of 4.0.8 forgets the ext of a command.
                let forgets = generation == Generation::V4_0_8 && name == Name::COMMAND;
                assert_eq!(argument["ext"], if forgets { json!({}) } else { ext() }, "{context}");
            }
        }
        bob.close().await;
    }
}

#[tokio::test]
async fn each_message_type_crosses_between_our_client_and_a_page_on_3_6_3() {
    crosses(Generation::V3_6_3).await;
}

#[tokio::test]
async fn each_message_type_crosses_between_our_client_and_a_page_on_4_0_8() {
    crosses(Generation::V4_0_8).await;
}

#[tokio::test]
async fn each_message_type_crosses_between_our_client_and_a_page_on_4_21_1() {
    crosses(Generation::V4_21_1).await;
}
