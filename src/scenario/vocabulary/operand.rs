//! What each verb's mapping takes.

use super::{Key, Kind, Table, optional, required};
use crate::scenario::media::LARGEST_FILE;

pub(super) static NOTHING: Table = Table { name: "a verb without arguments", keys: &[] };

const TO: Key = required(
    "to",
    Kind::Template,
    "An actor, a group or room of the world, or, with `chatType`, any name or id.",
);
const WITH: Key =
    required("with", Kind::Template, "The other end of the conversation, as `to` of `send` has it.");
const CHAT_TYPE: Key = optional(
    "chatType",
    Kind::Choice(&["singleChat", "groupChat", "chatRoom"]),
    "What the address names, where it is not of this scenario.",
);
const MESSAGE: Key = required(
    "message",
    Kind::Expression,
    "The message: the name of its `send` or of its event, or the text of its server id.",
);
const TO_OF_MESSAGE: Key =
    optional("to", Kind::Template, "Where it goes [the message's sender, group or room].");
const STATUS: Key = optional("status", Kind::Whole(100, 599), "The HTTP status that must come [200].");

/// What `send` takes.
pub static SEND: Table = Table {
    name: "a message",
    keys: &[
        optional("type", Kind::MessageType, "The message type as the SDK spells it [txt]."),
        TO,
        CHAT_TYPE,
        optional("msg", Kind::Template, "The text of a `txt`."),
        optional(
            "file",
            Kind::Short(&Kind::Text, &MADE),
            "The file that is uploaded first: beside the scenario, else one that the binary has.",
        ),
        optional("anyType", Kind::Flag, "Whether a file of a type that the document does not allow may go."),
        optional("url", Kind::Template, "Where a file is that needs no upload."),
        optional("secret", Kind::Template, "The share-secret of `url`."),
        optional("filename", Kind::Template, "The file's name for people [that of `file`]."),
        optional("file_length", Kind::Template, "Its length, bytes [that of `file`]."),
        optional("width", Kind::Template, "An image's width, pixels."),
        optional("height", Kind::Template, "An image's height, pixels."),
        optional("length", Kind::Template, "How long it lasts: seconds of audio, milliseconds of video."),
        optional("addr", Kind::Template, "The address of a `loc`."),
        optional("lat", Kind::Template, "Degrees of latitude."),
        optional("lng", Kind::Template, "Degrees of longitude."),
        optional("buildingName", Kind::Template, "The building, known since 4.0.3."),
        optional("action", Kind::Template, "What a `cmd` asks for."),
        optional("customEvent", Kind::Template, "The event of a `custom`."),
        optional("customExts", Kind::Map(&Kind::Pattern), "The pairs of a `custom`."),
        optional("ext", Kind::Map(&Kind::Pattern), "The message's extension."),
        optional("allowGroupAck", Kind::Flag, "Whether members are to answer with group read receipts."),
        optional(
            "api",
            Kind::Choice(&["old", "new"]),
            "Which of the SDK's two ways makes the message [old].",
        ),
    ],
};

/// A file that is made up.
pub static MADE: Table = Table {
    name: "a file that is made up",
    keys: &[
        required("name", Kind::Template, "Its name."),
        required("size", Kind::Whole(0, LARGEST_FILE), "Its length, bytes."),
    ],
};

/// What `read` takes.
pub static READ: Table = Table {
    name: "a read receipt",
    keys: &[
        MESSAGE,
        TO_OF_MESSAGE,
        CHAT_TYPE,
        optional("ackContent", Kind::Template, "What a group read receipt says."),
    ],
};

/// What `delivery` takes.
pub static DELIVERY: Table =
    Table { name: "a delivered receipt", keys: &[MESSAGE, TO_OF_MESSAGE, CHAT_TYPE] };

/// What `channel` takes.
pub static CHANNEL: Table = Table { name: "a read receipt for a conversation", keys: &[TO, CHAT_TYPE] };

