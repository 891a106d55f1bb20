//! What the genuine SDK of each generation sends is served.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::*;

/// A frame that the SDK sent, with its place in the recordings.
struct Recorded {
    name: String,
    frame: MSync,
}

fn recorded() -> Vec<Recorded> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/golden");
    let files = [
        "3.6.3/messages-singleChat",
        "3.6.3/messages-groupChat",
        "3.6.3/messages-chatRoom",
        "3.6.3/messages-variants",
        "3.6.3/receipts",
        "3.6.3/recall",
        "3.6.3/roster",
        "3.6.3/session",
        "4.0.8/uplink",
        "4.21.1/uplink",
    ];
    let mut recorded = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(format!("{root}/{file}.jsonl")).unwrap();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let Some(bytes) = line["protobuf_base64"].as_str() else { continue };
            let frame = MSync::decode(&BASE64_STANDARD.decode(bytes).unwrap()[..]).unwrap();
            recorded.push(Recorded { name: format!("{file} {}", line["name"].as_str().unwrap()), frame });
        }
    }
    recorded
}

/// The demo world with the room of the 3.6.3 recordings.
fn world() -> WorldFile {
    let demo = include_str!("../../../../fixtures/worlds/demo.yaml");
    let room = "rooms:\n  - {id: \"93734273351682\", owner: alice, members: [bob]}\n";
    WorldFile::parse("demo.yaml", &demo.replacen("rooms:\n", room, 1)).unwrap()
}

/// The body of a message to others; nothing else has contents that say anything.
fn message(frame: &MSync) -> Option<(Meta, MessageBody)> {
    let meta = CommSyncUl::decode(frame.payload.clone()?).ok()?.meta.filter(|meta| meta.ns == Some(1))?;
    let body = MessageBody::decode(meta.payload.clone()?).ok()?;
    matches!(body.r#type, Some(1..=3)).then_some((meta, body))
}

#[test]
fn every_frame_is_answered_and_every_message_arrives_as_it_was_sent() {
    let file = world();
    let mut arrived = 0;
    for Recorded { name, frame } in recorded() {
        let mut stage = Stage::of(&file);
        if frame.command == Some(m_sync::Command::Provision as i32) {
            continue;
        }
        let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
        let outputs = stage.frame(alice, &frame);
        let Some((_, Output::Send(answer))) = outputs.iter().rfind(|(to, _)| *to == alice) else {
            let keyed = CommSyncUl::decode(frame.payload.unwrap()).unwrap();
            assert!(
                keyed.meta.is_none() && keyed.queue.is_none(),
                "{name}: only a key without a queue is ignored"
            );
            continue;
        };
        if frame.command == Some(m_sync::Command::Sync as i32) {
            let status = read_sync(answer).status.unwrap();
            let reason = status.reason.unwrap_or_default();
            let expected = if name.contains("recall") { (1, "recall message not found") } else { (0, "") };
            assert_eq!((status.error_code.unwrap(), reason.as_str()), expected, "{name}");
        }
        let Some((meta, sent)) = message(&frame) else { continue };
        let to = meta.to.unwrap();
        let queue = if sent.r#type == Some(1) {
            Jid::user(APP, "alice")
        } else {
            Jid::conference(APP, &to.name.unwrap())
        };
        let page = stage.fetch(bob, &queue, None);
        if page.metas.is_empty() {
            assert_ne!(sent.to.as_ref().unwrap().name.as_deref(), Some("bob"), "{name}: it did not arrive");
            continue;
        }
        let got = MessageBody::decode(page.metas[0].payload.clone().unwrap()).unwrap();
        assert_eq!(got.from, Some(Jid::named("alice")), "{name}");
        let expected = MessageBody { from: got.from.clone(), to: got.to.clone(), ..sent };
        // As bytes: a NaN in an ext equals itself there.
        assert_eq!(got.encode_to_vec(), expected.encode_to_vec(), "{name}");
        arrived += 1;
    }
    assert!(arrived > 150, "{arrived}");
}

#[test]
fn every_generation_logs_in_with_its_own_provision() {
    let mut logins = 0;
    for Recorded { name, mut frame } in recorded() {
        if frame.command != Some(m_sync::Command::Provision as i32) {
            continue;
        }
        let mut stage = Stage::new();
        let user = frame.guid.as_ref().unwrap().name.clone().unwrap();
        let registration = json!({"username": user, "password": "1"});
        assert!(matches!(stage.call("POST", "/users", None, &registration).0, 200 | 400), "known already");
        let token = format!("$t${}", stage.user_token(&user));
        let mut provision = Provision::decode(frame.payload.clone().unwrap()).unwrap();
        // The recorded token is not this world's: each place that holds it gets one that is.
        frame.auth = frame.auth.map(|_| token.clone());
        provision.auth = provision.auth.map(|_| token.clone());
        provision.auth_token = provision.auth_token.map(|_| json!({"token": token}).to_string());
        frame.payload = Some(provision.encode_to_vec().into());
        let id = stage.connect();
        let outputs = stage.frame(id, &frame);
        let Output::Send(bytes) = &outputs[0].1 else { panic!("{name}: {outputs:?}") };
        let answer = Provision::decode(MSync::decode(bytes.clone()).unwrap().payload.unwrap()).unwrap();
        assert_eq!(
            (answer.status.unwrap().error_code, answer.resource),
            (Some(0), provision.resource),
            "{name}"
        );
        logins += 1;
    }
    assert!(logins >= 3, "{logins}");
}
