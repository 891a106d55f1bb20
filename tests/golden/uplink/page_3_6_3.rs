//! 3.6.3: messages, receipts, recalls and roster changes.

use chatproof::protocol::{
    ext::ExtValue,
    generation::Generation,
    id::LocalId,
    line::Line,
    uplink::{Contact, RosterRequest},
};
use serde_json::{Value, json};

use super::{
    decoded::{self, Sync},
    page::Page,
};
use crate::golden::fixture::{base64, cases, text};

/// Cases in which the page threw before the SDK sent anything, so that there is no frame to
/// compare with.
const UNSENT: &[(&str, &str)] = &[
    ("loc/variant/type-name-loc-has-no-set", "TypeError: m.set is not a function"),
    ("txt/variant/unknown-type", "TypeError: m.set is not a function"),
];

/// The files and how many cases each has.
const FILES: &[(&str, usize)] = &[
    ("messages-singleChat", 23),
    ("messages-groupChat", 23),
    ("messages-chatRoom", 23),
    ("messages-variants", 20),
    ("receipts", 13),
    ("recall", 6),
];

fn page(case: &Value) -> Page {
    let input = &case["input"];
    let line = input["set"].as_object().cloned().unwrap_or_default();
    let mut page = Page { line, extra: Vec::new() };
    if input["type"] == "read" {
        page.rename("id", "ackId");
    }
    if text(input, "op") == "conn.recallMessage" {
        page.set("type", "recall");
        page.set("id", sent_id(case));
        page.set("to", input["to"].clone());
        page.set("mid", input["mid"].clone());
        page.set("chatType", input["type"].clone());
    } else {
        page.set("type", input["type"].clone());
        page.set("id", input["id"].clone());
    }
    // Whatever `from` the options name, the logged-in user sends.
    page.set("from", input["from"].clone());
    for (key, option) in [("chatType", "setChatType"), ("setGroup", "setGroup")] {
        if let Some(value) = input.get(option) {
            page.set(key, value.clone());
        }
    }
    if let Some(config) = input["bodyPatch"].get("msgConfig") {
        page.set("msgConfig", config.clone());
    }
    page.flatten_body();
    if let (Some(file), Some(reply)) = (input.get("file"), case.get("upload_reply")) {
        let entity = &reply["entities"][0];
        page.set("url", format!("{}/{}", text(reply, "uri"), text(entity, "uuid")));
        page.set("secret", entity["share-secret"].clone());
        page.set("filename", file["filename"].clone());
    }
    for (option, value) in [
        ("undefinedExt", ExtValue::Undefined),
        ("nanExt", ExtValue::Number(f64::NAN)),
        ("infExt", ExtValue::Number(f64::INFINITY)),
    ] {
        for key in input[option].as_array().into_iter().flatten() {
            page.extra.push((key.as_str().unwrap().to_owned(), value.clone()));
        }
    }
    page
}

/// The local id that the SDK made for a call that takes none.
fn sent_id(case: &Value) -> String {
    Sync::of(&base64(text(case, "protobuf_base64"))).meta().id.unwrap().to_string()
}

/// The frame of each case that has one, with the options that led to it.
pub(super) fn recorded() -> impl Iterator<Item = (Page, Vec<u8>)> {
    let cases = FILES.iter().flat_map(|(file, _)| cases("3.6.3", file));
    cases
        .filter(|case| case.get("no_frame").is_none())
        .map(|case| (page(&case), base64(text(&case, "protobuf_base64"))))
}

#[test]
fn every_message_receipt_and_recall_of_3_6_3_is_reproduced() {
    let mut compared = 0;
    for (file, count) in FILES {
        let cases = cases("3.6.3", file);
        assert_eq!(cases.len(), *count, "{file}");
        for case in cases {
            let name = text(&case, "name");
            if let Some((_, thrown)) = UNSENT.iter().find(|(unsent, _)| *unsent == name) {
                assert_eq!(case["no_frame"], json!(true), "{name}");
                assert_eq!(case["outcome"][0]["args"][0]["$error"], json!(thrown), "{name}");
                continue;
            }
            let resource = text(&case["context"], "clientResource");
            let frame = page(&case).frame(Generation::V3_6_3, resource);
            assert_eq!(decoded::hex(&frame), decoded::hex(&base64(text(&case, "protobuf_base64"))), "{name}");
            let sockjs = format!("[\"{}\"]", text(&case, "protobuf_base64"));
            assert_eq!(text(&case, "sockjs_text"), sockjs, "{name}");
            compared += 1;
        }
    }
    assert_eq!(compared, 106);
}

#[test]
fn a_type_that_the_sdk_does_not_know_is_refused_as_a_line_too() {
    let line = json!({"type": "sticker", "id": 376_012_800_087_u64, "from": "alice", "to": "bob"});
    let refused = Line::from_map(Generation::V3_6_3, line.as_object().unwrap()).unwrap_err();
    assert!(refused.to_string().starts_with("\"type\" knows no \"sticker\""), "{refused}");
}

#[test]
fn every_roster_change_of_3_6_3_is_reproduced() {
    let cases = cases("3.6.3", "roster");
    assert_eq!(cases.len(), 13);
    for case in cases {
        let (input, frame) = (&case["input"], base64(text(&case, "protobuf_base64")));
        let sync = Sync::of(&frame);
        let call = text(input, "op").strip_prefix("conn.").unwrap();
        let action = match call {
            "subscribe" | "addContact" => Contact::Invite,
            "removeRoster" | "deleteContact" => Contact::Remove,
            "subscribed" | "acceptInvitation" => Contact::Accept,
            "unsubscribed" | "declineInvitation" => Contact::Decline,
            "addToBlackList" => Contact::Block,
            "removeFromBlackList" => Contact::Unblock,
            other => panic!("{other}"),
        };
        let args = &input["args"];
        let (users, reason) = match &args[0] {
            // `addContact(name, message = "")`.
            Value::String(_) if call == "addContact" => {
                (&args[0], Some(args.get(1).map_or("", |message| message.as_str().unwrap())))
            }
            Value::String(_) => (&args[0], None),
            options => (options.get("to").unwrap_or_else(|| &options["name"]), options["message"].as_str()),
        };
        let users = match users {
            Value::Array(users) => users.clone(),
            user => vec![user.clone()],
        };
        let request = RosterRequest {
            action,
            users: users.iter().map(|user| user.as_str().unwrap().to_owned()).collect(),
            reason: reason.map(str::to_owned),
        };
        let sender = decoded::sender(
            Generation::V3_6_3,
            text(&case["context"], "user"),
            text(&case["context"], "clientResource"),
        );
        let id = LocalId(sync.meta().id.unwrap());
        assert_eq!(sender.roster(id, &request, None), frame, "{}", text(&case, "name"));
    }
}
