//! Trees of real, damaged and random frames.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::*;

fn shown(frame: &[u8]) -> Json {
    decode(frame, Direction::Unknown, Secrets::Shown).unwrap()
}

/// The fields alone, without what stands beside them.
fn bare(tree: &Json) -> Json {
    match tree {
        // The recorder shows bytes in base64.
        Json::Object(fields) if fields.contains_key("hex") => {
            let hex = fields["hex"].as_str().unwrap().as_bytes();
            let bytes =
                hex.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
            STANDARD.encode(bytes.collect::<Vec<_>>()).into()
        }
        Json::Object(fields) if fields.contains_key("utf8") => {
            STANDARD.encode(fields["utf8"].as_str().unwrap()).into()
        }
        Json::Object(fields) => fields
            .iter()
            .filter(|(key, _)| !["message", "numbers"].contains(&key.as_str()))
            .map(|(key, value)| match (key.as_str(), value) {
                // The recorder's JSON could not carry NaN and infinities.
                ("doubleValue", Json::String(_)) => (key.clone(), Json::Null),
                _ => (key.clone(), bare(value)),
            })
            .collect::<Map<_, _>>()
            .into(),
        Json::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}

/// Every recorded frame of one generation that stands beside its decoded form.
fn recorded(generation: &str, file: &str) -> Vec<(String, Vec<u8>, Json)> {
    let path = format!("fixtures/golden/{generation}/{file}.jsonl");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path)).unwrap();
    let mut frames = Vec::new();
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        collect(&case, &format!("{path}: {}", case["name"]), &mut frames);
    }
    frames
}

fn collect(value: &Json, name: &str, into: &mut Vec<(String, Vec<u8>, Json)>) {
    match value {
        Json::Object(fields) => {
            if let (Some(Json::String(base64)), Some(decoded @ Json::Object(_))) =
                (fields.get("protobuf_base64"), fields.get("decoded"))
            {
                into.push((name.to_owned(), STANDARD.decode(base64).unwrap(), decoded.clone()));
            }
            fields.values().for_each(|inner| collect(inner, name, into));
        }
        Json::Array(items) => items.iter().for_each(|inner| collect(inner, name, into)),
        _ => {}
    }
}

