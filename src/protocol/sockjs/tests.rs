//! SockJS frames both ways, and every way to cut a stream of them.

use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> ServerFrame<'_> {
    ServerFrame::parse(text).unwrap()
}

#[test]
fn every_server_frame_is_read() {
    assert_eq!(parsed("o"), ServerFrame::Open);
    assert_eq!(parsed("h"), ServerFrame::Heartbeat);
    assert_eq!(parsed(r#"a["x","y"]"#), ServerFrame::Messages(vec!["x".into(), "y".into()]));
    assert_eq!(parsed("a[]"), ServerFrame::Messages(vec![]));
    assert_eq!(parsed(r#"m"x\u0041""#), ServerFrame::Messages(vec!["xA".into()]));
    assert_eq!(parsed(r#"c[3000,"Go away!"]"#), ServerFrame::Close { code: 3000, reason: "Go away!".into() });
}

#[test]
fn every_server_frame_is_written_as_it_is_read() {
    for text in ["o", "h", "a[]", r#"a["x","y\""]"#, r#"c[1002,"no \u0001"]"#] {
        assert_eq!(parsed(text).to_string(), text);
    }
}

#[test]
fn anything_else_is_malformed_with_a_place() {
    let cases = [
        ("", 0),
        ("oo", 0),
        ("hello", 0),
        ("x[]", 0),
        ("a", 1),
        ("a[\"x\"", 5),
        ("a[1]", 2),
        ("a{}", 1),
        ("m[\"x\"]", 1),
        ("c[3000]", 6),
        ("c[70000,\"\"]", 6),
        ("a[\"x\"]x", 6),
    ];
    for (text, offset) in cases {
        let malformed = ServerFrame::parse(text).unwrap_err();
        assert_eq!(malformed.offset, offset, "{text}: {malformed}");
    }
}

#[test]
fn what_a_peer_said_is_shown_escaped_and_bounded() {
    let malformed = ServerFrame::parse(&"\u{1b}[31m".repeat(100)).unwrap_err().to_string();
    assert!(malformed.is_ascii() || malformed.contains('…'));
    assert!(!malformed.contains('\u{1b}') && malformed.len() < 400, "{malformed}");
}

#[test]
fn the_heartbeat_of_the_sdk_is_reproduced() {
    assert_eq!(client_frame(&[0x08, 0x00, 0x40, 0x01, 0x58, 0x00]), r#"["CABAAVgA"]"#);
}

#[test]
fn base64_that_the_sdk_would_not_write_is_refused_with_its_place() {
    for (message, offset) in [("CABA-VgA", 4), ("CABAAVg", 7), ("CABA AVgA", 4), ("CABAAVg=x", 7)] {
        let malformed = decode_message(message).unwrap_err();
        assert_eq!(malformed.offset, offset, "{malformed}");
    }
}

#[test]
fn info_that_cannot_be_read_counts_as_empty() {
    assert!(Info::read(b"<html>").websocket);
    assert!(
        !Info::read(br#"{"websocket":false,"origins":["*:*"],"cookie_needed":false,"entropy":1}"#).websocket
    );
    let answer = serde_json::to_value(Info::new(7)).unwrap();
    assert_eq!(
        answer,
        serde_json::json!({"websocket": true, "origins": ["*:*"], "cookie_needed": false, "entropy": 7})
    );
}

proptest! {
    #[test]
    fn session_paths_have_three_digits_and_eight_characters(bits: u64) {
        let path = SessionPath::from_randomness(bits).to_string();
        let parts: Vec<&str> = path.split('/').collect();
        prop_assert_eq!((parts[0], parts[3], parts.len()), ("", "websocket", 4));
        prop_assert!(parts[1].len() == 3 && parts[1].bytes().all(|c| c.is_ascii_digit()));
        prop_assert!(parts[2].len() == 8 && parts[2].bytes().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'5')));
    }

    #[test]
    fn any_text_is_read_without_a_panic(text: String) {
        for prefix in ["", "a", "m", "c", "a[\"", "c[1,"] {
            let text = format!("{prefix}{text}");
            let _ = ServerFrame::parse(&text);
            let _ = parse_client_frame(&text);
            let _ = decode_message(&text);
        }
    }

    #[test]
    fn what_a_side_writes_the_other_reads(frames in proptest::collection::vec(any::<Vec<u8>>(), 0..4), cut: usize) {
        for frame in &frames {
            let text = client_frame(frame);
            prop_assert_eq!(&decode_message(&parse_client_frame(&text).unwrap()[0]).unwrap(), frame);
        }
        // However the messages are spread over frames, the same ones arrive in the same order.
        let texts: Vec<String> = frames.iter().map(|frame| STANDARD.encode(frame)).collect();
        let (first, second) = texts.split_at(cut % (texts.len() + 1));
        let mut arrived = Vec::new();
        for part in [first, second] {
            let frame = ServerFrame::Messages(part.iter().map(Into::into).collect()).to_string();
            let ServerFrame::Messages(messages) = ServerFrame::parse(&frame).unwrap() else { panic!() };
            arrived.extend(messages.iter().map(|message| decode_message(message).unwrap()));
        }
        prop_assert_eq!(arrived, frames);
    }
}
