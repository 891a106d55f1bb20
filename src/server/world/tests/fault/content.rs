//! Faults of what a message says.

use super::*;
use crate::protocol::schema::{
    KeyValue,
    key_value::{Value::StringValue, Value::VarintValue, ValueType},
    message_body::{Content, content},
};

/// What bob gets of a body that alice sends.
fn got(stage: &mut Stage, sent: &MessageBody) -> MessageBody {
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    stage.frame(alice, &meta(1, Jid::user(APP, "bob"), 1, sent.encode_to_vec()));
    let meta = stage.fetch(bob, &Jid::user(APP, "alice"), None).metas.remove(0);
    MessageBody::decode(meta.payload.unwrap()).unwrap()
}

fn body(content: Content) -> MessageBody {
    MessageBody { r#type: Some(1), contents: vec![content], ..MessageBody::default() }
}

fn words(text: &str) -> MessageBody {
    body(Content { r#type: Some(0), text: Some(text.to_owned()), ..Content::default() })
}

#[track_caller]
fn prove_text(fault: &str, sent: &str, broken: &str) {
    prove(fault, sent.to_owned(), broken.to_owned(), |stage| {
        got(stage, &words(sent)).contents[0].text.clone().unwrap()
    });
}

#[test]
fn texts_are_changed() {
    prove_text("text-mangled", "a\0e\u{301}", "ae");
    prove_text("text-mangled", &"x".repeat(40_000), &"x".repeat(32 * 1024));
    prove_text("text-mangled", "as it was", "as it was");
    prove_text("html-escaped", "<b>&\"", "&lt;b&gt;&amp;&quot;");
    prove_text("emoji-rewritten", "a[):]b", "a\u{1f642}b");
}

fn pair(kind: ValueType, value: crate::protocol::schema::key_value::Value) -> KeyValue {
    KeyValue { key: Some("k".to_owned()), r#type: Some(kind as i32), value: Some(value) }
}

#[track_caller]
fn prove_ext(
    fault: &str,
    kind: ValueType,
    value: crate::protocol::schema::key_value::Value,
    broken: ValueType,
) {
    let sent = MessageBody { ext: vec![pair(kind, value)], ..words("hi") };
    prove(fault, kind, broken, |stage| got(stage, &sent).ext[0].r#type());
}

#[test]
fn kinds_of_ext_are_changed() {
    prove_ext("ext-object-as-string", ValueType::JsonString, StringValue("{}".to_owned()), ValueType::String);
    prove_ext("ext-bool-as-int", ValueType::Bool, VarintValue(1), ValueType::Int);
    prove_ext("ext-int-as-double", ValueType::Int, VarintValue(7), ValueType::Float);
}

#[test]
fn custom_fields_come_back_in_ext() {
    let custom = Content {
        r#type: Some(content::Type::Custom as i32),
        custom_exts: vec![pair(ValueType::String, StringValue("v".to_owned()))],
        ..Content::default()
    };
    prove("exts-merged", 0, 1, |stage| got(stage, &body(custom.clone())).ext.len());
}

#[test]
fn commands_and_videos_are_something_else() {
    let command = Content {
        r#type: Some(content::Type::Command as i32),
        action: Some("go".to_owned()),
        ..Content::default()
    };
    let kind = |stage: &mut Stage, sent: &Content| {
        let got = got(stage, &body(sent.clone())).contents.remove(0);
        (got.r#type(), got.action)
    };
    let sound = (content::Type::Command, Some("go".to_owned()));
    prove("cmd-as-text", sound, (content::Type::Text, None), |stage| kind(stage, &command));
    let video = Content { r#type: Some(content::Type::Video as i32), ..Content::default() };
    prove("video-as-file", content::Type::Video, content::Type::File, |stage| kind(stage, &video).0);
}

#[test]
fn a_file_is_named_after_its_address() {
    let file = Content {
        r#type: Some(content::Type::File as i32),
        display_name: Some("a.txt".to_owned()),
        remote_path: Some("http://h/o/a/chatfiles/0-1".to_owned()),
        ..Content::default()
    };
    prove("file-name-lost", "a.txt".to_owned(), "0-1".to_owned(), |stage| {
        got(stage, &body(file.clone())).contents[0].display_name.clone().unwrap()
    });
}