#[test]
fn recorded_frames_become_the_trees_that_were_recorded_with_them() {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for generation in ["4.0.8", "4.21.1"] {
        for file in ["uplink", "downlink", "errors", "session"] {
            for (name, frame, decoded) in recorded(generation, file) {
                // The recorder notes where it could not go on, and a payload that is not there.
                let broken = ["error", "decode_error"].iter().any(|key| decoded.get(key).is_some());
                let decoded = if frame.is_empty() { json!({}) } else { decoded };
                match decode(&frame, Direction::Unknown, Secrets::Shown) {
                    Err(_) if broken => compared += 1,
                    Ok(tree) if bare(&tree) == bare(&decoded) => compared += 1,
                    Ok(tree) => wrong.push(format!("{name}\n  {}\n  {decoded}", bare(&tree))),
                    Err(broken) => wrong.push(format!("{name}\n  {broken}\n  {decoded}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 300, "{compared}");
}

#[test]
fn a_text_message_is_shown_with_names_and_numbers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden/3.6.3/messages-singleChat.jsonl");
    let text = fs::read_to_string(path).unwrap();
    let case: Json = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let frame = STANDARD.decode(case["protobuf_base64"].as_str().unwrap()).unwrap();
    let tree = shown(&frame);
    assert_eq!(tree["message"], "MSync");
    assert_eq!(
        tree["numbers"],
        json!({"version": 1, "guid": 2, "command": 8, "payload": 9, "encryptType": 11})
    );
    let meta = &tree["payload"]["meta"];
    assert_eq!(tree["payload"]["message"], "CommSyncUL");
    assert_eq!(meta["id"], "376012800001");
    assert_eq!(meta["ns"], "CHAT");
    let content = &meta["payload"]["contents"][0];
    assert_eq!(
        *content,
        json!({"type": "TEXT", "text": "message content", "numbers": {"type": 1, "text": 2}})
    );
}

#[test]
fn what_the_sdk_would_not_write_is_remarked() {
    // command, then version with a needless byte; version again; a packed encryptType; an unknown
    // field of each wire type; auth that is no UTF-8; guid with a wire type that does not fit.
    let frame = [
        &[0x40, 0x2a][..],
        &[0x08, 0x80, 0x00],
        &[0x08, 0x01],
        &[0x5a, 0x02, 0x00, 0x07],
        &[0x98, 0x06, 0x96, 0x01],
        &[0x9a, 0x06, 0x01, 0xff],
        &[0x1a, 0x01, 0xff],
        &[0x10, 0x05],
    ]
    .concat();
    insta::assert_snapshot!(serde_json::to_string_pretty(&shown(&frame)).unwrap(), @r#"
    {
      "message": "MSync",
      "command": 42,
      "version": "MSYNC_V2",
      "encryptType": [
        "ENCRYPT_NONE",
        7
      ],
      "auth": "�",
      "numbers": {
        "command": 8,
        "version": 1,
        "encryptType": 11,
        "auth": 3
      },
      "unknown": [
        {
          "number": 99,
          "wireType": 0,
          "hex": "9601"
        },
        {
          "number": 99,
          "wireType": 2,
          "hex": "ff"
        },
        {
          "number": 2,
          "wireType": 0,
          "hex": "05"
        }
      ],
      "earlier": {
        "version": [
          "MSYNC_V1"
        ]
      },
      "remarks": [
        "field 1 stands behind field 8",
        "field 1 has a varint with needless bytes",
        "encryptType (11) is packed",
        "field 3 stands behind field 99",
        "auth (3) is not UTF-8",
        "field 2 stands behind field 3",
        "guid (2) has wire type 0, which does not fit"
      ]
    }
    "#);
}

#[test]
fn secrets_are_hidden_on_demand() {
    let provision = [&[0x72, 6][..], b"secret", &[0x92, 0x01, 6], b"secret", &[0x5a, 6], b"secret"].concat();
    let frame = [&[0x1a, 6][..], b"secret", &[0x40, 3, 0x4a, provision.len() as u8], &provision].concat();
    let hidden = decode(&frame, Direction::Up, Secrets::Hidden).unwrap().to_string();
    assert!(!hidden.contains("secret\""), "{hidden}");
    assert_eq!(hidden.matches(HIDDEN).count(), 4, "{hidden}");
    assert_eq!(shown(&frame).to_string().matches("\"secret\"").count(), 4);
}

#[test]
fn the_direction_of_a_sync_is_told_by_its_fields_or_by_the_caller() {
    let sync = |payload: &[u8]| [&[0x4a, payload.len() as u8][..], payload].concat();
    let kind = |payload: &[u8]| shown(&sync(payload))["payload"]["message"].clone();
    assert_eq!(kind(&[0x1a, 0]), "CommSyncUL", "fetch of a queue");
    assert_eq!(kind(&[0x10, 5, 0x1a, 0]), "CommSyncUL", "key and queue");
    assert_eq!(kind(&[0x10, 5]), "CommSyncUL", "key alone");
    assert_eq!(kind(&[0x0a, 4, 0x08, 1, 0x28, 0]), "CommSyncUL", "a meta");
    assert_eq!(kind(&[0x0a, 2, 0x08, 0, 0x10, 5, 0x18, 6]), "CommSyncDL", "an answer");
    assert_eq!(kind(&[0x0a, 2, 0x08, 1, 0x10, 5]), "CommSyncDL", "a refusal");
    assert_eq!(kind(&[0x22, 0]), "CommSyncDL", "a batch");
    assert_eq!(kind(&[0x38, 1]), "CommSyncDL", "the end of a queue");
    assert_eq!(kind(&[]), "CommSyncDL");
    let told = decode(&sync(&[0x10, 5]), Direction::Down, Secrets::Shown).unwrap();
    assert_eq!(told["payload"]["metaId"], "5");
}

#[test]
fn a_broken_payload_breaks_the_frame_at_its_place() {
    // version 0, then a payload whose meta ends too early.
    let frame = [0x08, 0x00, 0x4a, 0x04, 0x0a, 0x02, 0x12, 0x7f];
    let broken = decode(&frame, Direction::Up, Secrets::Shown).unwrap_err();
    assert_eq!(broken.offset, 8);
    assert_eq!(decode(&[0x0f], Direction::Up, Secrets::Shown).unwrap_err().offset, 0);
}

#[test]
fn an_empty_frame_is_an_empty_message() {
    assert_eq!(shown(&[]), json!({"message": "MSync"}));
}

proptest! {
    #[test]
    fn any_bytes_become_a_tree_or_an_error_within_them(bytes: Vec<u8>, command in 0_u8..6) {
        for frame in [bytes.clone(), [&[0x40, command, 0x4a, bytes.len().min(127) as u8][..], &bytes].concat()] {
            if let Err(broken) = decode(&frame, Direction::Unknown, Secrets::Shown) {
                prop_assert!(broken.offset <= frame.len());
            }
        }
    }

    #[test]
    fn a_flipped_byte_in_a_real_frame_never_panics(place: usize, with: u8) {
        let mut frame = STANDARD.decode("CABAAErpAQoCCAAiqwEI6Yeo8sLpnoQcEjQKF2Vhc2Vtb2ItZGVtbyNjaGF0ZGVtb3VpEgNib2IaC2Vhc2Vtb2IuY29tIgd3ZWJpbV8xGi0KF2Vhc2Vtb2ItZGVtbyNjaGF0ZGVtb3VpEgVhbGljZRoLZWFzZW1vYi5jb20g6L++l+EvKAEyMQgBEgUSA2JvYhoHEgVhbGljZSITCAASD21lc3NhZ2UgY29udGVudCoICgFzEAcyAXgo///BmK2ZgoYcMisKF2Vhc2Vtb2ItZGVtbyNjaGF0ZGVtb3VpEgNib2IaC2Vhc2Vtb2IuY29t").unwrap();
        let place = place % frame.len();
        frame[place] = with;
        if let Err(broken) = decode(&frame, Direction::Unknown, Secrets::Shown) {
            prop_assert!(broken.offset <= frame.len());
        }
    }
}
