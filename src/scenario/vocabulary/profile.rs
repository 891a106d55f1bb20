//! The keys of a target profile, and what scenarios can read of a target.

use super::{Kind, Table, Zero, optional, required};

/// A target profile.
pub static PROFILE: Table = Table {
    name: "a target profile",
    keys: &[
        required("target", Kind::Text, "What reports call the target."),
        required("rest", Kind::Text, "Its REST endpoint, `http(s)://HOST`."),
        optional("sockjs", Kind::Text, "Its SockJS endpoint, `http(s)://HOST/ws`."),
        optional("websocket", Kind::Text, "Its raw WebSocket endpoint, `ws(s)://HOST/websocket`."),
        required("appkey", Kind::Text, "The app, `ORG#APP`."),
        optional(
            "generation",
            Kind::Choice(&["3.6.3", "4.0.8", "4.21.1"]),
            "The SDK generation that clients play, unless somebody says otherwise.",
        ),
        optional("ca", Kind::Text, "A PEM file with the certificates to trust, beside the profile."),
        optional("users", Kind::Text, "A file with names and passwords, beside the profile."),
        optional(
            "registration",
            Kind::Choice(&["open", "app", "none"]),
            "Who may register the accounts of a run: anybody, the app, or nobody.",
        ),
        optional("capabilities", Kind::List(&Kind::Capability), "What the server can do [everything]."),
        optional("numbers", Kind::Object(&NUMBERS), "Its numbers, as `target.name` in expressions."),
        optional("words", Kind::Object(&WORDS), "What its filters catch, as `target.words.name`."),
    ],
};

/// The numbers of a target; lengths of time are seconds in expressions.
pub static NUMBERS: Table = Table {
    name: "the numbers of a target",
    keys: &[
        optional("recall_window", Kind::Duration(Zero::Allowed), "How long a message can be recalled."),
        optional("history_page", Kind::Whole(1, 1000), "The most messages in a page of the history."),
        optional("session_page", Kind::Whole(1, 1000), "The most sessions in a page of the session list."),
        optional("body_bytes", Kind::Whole(1, u32::MAX), "The longest body of a message, in bytes."),
        optional("file_bytes", Kind::Whole(1, u32::MAX), "The largest attachment, in bytes."),
        optional("devices", Kind::Whole(1, 1000), "How many devices of a user may be online at once."),
        optional("block_list", Kind::Whole(1, u32::MAX), "The most users on a block list."),
    ],
};

/// Words that the filters of a target catch, by what becomes of a text with one.
pub static WORDS: Table = Table {
    name: "the words of a target",
    keys: &[
        optional("sensitive", Kind::Text, "Refused with (7, `sensitive words`): 501."),
        optional("antispam", Kind::Text, "Refused with (7, `blocked by mod_antispam`): 501."),
        optional("external", Kind::Text, "Refused by the app's own hook, status 19: 502."),
        optional("unlisted", Kind::Text, "Refused with status 1 and a reason that no SDK knows: 503."),
        optional(
            "improper",
            Kind::Text,
            "In the name of a file that is refused with 400 `content improper`.",
        ),
    ],
};

/// What scenarios can read of a target, behind `target.`: `recall_window`, `words.sensitive`, ….
pub fn facts() -> impl Iterator<Item = String> {
    let words = WORDS.names().map(|name| format!("words.{name}"));
    NUMBERS.names().map(ToOwned::to_owned).chain(words)
}
