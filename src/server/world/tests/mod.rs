//! The world, driven by frames.

mod rest;

use bytes::Bytes;
use prost::Message as _;
use serde_json::{Value, json};

use super::*;
use crate::protocol::schema::{
    CommSyncDl, CommSyncUl, Jid, MSync, MessageBody, Meta, Provision, m_sync, message_body,
};

const APP: &str = "easemob-demo#chatdemoui";

/// A world with named clients in it, under a time of its own.
struct Stage {
    world: World,
    now: Moment,
    last_connection: u64,
}

impl Stage {
    fn new() -> Self {
        Self::of(&WorldFile::demo())
    }

    fn of(file: &WorldFile) -> Self {
        Self { world: World::new(file, 7), now: Moment::from_millis(1_640_995_200_000), last_connection: 0 }
    }

    fn connect(&mut self) -> ConnectionId {
        self.last_connection += 1;
        let id = ConnectionId(self.last_connection);
        self.world.connect(self.now, id);
        id
    }

    fn frame(&mut self, id: ConnectionId, frame: &MSync) -> Vec<(ConnectionId, Output)> {
        self.world.handle_frame(self.now, id, &frame.encode_to_vec().into());
        std::iter::from_fn(|| self.world.poll_output()).collect()
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
    sync(&CommSyncUl {
        meta: Some(Meta {
            id: Some(id),
            to: Some(to),
            ns: Some(1),
            payload: Some(body.encode_to_vec().into()),
            ..Meta::default()
        }),
        ..CommSyncUl::default()
    })
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
