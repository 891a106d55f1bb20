//! The pages of docs/server.md, run as they are written there: only the port is another one.

use std::{fs, process::Stdio, time::Duration};

use chatproof::protocol::generation::Generation;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use super::{
    page::{Page, installed},
    text,
};
use crate::serve::Serving;

const PATIENCE: Duration = Duration::from_secs(30);
/// What a page of the manual brings along from its HTML: a window, the SDK in it, and a console of which
/// `log` is the page's own while the SDK's own words go elsewhere.
const HEAD: &str = r#"
import { inspect } from "node:util";
await import("./window.mjs");
const sdk = await import(process.argv.at(-1));
globalThis.WebIM = sdk.default.default ?? sdk.default;
console.log = (...told) => {
  const words = told.map((one) => (typeof one === "string" ? one : inspect(one, { depth: 2 })));
  process.stdout.write(`page: ${words.join(" ").replaceAll("\n", " ")}\n`);
};
"#;

/// The example of a generation in the manual, with the addresses of that server.
fn example(serving: &Serving, generation: Generation) -> String {
    let manual = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/server.md")).unwrap();
    let heading = format!("\nSDK {} ", generation.version());
    let (_, after) = manual.split_once(&heading).unwrap_or_else(|| panic!("no example for {heading}"));
    let (_, code) = after.split_once("```js\n").unwrap();
    let (code, _) = code.split_once("```").unwrap();
    code.replace("127.0.0.1:7070", serving.url("rest").trim_start_matches("http://"))
}

/// Runs an example, and what it logs.
async fn run(serving: &Serving, generation: Generation) -> (Child, Lines<BufReader<ChildStdout>>) {
    let script = format!("{HEAD}{}", example(serving, generation));
    let mut process = Command::new("node")
        .current_dir(installed("tests/interop").await)
        .args(["--input-type=module", "--eval", &script, "--"])
        .arg(format!("easemob-websdk-{}", generation.version()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    (process, lines)
}

/// The next line that the example logs with these words in it.
async fn expect(lines: &mut Lines<BufReader<ChildStdout>>, words: &str) -> String {
    let found = timeout(PATIENCE, async {
        let mut told = String::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.starts_with("page: ") && line.contains(words) {
                return line;
            }
            told += &format!("{line}\n");
        }
        panic!("the example ended without {words:?}; it logged:\n{told}");
    });
    found.await.unwrap_or_else(|_| panic!("the example did not log {words:?}"))
}

#[tokio::test]
async fn each_example_of_the_manual_logs_in_and_talks() {
    for generation in [Generation::V3_6_3, Generation::V4_0_8, Generation::V4_21_1] {
        let serving = Serving::start(&[]);
        let mut bob = Page::open(&serving, "bob").await;
        let (_process, mut lines) = run(&serving, generation).await;
        expect(&mut lines, "page: open").await;
        if generation != Generation::V3_6_3 {
            assert_eq!(bob.expect("onTextMessage").await["data"], "hello");
            expect(&mut lines, "serverMsgId").await;
        }
        bob.send(&text("alice", "singleChat", "to the manual")).await;
        let received = expect(&mut lines, "to the manual").await;
        assert!(received.contains("from: 'bob'"), "{received}");
    }
}
