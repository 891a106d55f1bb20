//! Every error body of the REST interface, as the documentation of error codes has it.

use chatproof::client::ClientError;
use serde_json::json;
use wiremock::ResponseTemplate;

use super::called;

/// Status, `error`, `error_description`.
const REFUSALS: &[(u16, &str, &str)] = &[
    (400, "invalid_grant", "invalid username or password"),
    (400, "invalid_grant", "client_id does not match"),
    (400, "invalid_grant", "client_secret does not match"),
    (400, "json_parse", "Unexpected end-of-input: expected close marker for OBJECT"),
    (400, "illegal_argument", "Entity user requires a property named username"),
    (400, "illegal_argument", "password or pin must provided"),
    (400, "illegal_argument", "username is not legal"),
    (400, "illegal_argument", "from can't be empty"),
    (400, "illegal_argument", "message is too large"),
    (400, "illegal_argument", "group member zoe doesn't exist"),
    (400, "illegal_argument", "target_type can only be 'users' or 'chatgroups' or 'chatrooms'"),
    (
        400,
        "duplicate_unique_property_exists",
        "Application null Entity user requires that property named username be unique, value of zoe exists",
    ),
    (400, "content improper", ""),
    (401, "unauthorized", "registration is not open, please contact the app admin"),
    (401, "unauthorized", "Unable to authenticate due to expired access token"),
    (401, "auth_bad_access_token", "Unable to authenticate"),
    (401, "auth_bad_access_token", "Unable to authenticate due to corrupt access token"),
    (403, "forbidden_op", "can not join this group, reason:user: zoe already in group: 1"),
    (403, "forbidden_op", "users [zoe] are not members of this group!"),
    (403, "forbidden_op", "user: zoe doesn't exist in group: 1"),
    (403, "forbidden_op", "new owner and old owner are the same"),
    (403, "forbidden_op", "forbidden operation on group owner!"),
    (403, "forbidden_op", "user zoe has joined too many groups!"),
    (403, "forbidden_op", "this appKey has create too many groups!"),
    (403, "forbidden_op", "message recall service is unopened"),
    (403, "forbidden_op", "messageroaming function not open!"),
    (404, "organization_application_not_found", "Could not find application for o/a from URI: o/a/token"),
    (404, "service_resource_not_found", "Service resource not found"),
    (404, "storage_object_not_found", "Failed to find chat message history download url"),
    (413, "Request Entity Too Large", "Request Entity Too Large"),
    (415, "web_application", "Unsupported Media Type"),
    (429, "reach_limit", "This request has reached api limit"),
    (429, "resource_limited", "You have exceeded the limit of the Free edition"),
    (500, "web_application", "javax.ws.rs.WebApplicationException"),
    (500, "unsupported_service_operation", "service is not supported"),
];

#[tokio::test]
async fn each_refusal_of_the_interface_arrives_word_for_word() {
    for (status, error, description) in REFUSALS {
        let body = json!({
            "error": error, "exception": "x.y.Exception", "timestamp": 1, "duration": 0,
            "error_description": description,
        });
        let reply = called(ResponseTemplate::new(*status).set_body_json(&body)).await;
        assert_eq!((reply.status, &reply.body), (*status, &body));
        let refused = reply.success().unwrap_err();
        let ClientError::Rest { request, status: seen, error: name, description: words, .. } = refused else {
            panic!("{description}: {refused:?}");
        };
        assert_eq!((&*request, seen), ("GET /chatgroups/1", *status));
        assert_eq!(name, format!("{error:?}"));
        let shown: String = description.chars().take(80).collect();
        assert!(words.starts_with(&format!("{shown:?}")), "{words}");
        assert_eq!(words.ends_with(" bytes)"), shown.len() < description.len(), "{words}");
    }
}

#[tokio::test]
async fn a_refusal_that_is_no_json_shows_its_beginning() {
    let reply = called(ResponseTemplate::new(413).set_body_string("<h1>Request Entity Too Large</h1>")).await;
    insta::assert_snapshot!(reply.success().unwrap_err(), @r#"GET /chatgroups/1 was refused with status 413: no JSON ("<h1>Request Entity Too Large</h1>")"#);
}
