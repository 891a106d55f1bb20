//! What holds for every message, not only for recorded ones.

use chatproof::protocol::{
    ext::{Ext, ExtValue},
    generation::Generation,
    id::{LocalId, ServerId},
    message::{
        Api, Attachment, Body, ChatType, GroupAck, Location, Options, Origin, Outgoing, Priority, Size,
    },
    trace::TraceId,
};
use proptest::{collection::btree_map, option, prelude::*, sample::select};
use serde_json::json;

use super::{
    again::again,
    decoded::{self, Sync},
};

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,12}"
}

fn ext() -> impl Strategy<Value = Ext> {
    let value = prop_oneof![
        text().prop_map(ExtValue::Text),
        any::<bool>().prop_map(ExtValue::Bool),
        any::<f64>().prop_map(ExtValue::Number),
        any::<i64>().prop_map(|whole| ExtValue::Number(whole as f64)),
        (text(), any::<f64>()).prop_map(|(key, number)| ExtValue::Json(json!({ key: [number, null] }))),
        Just(ExtValue::Json(json!(null))),
        Just(ExtValue::Undefined),
    ];
    btree_map("[0-9a-z]{1,3}|\\PC{0,8}", value, 0..5).prop_map(|pairs| pairs.into_iter().collect())
}

fn attachment() -> impl Strategy<Value = Attachment> {
    // What the schema's int32 holds; the numbers beyond are tried by themselves.
    let number = || option::of((0..i32::MAX).prop_map(f64::from));
    let size = option::of((option::of(any::<f64>()), option::of(any::<f64>())))
        .prop_map(|size| size.map(|(width, height)| Size { width, height }));
    let texts = (option::of(text()), option::of(text()), option::of(text()));
    (select(&[Origin::Upload, Origin::Given][..]), texts, number(), size, number()).prop_map(
        |(origin, (url, secret, filename), file_length, size, length)| Attachment {
            origin,
            url,
            secret,
            filename,
            file_length,
            size,
            length,
        },
    )
}

fn body() -> impl Strategy<Value = Body> {
    let message = || any::<u64>().prop_map(ServerId);
    let degrees = || option::of(-180.0..180.0);
    prop_oneof![
        option::of(text()).prop_map(Body::Text),
        attachment().prop_map(Body::Image),
        attachment().prop_map(Body::File),
        attachment().prop_map(Body::Audio),
        attachment().prop_map(Body::Video),
        (option::of(text()), degrees(), degrees(), option::of(text())).prop_map(
            |(address, latitude, longitude, building)| Body::Location(Location {
                address,
                latitude,
                longitude,
                building
            })
        ),
        option::of(text()).prop_map(Body::Command),
        (option::of(text()), ext()).prop_map(|(event, exts)| Body::Custom { event, exts }),
        (message(), option::of(text())).prop_map(|(message, content)| Body::Read { message, content }),
        message().prop_map(|message| Body::Delivery { message }),
        Just(Body::Channel),
        message().prop_map(|message| Body::Recall { message }),
    ]
}

fn options() -> impl Strategy<Value = Options> {
    let priority = select(&[Priority::High, Priority::Normal, Priority::Low][..]);
    let receivers = proptest::collection::vec("[a-z]{1,5}", 0..3);
    (any::<bool>(), any::<bool>(), receivers, priority).prop_map(
        |(thread, online_only, receivers, priority)| Options { thread, online_only, receivers, priority },
    )
}

fn outgoing() -> impl Strategy<Value = Outgoing> {
    let chat_type = select(&[ChatType::Single, ChatType::Group, ChatType::Room][..]);
    let ack = select(&[GroupAck::Asked, GroupAck::Declined, GroupAck::Unsaid][..]);
    let api = select(&[Api::Old, Api::New][..]);
    let to = "[a-zA-Z0-9/中]{0,10}";
    (any::<u64>(), to, chat_type, ext(), option::of(ack), api, options(), body()).prop_map(
        |(id, to, chat_type, ext, group_ack, api, options, body)| Outgoing {
            id: LocalId(id),
            to,
            chat_type,
            ext,
            group_ack,
            api,
            options,
            body,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_frame_says_what_was_put_into_it(outgoing in outgoing(), trace in any::<u64>()) {
        for generation in Generation::ALL {
            let sender = decoded::sender(generation, "alice", "webim_1");
            let frame = sender.message(&outgoing, Some(TraceId(trace)));
            prop_assert_eq!(&frame, &sender.message(&outgoing, Some(TraceId(trace))));

            let sync = Sync::of(&frame);
            prop_assert_eq!(sync.meta().id, Some(outgoing.id.0));
            let expected = (generation == Generation::V4_21_1).then_some(TraceId(trace));
            prop_assert_eq!(sync.trace(), expected);
            let content = &sync.body().contents[0];
            match &outgoing.body {
                Body::Text(text) => prop_assert_eq!(&content.text, text),
                Body::Command(action) => prop_assert_eq!(&content.action, action),
                Body::Image(file) => prop_assert_eq!(&content.remote_path, &file.url),
                Body::Read { message, .. }
                | Body::Delivery { message }
                | Body::Recall { message } => {
                    prop_assert_eq!(sync.body().ack_message_id, Some(message.0));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn a_frame_is_its_own_meaning(outgoing in outgoing(), trace in any::<u64>()) {
        for generation in Generation::ALL {
            // The recordings' usual sender, whom 4.21.1 does not name in the frame.
            let sender = decoded::sender(generation, "alice", "webim_1");
            let frame = sender.message(&outgoing, Some(TraceId(trace)));
            prop_assert_eq!(
                decoded::hex(&again(generation, &frame)),
                decoded::hex(&frame),
                "{}", generation
            );
        }
    }
}

#[test]
fn lengths_beyond_31_bits_travel_as_javascript_coerces_them() {
    let line = json!({
        "type": "file", "id": 1, "from": "alice", "to": "bob", "url": "u", "file_length": 3e9,
    });
    for generation in Generation::ALL {
        let line = chatproof::protocol::line::Line::from_map(generation, line.as_object().unwrap());
        let frame = decoded::sender(generation, "alice", "webim_1").message(&line.unwrap().outgoing, None);
        // Field 9, and 3,000,000,000 as a varint of five bytes, which no int32 has.
        let field = [0x48, 0x80, 0xbc, 0xc1, 0x96, 0x0b];
        assert!(frame.windows(field.len()).any(|window| window == field), "{generation}");
    }
}
