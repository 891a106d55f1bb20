//! REST calls against the world.

use serde_json::{Value, json};

use super::*;

/// Calls that each change one thing, made by the app, and the part of the answer that says so.
#[test]
fn the_app_makes_every_situation_that_a_scenario_needs() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    let group = "/chatgroups/93734273351681";
    let calls = [
        (
            "POST",
            "/users".to_owned(),
            json!({"username": "Erin", "password": "2"}),
            "/entities/0/username",
            json!("erin"),
        ),
        (
            "POST",
            format!("{group}/users"),
            json!({"usernames": ["erin"]}),
            "/data/newmembers",
            json!(["erin"]),
        ),
        ("POST", format!("{group}/users/dave"), json!({}), "/data/result", json!(true)),
        ("DELETE", format!("{group}/users/dave"), json!({}), "/data/action", json!("remove_member")),
        ("POST", format!("{group}/admin"), json!({"newadmin": "erin"}), "/data/newadmin", json!("erin")),
        ("DELETE", format!("{group}/admin/erin"), json!({}), "/data/oldadmin", json!("erin")),
        (
            "POST",
            format!("{group}/mute"),
            json!({"usernames": ["bob"], "mute_duration": 1000}),
            "/data/0/expire",
            json!(1_640_995_201_000_u64),
        ),
        ("GET", format!("{group}/mute"), json!({}), "/data/0/user", json!("bob")),
        ("DELETE", format!("{group}/mute/bob"), json!({}), "/data/0/result", json!(true)),
        ("POST", format!("{group}/ban"), json!({}), "/data/mute", json!(true)),
        (
            "POST",
            format!("{group}/white/users"),
            json!({"usernames": ["bob"]}),
            "/data/0/action",
            json!("add_user_whitelist"),
        ),
        ("GET", format!("{group}/white/users/bob"), json!({}), "/data/white", json!(true)),
        ("DELETE", format!("{group}/white/users/bob"), json!({}), "/data/result", json!(true)),
        ("DELETE", format!("{group}/ban"), json!({}), "/data/mute", json!(false)),
        ("POST", format!("{group}/blocks/users/carol"), json!({}), "/data/action", json!("add_blocks")),
        ("GET", format!("{group}/blocks/users"), json!({}), "/data", json!(["carol"])),
        ("GET", group.to_owned(), json!({}), "/data/0/affiliations_count", json!(3)),
        ("DELETE", format!("{group}/blocks/users/carol"), json!({}), "/data/action", json!("remove_blocks")),
        ("PUT", group.to_owned(), json!({"newowner": "bob"}), "/data/newowner", json!(true)),
        ("PUT", group.to_owned(), json!({"groupname": "N"}), "/data/groupname", json!(true)),
        (
            "POST",
            "/users/alice/blocks/users".to_owned(),
            json!({"usernames": ["bob"]}),
            "/data",
            json!(["bob"]),
        ),
        ("GET", "/users/alice/blocks/users".to_owned(), json!({}), "/count", json!(1)),
        (
            "DELETE",
            "/users/alice/blocks/users/bob".to_owned(),
            json!({}),
            "/entities/0/username",
            json!("bob"),
        ),
        ("GET", "/users/bob/joined_chatgroups".to_owned(), json!({}), "/data/0/groupname", json!("N")),
        ("GET", "/users/alice/status".to_owned(), json!({}), "/data/alice", json!("offline")),
        ("POST", group.to_owned() + "/disable", json!({}), "/data/disabled", json!(true)),
        ("DELETE", group.to_owned(), json!({}), "/data/success", json!(true)),
        ("DELETE", "/users/erin".to_owned(), json!({}), "/entities/0/username", json!("erin")),
    ];
    for (method, path, body, pointer, expected) in calls {
        let (status, answer) = stage.call(method, &path, Some(&app), &body);
        assert_eq!(status, 200, "{method} {path}: {answer}");
        assert_eq!(answer.pointer(pointer), Some(&expected), "{method} {path}: {answer}");
    }
    assert_eq!(stage.call("GET", group, Some(&app), &Value::Null).0, 404);
}

