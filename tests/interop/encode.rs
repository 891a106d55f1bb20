//! The genuine SDKs as judges of our encoder: random lines, and for each the bytes that the SDK of
//! the generation makes of it (`encoder/encode.mjs`). Nothing is sent anywhere.

use std::{process::Stdio, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use chatproof::protocol::{
    generation::Generation,
    line::Line,
    schema::MSync,
    time::Moment,
    trace::TraceId,
    uplink::{Device, Identity, Sender},
};
use proptest::{
    collection::vec, option, prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner,
};
use prost::Message;
use serde_json::{Map, Value, json};
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

use super::page;

const APP_KEY: &str = "easemob-demo#chatdemoui";
/// Lines tried in each generation; Node needs a second for them.
const LINES: usize = 2000;
/// Longest wait for all the answers.
const PATIENCE: Duration = Duration::from_secs(60);

fn texts() -> impl Strategy<Value = Value> {
    let awkward = ["", "你好 😀", "\u{1}\n\t\"q\"\\\u{2028}", "WEBIM"];
    prop_oneof![select(awkward.to_vec()).prop_map(Value::from), "\\PC{0,20}".prop_map(Value::from)]
}

fn numbers() -> impl Strategy<Value = Value> {
    let awkward = [0.0, -0.0, 1.0, -7.0, 3.25, 1e-7, 1e21, 1.5e300, 9.007_199_254_740_991e15, -1e19];
    prop_oneof![
        select(awkward.to_vec()).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no other", |number| number.is_finite()).prop_map(Value::from),
    ]
}

/// Lengths and sizes: numbers, and strings that are or are not.
fn amounts() -> impl Strategy<Value = Value> {
    let awkward = [json!(0), json!(3.9), json!(3e9), json!("3"), json!("7.9"), json!("x"), json!(-3)];
    prop_oneof![select(awkward.to_vec()), (0..100_000).prop_map(Value::from)]
}

fn ids() -> impl Strategy<Value = Value> {
    let awkward = ["WEBIM_abc", "12345678abc", "-5", "+7", "Infinity", "18446744073709551615"];
    prop_oneof![
        select(awkward.to_vec()).prop_map(Value::from),
        any::<u64>().prop_map(|id| id.to_string().into()),
    ]
}

fn keys() -> impl Strategy<Value = String> {
    let awkward = ["10", "2", "01", "-1", "4294967294", "4294967295", "1.5", "é"];
    prop_oneof![select(awkward.to_vec()).prop_map(str::to_owned), "[a-z]{1,3}|[0-9]{1,2}"]
}

fn values() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![texts(), numbers(), any::<bool>().prop_map(Value::from), Just(Value::Null)];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((keys(), inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

fn exts() -> impl Strategy<Value = Value> {
    let length = option::of(amounts());
    (vec((keys(), values()), 0..5), length).prop_map(|(pairs, length)| {
        let mut ext: Map<_, _> = pairs.into_iter().collect();
        ext.extend(length.map(|length| ("file_length".to_owned(), length)));
        Value::Object(ext)
    })
}

/// What may stand under a key; `None` leaves it out.
type Field = (&'static str, BoxedStrategy<Option<Value>>);

fn must(key: &'static str, value: impl Strategy<Value = Value> + 'static) -> Field {
    (key, value.prop_map(Some).boxed())
}

fn may(key: &'static str, value: impl Strategy<Value = Value> + 'static) -> Field {
    (key, option::of(value).boxed())
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    select(words).prop_map(Value::from)
}

const CHAT_TYPES: &[&str] = &["singleChat", "groupChat", "chatRoom", "groupchat", "chatroom"];
const MESSAGES: &[&str] = &["txt", "img", "file", "audio", "video", "loc", "cmd", "custom"];
const OTHERS: &[&str] = &["read", "delivery", "channel", "recall"];

/// The fields of one type of message.
fn fields(generation: Generation, kind: &'static str, api: &'static str) -> Vec<Field> {
    let created = api == "new";
    let mut fields = vec![
        must("type", Just(kind.into())),
        must("id", ids()),
        must("from", one_of(&["alice", "Bob", "中"])),
        must("to", one_of(&["bob", "93734273351681", "中", "bob/web", "/x"])),
    ];
    if generation != Generation::V3_6_3 {
        fields.push(must("api", Just(api.into())));
    }
    if kind != "delivery" {
        fields.push(may("chatType", one_of(CHAT_TYPES)));
    }
    if MESSAGES.contains(&kind) {
        fields.push(may("ext", exts()));
        let configs = [json!({}), json!({"allowGroupAck": true}), json!({"allowGroupAck": 0})];
        fields.push(may("msgConfig", select(configs.to_vec())));
    }
    fields.extend(match kind {
        "txt" if created => vec![
            may("msg", texts()),
            may("isChatThread", any::<bool>().prop_map(Value::from)),
            may("deliverOnlineOnly", any::<bool>().prop_map(Value::from)),
            may("receiverList", select(vec![json!([]), json!(["u1", "u2"])])),
            may("priority", one_of(&["high", "normal", "low"])),
        ],
        "txt" => vec![
            may("msg", texts()),
            may("setGroup", one_of(&["groupchat"])),
            may("roomType", any::<bool>().prop_map(Value::from)),
        ],
        "loc" => vec![
            may("addr", texts()),
            may("lat", amounts()),
            may("lng", numbers()),
            may("buildingName", texts()),
        ],
        "cmd" => vec![may("action", texts()), may("msg", texts())],
        "custom" => vec![may("customEvent", texts()), may("customExts", exts())],
        "read" => {
            let config = json!({"allowGroupAck": true});
            vec![must("ackId", ids()), may("ackContent", texts()), may("msgConfig", Just(config))]
        }
        "delivery" => vec![must("ackId", ids())],
        "recall" => vec![must("mid", ids())],
        "channel" => vec![],
        _ => vec![
            must("url", "https://[!-~é]{1,20}".prop_map(Value::from)),
            may("secret", texts()),
            may("filename", texts()),
            may("file_length", amounts()),
            may("width", amounts()),
            may("height", amounts()),
            may("length", amounts()),
        ],
    });
    fields
}

fn lines(generation: Generation) -> impl Strategy<Value = Map<String, Value>> {
    let kinds = select([MESSAGES, OTHERS].concat());
    let apis = if generation == Generation::V3_6_3 { &["old"][..] } else { &["old", "new"] };
    (kinds, select(apis)).prop_flat_map(move |(kind, api)| {
        let (keys, values): (Vec<_>, Vec<_>) = fields(generation, kind, api).into_iter().unzip();
        values.prop_map(move |values| {
            let pairs = keys.iter().zip(values);
            pairs.filter_map(|(key, value)| Some((String::from(*key), value?))).collect()
        })
    })
}

/// What the SDK answers to each line.
async fn asked(generation: Generation, resource: &str, lines: &[Map<String, Value>]) -> Vec<String> {
    let folder = page::installed("tests/interop/encoder").await;
    let mut node = Command::new("node")
        .arg(folder.join("encode.mjs"))
        .args([generation.version(), APP_KEY, resource])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let text: String = lines.iter().map(|line| Value::Object(line.clone()).to_string() + "\n").collect();
    let mut stdin = node.stdin.take().unwrap();
    // Both at once: the page answers while it still reads.
    let tell = async move { stdin.write_all(text.as_bytes()).await.unwrap() };
    let told = async { tokio::join!(tell, node.wait_with_output()).1 };
    let output = timeout(PATIENCE, told).await.expect("the SDK answers in time").unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

async fn agrees(generation: Generation) {
    let resource = Device::Stamped(Moment::from_millis(1_640_995_200_000)).resource(generation);
    let mut runner = TestRunner::deterministic();
    let strategy = lines(generation);
    let lines: Vec<_> = (0..LINES).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
    let answers = asked(generation, &resource, &lines).await;
    assert_eq!(answers.len(), LINES, "one answer for each line");
    for (line, answer) in lines.iter().zip(&answers) {
        assert!(!answer.starts_with('!'), "SDK {generation} threw {answer} on {line:?}");
        let frame = STANDARD.decode(answer).unwrap();
        let Line { from, outgoing, .. } = Line::from_map(generation, line).unwrap();
        let identity =
            Identity { app_key: APP_KEY.to_owned(), user: from.unwrap(), resource: resource.clone() };
        // The SDK stamps each frame with an id of its own.
        let trace = MSync::decode(&*frame).unwrap().trace_id.map(TraceId);
        let ours = Sender { generation, identity }.message(&outgoing, trace);
        assert_eq!(STANDARD.encode(ours), *answer, "{generation} {:?}", Value::Object(line.clone()));
    }
}

#[tokio::test]
async fn sdk_3_6_3_makes_the_same_bytes_of_any_line() {
    agrees(Generation::V3_6_3).await;
}

#[tokio::test]
async fn sdk_4_0_8_makes_the_same_bytes_of_any_line() {
    agrees(Generation::V4_0_8).await;
}

#[tokio::test]
async fn sdk_4_21_1_makes_the_same_bytes_of_any_line() {
    agrees(Generation::V4_21_1).await;
}
