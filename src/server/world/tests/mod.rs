//! The world, driven by frames.

mod attachment;
mod belonging;
mod closed;
mod contact;
mod fault;
mod file;
mod golden;
mod limit;
mod login;
mod message;
mod place;
mod queue;
mod reading;
mod recall;
mod receipt;
mod rest;
mod room;
mod screen;
mod send;
mod timeline;
mod unread;
mod wild;

use bytes::Bytes;
use prost::Message as _;
use serde_json::{Value, json};

use super::*;
use crate::protocol::schema::{
    CommSyncDl, CommSyncUl, Jid, MSync, MessageBody, Meta, MucBody, Provision, RosterBody, m_sync,
    message_body,
};

const APP: &str = "easemob-demo#chatdemoui";

/// A world with named clients in it, under a time of its own.
struct Stage {
    world: World,
    now: Moment,
    last_connection: u64,
    last_id: u64,
}

impl Stage {
    fn new() -> Self {
        Self::of(&WorldFile::demo())
    }

    fn of(file: &WorldFile) -> Self {
        Self {
            world: World::new(file, 7),
            now: Moment::from_millis(1_640_995_200_000),
            last_connection: 0,
            last_id: 0,
        }
    }

    /// The demo world with a line of its file replaced or added.
    fn with(line: &str) -> Self {
        let key = line.split(':').next().unwrap();
        let demo = include_str!("../../../../fixtures/worlds/demo.yaml");
        let kept: Vec<&str> = demo.lines().filter(|old| !old.starts_with(key)).collect();
        Self::of(&WorldFile::parse("demo.yaml", &format!("{}\n{line}\n", kept.join("\n"))).unwrap())
    }

    fn outputs(&mut self) -> Vec<(ConnectionId, Output)> {
        std::iter::from_fn(|| self.world.poll_output()).collect()
    }

    /// Lets time pass, timer by timer.
    fn wait(&mut self, time: std::time::Duration) -> Vec<(ConnectionId, Output)> {
        let end = self.now + time;
        while let Some(due) = self.world.poll_timeout().filter(|due| *due <= end) {
            self.world.handle_timeout(due);
        }
        self.now = end;
        self.outputs()
    }

    /// Asks for a page of a queue.
    fn fetch(&mut self, id: ConnectionId, queue: &Jid, key: Option<u64>) -> CommSyncDl {
        let request = CommSyncUl { queue: Some(queue.clone()), key, ..CommSyncUl::default() };
        let outputs = self.frame(id, &sync(&request));
        let [(_, Output::Send(answer))] = &outputs[..] else { panic!("{outputs:?}") };
        let page = read_sync(answer);
        assert_eq!((page.status.as_ref().unwrap().error_code, page.queue.as_ref()), (Some(0), Some(queue)));
        page
    }

    /// Reads a queue to its end: the texts, page by page.
    fn pull(&mut self, id: ConnectionId, queue: &Jid) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut page = self.fetch(id, queue, None);
        while page.is_last != Some(true) {
            pages.push(
                page.metas
                    .iter()
                    .map(|meta| {
                        let body = MessageBody::decode(meta.payload.clone().unwrap()).unwrap();
                        body.contents[0].text.clone().unwrap_or_default()
                    })
                    .collect(),
            );
            page = self.fetch(id, queue, page.next_key);
        }
        pages
    }

    fn connect(&mut self) -> ConnectionId {
        self.last_connection += 1;
        let id = ConnectionId(self.last_connection);
        self.world.connect(self.now, id);
        id
    }

    fn frame(&mut self, id: ConnectionId, frame: &MSync) -> Vec<(ConnectionId, Output)> {
        self.world.handle_frame(self.now, id, &frame.encode_to_vec().into());
        self.outputs()
    }

    /// Status and reason of the answer to a PROVISION.
    fn try_login(&mut self, name: &str, resource: &str, auth: &str) -> (i32, String) {
        let id = self.connect();
        let outputs = self.frame(id, &provision(name, resource, auth));
        let bytes = outputs.iter().find_map(|(to, output)| match output {
            Output::Send(bytes) if *to == id => Some(bytes.clone()),
            _ => None,
        });
        let answer = Provision::decode(MSync::decode(bytes.unwrap()).unwrap().payload.unwrap()).unwrap();
        let status = answer.status.unwrap();
        (status.error_code.unwrap(), status.reason.unwrap_or_default())
    }

    fn call_text(&mut self, method: &str, path: &str, token: Option<&str>, body: &str) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = RestRequest {
            method: method.to_owned(),
            path: format!("/easemob-demo/chatdemoui{path}"),
            query: query.to_owned(),
            authorization: token.map(|token| format!("Bearer {token}")),
            body: body.to_owned().into(),
            ..RestRequest::default()
        };
        let response = self.world.rest(self.now, &request);
        (response.status, serde_json::from_slice(&response.body).unwrap())
    }

    fn call(&mut self, method: &str, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.call_text(method, path, token, &body)
    }

    fn token(&mut self, grant: &Value) -> String {
        let (status, answer) = self.call("POST", "/token", None, grant);
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    fn app_token(&mut self) -> String {
        self.token(
            &json!({"grant_type": "client_credentials", "client_id": "demo-client", "client_secret": "demo-secret"}),
        )
    }

    fn user_token(&mut self, name: &str) -> String {
        self.token(&json!({"grant_type": "password", "username": name, "password": "1"}))
    }

    fn login(&mut self, name: &str, resource: &str) -> ConnectionId {
        let id = self.connect();
        let outputs = self.frame(id, &provision(name, resource, "1"));
        let [(to, Output::Send(bytes))] = &outputs[..] else { panic!("one answer, got {outputs:?}") };
        assert_eq!(*to, id);
        let answer = Provision::decode(MSync::decode(bytes.clone()).unwrap().payload.unwrap()).unwrap();
        assert_eq!(answer.status.unwrap().error_code, Some(0));
        assert_eq!(answer.resource.as_deref(), Some(resource));
        id
    }
}

