//! What holds for any frame, not only for those recorded.

use bytes::Bytes;
use chatproof::protocol::{
    downlink::{Attachments, Batch, Delivery, Downlink, Effect, Page, Seen, decode},
    event::{Call, Content, Detail, Event, calls},
    generation::Generation,
    id::ServerId,
    message::ChatType,
    schema::{
        CommSyncDl, Jid, KeyValue, MSync, MessageBody, Meta, Status, key_value,
        message_body::{self, content},
    },
};
use proptest::{collection::vec, prelude::*, sample::select};
use prost::Message as _;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::shuffle::shuffled;
use crate::golden::fixture::{base64, cases};

/// All that a page can be asked to do with a frame, in every generation and with every option.
fn play_everywhere(frame: &Bytes) -> Vec<Call> {
    let mut made = Vec::new();
    for generation in Generation::ALL {
        for (attachments, delivery) in
            [(Attachments::Hosted, Delivery::Off), (Attachments::OwnUpload, Delivery::AsSdk)]
        {
            let page = Page { attachments, delivery, ..Page::new(generation, "alice") };
            made.extend(play(&page, frame));
        }
    }
    made
}

fn play(page: &Page, frame: &Bytes) -> Vec<Call> {
    let Ok(downlink) = decode(page.generation, frame) else { return Vec::new() };
    let Downlink::Batch(batch) = downlink else { return Vec::new() };
    let events: Vec<_> = events(page, &batch);
    for event in events.iter().flatten() {
        assert!(event.is_called(event.name()));
        // Asking must never fail, whatever the answer.
        let _ = (event.id(), event.mid(), event.conversation("alice"), event.text(), event.time());
        let _ = (event.group_read_count(), event.location(), event.error_type(), event.kind(), event.args());
    }
    calls(&[events], None)
}

fn events(page: &Page, batch: &Batch) -> Vec<Option<Event>> {
    let mut effects = Vec::new();
    batch.deliver(page, &mut Seen::default(), &mut effects);
    let event = |effect| match effect {
        Effect::Event(event) => Some(Some(event)),
        Effect::Unreadable(_) => Some(None),
        Effect::Acknowledge { .. } | Effect::FetchBlocklist => None,
    };
    effects.into_iter().filter_map(event).collect()
}

/// Every recorded frame with items.
fn recorded_frames() -> Vec<Bytes> {
    let mut frames: Vec<Bytes> = Vec::new();
    for generation in ["4.0.8", "4.21.1"] {
        let of = |case: serde_json::Value| Some(base64(case["protobuf_base64"].as_str()?).into());
        frames.extend(cases(generation, "downlink").into_iter().filter_map(of));
    }
    for case in cases("3.6.3", "downlink") {
        let steps = case["steps"].as_array().unwrap().clone();
        frames.extend(
            steps
                .iter()
                .filter_map(|step| Some(Bytes::from(base64(step["server_protobuf_base64"].as_str()?)))),
        );
    }
    frames
}

proptest! {
    #[test]
    fn no_bytes_make_decoding_panic(bytes in vec(any::<u8>(), 0..300)) {
        play_everywhere(&bytes.into());
    }

    #[test]
    fn no_damage_to_a_recorded_frame_makes_decoding_panic(
        frame in select(recorded_frames()),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = frame.to_vec();
        for (at, byte) in damage {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        play_everywhere(&Bytes::from(bytes.clone()));
        bytes.truncate(cut.index(bytes.len() + 1));
        play_everywhere(&bytes.into());
    }

    #[test]
    fn the_order_of_fields_changes_nothing(frame in select(recorded_frames()), seed in any::<u64>()) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        if let Some(shuffled) = shuffled(&frame, &mut random) {
            let made = play_everywhere(&frame);
            prop_assert_eq!(play_everywhere(&shuffled.into()), made);
        }
    }

    #[test]
    fn texts_arrive_as_they_were_sent_and_in_that_order(
        texts in vec((any::<u64>(), ".{0,20}", "[a-z0-9]{1,8}", text_ext()), 1..20),
        generation in select(Generation::ALL.to_vec()),
        chat_type in select(vec![ChatType::Single, ChatType::Group, ChatType::Room]),
    ) {
        let mut seen = std::collections::HashSet::new();
        let texts: Vec<_> = texts.into_iter().filter(|(id, ..)| seen.insert(*id)).collect();
        let frame = pushed(chat_type, &texts);
        let Ok(Downlink::Batch(batch)) = decode(generation, &frame) else {
            return Err(TestCaseError::fail("not a batch"));
        };
        let page = Page::new(generation, "alice");
        let made: Vec<_> = events(&page, &batch).into_iter().flatten().collect();
        prop_assert_eq!(made.len(), texts.len());
        for (event, (id, text, from, ext)) in made.iter().zip(&texts) {
            prop_assert_eq!(event.id(), Some(ServerId(*id)));
            prop_assert_eq!(event.text(), Some(text.as_str()));
            prop_assert_eq!(event.from(), Some(from.as_str()));
            prop_assert_eq!(event.chat_type(), Some(chat_type));
            let Detail::Message(message) = &event.detail else { unreachable!() };
            prop_assert!(matches!(message.content, Content::Text(_)));
            let shown: Vec<_> = message.ext.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            let sent: Vec<_> = ext.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))).collect();
            prop_assert_eq!(shown, sent);
        }
    }
}

/// Pairs with keys that keep their order: no repeated ones, none like an index.
fn text_ext() -> impl Strategy<Value = Vec<(String, String)>> {
    vec(("[a-z]{1,6}", ".{0,10}"), 0..6).prop_map(|pairs| {
        let mut keys = std::collections::HashSet::new();
        pairs.into_iter().filter(|(key, _)| keys.insert(key.clone())).collect()
    })
}

/// Id, text, sender and ext of a text.
type Text = (u64, String, String, Vec<(String, String)>);

fn pushed(chat_type: ChatType, texts: &[Text]) -> Bytes {
    let body_type = match chat_type {
        ChatType::Single => message_body::Type::Chat,
        ChatType::Group => message_body::Type::Groupchat,
        ChatType::Room => message_body::Type::Chatroom,
    };
    let metas = texts.iter().map(|(id, text, from, ext)| {
        let content = message_body::Content {
            r#type: Some(content::Type::Text as i32),
            text: Some(text.clone()),
            ..Default::default()
        };
        let pair = |(key, value): &(String, String)| KeyValue {
            key: Some(key.clone()),
            r#type: Some(key_value::ValueType::String as i32),
            value: Some(key_value::Value::StringValue(value.clone())),
        };
        let body = MessageBody {
            r#type: Some(body_type as i32),
            from: Some(Jid::named(from)),
            to: Some(Jid::named("alice")),
            contents: vec![content],
            ext: ext.iter().map(pair).collect(),
            ..Default::default()
        };
        Meta {
            id: Some(*id),
            from: Some(Jid::user("org#app", from)),
            ns: Some(1),
            payload: Some(body.encode_to_vec().into()),
            ..Default::default()
        }
    });
    let batch = CommSyncDl { status: Some(Status::default()), metas: metas.collect(), ..Default::default() };
    MSync { payload: Some(batch.encode_to_vec().into()), ..Default::default() }.encode_to_vec().into()
}
