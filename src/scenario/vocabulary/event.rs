//! The fields of an event's argument, so that a slip in `where` is found before anything is played.

use crate::protocol::event::Name;

macro_rules! message {
    ($($more:literal),*) => {
        &["id", "from", "to", "type", "chatType", "time", "ext", "msgConfig", "contentsType", "error",
          "errorText", "errorCode", "onlineState", $($more),*]
    };
}

/// The fields of the argument that each event has, over all generations. Events that are not here
/// have arguments of several forms.
const FIELDS: &[(Name, &[&str])] = &[
    (Name::TEXT, message!["data", "sourceMsg", "msg"]),
    (
        Name::PICTURE,
        message![
            "url",
            "secret",
            "filename",
            "thumb",
            "thumb_secret",
            "file_length",
            "width",
            "height",
            "filetype",
            "accessToken"
        ],
    ),
    (Name::COMMAND, message!["action"]),
    (Name::AUDIO, message!["url", "secret", "filename", "length", "file_length", "accessToken", "filetype"]),
    (Name::LOCATION, message!["addr", "lat", "lng", "buildingName"]),
    (Name::FILE, message!["url", "secret", "filename", "file_length", "accessToken", "filetype"]),
    (Name::CUSTOM, message!["customEvent", "customExts", "params"]),
    (
        Name::VIDEO,
        message![
            "url",
            "secret",
            "filename",
            "length",
            "file_length",
            "accessToken",
            "filetype",
            "thumb",
            "thumb_secret"
        ],
    ),
    (Name::ERROR, &["type", "message", "data"]),
    (Name::RECALL, &["mid", "from", "to", "id", "chatType"]),
    (Name::RECEIVED, &["id", "mid", "to"]),
    (Name::DELIVERED, &["mid", "from", "to", "id"]),
    (Name::READ, &["mid", "from", "to", "id", "ackContent", "groupReadCount"]),
    (Name::CHANNEL, &["from", "to", "chatType", "id", "time"]),
    (Name::MUTED, &["mid"]),
];

/// The fields of an event's argument; `None` where they are not known.
pub fn event_fields(event: Name) -> Option<&'static [&'static str]> {
    FIELDS.iter().find(|(name, _)| *name == event).map(|(_, fields)| *fields)
}
