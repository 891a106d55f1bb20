//! Attachments, shared files and announcements, call by call.

use serde_json::{Value, json};

use super::*;
use crate::protocol::secret::Secret;

const GROUP: &str = "/chatgroups/93734273351681";

fn file(name: &str, content_type: &str, bytes: impl Into<Bytes>) -> Attachment {
    Attachment {
        upload: Some(Upload {
            name: name.to_owned(),
            content_type: content_type.to_owned(),
            bytes: bytes.into(),
        }),
        access: Access::Restricted,
        ..Attachment::default()
    }
}

impl Stage {
    fn call_file(&mut self, call: &str, token: Option<&str>, attachment: Attachment) -> RestResponse {
        let (method, path) = call.split_once(' ').unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = RestRequest {
            method: method.to_owned(),
            path: format!("/easemob-demo/chatdemoui{path}"),
            query: query.to_owned(),
            origin: "http://127.0.0.1:7070".to_owned(),
            authorization: token.map(|token| format!("Bearer {token}")),
            attachment,
            ..RestRequest::default()
        };
        self.world.rest(self.now, &request)
    }

    /// Uploads an attachment: the path that it is found under, and its share-secret.
    fn attach(&mut self, token: &str, attachment: Attachment) -> (String, String) {
        let answer = self.call_file("POST /chatfiles", Some(token), attachment);
        let body = json(&answer);
        assert_eq!(
            (answer.status, &body["uri"]),
            (200, &json!("http://127.0.0.1:7070/easemob-demo/chatdemoui/chatfiles"))
        );
        let entity = &body["entities"][0];
        assert_eq!(entity["type"], "chatfile");
        let text = |key: &str| entity[key].as_str().unwrap().to_owned();
        (format!("/chatfiles/{}", text("uuid")), text("share-secret"))
    }

    /// Status and `error` of a call about files that is refused.
    fn refusal(&mut self, call: &str, token: Option<&str>, attachment: Attachment) -> (u16, String) {
        let answer = self.call_file(call, token, attachment);
        (answer.status, json(&answer)["error"].as_str().unwrap().to_owned())
    }

    /// The operations that a connection is told of in the group's queue.
    fn told(&mut self, id: ConnectionId) -> Vec<(i32, String)> {
        self.outputs();
        let queue = Jid::conference(APP, "93734273351681");
        let (mut operations, mut page) = (Vec::new(), self.fetch(id, &queue, None));
        while page.is_last != Some(true) {
            operations.extend(page.metas.iter().map(|meta| {
                let body = MucBody::decode(meta.payload.clone().unwrap()).unwrap();
                (body.operation.unwrap(), body.reason.unwrap_or_default())
            }));
            page = self.fetch(id, &queue, page.next_key);
        }
        operations
    }
}

fn json(answer: &RestResponse) -> Value {
    assert_eq!(answer.content, Content::Json);
    serde_json::from_slice(&answer.body).unwrap()
}

#[test]
fn a_restricted_file_comes_down_to_whoever_knows_its_secret() {
    let mut stage = Stage::new();
    let alice = stage.user_token("alice");
    let (path, secret) = stage.attach(&alice, file("cat.png", "image/png", "\u{1}PNG"));
    let wanted = RestResponse {
        status: 200,
        content: Content::File { content_type: "image/png".to_owned(), thumbnail: None },
        body: "\u{1}PNG".into(),
    };
    let queried = format!("GET {path}?em-redirect=true&share-secret={secret}");
    assert_eq!(stage.call_file(&queried, None, Attachment::default()), wanted, "by query, by nobody");
    let plain = format!("GET {path}");
    let header =
        |secret: &str| Attachment { share_secret: Some(Secret::new(secret)), ..Attachment::default() };
    assert_eq!(stage.call_file(&plain, Some(&alice), header(&secret)), wanted, "by header");
    let app = stage.app_token();
    assert_eq!(stage.call_file(&plain, Some(&app), Attachment::default()), wanted, "the app needs no secret");

    let refused = (401, "unauthorized".to_owned());
    assert_eq!(stage.refusal(&plain, Some(&alice), Attachment::default()), refused, "without");
    assert_eq!(stage.refusal(&plain, Some(&alice), header("wrong")), refused);
    assert_eq!(stage.refusal(&format!("{plain}?share-secret=wrong"), None, Attachment::default()), refused);
    let gone = (404, "storage_object_not_found".to_owned());
    assert_eq!(stage.refusal("GET /chatfiles/5cd8fdc0", None, Attachment::default()), gone);
}