fn provision(name: &str, resource: &str, auth: &str) -> MSync {
    MSync {
        guid: Some(Jid::device(APP, name, resource)),
        auth: Some(auth.to_owned()),
        command: Some(m_sync::Command::Provision as i32),
        payload: Some(
            Provision { resource: Some(resource.to_owned()), ..Provision::default() }.encode_to_vec().into(),
        ),
        ..MSync::default()
    }
}

fn sync(payload: &CommSyncUl) -> MSync {
    MSync { command: Some(0), payload: Some(payload.encode_to_vec().into()), ..MSync::default() }
}

fn text(id: u64, to: Jid, kind: message_body::Type, text: &str) -> MSync {
    let body = MessageBody {
        r#type: Some(kind as i32),
        to: Some(Jid::named(to.name.as_deref().unwrap())),
        contents: vec![message_body::Content {
            r#type: Some(0),
            text: Some(text.to_owned()),
            ..message_body::Content::default()
        }],
        ..MessageBody::default()
    };
    meta(id, to, 1, body.encode_to_vec())
}

fn command(command: m_sync::Command) -> MSync {
    MSync { command: Some(command as i32), ..MSync::default() }
}

fn meta(id: u64, to: Jid, namespace: i32, payload: Vec<u8>) -> MSync {
    let meta = Meta {
        id: Some(id),
        to: Some(to),
        ns: Some(namespace),
        payload: Some(payload.into()),
        ..Meta::default()
    };
    sync(&CommSyncUl { meta: Some(meta), ..CommSyncUl::default() })
}

fn receipt(id: u64, to: Jid, kind: i32, acknowledged: u64) -> MSync {
    let body = MessageBody {
        r#type: Some(kind),
        contents: vec![message_body::Content::default()],
        ack_message_id: Some(acknowledged),
        ..MessageBody::default()
    };
    meta(id, to, 1, body.encode_to_vec())
}

fn roster(id: u64, operation: i32, name: &str) -> MSync {
    let body =
        RosterBody { operation: Some(operation), to: vec![Jid::user(APP, name)], ..RosterBody::default() };
    meta(id, Jid { domain: Some("@easemob.com".into()), ..Jid::default() }, 3, body.encode_to_vec())
}

fn muc(id: u64, operation: i32, place: &Jid) -> MSync {
    let body = MucBody { muc_id: Some(place.clone()), operation: Some(operation), ..MucBody::default() };
    meta(id, Jid { domain: Some("easemob.com".into()), ..Jid::default() }, 2, body.encode_to_vec())
}

fn read_sync(bytes: &Bytes) -> CommSyncDl {
    CommSyncDl::decode(MSync::decode(bytes.clone()).unwrap().payload.unwrap()).unwrap()
}

#[test]
fn a_text_is_acknowledged_noticed_fetched_and_acknowledged_by_key() {
    let mut stage = Stage::new();
    let alice = stage.login("alice", "a");
    let bob = stage.login("bob", "b");
    let outputs = stage.frame(alice, &text(5, Jid::user(APP, "Bob"), message_body::Type::Chat, "hi"));
    let [(first, Output::Send(notice)), (second, Output::Send(ack))] = &outputs[..] else {
        panic!("{outputs:?}")
    };
    assert_eq!((*first, *second), (bob, alice));
    assert_eq!(MSync::decode(notice.clone()).unwrap().command, Some(m_sync::Command::Notice as i32));
    let ack = read_sync(ack);
    assert_eq!((ack.status.unwrap().error_code, ack.meta_id, ack.is_last), (Some(0), Some(5), None));

    let queue = Jid::user(APP, "alice");
    let outputs =
        stage.frame(bob, &sync(&CommSyncUl { queue: Some(queue.clone()), ..CommSyncUl::default() }));
    let [(_, Output::Send(page))] = &outputs[..] else { panic!("{outputs:?}") };
    let page = read_sync(page);
    assert_eq!((page.is_last, page.next_key, page.queue), (Some(false), ack.server_id, Some(queue.clone())));
    let meta = &page.metas[0];
    assert_eq!(meta.id, ack.server_id);
    assert_eq!(meta.from, Some(Jid::device(APP, "alice", "a")));
    let body = MessageBody::decode(meta.payload.clone().unwrap()).unwrap();
    assert_eq!((body.from, body.to), (Some(Jid::named("alice")), Some(Jid::named("bob"))));

    let key = CommSyncUl { queue: Some(queue.clone()), key: page.next_key, ..CommSyncUl::default() };
    let outputs = stage.frame(bob, &sync(&key));
    let [(_, Output::Send(page))] = &outputs[..] else { panic!("{outputs:?}") };
    let page = read_sync(page);
    assert_eq!((page.is_last, page.metas.len(), page.queue), (Some(true), 0, Some(queue)));
}
