//! Worlds that are made and taken away through a REST interface that is busy, loses answers, or refuses.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use chatproof::{client::Clock, history::Ending, protocol::generation::Generation};
use futures_util::stream;
use serde_json::Value;

use super::{Played, play_at, serve, target_with};

/// A world that takes every kind of call.
const WORLD: &str = "scenario: world\n\
    actors: {owner: 1, deputy: 1, quiet: 1, guest: 1, banned: 1}\n\
    world:\n  groups:\n    team: {owner: owner, members: [deputy, quiet, guest], admins: [deputy], \
    muted: [quiet], allow_list: [guest], blocks: [banned]}\n  \
    rooms:\n    hall: {owner: owner, members: [guest]}\n  blocks: {guest: [banned]}\n\
    steps:\n- owner: {send: {to: team, msg: hello}}\n- guest: {expect: onTextMessage, text: hello}\n\
    - quiet: {send: {to: team, msg: hello}, refused: muted}\n\
    - banned: {send: {to: guest, msg: hello}, refused: 603}\n";

/// What the way to the server does to a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Trouble {
    Nothing,
    /// Answers with this status itself, and wants to be asked again after so many seconds.
    Answers(u16, Option<u64>),
    /// Passes it on, and loses what the server answers.
    LosesAnswer,
}

type Mood = fn(call: &str, time: usize) -> Trouble;

/// The way to the server's REST interface.
struct Way {
    server: String,
    http: reqwest::Client,
    mood: Mood,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// How often each call came.
    times: HashMap<String, usize>,
    /// What the server was asked, and how it answered.
    passed: Vec<(String, u16)>,
    under_way: usize,
    most_under_way: usize,
}

impl Way {
    fn passed(&self, method: &str, below: &str, status: u16) -> usize {
        let begin = format!("{method} /easemob-demo/chatdemoui/{below}");
        let seen = self.seen.lock().unwrap();
        seen.passed.iter().filter(|(call, got)| call.starts_with(&begin) && *got == status).count()
    }
}

