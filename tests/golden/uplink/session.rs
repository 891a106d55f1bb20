//! 3.6.3: login, heartbeat, queues and ids, from what the record says of each frame.

use chatproof::protocol::{
    generation::Generation,
    id::{LocalId, LocalIds},
    schema::Jid,
    secret::Secret,
    time::Moment,
    uplink::Device,
};
use serde_json::Value;

use super::decoded;
use crate::golden::fixture::{base64, cases, text};

const NOW: Moment = Moment::from_millis(1_640_995_200_000);
const TOKEN: &str = "YWMtTokenForGoldenCapture";
/// Records of HTTP requests, which are no frames.
const REQUESTS: &[&str] = &["history-request/single", "history-request/group", "history-request/start"];

fn queue(value: &Value) -> Jid {
    let part = |key: &str| value[key].as_str().map(str::to_owned);
    Jid {
        app_key: part("appKey"),
        name: part("name"),
        domain: part("domain"),
        client_resource: part("clientResource"),
    }
}

#[test]
fn every_session_frame_of_3_6_3_is_reproduced() {
    let cases = cases("3.6.3", "session");
    assert_eq!(cases.len(), 21);
    let mut compared = 0;
    for case in &cases {
        let (name, input) = (text(case, "name"), &case["input"]);
        let sender = |user: &str| {
            let resource = Device::Stamped(NOW).resource(Generation::V3_6_3);
            decoded::sender(Generation::V3_6_3, user, &resource)
        };
        let alice = sender("alice");
        let frame = match name {
            "provision/default-device" | "provision/user-Alice_01" => {
                let user = text(input, "user");
                sender(user).provision(&Secret::new(TOKEN), &Device::Stamped(NOW), NOW, None)
            }
            "provision/password-login" => {
                let token = decoded::token(&base64(text(case, "protobuf_base64")));
                alice.provision(&token, &Device::Stamped(NOW), NOW, None)
            }
            "provision/deviceId-dev1" => {
                let device = Device::Fixed(text(input, "deviceId").to_owned());
                alice.provision(&Secret::new(TOKEN), &device, NOW, None)
            }
            "unread/after-login-and-heartbeat" => alice.unread(None),
            "statistic/after-login-and-after-every-unread-reply" | "unread-reply/statistic" => {
                alice.statistic(NOW, None)
            }
            "unread-reply/first-fetch" => alice.fetch(&Jid::user(decoded::APP_KEY, "bob"), None),
            "unread-reply/second-fetch" => {
                alice.fetch(&Jid::conference(decoded::APP_KEY, "93734273351681"), None)
            }
            fetch if fetch.starts_with("queue-fetch/") => alice.fetch(&queue(&input["notice_queue"]), None),
            acknowledged if acknowledged.starts_with("key-ack/") => {
                let key = text(input, "nextKey").parse().unwrap();
                alice.acknowledge(key, Some(&queue(&input["queue"])), None)
            }
            made if made.starts_with("getUniqueId/") => {
                assert!(case.get("protobuf_base64").is_none(), "{name}");
                continue;
            }
            other => {
                assert!(REQUESTS.contains(&other) && case.get("protobuf_base64").is_none());
                continue;
            }
        };
        assert_eq!(decoded::hex(&frame), decoded::hex(&base64(text(case, "protobuf_base64"))), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 15);
}

#[test]
fn local_ids_count_from_midnight_of_1_february_2010() {
    for case in cases("3.6.3", "session") {
        let name = text(&case, "name");
        // The epoch is local midnight; the ids that we make are those of a client in UTC.
        let hours_east: i64 = match name {
            "getUniqueId/UTC" => 0,
            "getUniqueId/Asia/Shanghai" => 8,
            "getUniqueId/America/Los_Angeles" => -8,
            _ => continue,
        };
        let local = NOW.as_millis().checked_add_signed(hours_east * 3_600_000).unwrap();
        let mut ids = LocalIds::default();
        let made: Vec<LocalId> = (0..2).map(|_| ids.next(Moment::from_millis(local))).collect();
        let told: Vec<LocalId> = case["result"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| LocalId(id.as_u64().or_else(|| id.as_str()?.parse().ok()).unwrap()))
            .collect();
        assert_eq!(made, told, "{name}");
    }
}
