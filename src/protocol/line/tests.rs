//! Lines that are taken and lines that are refused.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::{super::message::ChatType, *};

fn refusal(generation: Generation, line: &str) -> String {
    Line::read(generation, line).unwrap_err().to_string()
}

#[test]
fn a_refused_line_names_the_key_at_fault() {
    let old = |line| refusal(Generation::V3_6_3, line);
    assert_snapshot!(old(r#"{"type":"txt""#), @"not JSON: EOF while parsing an object at line 1 column 13");
    assert_snapshot!(old("[1]"), @"expected one JSON object a line, got a list");
    assert_snapshot!(old(r#"{"to":"bob"}"#), @r#""type" is missing"#);
    assert_snapshot!(old(r#"{"type":"text","to":"bob"}"#), @r#""type" knows no "text"; did you mean "txt"?; it is one of txt, img, file, audio, video, loc, location, cmd, custom, read, delivery, channel, recall"#);
    assert_snapshot!(old(r#"{"type":"txt","to":"bob","mgs":"x"}"#), @r#"unknown key "mgs"; did you mean "msg"?"#);
    assert_snapshot!(old(r#"{"type":"txt","to":"bob","\u001b[31m\u009b":1}"#), @r#"unknown key "\u{1b}[31m\u{9b}""#);
    assert_snapshot!(old(r#"{"type":"txt","to":5,"id":1}"#), @r#""to" must be a string, got 5"#);
    assert_snapshot!(old(r#"{"type":"txt","to":"bob"}"#), @r#""id" is missing"#);
    assert_snapshot!(old(r#"{"type":"txt","to":"bob","id":"8d1c-4e0b"}"#), @r#""id": expected a number, got a string with a hyphen inside, on which the SDK throws"#);
    assert_snapshot!(old(r#"{"type":"txt","to":"bob","id":1,"ext":"x"}"#), @r#""ext" must be an object, got "x""#);
    assert_snapshot!(old(r#"{"type":"txt","to":"bob","id":1,"chatType":"grupChat"}"#), @r#""chatType" knows no "grupChat"; did you mean "groupChat"?; it is one of singleChat, groupChat, chatRoom, singlechat, chat, groupchat, chatroom"#);
    assert_snapshot!(old(r#"{"type":"txt","to":"bob","id":1,"api":"new"}"#), @r#"SDK 3.6.3 does not take "api":"new": it has no create()"#);
    assert_snapshot!(old(r#"{"type":"read","to":"bob","id":1}"#), @r#""ackId" is missing"#);
    assert_snapshot!(refusal(Generation::V4_21_1, r#"{"type":"txt","to":"","id":1}"#), @r#"SDK 4.21.1 does not take an empty "to""#);
}

#[test]
fn the_legacy_way_to_name_a_group_or_room_is_known() {
    let read = |generation, more: &str| {
        let line = format!(r#"{{"type":"txt","to":"1","id":1,"msg":"x"{more}}}"#);
        Line::read(generation, &line).unwrap().outgoing.chat_type
    };
    for generation in Generation::ALL {
        assert_eq!(read(generation, ""), ChatType::Single);
        assert_eq!(read(generation, r#","chatType":"groupchat""#), ChatType::Group);
        assert_eq!(read(generation, r#","chatType":"chatroom""#), ChatType::Room);
        assert_eq!(read(generation, r#","setGroup":"groupchat""#), ChatType::Group);
        assert_eq!(read(generation, r#","setGroup":"groupchat","roomType":true"#), ChatType::Room);
        assert_eq!(read(generation, r#","roomType":true"#), ChatType::Single);
    }
    assert_eq!(read(Generation::V4_0_8, r#","chatType":"CHATROOM""#), ChatType::Room);
}

#[test]
fn ids_keep_all_their_digits_as_strings_and_round_as_numbers() {
    let id = |id: &str| {
        let line = format!(r#"{{"type":"channel","to":"bob","id":{id}}}"#);
        Line::read(Generation::V3_6_3, &line).unwrap().outgoing.id.0
    };
    assert_eq!(id(r#""18446744073709551615""#), u64::MAX);
    assert_eq!(id("9007199254740993"), 9_007_199_254_740_992);
    assert_eq!(id(r#""WEBIM_abc""#), 0);
    assert_eq!(id("1.9"), 1);
}

proptest! {
    #[test]
    fn no_line_panics(text in "\\PC*", key in "[a-zA-Z_]{0,12}", number in any::<f64>()) {
        for generation in Generation::ALL {
            let _ = Line::read(generation, &text);
            let line = serde_json::json!({"type": "img", "to": text, "id": text, key.as_str(): number});
            let _ = Line::read(generation, &line.to_string());
        }
    }
}
