//! 4.0.8 and 4.21.1: messages, receipts and recalls by both APIs, and the first frames of a login.

use chatproof::protocol::{ext::ExtValue, secret::Secret, time::Moment, uplink::Device};
use prost::Message;
use serde_json::{Map, Value, json};

use super::{
    decoded::{self, Sync},
    page::Page,
};
use crate::golden::fixture::{base64, cases, text};

/// Cases in which the page threw before the SDK sent anything, so that there is no frame to
/// compare with.
const UNSENT: &[(&str, &str)] = &[("old/read/groupChat", "m.setChatType is not a function")];

/// What the recording says about itself, not to the SDK.
const REMARKS: &[&str] = &["api", "note", "file", "bytes"];

/// The options of one case. Where the record leaves out what all its cases have in common, it is
/// taken from the frame: the receiver, the text, the ids that the SDK makes.
fn page(case: &Value, sync: &Sync) -> Page {
    let name: Vec<&str> = text(case, "name").split('/').collect();
    let input = case["input"].as_object().unwrap();
    let old = name[0] == "old";
    let said = input.iter().filter(|(key, _)| !REMARKS.contains(&key.as_str()));
    let line: Map<_, _> = said.map(|(key, value)| (key.clone(), value.clone())).collect();
    let mut page = Page { line, extra: Vec::new() };
    if name[0].starts_with("recall") {
        if let Some(kind) = page.line.remove("type") {
            page.set("chatType", kind);
        }
        page.set("type", "recall");
    } else {
        page.set("type", name[1].split('-').next().unwrap());
        page.set("api", if old { "old" } else { "new" });
    }
    if name[1] == "read" && !old {
        page.rename("id", "ackId");
    }
    if input.contains_key("file")
        && let Some(length) = page.line.remove("file_length")
    {
        // The record of these calls names the one pair of their ext, not the ext.
        page.set("ext", json!({"file_length": length}));
    }
    if old {
        // `set` of 4.x takes no `msgConfig`; assigning it to `body` works.
        page.line.remove("msgConfig");
        page.rename("body.msgConfig", "msgConfig");
    }
    page.flatten_body();
    fill(&mut page, input, sync);
    page
}

fn fill(page: &mut Page, input: &Map<String, Value>, sync: &Sync) {
    let meta = sync.meta();
    let body = sync.body();
    let content = &body.contents[0];
    page.set("from", "alice");
    page.set("id", meta.id.unwrap().to_string());
    if let Some(trace) = sync.trace() {
        page.set("traceId", trace.0.to_string());
    }
    let to = meta.to.as_ref().unwrap().name.clone().unwrap();
    page.line.entry("to").or_insert(to.into());
    if let Some(msg) = content.text.clone() {
        page.line.entry("msg").or_insert(msg.into());
    }
    if let Some(event) = content.custom_event.clone() {
        page.line.entry("customEvent").or_insert(event.into());
    }
    if let Some(file) = input.get("file") {
        page.set("filename", file.clone());
        page.set("url", content.remote_path.clone().unwrap());
        page.set("secret", content.secret_key.clone().unwrap());
    }
    for (key, value) in input.get("ext").and_then(Value::as_object).into_iter().flatten() {
        match value.as_str() {
            Some("<undefined>") => page.extra.push((key.clone(), ExtValue::Undefined)),
            Some("NaN") => page.extra.push((key.clone(), ExtValue::Number(f64::NAN))),
            _ => {}
        }
    }
}

/// The frame of each message, receipt and recall, with the options that led to it.
pub(super) fn recorded(generation_name: &str) -> impl Iterator<Item = (Page, Vec<u8>)> {
    let sent = |case: &Value| !case["frame"].is_null() && !text(case, "name").starts_with("login/");
    cases(generation_name, "uplink").into_iter().filter(sent).map(|case| {
        let frame = base64(text(&case, "protobuf_base64"));
        (page(&case, &Sync::of(&frame)), frame)
    })
}

fn reproduce(generation_name: &str) {
    let generation = decoded::generation(generation_name);
    let cases = cases(generation_name, "uplink");
    assert_eq!(cases.len(), 99);
    let mut compared = 0;
    for case in &cases {
        let name = text(case, "name");
        if let Some((_, thrown)) = UNSENT.iter().find(|(unsent, _)| *unsent == name) {
            assert!(case["frame"].is_null(), "{name}");
            assert_eq!(case["outcome"][0]["threw"], **thrown, "{name}");
            continue;
        }
        let expected = base64(text(case, "protobuf_base64"));
        let input = &case["input"];
        let frame = if let Some(first) = name.strip_prefix("login/") {
            let now = Moment::from_millis(input["now"].as_u64().unwrap());
            let device = Device::Stamped(now);
            let sender = decoded::sender(generation, text(input, "user"), &device.resource(generation));
            let trace = decoded::trace(&expected);
            match first {
                "provision" => sender.provision(&Secret::new(text(input, "token")), &device, now, trace),
                "unread-heartbeat" => sender.unread(trace),
                "rebuild-statistic" => sender.statistic(now, trace),
                other => panic!("{other}"),
            }
            .to_vec()
        } else {
            let device = Device::Stamped(Moment::from_millis(1_640_995_200_000));
            page(case, &Sync::of(&expected)).frame(generation, &device.resource(generation))
        };
        assert_eq!(decoded::hex(&frame), decoded::hex(&expected), "{generation} {name}");
        compared += 1;
    }
    assert_eq!(compared, 98);
}

#[test]
fn every_uplink_of_4_0_8_is_reproduced() {
    reproduce("4.0.8");
}

#[test]
fn every_uplink_of_4_21_1_is_reproduced() {
    reproduce("4.21.1");
}

#[test]
fn trace_ids_follow_from_the_clock() {
    let mut ids = chatproof::protocol::trace::TraceIds::default();
    let now = Moment::from_millis(1_640_995_200_000);
    for case in cases("4.21.1", "uplink").iter().take(3) {
        let frame = base64(text(case, "protobuf_base64"));
        assert_eq!(decoded::trace(&frame), Some(ids.next(now)), "{}", text(case, "name"));
        assert!(chatproof::protocol::schema::MSync::decode(&*frame).is_ok());
    }
}
