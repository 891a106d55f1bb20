//! Anything at all: no frame and no call makes the world panic, stall or grow without bound.

use proptest::{collection::vec, prelude::*};

use super::*;

fn methods() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("GET"), Just("POST"), Just("PUT"), Just("DELETE"), Just("PATCH")]
}

/// Paths near the ones that exist.
fn paths() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("users".to_owned()),
        Just("chatgroups".to_owned()),
        Just("chatrooms".to_owned()),
        Just("93734273351681".to_owned()),
        Just("179800091197441".to_owned()),
        Just("alice".to_owned()),
        Just("bob,carol".to_owned()),
        Just("blocks".to_owned()),
        Just("white".to_owned()),
        Just("admin".to_owned()),
        Just("mute".to_owned()),
        Just("ban".to_owned()),
        Just("invite".to_owned()),
        Just("apply".to_owned()),
        Just("quit".to_owned()),
        Just("token".to_owned()),
        Just("messageroaming".to_owned()),
        "[a-z%/ ]{0,4}",
    ];
    vec(word, 0..5).prop_map(|words| words.join("/"))
}

fn bodies() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just(json!("bob")),
        Just(json!(["bob", "nobody"])),
        Just(json!(-1)),
        Just(json!(1e300)),
        Just(json!(true)),
        Just(json!(null)),
        "[a-zA-Z0-9é\u{0}]{0,70}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("username"),
        Just("usernames"),
        Just("password"),
        Just("grant_type"),
        Just("owner"),
        Just("members"),
        Just("maxusers"),
        Just("newadmin"),
        Just("newowner"),
        Just("mute_duration"),
        Just("queue"),
        Just("start"),
        Just("pull_number"),
        Just("applicant"),
        Just("verifyResult"),
    ];
    prop_oneof![
        vec((key, value), 0..4).prop_map(|pairs| Value::Object(
            pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
        )
        .to_string()),
        ".{0,20}",
    ]
}

/// A frame that is almost right.
fn near_frames() -> impl Strategy<Value = Vec<u8>> {
    let jid = (
        prop_oneof![
            Just("bob"),
            Just("alice"),
            Just("93734273351681"),
            Just("179800091197441"),
            Just("nobody"),
            Just("")
        ],
        prop_oneof![Just("easemob.com"), Just("conference.easemob.com"), Just("")],
    )
        .prop_map(|(name, domain)| Jid {
            name: Some(name.to_owned()),
            domain: Some(domain.to_owned()),
            ..Jid::default()
        });
    let payload = prop_oneof![
        vec(any::<u8>(), 0..40),
        (-1..12_i32, any::<u64>(), ".{0,9}").prop_map(|(kind, acknowledged, words)| {
            MessageBody {
                r#type: Some(kind),
                ack_message_id: Some(acknowledged),
                contents: vec![message_body::Content { text: Some(words), ..Default::default() }],
                ..MessageBody::default()
            }
            .encode_to_vec()
        }),
        (-1..46_i32, Just(Jid::conference(APP, "179800091197441"))).prop_map(|(operation, place)| {
            MucBody { muc_id: Some(place), operation: Some(operation), ..MucBody::default() }.encode_to_vec()
        }),
    ];
    let meta =
        (any::<u64>(), jid.clone(), -1..8_i32, payload, 0..3_i32).prop_map(|(id, to, ns, payload, route)| {
            Meta {
                id: Some(id),
                to: Some(to),
                ns: Some(ns),
                payload: Some(payload.into()),
                routetype: Some(route),
                ..Meta::default()
            }
        });
    (-1..6_i32, proptest::option::of(meta), proptest::option::of(jid), proptest::option::of(any::<u64>()))
        .prop_map(|(command, meta, queue, key)| {
            MSync {
                command: Some(command),
                payload: Some(
                    CommSyncUl { meta, queue, key, ..CommSyncUl::default() }.encode_to_vec().into(),
                ),
                ..MSync::default()
            }
            .encode_to_vec()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_frames_are_answered_a_bounded_number_of_times(
        frames in vec(prop_oneof![near_frames(), vec(any::<u8>(), 0..64)], 1..40),
    ) {
        let mut stage = Stage::new();
        let stranger = stage.connect();
        let mut devices = [stage.login("alice", "alice"), stage.login("bob", "bob")];
        for (at, frame) in frames.iter().enumerate() {
            for id in [stranger, devices[at % 2]] {
                stage.world.handle_frame(stage.now, id, &frame.clone().into());
                let outputs = stage.outputs();
                // An answer, a closing, and a notice for each queue that the frame has touched.
                prop_assert!(outputs.len() <= 8, "{outputs:?}");
            }
            for (device, name) in devices.iter_mut().zip(["alice", "bob"]) {
                if !stage.world.connections.contains_key(device) {
                    *device = stage.login(name, name);
                }
            }
        }
    }

    #[test]
    fn any_call_is_answered_in_json(
        calls in vec((methods(), paths(), bodies(), any::<bool>()), 1..12),
    ) {
        let mut stage = Stage::new();
        let tokens = [stage.app_token(), stage.user_token("alice")];
        for (method, path, body, as_app) in calls {
            let token = &tokens[usize::from(!as_app)];
            let (status, answer) = stage.call_text(method, &format!("/{path}"), Some(token), &body);
            prop_assert!((200..500).contains(&status), "{method} {path}: {answer}");
            prop_assert!(answer.is_object());
            stage.outputs();
        }
    }

    #[test]
    fn any_text_is_a_world_file_or_a_report(text in ".{0,200}") {
        if let Err(error) = WorldFile::parse("x.yaml", &text) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
