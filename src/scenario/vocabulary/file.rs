//! The keys of a scenario file outside its steps.

use super::{Kind, Table, Zero, optional, required};

/// The largest number of clients that one actor can have.
const MAX_CLIENTS: u32 = 100_000;

/// The file itself.
pub static FILE: Table = Table {
    name: "a scenario",
    keys: &[
        required("scenario", Kind::Slug, "The name of the scenario: a slug."),
        optional("title", Kind::Text, "One line for people."),
        optional("cites", Kind::List(&Kind::Text), "Headings of the document that it rests on."),
        optional(
            "requires",
            Kind::List(&Kind::Capability),
            "Capabilities of the target; where one is missing, the scenario is not applicable.",
        ),
        optional(
            "checkers",
            Kind::List(&Kind::Checker),
            "Checkers that must find something to judge; else the run is undecided.",
        ),
        required("actors", Kind::Map(&Kind::Short(&Kind::Whole(1, MAX_CLIENTS), &ACTOR)), "Who takes part."),
        optional("world", Kind::Object(&WORLD), "What is made true through REST before the first step."),
        optional("vars", Kind::Map(&Kind::Constant), "Constants, as `vars.name` in expressions."),
        required("steps", Kind::Steps, "The script."),
        optional("load", Kind::Object(&LOAD), "How many casts play, when and for how long."),
        optional(
            "thresholds",
            Kind::List(&Kind::Threshold),
            "Statements about the measurements that must hold at the end.",
        ),
        optional(
            "within",
            Kind::Duration(Zero::Refused),
            "The deadline of each step that has none of its own [5s].",
        ),
        optional("timeout", Kind::Duration(Zero::Refused), "The deadline of one whole conversation [60s]."),
        optional("id", Kind::Slug, "A stable id of a conformance case, such as `ack/duplicate-id`."),
        optional("rule", Kind::Text, "The requirement in our own words."),
        optional("severity", Kind::Choice(&["must", "should", "may"]), "What a violation means."),
        optional("provenance", Kind::Choice(&["D", "W", "T", "X", "I"]), "Where the rule comes from."),
        optional("set", Kind::Text, "The frozen requirement set that the case belongs to."),
        optional(
            "killed_by",
            Kind::List(&Kind::Slug),
            "Faults of the embedded server that the case must catch.",
        ),
        optional("tags", Kind::List(&Kind::Slug), "Free words to select by."),
    ],
};

/// One actor, where its count does not say it all.
pub static ACTOR: Table = Table {
    name: "an actor",
    keys: &[
        optional("count", Kind::Whole(1, MAX_CLIENTS), "How many clients play it [1]."),
        optional("user", Kind::Text, "An account that the target has already; else one is made for the run."),
        optional("device_of", Kind::Name, "Another actor whose account it uses, on a device of its own."),
        optional("login", Kind::Flag, "Whether it is logged in before the first step [true]."),
        optional("delivery", Kind::Flag, "Whether it answers messages with delivered receipts [false]."),
        optional("transport", Kind::Choice(&["sockjs", "websocket"]), "How its frames travel [as the run]."),
        optional(
            "generation",
            Kind::Choice(&["3.6.3", "4.0.8", "4.21.1"]),
            "The SDK generation that it plays [as the run].",
        ),
    ],
};

/// The world.
pub static WORLD: Table = Table {
    name: "the world",
    keys: &[
        optional("groups", Kind::Map(&Kind::Object(&GROUP)), "Groups; `to:` may use their names."),
        optional("rooms", Kind::Map(&Kind::Object(&ROOM)), "Chat rooms; `to:` may use their names."),
        optional("blocks", Kind::Map(&Kind::List(&Kind::Text)), "Who blocks whom."),
    ],
};

/// A group. [`ROOM`] has the same keys.
pub static GROUP: Table = Table { name: "a group", keys: CONFERENCE };

/// A chat room.
pub static ROOM: Table = Table { name: "a room", keys: CONFERENCE };

const CONFERENCE: &[super::Key] = &[
    optional("owner", Kind::Text, "The actor that owns it; required unless `id` names one that exists."),
    optional("members", Kind::List(&Kind::Text), "Actors that are members, besides the owner."),
    optional("admins", Kind::List(&Kind::Text), "Members with admin rights."),
    optional("muted", Kind::List(&Kind::Text), "Members that may not speak."),
    optional("mute_all", Kind::Flag, "Whether only the owner, admins and the allow list may speak [false]."),
    optional("allow_list", Kind::List(&Kind::Text), "Members that may speak while everybody is muted."),
    optional("blocks", Kind::List(&Kind::Text), "Actors that are kept out."),
    optional("id", Kind::Text, "The id of one that the target has already; nothing is made or removed."),
];

/// The load.
pub static LOAD: Table = Table {
    name: "the load",
    keys: &[
        optional(
            "model",
            Kind::Choice(&["closed", "open"]),
            "Who decides when a conversation starts: the end of the last one, or the clock [closed].",
        ),
        optional("casts", Kind::Whole(1, MAX_CLIENTS), "How many casts there are [1]."),
        optional("rate", Kind::Rate, "Open model: how many conversations start, such as `10/s` or `600/m`."),
        optional(
            "arrival",
            Kind::Choice(&["constant", "poisson"]),
            "Open model: how starts are spread [constant].",
        ),
        optional("for", Kind::Duration(Zero::Refused), "How long the run lasts."),
        optional(
            "ramp",
            Kind::Duration(Zero::Allowed),
            "How long the way to the full load takes, part of `for` [0s].",
        ),
        optional(
            "stages",
            Kind::List(&Kind::Object(&STAGE)),
            "Levels that follow each other, instead of `for`.",
        ),
        optional(
            "think",
            Kind::Duration(Zero::Allowed),
            "Closed model: the pause between conversations [0s].",
        ),
        optional(
            "iterations",
            Kind::Whole(1, u32::MAX),
            "Closed model: how many conversations each cast plays; [1] where neither `for` nor `stages` is given.",
        ),
        optional("engine", Kind::Choice(&["chatproof", "goose"]), "Who plays it [chatproof]."),
    ],
};

/// One level of a staged load.
pub static STAGE: Table = Table {
    name: "a stage",
    keys: &[
        optional("rate", Kind::Rate, "Open model: the rate at its end."),
        optional(
            "casts",
            Kind::Whole(0, MAX_CLIENTS),
            "Closed model: the number of active casts at its end.",
        ),
        required("for", Kind::Duration(Zero::Refused), "How long it takes."),
    ],
};
