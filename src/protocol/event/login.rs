//! How a page is told that its login is refused.

use serde_json::{Value, json};

use super::{
    listen::{Fields, Shown},
    value::undefined,
};
use crate::protocol::{
    generation::Generation,
    refusal,
    schema::{Provision, Status},
};

/// `type` of the `onError`; 0 if the answer refuses nothing.
pub(super) fn code(generation: Generation, answer: &Provision) -> i32 {
    error(generation, answer).map_or(0, |error| error.code)
}

/// The argument of `onError`: up to 4.0.8 with the answer itself.
pub(super) fn argument(generation: Generation, answer: &Provision) -> Value {
    let error = error(generation, answer);
    let mut fields = Fields::default();
    fields
        .set("type", error.as_ref().map_or(0, |error| error.code))
        .set("message", error.map_or_else(String::new, |error| error.message.into_owned()));
    let data = match generation {
        Generation::V3_6_3 | Generation::V4_0_8 => provision(generation, answer),
        Generation::V4_21_1 => undefined(generation),
    };
    fields.set("data", data);
    fields.into()
}

fn error(generation: Generation, answer: &Provision) -> Option<refusal::LoginError> {
    let status = answer.status.as_ref()?;
    let reason = status.reason.as_deref().unwrap_or_default();
    refusal::login_error(generation, status.error_code.unwrap_or_default(), reason)
}

fn provision(generation: Generation, answer: &Provision) -> Value {
    let mut shown = Shown::default();
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let empty = || Value::from("");
    // Repeated fields are there from the start.
    shown.field("compressType", Some(Value::from(answer.compress_type.clone())), Value::Null);
    shown.field("encryptType", Some(Value::from(answer.encrypt_type.clone())), Value::Null);
    shown.field("osType", answer.os_type, 0);
    shown.field("version", text(&answer.version), empty());
    shown.field("networkType", answer.network_type, 0);
    shown.field("appSign", text(&answer.app_sign), empty());
    shown.field("encryptKey", text(&answer.encrypt_key), empty());
    shown.field("status", answer.status.as_ref().map(|told| status(generation, told)), Value::Null);
    shown.field("deviceUuid", text(&answer.device_uuid), empty());
    shown.field("isManualLogin", answer.is_manual_login, false);
    shown.field("password", text(&answer.password), empty());
    shown.field("deviceName", text(&answer.device_name), empty());
    shown.field("resource", text(&answer.resource), empty());
    shown.field("auth", text(&answer.auth), empty());
    if generation != Generation::V3_6_3 {
        shown.field("serviceId", text(&answer.service_id), empty());
        shown.field("actionVersion", text(&answer.action_version), empty());
    }
    shown.finish(generation)
}

fn status(generation: Generation, status: &Status) -> Value {
    let mut shown = Shown::default();
    let redirects = status.redirect_info.iter().map(|redirect| {
        let mut shown = Shown::default();
        shown.field("host", redirect.host.as_deref(), "");
        shown.field("port", redirect.port, 0);
        shown.finish(generation)
    });
    shown.field("redirectInfo", Some(redirects.collect()), json!([]));
    shown.field("errorCode", status.error_code, 0);
    shown.field("reason", status.reason.as_deref(), "");
    shown.finish(generation)
}
