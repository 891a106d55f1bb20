//! 4.0.8 and 4.21.1: every recorded push, with the handlers of both kinds.

use chatproof::protocol::{
    downlink::{Delivery, Page},
    generation::Generation,
    id::ServerId,
    schema::{CommSyncUl, MSync, MessageBody, message_body},
};
use prost::Message as _;
use serde_json::Value;

use super::{
    expected::{self, Differences},
    player::{Player, sockjs, via},
};
use crate::golden::fixture::{base64, cases, text, uplink};

const API_URL: &str = "http://127.0.0.1:18082";
const TOKEN: &str = "LABTOKEN";

/// Calls that no MSync causes: (generation, case, handler).
const NOT_OF_A_FRAME: [(&str, &str, &str); 1] = [
    // `c[3000,...]` closes the socket (type 16): the transport's matter.
    ("4.0.8", "frame/sockjs-close", "onError"),
];

fn player(generation: Generation, resource: &str, name: &str) -> Player {
    let mut page = Page::new(generation, "alice");
    page.api_url = API_URL.into();
    page.resource = resource.into();
    if name.starts_with("delivery-on:") {
        page.delivery = Delivery::AsSdk;
    }
    Player::new(page, TOKEN)
}

fn downlinks(entry: &Value, generation: Generation) -> Vec<Vec<u8>> {
    let frame = text(entry, "frame");
    match generation {
        // A text frame is read as an array of no bytes.
        Generation::V4_21_1 if entry.get("decoded").is_none() => vec![Vec::new()],
        Generation::V4_21_1 => vec![base64(frame)],
        Generation::V3_6_3 | Generation::V4_0_8 => sockjs(frame).into_iter().flatten().collect(),
    }
}

/// Whom to and for which message, if this is a delivered receipt.
fn delivered_receipt(frame: &[u8]) -> Option<(String, ServerId)> {
    let sync = MSync::decode(frame).ok()?;
    let meta = CommSyncUl::decode(sync.payload?).ok()?.meta?;
    let body = MessageBody::decode(meta.payload?).ok()?;
    let is_delivered = body.r#type() == message_body::Type::DeliverAck;
    is_delivered.then_some((body.to?.name?, ServerId(body.ack_message_id?)))
}

fn check(generation: Generation, resource: &str) {
    let folder = generation.version();
    let cases = cases(folder, "downlink");
    assert_eq!(cases.len(), 133);
    let mut differences = Differences::default();
    for case in cases {
        let name = text(&case, "name");
        let mut player = player(generation, resource, name);
        let (mut made, mut receipts) = (Vec::new(), Vec::new());
        let sequence = case["sequence"].as_array().unwrap();
        let turns = sequence.chunk_by(|left, right| left["dir"] == "down" && right["dir"] == "down");
        for turn in turns {
            if turn[0]["dir"] == "up" {
                let frame = uplink(text(&turn[0], "frame"));
                player.saw_uplink(&frame);
                receipts.extend(delivered_receipt(&frame));
                continue;
            }
            if turn[0]["dir"] == "close" {
                continue;
            }
            let frames: Vec<_> = turn.iter().flat_map(|entry| downlinks(entry, generation)).collect();
            made.extend(player.turn(&frames));
        }
        let made: Vec<_> = made
            .iter()
            .map(|call| (via(call), call.name.to_owned(), Value::Array(call.args.clone()).to_string()))
            .collect();
        let recorded: Vec<_> = case["handlers"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|call| !NOT_OF_A_FRAME.contains(&(folder, name, text(call, "handler"))))
            .map(|call| {
                (text(call, "via"), text(call, "handler").to_owned(), expected::arguments(&call["args"]))
            })
            .collect();
        differences.check(name, made, recorded);
        differences.check(name, player.acknowledged, receipts);
    }
}

#[test]
fn every_recorded_push_calls_the_page_back_as_4_0_8_did() {
    check(Generation::V4_0_8, "webim_random_1640995200000");
}

#[test]
fn every_recorded_push_calls_the_page_back_as_4_21_1_did() {
    check(Generation::V4_21_1, "webim_web_1640995200000");
}