/// What `recall` takes.
pub static RECALL: Table = Table { name: "a recall", keys: &[MESSAGE, TO_OF_MESSAGE, CHAT_TYPE] };

/// What `history` takes.
pub static HISTORY: Table = Table {
    name: "a look into the history",
    keys: &[
        WITH,
        CHAT_TYPE,
        optional("count", Kind::Whole(1, 50), "How many messages a page [20]."),
        optional("pages", Kind::Whole(1, 100_000), "How many pages [all]."),
        optional("start", Kind::Expression, "Where it begins: a message, an id or a cursor [the newest]."),
        optional("order", Kind::Choice(&["up", "down"]), "From newest to oldest, or the other way [up]."),
        optional(
            "api",
            Kind::Choice(&["old", "new"]),
            "fetchHistoryMessages, or getHistoryMessages, whose request names the size of a page [old].",
        ),
        optional(
            "shows",
            Kind::List(&Kind::Expression),
            "Messages that stand there one after the other, oldest first.",
        ),
        optional("hides", Kind::List(&Kind::Expression), "Messages that do not stand there."),
        STATUS,
    ],
};

/// What `sessions` takes.
pub static SESSIONS: Table = Table {
    name: "a look at the session list",
    keys: &[
        optional("page", Kind::Whole(1, 100_000), "Which page, from 1, as 4.21.1 asks [the whole list]."),
        optional("size", Kind::Whole(1, 1_000), "How many sessions a page [20]."),
        STATUS,
    ],
};

/// What `delete_session` takes.
pub static DELETE_SESSION: Table = Table {
    name: "the deletion of a session",
    keys: &[
        WITH,
        CHAT_TYPE,
        optional("deleteRoam", Kind::Flag, "Whether its history goes too, for this user [false]."),
        STATUS,
    ],
};

/// What `readers` takes.
pub static READERS: Table = Table {
    name: "a look at a message's readers",
    keys: &[
        MESSAGE,
        optional("to", Kind::Template, "The group [that of the message]."),
        CHAT_TYPE,
        optional("size", Kind::Whole(1, 500), "How many names a page [500]."),
        STATUS,
    ],
};

/// What `upload` takes.
pub static UPLOAD: Table = Table {
    name: "an upload",
    keys: &[
        required(
            "file",
            Kind::Short(&Kind::Text, &MADE),
            "The file: beside the scenario, else one that the binary has.",
        ),
        STATUS,
    ],
};

/// What `download` takes.
pub static DOWNLOAD: Table = Table {
    name: "a download",
    keys: &[
        optional(
            "message",
            Kind::Expression,
            "The message whose file it is, by the name of its event or `send`.",
        ),
        optional("url", Kind::Template, "Where the file is."),
        optional("secret", Kind::Template, "The share-secret of `url`."),
        optional("thumbnail", Kind::Flag, "Whether the small picture is wanted [false]."),
        optional("file", Kind::Short(&Kind::Text, &MADE), "The file that the bytes must equal."),
        STATUS,
    ],
};

/// What `rest` takes.
pub static REST: Table = Table {
    name: "a REST call",
    keys: &[
        required("method", Kind::Choice(&["GET", "POST", "PUT", "DELETE"]), "The HTTP method."),
        required("path", Kind::Template, "The path below `/ORG/APP`, such as `/chatgroups/{{ team.id }}`."),
        optional("body", Kind::Pattern, "The JSON body."),
        optional("auth", Kind::Choice(&["user", "app", "none"]), "Whose token goes with it."),
        optional("status", Kind::Whole(100, 599), "The HTTP status that must come [any 2xx]."),
    ],
};

/// What `repeat` takes.
pub static REPEAT: Table = Table {
    name: "a repetition",
    keys: &[
        required("times", Kind::Whole(1, 1_000_000), "How many passes."),
        optional("as", Kind::Name, "The name of the pass's number, which counts from 1."),
        required("steps", Kind::Steps, "What each pass does."),
    ],
};
