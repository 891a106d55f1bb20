//! Frames in recordings of whole sessions. The record holds no options for them, so each frame is
//! read with the schema alone into what it says, and saying that again gives the same bytes.

use chatproof::protocol::schema::{CommSyncUl, MSync};
use prost::Message;
use serde_json::Value;

use super::{again::again, decoded};
use crate::golden::fixture::{cases, text, uplink};

/// Where a file keeps the frames that the client sent.
type Frames = fn(&Value) -> Vec<String>;

fn transcript(case: &Value) -> Vec<String> {
    list(&case["transcript"])
        .filter(|step| step["who"] == "client")
        .filter_map(|step| step["text"].as_str().map(str::to_owned))
        .collect()
}

fn answers(case: &Value) -> Vec<String> {
    list(&case["steps"])
        .flat_map(|step| list(&step["sdk_frames"]))
        .map(|frame| frame.as_str().unwrap_or_else(|| text(frame, "sockjs_text")).to_owned())
        .collect()
}

fn sequence(case: &Value) -> Vec<String> {
    let ups = list(&case["sequence"]).filter(|step| step["dir"] == "up");
    ups.map(|step| text(step, "frame").to_owned()).collect()
}

fn wire(case: &Value) -> Vec<String> {
    let ups = list(&case["wire"]).filter(|step| step["ev"] == "up");
    ups.map(|step| text(step, "frame").to_owned()).collect()
}

fn beside_requests(case: &Value) -> Vec<String> {
    let frames = list(&case["frames"]).map(|frame| text(frame, "sockjs_text").to_owned());
    frames.chain(list(&case["uplink"]).map(|frame| text(frame, "frame").to_owned())).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The files, where their frames are, and how many there are.
const FILES: &[(&str, &str, Frames, usize)] = &[
    ("3.6.3", "login", transcript, 75),
    ("3.6.3", "sync", transcript, 124),
    ("3.6.3", "transport", transcript, 107),
    ("3.6.3", "downlink", answers, 0),
    ("3.6.3", "rest", beside_requests, 7),
    ("4.0.8", "downlink", sequence, 138),
    ("4.0.8", "session", wire, 252),
    ("4.0.8", "rest", beside_requests, 3),
    ("4.21.1", "downlink", sequence, 36),
    ("4.21.1", "session", wire, 253),
    ("4.21.1", "rest", beside_requests, 2),
];

/// The frames that no client means to send, with what went wrong; they are not compared.
const ACCIDENTS: &[(&str, Accident)] = &[
    ("login/appKey-not-given-to-constructor", Accident::NoAppKey),
    ("login/appKey-not-given-to-constructor", Accident::NoAppKey),
    ("send while socket is down, then reconnect", Accident::EncodedTwice),
];

/// What went wrong inside the SDK.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Accident {
    /// 3.6.3 addresses with the app key of the constructor; the page had given one to `open()`
    /// alone, so the receiver's app is the empty text.
    NoAppKey,
    /// 4.0.8 takes the bytes that it queued while the socket was down for a message and encodes
    /// them again: no id, no receiver.
    EncodedTwice,
}

impl Accident {
    fn of(frame: &[u8]) -> Option<Self> {
        let msync = MSync::decode(frame).unwrap();
        let payload = CommSyncUl::decode(msync.payload.unwrap_or_default()).ok()?;
        let meta = payload.meta?;
        if meta.id.is_none() {
            return Some(Self::EncodedTwice);
        }
        (meta.to?.app_key.as_deref() == Some("")).then_some(Self::NoAppKey)
    }
}

#[test]
fn every_frame_in_a_recorded_session_is_said_again() {
    let mut accidents = Vec::new();
    for (name, file, frames, count) in FILES {
        let generation = decoded::generation(name);
        let mut compared = 0;
        for case in cases(name, file) {
            for frame in frames(&case) {
                let frame = uplink(&frame);
                if let Some(accident) = Accident::of(&frame) {
                    accidents.push((text(&case, "name").to_owned(), accident));
                    continue;
                }
                let said = again(generation, &frame);
                assert_eq!(
                    decoded::hex(&said),
                    decoded::hex(&frame),
                    "{name}/{file} {}",
                    text(&case, "name")
                );
                compared += 1;
            }
        }
        assert_eq!(compared, *count, "{name}/{file}");
    }
    let accidents: Vec<_> = accidents.iter().map(|(name, accident)| (name.as_str(), *accident)).collect();
    assert_eq!(accidents, ACCIDENTS);
}
