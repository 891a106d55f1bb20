//! What the decode command prints for each kind of line.

use super::*;

fn decoder(format: Format) -> Decoder {
    Decoder { format, direction: Direction::Unknown, secrets: Secrets::Shown, pretty: false, broken: false }
}

/// What is printed for this input, line by line, and whether something was broken.
fn printed(format: Format, input: &[u8]) -> (Vec<Value>, bool) {
    let mut decoder = decoder(format);
    let mut out = Vec::new();
    decoder.decode(&mut &input[..], &mut out).unwrap();
    let lines = String::from_utf8(out).unwrap();
    (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), decoder.broken)
}

fn heartbeat() -> Value {
    json!({
        "message": "MSync", "version": "MSYNC_V1", "command": "UNREAD", "encryptType": ["ENCRYPT_NONE"],
        "numbers": {"version": 1, "command": 8, "encryptType": 11}
    })
}

#[test]
fn the_same_frame_is_read_in_every_format() {
    let cases: [(Format, &[u8]); 9] = [
        (Format::Base64, b"CABAAVgA\n"),
        (Format::Hex, b"08 00 40 01 5800"),
        (Format::Sockjs, br#"["CABAAVgA"]"#),
        (Format::Raw, &[0x08, 0x00, 0x40, 0x01, 0x58, 0x00]),
        (Format::Auto, b"CABAAVgA\r\n"),
        (Format::Auto, b"080040015800\n"),
        (Format::Auto, br#"a["CABAAVgA"]"#),
        (Format::Auto, br#"{"protobuf_base64":"CABAAVgA","sockjs_text":null}"#),
        (Format::Auto, &[0x08, 0x00, 0x40, 0x01, 0x58, 0x00]),
    ];
    for (format, input) in cases {
        assert_eq!(printed(format, input), (vec![heartbeat()], false), "{format:?} {input:?}");
    }
}

#[test]
fn a_sockjs_line_gives_one_tree_for_each_message() {
    let input = b"o\nh\na[\"CABAAVgA\",\"CABAAVgA\"]\n\na[]\nc[3000,\"Go away!\"]\n";
    let expected = vec![
        json!({"sockjs": "open"}),
        json!({"sockjs": "heartbeat"}),
        heartbeat(),
        heartbeat(),
        json!({"sockjs": "close", "code": 3000, "reason": "Go away!"}),
    ];
    assert_eq!(printed(Format::Sockjs, input), (expected.clone(), false));
    assert_eq!(printed(Format::Auto, input), (expected, false));
}

#[test]
fn a_broken_frame_is_reported_in_its_place_and_the_others_are_shown() {
    let (lines, broken) = printed(Format::Auto, b"CABAAVgA\nCABA*VgA\n[\"CABAAQ==\",\"CA==\"]\nCABAAVgA\n");
    assert!(broken);
    assert_eq!((&lines[0], &lines[4]), (&heartbeat(), &heartbeat()));
    let reported = [&lines[1], &lines[3]].map(ToString::to_string).join("\n");
    insta::assert_snapshot!(reported, @r#"
    {"error":"expected standard base64 with padding, got \"CABA*VgA\"","offset":4}
    {"error":"a varint is cut off","offset":1}
    "#);
    assert_eq!(lines[2]["command"], "UNREAD");
    let (lines, _) = printed(Format::Base64, b"CA\xff\nCABAAVgA\n");
    assert_eq!(lines, [json!({"error": "the line is not UTF-8", "offset": 2}), heartbeat()]);
}

#[test]
fn each_format_tells_what_it_expected() {
    for (format, input, offset) in [
        (Format::Hex, "08zz", 2),
        (Format::Hex, "080", 3),
        (Format::Hex, "08", 1),
        (Format::Auto, "0800400", 7),
        (Format::Auto, "CABA*", 4),
        (Format::Base64, "CABA", 3),
        (Format::Sockjs, "hello", 0),
        (Format::Sockjs, "a[\"x\"", 5),
        (Format::Auto, "{\"protobuf_base64\":7}", 0),
        (Format::Auto, "{", 0),
    ] {
        let (lines, broken) = printed(format, input.as_bytes());
        assert!(broken, "{input}");
        assert_eq!(lines[0]["offset"], offset, "{input}: {}", lines[0]);
        assert!(lines[0]["error"].is_string());
    }
}

#[test]
fn the_sockjs_frame_or_the_caller_tells_the_direction() {
    // {2: 5}: a key upwards, the id of an answered message downwards.
    let (up, down) = (br#"["SgIQBQ=="]"#, br#"a["SgIQBQ=="]"#);
    assert_eq!(printed(Format::Auto, up).0[0]["payload"]["key"], "5");
    assert_eq!(printed(Format::Auto, down).0[0]["payload"]["metaId"], "5");
    let told = Decoder { direction: Direction::Down, ..decoder(Format::Auto) };
    assert_eq!(told.line("SgIQBQ==")[0].as_ref().unwrap()["payload"]["metaId"], "5");
}