#[test]
fn a_file_without_restriction_needs_no_secret_as_the_mini_program_sends_it() {
    let mut stage = Stage::new();
    let alice = stage.user_token("alice");
    let open = Attachment { access: Access::Open, ..file("tmp.png", "image/png", "x") };
    let (path, _) = stage.attach(&alice, open);
    assert_eq!(stage.call_file(&format!("GET {path}"), None, Attachment::default()).body, "x");
}

#[test]
fn uploads_are_refused_in_the_words_of_the_service() {
    let mut stage = Stage::with("limits: {file_bytes: 10}");
    let alice = stage.user_token("alice");
    let upload = "POST /chatfiles";
    let cases = [
        (None, file("a", "text/plain", "x"), (401, "auth_bad_access_token")),
        (Some(&*alice), file("IMPROPER.png", "image/png", "x"), (400, "content improper")),
        (Some(&*alice), file("a", "image/png", "xIMPROPER!"), (400, "content improper")),
        (Some(&*alice), file("a", "text/plain", "12345678901"), (413, "Request Entity Too Large")),
        (Some(&*alice), Attachment::default(), (415, "web_application")),
    ];
    for (token, attachment, (status, error)) in cases {
        assert_eq!(stage.refusal(upload, token, attachment), (status, error.to_owned()));
    }
    stage.attach(&alice, file("a", "text/plain", "1234567890"));
}

#[test]
fn without_the_file_service_nothing_goes_up_or_down() {
    let mut stage = Stage::with("services: {files: false}");
    let alice = stage.user_token("alice");
    let share = format!("POST {GROUP}/share_files");
    let list = format!("GET {GROUP}/share_files");
    for call in ["POST /chatfiles", "GET /chatfiles/5cd8fdc0", &share, &list] {
        let refused = stage.refusal(call, Some(&alice), file("a", "text/plain", "x"));
        assert_eq!(refused, (403, "forbidden_op".to_owned()), "{call}");
    }
}

#[test]
fn only_an_image_of_more_than_ten_kibibytes_is_scaled() {
    let mut stage = Stage::new();
    let alice = stage.user_token("alice");
    let mut thumbnail = |content_type: &str, bytes: usize, query: &str, header: Rendition| {
        let bounds = Bounds { width: 5_000, height: 80 };
        let stored = Attachment { bounds, ..file("a", content_type, vec![0; bytes]) };
        let (path, secret) = stage.attach(&alice, stored);
        let asked = Attachment { rendition: header, ..Attachment::default() };
        let answer = stage.call_file(&format!("GET {path}?share-secret={secret}{query}"), None, asked);
        match answer.content {
            Content::File { thumbnail, .. } => thumbnail.map(|bounds| (bounds.width, bounds.height)),
            Content::Json => panic!("{answer:?}"),
        }
    };
    let (large, wanted) = (10 * 1024 + 1, "&thumbnail=true");
    assert_eq!(thumbnail("image/png", large, wanted, Rendition::Original), Some((1_024, 80)), "bounded");
    assert_eq!(thumbnail("image/png", large, "", Rendition::Thumbnail), Some((1_024, 80)));
    assert_eq!(thumbnail("image/png", large, "", Rendition::Original), None);
    assert_eq!(thumbnail("image/png", large - 1, wanted, Rendition::Original), None);
    assert_eq!(thumbnail("video/mp4", large, wanted, Rendition::Original), None);
}