#[test]
fn a_room_is_made_joined_left_and_listed_by_users() {
    let mut stage = Stage::new();
    let (alice, dave) = (stage.user_token("alice"), stage.user_token("dave"));
    let body = json!({"name": "R", "description": "D", "owner": "alice", "members": ["bob"]});
    let (_, made) = stage.call("POST", "/chatrooms", Some(&alice), &body);
    let room = format!("/chatrooms/{}", made["data"]["id"].as_str().unwrap());
    for _ in 0..2 {
        let (status, joined) =
            stage.call("POST", &format!("{room}/apply"), Some(&dave), &json!({"message": "hi"}));
        assert_eq!((status, &joined["data"]["result"]), (200, &json!(true)));
    }
    let (_, shown) = stage.call("GET", &room, Some(&dave), &Value::Null);
    assert_eq!(shown["data"][0]["affiliations_count"], 3);
    assert_eq!(stage.call("DELETE", &format!("{room}/quit"), Some(&dave), &Value::Null).0, 200);
    let (_, rooms) = stage.call("GET", "/chatrooms?pagenum=1&pagesize=20&_v=1", Some(&dave), &Value::Null);
    assert_eq!(rooms["count"], 2);
    assert_eq!(stage.call("DELETE", &room, Some(&dave), &Value::Null).0, 403);
    assert_eq!(stage.call("DELETE", &room, Some(&alice), &Value::Null).0, 200);
}