async fn pass(State(way): State<Arc<Way>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let call = format!("{} {}", head.method, head.uri);
    let body = to_bytes(body, 1 << 20).await.unwrap();
    // Many users are registered by one path, and a token is asked for with the time.
    let said: Value = serde_json::from_slice(&body).unwrap_or_default();
    let key = format!("{call} {} {}", said["username"], said["usernames"]);
    let trouble = {
        let mut seen = way.seen.lock().unwrap();
        seen.under_way += 1;
        seen.most_under_way = seen.most_under_way.max(seen.under_way);
        let time = seen.times.entry(key).or_default();
        *time += 1;
        (way.mood)(&call, *time)
    };
    let answer = match trouble {
        Trouble::Answers(status, retry_after) => {
            let mut answer = Response::builder().status(status);
            if let Some(seconds) = retry_after {
                answer = answer.header("retry-after", seconds);
            }
            answer.body(Body::from(r#"{"error":"troubled"}"#)).unwrap()
        }
        Trouble::Nothing | Trouble::LosesAnswer => {
            let passed_on = way.http.request(head.method, format!("{}{}", way.server, head.uri));
            let answer = passed_on.headers(head.headers).body(body).send().await.unwrap();
            let status = answer.status();
            way.seen.lock().unwrap().passed.push((call, status.as_u16()));
            let body = match trouble {
                Trouble::LosesAnswer => {
                    Body::from_stream(stream::iter([Err::<&str, _>(std::io::Error::other("lost"))]))
                }
                _ => Body::from(answer.bytes().await.unwrap()),
            };
            Response::builder().status(status).body(body).unwrap()
        }
    };
    way.seen.lock().unwrap().under_way -= 1;
    answer
}

/// Plays it with a server that is reached in that mood.
async fn play(mood: Mood, text: &str) -> (Played, Arc<Way>) {
    let server = serve().await;
    let clock = Clock::start();
    let rest = server.addresses().rest.clone();
    let way = Arc::new(Way { server: rest, http: reqwest::Client::new(), mood, seen: Mutex::default() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(pass).with_state(Arc::clone(&way));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let target = target_with(&server, &address, Generation::V3_6_3, clock);
    let played = play_at(target, clock, text).await;
    serving.abort();
    server.stop().await;
    (played, way)
}

/// The text with `ID` for the ids that the server made.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| word.len() > 9 && word.bytes().all(|byte| byte.is_ascii_digit());
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    words
        .map(|word| {
            let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            if is_id(bare) { word.replace(bare, "ID") } else { word.to_owned() }
        })
        .collect()
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again() {
    let mood = |_: &str, time| if time == 1 { Trouble::Answers(429, Some(0)) } else { Trouble::Nothing };
    let (played, way) = play(mood, WORLD).await;
    assert_eq!((played.ending, played.heard.remarks()), (Ending::Passed, Vec::<String>::new()));
    assert_eq!(way.passed("DELETE", "users/", 200), 5);
}

#[tokio::test]
async fn a_world_is_made_once_although_answers_are_lost() {
    // Logins are none of the calls that make worlds.
    let mood = |call: &str, time| match time {
        1 if !call.ends_with("/token") => Trouble::LosesAnswer,
        _ => Trouble::Nothing,
    };
    let (played, way) = play(mood, WORLD).await;
    assert_eq!((played.ending, played.heard.remarks()), (Ending::Passed, Vec::<String>::new()));
    assert_eq!((way.passed("POST", "users", 200) - 1, way.passed("POST", "users", 400)), (6, 5), "all twice");
    assert_eq!(
        way.seen.lock().unwrap().passed.iter().filter(|(call, _)| call.ends_with("/chatgroups")).count(),
        1
    );
    assert_eq!(
        way.seen.lock().unwrap().passed.iter().filter(|(call, _)| call.ends_with("/chatrooms")).count(),
        1
    );
    assert_eq!((way.passed("DELETE", "users/", 200), way.passed("DELETE", "users/", 404)), (5, 5));
}

#[tokio::test]
async fn what_cannot_be_removed_is_told_and_the_rest_is_removed() {
    let mood = |call: &str, _| match call {
        call if call.starts_with("DELETE") && call.ends_with("deputy") => Trouble::Answers(500, None),
        call if call.starts_with("DELETE") && call.contains("chatrooms") => Trouble::Answers(403, None),
        _ => Trouble::Nothing,
    };
    let (played, way) = play(mood, WORLD).await;
    assert_eq!(played.ending, Ending::Passed);
    insta::assert_snapshot!(without_ids(&played.heard.remarks().join("\n")), @r#"1 account, 1 room of this run stay on the target (room "ID", account cp-test-0-deputy): DELETE /chatrooms/ID was refused with status 403: "troubled" (""); remove there what has a name that begins with cp-test-"#);
    assert_eq!(way.passed("DELETE", "users/", 200), 4);
    assert_eq!(way.passed("DELETE", "chatgroups/", 200), 1);
}

#[tokio::test]
async fn a_set_up_that_fails_says_why_and_takes_back_what_it_made() {
    let mood = |call: &str, _| match call {
        call if call.ends_with("/admin") => Trouble::Answers(500, None),
        call if call.starts_with("DELETE") && call.ends_with("quiet") => Trouble::Answers(500, None),
        _ => Trouble::Nothing,
    };
    let (played, way) = play(mood, WORLD).await;
    let Ending::Unreachable { reason } = &played.ending else { panic!("{:?}", played.ending) };
    insta::assert_snapshot!(without_ids(reason), @r#"make the world: POST /chatgroups/ID/admin was refused with status 500: "troubled" ("")"#);
    assert!(played.heard.remarks().concat().starts_with("1 account of this run stay on the target"));
    assert_eq!((way.passed("DELETE", "users/", 200), way.passed("DELETE", "chatgroups/", 200)), (4, 1));
}

#[tokio::test]
async fn many_casts_are_set_up_quickly_over_few_connections() {
    let text = "scenario: crowd\nactors:\n  owner: 1\n  member: {count: 20}\nworld:\n  groups:\n    \
        team: {owner: owner, members: [member]}\nsteps:\n- owner: {send: {to: team, msg: hello}}\n\
        load: {model: closed, casts: 40, iterations: 1}\n";
    let begun = Instant::now();
    let (played, way) = play(|_, _| Trouble::Nothing, text).await;
    assert_eq!((played.ending, played.heard.remarks()), (Ending::Passed, Vec::<String>::new()));
    assert_eq!((way.passed("POST", "users", 200), way.passed("DELETE", "users/", 200)), (840, 840));
    let most = way.seen.lock().unwrap().most_under_way;
    assert!((16..=64).contains(&most), "{most} calls at once");
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}
