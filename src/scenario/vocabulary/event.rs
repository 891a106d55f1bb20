//! The events that a page can be called back with, and the capabilities that a target can have.

/// One event.
#[derive(Debug)]
pub struct EventWord {
    /// Its name in the document (heading 接收消息).
    pub name: &'static str,
    /// The fields of its argument, over all generations.
    pub fields: &'static [&'static str],
}

macro_rules! message {
    ($($more:literal),*) => {
        &["id", "from", "to", "type", "chatType", "time", "ext", "msgConfig", "contentsType", "error",
          "errorText", "errorCode", "onlineState", $($more),*]
    };
}

/// Every event, in the order of the document.
pub const EVENTS: &[EventWord] = &[
    EventWord { name: "onTextMessage", fields: message!["data", "sourceMsg", "msg", "text"] },
    EventWord { name: "onEmojiMessage", fields: message!["data", "sourceMsg"] },
    EventWord {
        name: "onPictureMessage",
        fields: message![
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
    },
    EventWord { name: "onCmdMessage", fields: message!["action"] },
    EventWord {
        name: "onAudioMessage",
        fields: message!["url", "secret", "filename", "length", "file_length", "accessToken", "filetype"],
    },
    EventWord { name: "onLocationMessage", fields: message!["addr", "lat", "lng", "buildingName"] },
    EventWord {
        name: "onFileMessage",
        fields: message!["url", "secret", "filename", "file_length", "accessToken", "filetype"],
    },
    EventWord { name: "onCustomMessage", fields: message!["customEvent", "customExts", "params"] },
    EventWord {
        name: "onVideoMessage",
        fields: message![
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
    },
    EventWord { name: "onPresence", fields: &[] },
    EventWord { name: "onError", fields: &["type", "message", "data"] },
    EventWord { name: "onRecallMessage", fields: &["mid", "from", "to", "id"] },
    EventWord { name: "onReceivedMessage", fields: &["id", "mid", "to"] },
    EventWord { name: "onDeliveredMessage", fields: &["mid", "from", "to", "id"] },
    EventWord { name: "onReadMessage", fields: &["mid", "from", "to", "id", "ackContent", "groupReadCount"] },
    EventWord { name: "onChannelMessage", fields: &["from", "to", "chatType", "id", "time"] },
    EventWord { name: "onMutedMessage", fields: &["mid"] },
    EventWord { name: "onStatisticMessage", fields: &[] },
    EventWord { name: "onContactInvited", fields: &["from", "to", "status", "type"] },
    EventWord { name: "onContactAdded", fields: &["from", "to", "status", "type"] },
    EventWord { name: "onContactDeleted", fields: &["from", "to", "status", "type"] },
    EventWord { name: "onContactRefuse", fields: &["from", "to", "status", "type"] },
    EventWord { name: "onContactAgreed", fields: &["from", "to", "status", "type"] },
    EventWord { name: "onBlacklistUpdate", fields: &[] },
    EventWord { name: "onOpened", fields: &[] },
    EventWord { name: "onClosed", fields: &[] },
    EventWord { name: "onOnline", fields: &[] },
    EventWord { name: "onOffline", fields: &[] },
];

/// What a target may or may not offer.
pub const CAPABILITIES: &[(&str, &str)] = &[
    ("core", "log in, send texts and receive them"),
    ("group", "groups"),
    ("room", "chat rooms"),
    ("attach", "upload and download of attachments"),
    ("recall", "taking messages back"),
    ("roam", "message history"),
    ("sessions", "the session list"),
    ("group-ack", "read receipts in groups"),
    ("deliver-ack", "delivered receipts"),
    ("read-ack", "read receipts"),
    ("channel-ack", "read receipts for whole conversations"),
    ("filter", "a filter for words"),
    ("hook", "an external hook before delivery"),
    ("whitelist", "allow lists of groups and rooms"),
    ("block", "block lists"),
    ("mute", "muting"),
    ("multi-device", "several devices of one user"),
    ("single-login", "one device of one user at a time"),
    ("sockjs", "SockJS over WebSocket"),
    ("compress", "compressed payloads"),
    ("presence", "presence"),
    ("roster", "contacts"),
    ("rest-admin", "REST with an app token"),
    ("restartable", "a server that may be restarted by the run"),
    ("two-apps", "a second app"),
    ("tls", "TLS"),
];
