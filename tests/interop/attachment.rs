//! Files between genuine pages and our client, and what groups and rooms keep for their members.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use chatproof::{
    client::{Downloading, Fetched, Rendition, Uploaded, Uploading},
    protocol::{
        event::{Event, Name},
        generation::Generation,
        id::LocalId,
        message::{Attachment, Body, Origin, Outgoing, Size},
        secret::Secret,
    },
    scenario::MEDIA,
    session::Answer,
};
use serde_json::{Value, json};

use super::{
    GROUP, ROOM,
    group::{Told, Witness},
    ours::Ours,
    page::Page,
};
use crate::serve::Serving;

/// Message type, a file of it, the event and the callback of an old API, that of `addEventHandler`.
const KINDS: [(&str, &str, Name, &str, &str); 4] = [
    ("img", "photo.png", Name::PICTURE, "onPictureMessage", "handler.onImageMessage"),
    ("file", "page.pdf", Name::FILE, "onFileMessage", "handler.onFileMessage"),
    ("audio", "voice.amr", Name::AUDIO, "onAudioMessage", "handler.onAudioMessage"),
    ("video", "clip.mp4", Name::VIDEO, "onVideoMessage", "handler.onVideoMessage"),
];

fn media(name: &str) -> &'static [u8] {
    MEDIA.iter().find(|(known, _)| *known == name).unwrap().1
}

/// A file of this binary as a page chooses it.
fn chosen(name: &str) -> Value {
    let types =
        [("png", "image/png"), ("pdf", "application/pdf"), ("amr", "audio/amr"), ("mp4", "video/mp4")];
    let (_, content_type) = types.iter().find(|(ending, _)| name.ends_with(ending)).unwrap();
    json!({"name": name, "type": content_type, "base64": BASE64_STANDARD.encode(media(name))})
}

impl Ours {
    async fn fetch(&self, event: &Event) -> Bytes {
        let url = event.args()[0]["url"].as_str().unwrap().to_owned();
        let file = Downloading { url: &url, secret: None, rendition: Rendition::Original };
        match self.client().download(&file, |_| ()).await.unwrap() {
            Fetched::File(file) => file.bytes,
            Fetched::Refused(reply) => panic!("{url}: {reply:?}"),
        }
    }

    async fn store(&self, name: &str) -> Uploaded {
        let file = Uploading { name, bytes: Bytes::from_static(media(name)) };
        Uploaded::of(self.client().upload("/chatfiles", &file, |_| ()).await.unwrap()).unwrap()
    }
}

fn body(kind: &str, file: Attachment) -> Body {
    match kind {
        "img" => Body::Image(file),
        "file" => Body::File(file),
        "audio" => Body::Audio(file),
        _ => Body::Video(file),
    }
}

#[tokio::test]
async fn our_client_has_every_byte_that_a_page_sends() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let bob = Ours::open(&serving, "bob", generation).await;
        let apis: &[&str] = if generation == Generation::V3_6_3 { &["old"] } else { &["old", "new"] };
        for (kind, name, event, ..) in KINDS {
            for api in apis {
                let message = json!({
                    "do": "send", "type": kind, "to": "bob", "chatType": "singleChat", "api": api,
                    "file": chosen(name), "file_length": media(name).len(), "length": 3, "width": 192,
                    "height": 24, "ext": {"file_length": media(name).len()}, "filename": name,
                });
                let sent = alice.send(&message).await;
                let heard = bob.expect(event).await;
                assert_eq!(heard.id().unwrap().to_string(), sent["mid"], "{generation} {kind} {api}");
                assert_eq!(heard.args()[0]["filename"], name, "{generation} {kind} {api}");
                assert_eq!(bob.fetch(&heard).await, media(name), "{generation} {kind} {api}");
            }
        }
        bob.close().await;
    }
}

#[tokio::test]
async fn a_page_has_every_byte_that_our_client_sends() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let bob = Ours::open(&serving, "bob", generation).await;
        for (kind, name, _, callback, handler) in KINDS {
            let stored = bob.store(name).await;
            let file = Attachment {
                origin: Origin::Upload,
                url: Some(stored.url),
                secret: Some(stored.secret.reveal().to_owned()),
                filename: Some(name.to_owned()),
                file_length: Some(f64::from(u32::try_from(media(name).len()).unwrap())),
                size: Some(Size { width: Some(192.0), height: Some(24.0) }),
                length: Some(3.0),
            };
            let answer = bob.deliver(Outgoing::new(LocalId(0), "alice", body(kind, file))).await;
            let Answer::Accepted { mid, .. } = answer else { panic!("{answer:?}") };
            let mid = mid.to_string();
            let heard = alice.expect_with(callback, json!({"id": mid, "filename": name})).await;
            let secret = stored.secret.reveal();
            assert_eq!(heard["secret"], secret, "{generation} {kind}");
            let url = heard["url"].as_str().unwrap();
            assert_eq!(alice.download(url, None).await, media(name), "{generation} {kind}");
            if generation != Generation::V3_6_3 {
                alice.expect_with(handler, json!({"id": mid, "url": url})).await;
            }
            // 4.x tells a page where the small picture is.
            if kind == "img" && generation != Generation::V3_6_3 {
                let small = alice.download(heard["thumb"].as_str().unwrap(), None).await;
                let small = image::load_from_memory(&small).unwrap();
                assert_eq!((small.width(), small.height()), (170, 21), "{generation}");
            }
        }
        bob.close().await;
    }
}