#[test]
fn failures_have_the_documented_status_error_and_text() {
    let mut stage = Stage::new();
    let (app, bob) = (stage.app_token(), stage.user_token("bob"));
    let token = |grant: Value| ("POST", "/token", None, grant.to_string());
    let calls = [
        token(json!({"grant_type": "password", "username": "alice", "password": "no"})),
        token(json!({"grant_type": "client_credentials", "client_id": "x", "client_secret": "x"})),
        token(json!({"grant_type": "client_credentials", "client_id": "demo-client", "client_secret": "x"})),
        ("POST", "/users", None, "{\"username\"".to_owned()),
        ("POST", "/users", None, json!({"password": "x"}).to_string()),
        ("POST", "/users", None, json!({"username": "x y", "password": "x"}).to_string()),
        ("POST", "/users", None, json!({"username": "ALICE", "password": "x"}).to_string()),
        ("GET", "/users/alice/status", None, String::new()),
        ("GET", "/users/alice/status", Some("wrong"), String::new()),
        ("GET", "/users/alice/blocks/users", Some(bob.as_str()), String::new()),
        ("GET", "/chatgroups/1", Some(bob.as_str()), String::new()),
        ("GET", "/users/nobody/status", Some(app.as_str()), String::new()),
        ("PATCH", "/users", Some(app.as_str()), String::new()),
        ("POST", "/chatgroups/93734273351681/users/bob", Some(app.as_str()), String::new()),
        ("DELETE", "/chatgroups/93734273351681/users/dave", Some(app.as_str()), String::new()),
        ("DELETE", "/chatgroups/93734273351681", Some(bob.as_str()), String::new()),
    ];
    let mut seen = String::new();
    for (method, path, token, body) in calls {
        let (status, answer) = stage.call_text(method, path, token, &body);
        let text = |key: &str| answer[key].as_str().unwrap().to_owned();
        seen += &format!("{method} {path}: {status} {} | {}\n", text("error"), text("error_description"));
    }
    insta::assert_snapshot!(seen, @r#"
    POST /token: 400 invalid_grant | invalid username or password
    POST /token: 400 invalid_grant | client_id does not match
    POST /token: 400 invalid_grant | client_secret does not match
    POST /users: 400 json_parse | EOF while parsing an object at line 1 column 11
    POST /users: 400 illegal_argument | Entity user requires a property named username
    POST /users: 400 illegal_argument | username is not legal: "x y": only letters, digits, _ . and - are allowed
    POST /users: 400 duplicate_unique_property_exists | Application null Entity user requires that property named username be unique, value of alice exists
    GET /users/alice/status: 401 auth_bad_access_token | Unable to authenticate
    GET /users/alice/status: 401 auth_bad_access_token | Unable to authenticate due to corrupt access token
    GET /users/alice/blocks/users: 403 forbidden_op | you have no permission to do this operation
    GET /chatgroups/1: 404 resource_not_found | do not find this group:1
    GET /users/nobody/status: 404 service_resource_not_found | Service resource not found
    PATCH /users: 404 service_resource_not_found | Service resource not found
    POST /chatgroups/93734273351681/users/bob: 403 forbidden_op | can not join this group, reason:user: bob already in group: 93734273351681
    DELETE /chatgroups/93734273351681/users/dave: 403 forbidden_op | users [dave] are not members of this group!
    DELETE /chatgroups/93734273351681: 403 forbidden_op | you have no permission to do this operation
    "#);
}

#[test]
fn a_token_of_one_user_lets_nobody_else_in_and_ends() {
    let mut stage = Stage::new();
    let grant =
        json!({"grant_type": "password", "username": "Alice", "password": "1", "ttl": 60, "timestamp": 5});
    let (_, answer) = stage.call("POST", "/token", None, &grant);
    assert_eq!((&answer["user"]["username"], &answer["expires_in"]), (&json!("alice"), &json!(60)));
    let token = format!("$t${}", answer["access_token"].as_str().unwrap());
    assert_eq!(stage.try_login("alice", "a", &token).0, 0);
    assert_eq!(
        stage.try_login("bob", "b", &token),
        (1, "Sorry, token or password does not match login info".into())
    );
    stage.now = stage.now + std::time::Duration::from_secs(60);
    assert_eq!(stage.try_login("alice", "a", &token), (1, "Sorry, token expired".into()));
}

#[test]
fn a_body_of_a_type_that_no_call_takes_is_415() {
    let mut stage = Stage::new();
    let mut register = |content_type: Option<&str>, body: Value| {
        let request = RestRequest {
            method: "POST".to_owned(),
            path: "/easemob-demo/chatdemoui/users".to_owned(),
            content_type: content_type.map(str::to_owned),
            body: body.to_string().into(),
            ..RestRequest::default()
        };
        let response = stage.world.rest(stage.now, &request);
        (response.status, serde_json::from_slice::<Value>(&response.body).unwrap())
    };
    // What the SDKs say, and no word at all.
    let taken = [
        Some("application/json"),
        Some("text/plain;charset=UTF-8"),
        Some("application/json, application/json"),
        Some("Application/JSON; charset=utf-8"),
        None,
    ];
    for (at, content_type) in taken.into_iter().enumerate() {
        let (status, answer) =
            register(content_type, json!({"username": format!("user{at}"), "password": "1"}));
        assert_eq!(status, 200, "{content_type:?}: {answer}");
    }
    for content_type in ["application/xml", "application/x-www-form-urlencoded", "", "multipart/mixed"] {
        let (status, answer) = register(Some(content_type), json!({"username": "x", "password": "1"}));
        assert_eq!(
            (status, &answer["error"], &answer["error_description"]),
            (415, &json!("web_application"), &json!("Unsupported Media Type")),
            "{content_type}"
        );
    }
}

#[test]
fn registration_may_be_closed() {
    let text = "world: w\nappkey: o#a\nusers: []\n";
    let mut world = World::new(&WorldFile::parse("w.yaml", text).unwrap(), 1);
    let request = RestRequest {
        method: "POST".into(),
        path: "/o/a/users".into(),
        body: json!({"username": "x", "password": "y"}).to_string().into(),
        ..RestRequest::default()
    };
    assert_eq!(world.rest(Moment::default(), &request).status, 401);
}

#[test]
fn history_is_read_newest_first_and_its_cursor_is_exclusive() {
    let mut stage = Stage::new();
    let alice = stage.login("alice", "a");
    let bob = stage.user_token("bob");
    for id in 1..=25 {
        stage.frame(alice, &text(id, Jid::user(APP, "bob"), message_body::Type::Chat, &id.to_string()));
    }
    let mut start = json!(-1);
    let mut texts = Vec::new();
    loop {
        let body = json!({"queue": "alice@easemob.com", "start": start, "end": -1, "pull_number": 10});
        let (_, page) = stage.call("POST", "/users/bob/messageroaming", Some(&bob), &body);
        for message in page["data"]["msgs"].as_array().unwrap() {
            let bytes =
                base64::Engine::decode(&base64::prelude::BASE64_STANDARD, message["msg"].as_str().unwrap());
            let meta = Meta::decode(&bytes.unwrap()[..]).unwrap();
            let body = MessageBody::decode(meta.payload.unwrap()).unwrap();
            texts.push(body.contents[0].text.clone().unwrap());
        }
        start = page["data"]["next_key"].clone();
        if page["data"]["is_last"] == true {
            break;
        }
    }
    let expected: Vec<String> = (1..=25).rev().map(|id| id.to_string()).collect();
    assert_eq!(texts, expected);
    let body = json!({"queue": "Alice@easemob.com", "start": -1});
    let (_, page) = stage.call("POST", "/users/bob/messageroaming", Some(&bob), &body);
    assert_eq!(page["data"], json!({"msgs": [], "is_last": true, "next_key": ""}));
    let body = json!({"queue": "alice", "isGroup": null, "start": -1, "pull_number": 1});
    let (_, page) = stage.call("POST", "/users/bob/messageroaming", Some(&bob), &body);
    assert_eq!(page["data"]["msgs"].as_array().unwrap().len(), 1, "a name alone is a user's");
}

#[test]
fn a_user_who_does_not_exist_fails_alone_and_names_are_answered_as_they_are_kept() {
    let mut stage = Stage::new();
    let alice = stage.user_token("alice");
    let names = json!({"usernames": ["BOB", "nobody", "Carol"], "mute_duration": 1000});
    for list in ["mute", "white/users", "blocks/users"] {
        let path = format!("/chatgroups/93734273351681/{list}");
        let (status, answer) = stage.call("POST", &path, Some(&alice), &names);
        let each: Vec<_> = answer["data"].as_array().unwrap().iter().collect();
        let outcomes: Vec<_> =
            each.iter().map(|one| (&one["user"], &one["result"], &one["reason"])).collect();
        assert_eq!(status, 200);
        assert_eq!(
            outcomes,
            [
                (&json!("bob"), &json!(true), &Value::Null),
                (&json!("nobody"), &json!(false), &json!("Service resource not found")),
                (&json!("carol"), &json!(true), &Value::Null),
            ],
            "{list}"
        );
    }
    let (_, answer) =
        stage.call("GET", "/chatgroups/93734273351681/blocks/users", Some(&alice), &Value::Null);
    assert_eq!(answer["data"], json!(["bob", "carol"]));
}

#[test]
fn the_owner_of_a_group_cannot_be_muted() {
    let mut stage = Stage::new();
    for token in [stage.app_token(), stage.user_token("alice")] {
        let body = json!({"usernames": ["alice"], "mute_duration": 1000});
        let (status, answer) = stage.call("POST", "/chatgroups/93734273351681/mute", Some(&token), &body);
        let refusal = (status, answer["error_description"].as_str().unwrap());
        assert_eq!(refusal, (403, "forbidden operation on group owner!"));
    }
}

#[test]
fn a_body_that_does_not_fit_is_told_what_is_wrong_and_not_what_it_holds() {
    let mut stage = Stage::new();
    let bodies = [
        "",
        r#"{"grant_type": 5}"#,
        r#"{"grant_type": "password", "username": "alice", "password": 4711}"#,
        r#"{"grant_type": "password", "ttl": "hush, expected a pony"}"#,
        r#"{"grant_type": "password", "grant_type": "inherit"}"#,
        r#"["password", "alice", "1", null, null, false, null]"#,
        "null",
    ];
    let mut seen = String::new();
    for body in bodies {
        let (status, answer) = stage.call_text("POST", "/token", None, body);
        let text = |key: &str| answer[key].as_str().unwrap().to_owned();
        seen += &format!("{status} {} | {}\n", text("error"), text("error_description"));
    }
    insta::assert_snapshot!(seen, @r"
    400 illegal_argument | missing field `grant_type` at line 1 column 2
    400 illegal_argument | expected a string, got something else, at line 1 column 16
    400 illegal_argument | expected a string, got something else, at line 1 column 64
    400 illegal_argument | expected a whole number, got something else, at line 1 column 57
    400 illegal_argument | duplicate field `grant_type` at line 1 column 39
    400 illegal_argument | the body is a list, expected an object
    400 illegal_argument | expected an object, got something else, at line 1 column 4
    ");
}

#[test]
fn the_scheme_of_a_token_is_read_in_any_case() {
    let mut stage = Stage::new();
    let token = stage.app_token();
    for (authorization, status) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer  {token} "), 200),
        (token.clone(), 401),
        (format!("Basic {token}"), 401),
    ] {
        let request = RestRequest {
            method: "GET".to_owned(),
            path: "/easemob-demo/chatdemoui/users/alice".to_owned(),
            authorization: Some(authorization.clone()),
            ..RestRequest::default()
        };
        assert_eq!(stage.world.rest(stage.now, &request).status, status, "{}", authorization.len());
    }
}
