//! What a message says, taken the same from what its sender gives and from what a receiver hears.

use serde_json::Value;

use crate::{
    history::{Content, MessageKind},
    protocol::{
        event,
        ext::{Ext, ExtValue},
        message::{Body, Location},
    },
};

/// What a message says, as its sender has it; `None` for receipts and recalls.
pub(super) fn sent(body: &Body) -> Option<Content> {
    Some(match body {
        Body::Text(text) => Content::new(MessageKind::Text, text.as_deref().unwrap_or_default()),
        Body::Image(file) => attachment(MessageKind::Image, file.filename.as_deref()),
        Body::File(file) => attachment(MessageKind::File, file.filename.as_deref()),
        Body::Audio(file) => attachment(MessageKind::Audio, file.filename.as_deref()),
        Body::Video(file) => attachment(MessageKind::Video, file.filename.as_deref()),
        Body::Location(place) => location(place),
        Body::Command(action) => Content::new(MessageKind::Command, action.as_deref().unwrap_or_default()),
        Body::Custom { event, exts } => custom(event.as_deref().unwrap_or_default(), given_pairs(exts)),
        Body::Read { .. } | Body::Delivery { .. } | Body::Channel | Body::Recall { .. } => return None,
    })
}

/// What a message says, as a receiver has it.
pub(super) fn heard(said: &event::Content) -> Content {
    match said {
        event::Content::Text(text) => Content::new(MessageKind::Text, text.as_str()),
        event::Content::Image(file) => attachment(MessageKind::Image, Some(&file.filename)),
        event::Content::File(file) => attachment(MessageKind::File, Some(&file.filename)),
        event::Content::Combined { attachment: file, .. } => {
            attachment(MessageKind::File, Some(&file.filename))
        }
        event::Content::Audio(file) => attachment(MessageKind::Audio, Some(&file.filename)),
        event::Content::Video(file) => attachment(MessageKind::Video, Some(&file.filename)),
        event::Content::Location(place) => location(place),
        event::Content::Command(action) => Content::new(MessageKind::Command, action.as_str()),
        event::Content::Custom { event, exts, .. } => {
            let texts = exts.iter().filter_map(|(key, value)| match value {
                Value::String(text) => Some((key.as_str(), text.as_str())),
                _ => None,
            });
            custom(event, texts.collect())
        }
    }
}

/// What a message or receipt says, in a few words for people: its type and its heart.
pub(super) fn words(body: &Body) -> (&'static str, String) {
    let named = |file: &crate::protocol::message::Attachment| {
        file.filename.clone().or_else(|| file.url.clone()).unwrap_or_default()
    };
    match body {
        Body::Text(text) => ("txt", text.clone().unwrap_or_default()),
        Body::Image(file) => ("img", named(file)),
        Body::File(file) => ("file", named(file)),
        Body::Audio(file) => ("audio", named(file)),
        Body::Video(file) => ("video", named(file)),
        Body::Location(place) => ("loc", place.address.clone().unwrap_or_default()),
        Body::Command(action) => ("cmd", action.clone().unwrap_or_default()),
        Body::Custom { event, .. } => ("custom", event.clone().unwrap_or_default()),
        Body::Read { message, .. } => ("read", message.to_string()),
        Body::Delivery { message } => ("delivery", message.to_string()),
        Body::Channel => ("channel", String::new()),
        Body::Recall { message } => ("recall", message.to_string()),
    }
}

/// URLs differ between the two ends, and so may lengths: the name is what both have.
fn attachment(kind: MessageKind, filename: Option<&str>) -> Content {
    Content::new(kind, filename.unwrap_or_default())
}

fn location(place: &Location) -> Content {
    // Two zeros are one place.
    let bits = |degrees: Option<f64>| (degrees.unwrap_or_default() + 0.0).to_bits();
    let address = place.address.as_deref().unwrap_or_default();
    Content::new(MessageKind::Location, (address, bits(place.latitude), bits(place.longitude)))
}

/// The document lets only texts into `customExts`; what else is there may change on its way.
fn given_pairs(exts: &Ext) -> Vec<(&str, &str)> {
    exts.iter()
        .filter_map(|(key, value)| match value {
            ExtValue::Text(text) => Some((key.as_str(), text.as_str())),
            _ => None,
        })
        .collect()
}

fn custom(event: &str, mut texts: Vec<(&str, &str)>) -> Content {
    texts.sort_unstable();
    Content::new(MessageKind::Custom, (event, texts))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    #[test]
    fn both_ends_of_a_message_find_the_same_in_it() {
        let pairs = vec![
            ("b".to_owned(), ExtValue::Text("2".to_owned())),
            ("1".to_owned(), ExtValue::Text("x".to_owned())),
            ("n".to_owned(), ExtValue::Number(1.5e300)),
        ];
        let exts = json!({"1": "x", "b": "2", "n": 0});
        let Value::Object(exts) = exts else { unreachable!("an object was written") };
        let place = Location { address: Some("x".to_owned()), latitude: Some(-0.0), ..Location::default() };
        let arrived = Location { latitude: Some(0.0), longitude: Some(0.0), ..place.clone() };
        let ends = [
            (Body::Text(None), event::Content::Text(String::new())),
            (Body::Command(Some("go".to_owned())), event::Content::Command("go".to_owned())),
            (Body::Location(place), event::Content::Location(Box::new(arrived))),
            (
                Body::Custom { event: Some("e".to_owned()), exts: pairs },
                event::Content::Custom { event: "e".to_owned(), params: Map::new(), exts },
            ),
        ];
        for (body, content) in ends {
            assert_eq!(sent(&body), Some(heard(&content)), "{body:?}");
        }
        let other = Body::Command(Some("stop".to_owned()));
        assert_ne!(sent(&other), Some(heard(&event::Content::Command("go".to_owned()))));
    }
}