#[test]
fn members_share_files_and_the_others_are_told() {
    let mut stage = Stage::new();
    let (bob, carol) = (stage.user_token("bob"), stage.user_token("carol"));
    let dave = stage.user_token("dave");
    let listener = stage.login("carol", "c");
    let share = format!("POST {GROUP}/share_files");
    let shared = json(&stage.call_file(&share, Some(&bob), file("图.txt", "text/plain", "hello notes")));
    let id = shared["data"]["file_id"].as_str().unwrap().to_owned();
    let described = json!({
        "file_id": id, "file_name": "图.txt", "file_owner": "bob", "file_size": 11,
        "created": 1_640_995_200_000_u64,
    });
    assert_eq!(shared["data"], described);
    let (_, list) = stage.call("GET", &format!("{GROUP}/share_files"), Some(&carol), &Value::Null);
    assert_eq!((&list["data"], &list["count"]), (&json!([described]), &json!(1)));
    let path = format!("{GROUP}/share_files/{id}");
    let bytes = stage.call_file(&format!("GET {path}"), Some(&carol), Attachment::default()).body;
    assert_eq!(bytes, "hello notes");

    // Not for who is no member, not as an attachment, not from another group or room.
    for (call, token, status) in [
        (format!("GET {path}"), Some(&dave), 403),
        (share, Some(&dave), 403),
        (format!("DELETE {path}"), Some(&carol), 403),
        (format!("GET /chatfiles/{id}"), Some(&bob), 404),
        (format!("GET /chatrooms/179800091197441/share_files/{id}"), Some(&bob), 404),
        (format!("GET {path}"), None, 401),
    ] {
        let (answered, _) = stage.refusal(&call, token.map(String::as_str), file("x", "text/plain", "x"));
        assert_eq!(answered, status, "{call}");
    }
    let (status, _) = stage.call("DELETE", &path, Some(&bob), &Value::Null);
    assert_eq!(status, 200, "its owner may");
    let (status, _) = stage.call("DELETE", &path, Some(&bob), &Value::Null);
    assert_eq!(status, 404, "once");
    assert_eq!(stage.told(listener), [(27, String::new()), (28, String::new())]);
}

#[test]
fn staff_announces_and_an_empty_text_takes_the_announcement_away() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.user_token("alice"), stage.user_token("bob"));
    let listener = stage.login("bob", "b");
    let path = format!("{GROUP}/announcement");
    let announce = json!({"announcement": "Closed on Monday"});
    assert_eq!(stage.call("POST", &path, Some(&bob), &announce).0, 403);
    assert_eq!(stage.call("POST", &path, Some(&alice), &announce).0, 200);
    let (_, shown) = stage.call("GET", &path, Some(&bob), &Value::Null);
    assert_eq!(shown["data"], announce);
    stage.call("POST", &path, Some(&alice), &json!({"announcement": ""}));
    let (_, shown) = stage.call("GET", &path, Some(&bob), &Value::Null);
    assert_eq!(shown["data"]["announcement"], "");
    assert_eq!(stage.told(listener), [(25, "Closed on Monday".to_owned()), (26, String::new())]);
}

#[test]
fn what_was_shared_in_a_group_ends_with_it() {
    let mut stage = Stage::new();
    let alice = stage.user_token("alice");
    let share = format!("POST {GROUP}/share_files");
    let shared = json(&stage.call_file(&share, Some(&alice), file("a", "text/plain", "x")));
    let id = shared["data"]["file_id"].as_str().unwrap();
    assert!(stage.world.files.find(id).is_some());
    stage.call("DELETE", GROUP, Some(&alice), &Value::Null);
    assert!(stage.world.files.find(id).is_none());
}