/// Shares and takes away, lists and fetches, in a group or room.
struct Shelf {
    place: Told<'static>,
    key: &'static str,
    methods: [&'static str; 4],
}

const SHELVES: [Shelf; 2] = [
    Shelf {
        place: Told { id: GROUP, handler: "handler.onGroupEvent" },
        key: "groupId",
        methods: [
            "uploadGroupSharedFile",
            "fetchGroupSharedFileList",
            "updateGroupAnnouncement",
            "fetchGroupAnnouncement",
        ],
    },
    Shelf {
        place: Told { id: ROOM, handler: "handler.onChatroomEvent" },
        key: "roomId",
        methods: [
            "uploadChatRoomSharedFile",
            "fetchChatRoomSharedFileList",
            "updateChatRoomAnnouncement",
            "fetchChatRoomAnnouncement",
        ],
    },
];

impl Shelf {
    fn with(&self, more: Value) -> Value {
        let mut argument = more;
        argument[self.key] = self.place.id.into();
        argument
    }
}

#[tokio::test]
async fn members_share_files_and_hear_of_them() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let [mut bob, ..] = Witness::all(&serving).await;
        for shelf in SHELVES {
            let [upload, list, ..] = shelf.methods;
            let call =
                json!({"method": upload, "argument": shelf.with(json!({})), "file": chosen("page.pdf")});
            alice.called(&call).await.unwrap();
            let complete = alice.expect("onFileUploadComplete").await;
            let id = complete["data"]["file_id"].as_str().unwrap().to_owned();
            bob.hears(&shelf.place, "uploadFile", "uploadFile", "alice").await;

            let shared = bob.page.call(list, shelf.with(json!({}))).await;
            let described = &shared["data"][0];
            assert_eq!((&described["file_id"], &described["file_name"]), (&json!(id), &json!("page.pdf")));
            assert_eq!((&described["file_owner"], &described["file_size"]), (&json!("alice"), &json!(320)));

            let kind = if shelf.key == "groupId" { "chatgroups" } else { "chatrooms" };
            let base = format!("{}/easemob-demo/chatdemoui/{kind}/{}", serving.url("rest"), shelf.place.id);
            let bytes = bob.page.download(&format!("{base}/share_files/{id}"), None).await;
            assert_eq!(bytes, media("page.pdf"));

            let delete = upload.replace("upload", "delete");
            alice.call(&delete, shelf.with(json!({"fileId": id}))).await;
            bob.hears(&shelf.place, "deleteFile", "deleteFile", "alice").await;
            let shared = bob.page.call(list, shelf.with(json!({}))).await;
            assert_eq!(shared["data"], json!([]), "{generation} {list}");
        }
    }
}

#[tokio::test]
async fn members_hear_what_is_announced() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let [mut bob, ..] = Witness::all(&serving).await;
        for shelf in SHELVES {
            let [.., update, fetch] = shelf.methods;
            alice.call(update, shelf.with(json!({"announcement": "Closed on Monday"}))).await;
            bob.hears(&shelf.place, "updateAnnouncement", "updateAnnouncement", "alice").await;
            let kept = bob.page.call(fetch, shelf.with(json!({}))).await;
            assert_eq!(kept["data"]["announcement"], "Closed on Monday", "{generation} {fetch}");
            alice.call(update, shelf.with(json!({"announcement": ""}))).await;
            bob.hears(&shelf.place, "deleteAnnouncement", "deleteAnnouncement", "alice").await;
        }
    }
}

/// What an SDK uploads, it keeps from whoever does not know the secret.
#[tokio::test]
async fn what_a_page_uploads_needs_its_secret() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let bob = Ours::open(&serving, "bob", generation).await;
        let message = json!({
            "do": "send", "type": "img", "to": "bob", "chatType": "singleChat", "file": chosen("photo.png"),
        });
        alice.send(&message).await;
        let heard = bob.expect(Name::PICTURE).await;
        let url = heard.args()[0]["url"].as_str().unwrap().split('?').next().unwrap().to_owned();
        for (secret, status) in [(None, 401), (Some("guessed"), 401)] {
            let secret = secret.map(Secret::new);
            let file = Downloading { url: &url, secret: secret.as_ref(), rendition: Rendition::Original };
            match bob.client().download(&file, |_| ()).await.unwrap() {
                Fetched::Refused(reply) => assert_eq!(reply.status, status, "{generation}"),
                Fetched::File(file) => panic!("{generation}: {} bytes came", file.bytes.len()),
            }
        }
        bob.close().await;
    }
}
