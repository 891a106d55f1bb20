//! 发送贴图消息, 发送URL图片消息, 发送附件消息, and 处理消息: what is sent is downloaded again.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chatproof::protocol::generation::Generation;
use serde_json::{Value, json};

use super::{CHATS, Stage};

/// A picture of one pixel.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

pub(super) async fn walk(stage: &mut Stage) {
    pasted(stage).await;
    by_url(stage).await;
    for (kind, name, callback) in [
        ("img", "picture.PNG", "onPictureMessage"),
        ("file", "notes.txt", "onFileMessage"),
        ("audio", "voice.mp3", "onAudioMessage"),
        ("video", "clip.mp4", "onVideoMessage"),
    ] {
        uploaded(stage, kind, name, callback).await;
    }
    mini_program(stage).await;
    refused(stage).await;
}

fn file(name: &str) -> Value {
    json!({"name": name, "type": "image/png", "base64": BASE64_STANDARD.encode(PICTURE)})
}

/// 单聊贴图发送: a blob without a name.
async fn pasted(stage: &mut Stage) {
    let mut blob = file("");
    blob["pasted"] = true.into();
    let message = json!({"do": "send", "type": "img", "to": "bob", "chatType": "singleChat", "file": blob});
    let sent = stage.alice.send(&message).await;
    stage.alice.expect("onFileUploadComplete").await;
    let heard = stage.bob_hears("onPictureMessage", json!({"id": sent["mid"], "type": "chat"})).await;
    assert_eq!(stage.bob.download(heard["url"].as_str().unwrap(), None).await, PICTURE);
}

/// 单聊通过URL发送图片消息, with `useOwnUploadFun: true`: nothing is uploaded, the address arrives as
/// it is.
async fn by_url(stage: &mut Stage) {
    for page in [&mut stage.alice, &mut stage.bob] {
        page.set_property("useOwnUploadFun", true.into()).await;
        page.forget();
    }
    let url = "http://files.example/picture.png?x=1";
    let body = json!({
        "type": "file", "url": url, "size": {"width": 4, "height": 3}, "length": 0, "filename": "picture.png",
        "filetype": "png",
    });
    let message = json!({
        "do": "send", "type": "img", "to": "bob", "chatType": "singleChat", "body": body,
    });
    let sent = stage.alice.send(&message).await;
    let heard = stage.bob_hears("onPictureMessage", json!({"id": sent["mid"]})).await;
    assert_eq!((&heard["url"], &heard["filename"]), (&json!(url), &json!("picture.png")));
    assert!(stage.alice.heard("onFileUploadComplete").is_empty());
    for page in [&mut stage.alice, &mut stage.bob] {
        page.set_property("useOwnUploadFun", false.into()).await;
    }
}

/// 单聊发送图片消息, 文件消息, 音频消息, 视频消息, and the same in the other chat types.
async fn uploaded(stage: &mut Stage, kind: &str, name: &str, callback: &str) {
    for (chat_type, to, called) in CHATS {
        stage.alice.forget();
        let message = json!({
            "do": "send", "type": kind, "to": to, "chatType": chat_type, "file": file(name), "length": "3",
            "ext": {"file_length": PICTURE.len()}, "width": 4, "height": 3,
        });
        let sent = stage.alice.send(&message).await;
        let complete = stage.alice.expect("onFileUploadComplete").await;
        let secret = complete["entities"][0]["share-secret"].as_str().unwrap();
        let uuid = complete["entities"][0]["uuid"].as_str().unwrap();
        let progress = stage.alice.heard("onFileUploadProgress");
        let last = progress.last().unwrap_or_else(|| panic!("{kind}: no progress"));
        assert!(last["loaded"] == last["total"] && last["total"].as_u64().unwrap() > PICTURE.len() as u64);

        let heard = stage.bob_hears(callback, json!({"id": sent["mid"], "type": called})).await;
        assert_eq!(heard["filename"], name, "{kind}");
        assert_eq!(heard["secret"], secret, "{kind}");
        assert_eq!(heard["file_length"], PICTURE.len(), "{kind}");
        assert_eq!(heard["ext"]["file_length"], PICTURE.len(), "{kind}");
        if kind == "audio" || kind == "video" {
            assert_eq!(heard["length"], 3, "{kind}");
        }
        if kind == "img" {
            assert_eq!((&heard["width"], &heard["height"]), (&json!(4), &json!(3)));
        }
        // 对于图片、语音消息需要先进行下载.
        let url = heard["url"].as_str().unwrap();
        assert!(url.contains(uuid) && url.ends_with(&format!("share-secret={secret}")), "{kind}: {url}");
        assert_eq!(stage.bob.download(url, None).await, PICTURE, "{kind} by its address");
        let bare = url.split('?').next().unwrap();
        assert_eq!(stage.bob.download(bare, Some(secret)).await, PICTURE, "{kind} with its secret");
    }
}

/// 小程序单聊发送图片消息: the page uploads by itself, then sends.
async fn mini_program(stage: &mut Stage) {
    let (status, answer) = stage.alice.upload(&file("tmp.png")).await;
    assert_eq!(status, 200, "{answer}");
    let url =
        format!("{}/{}", answer["uri"].as_str().unwrap(), answer["entities"][0]["uuid"].as_str().unwrap());
    let body = json!({
        "type": "img", "size": {"width": 4, "height": 3}, "url": url, "filetype": "png", "filename": "tmp.png",
    });
    let message = json!({
        "do": "send", "type": "img", "to": "bob", "chatType": "singleChat", "body": body,
    });
    let sent = stage.alice.send(&message).await;
    let heard = stage.bob_hears("onPictureMessage", json!({"id": sent["mid"]})).await;
    // Uploaded without `restrict-access`, so that no secret is needed.
    assert_eq!(stage.bob.download(heard["url"].as_str().unwrap(), None).await, PICTURE);

    // 图片上传阿里云检验不合法.
    let (status, answer) = stage.alice.upload(&file("IMPROPER.png")).await;
    assert_eq!((status, &answer["error"]), (400, &json!("content improper")));
}

/// `onFileUploadError`: an improper picture, an empty file, and one that is too large.
async fn refused(stage: &mut Stage) {
    let empty = json!({"name": "empty.png", "size": 0});
    let large = json!({"name": "large.png", "size": 10 * 1024 * 1024 + 1});
    for (file, is_large) in [(file("IMPROPER.png"), false), (empty, false), (large, true)] {
        stage.alice.forget();
        stage
            .alice
            .tell(&json!({"do": "send", "type": "img", "to": "bob", "chatType": "singleChat", "file": file}))
            .await;
        // 4.21.1 keeps the failure of what the server answers with another status for its promise.
        let error = match stage.generation {
            Generation::V4_21_1 if is_large => stage.alice.expect("rejected").await,
            _ => stage.alice.expect("onFileUploadError").await,
        };
        let code = if is_large && stage.generation != Generation::V4_21_1 { 31 } else { 101 };
        assert_eq!(error["type"], code, "{file} {error}");
        assert!(stage.alice.heard("success").is_empty());
    }
}
