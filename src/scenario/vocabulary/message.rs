//! The message types, and the keys of `send` that belong to each.

/// A message type and the keys of `send` that belong to it.
#[derive(Debug)]
pub struct MessageType {
    /// The type as the SDK spells it.
    pub name: &'static str,
    /// Keys that it cannot be without.
    pub needs: &'static [&'static str],
    /// Keys that it may have.
    pub takes: &'static [&'static str],
    /// The file types that the document allows (heading 发送附件消息), where the message carries a file.
    pub files: Option<&'static [&'static str]>,
}

impl MessageType {
    /// The message type of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        MESSAGE_TYPES.iter().find(|known| known.name == name)
    }

    /// Whether a key of `send` belongs to some message types only, and not to this one.
    pub fn is_foreign(&self, key: &str) -> bool {
        let has = |of: &Self| of.needs.contains(&key) || of.takes.contains(&key);
        !has(self) && MESSAGE_TYPES.iter().any(has)
    }
}

const PICTURE: &[&str] = &["file", "url", "secret", "filename", "file_length", "width", "height", "anyType"];
const RECORDING: &[&str] = &["file", "url", "secret", "filename", "file_length", "length", "anyType"];

/// Every message type.
pub static MESSAGE_TYPES: &[MessageType] = &[
    MessageType { name: "txt", needs: &["msg"], takes: &[], files: None },
    MessageType { name: "img", needs: &[], takes: PICTURE, files: Some(&["jpg", "gif", "png", "bmp"]) },
    MessageType {
        name: "file",
        needs: &[],
        takes: PICTURE,
        files: Some(&["jpg", "gif", "png", "bmp", "zip", "txt", "doc", "pdf"]),
    },
    MessageType { name: "audio", needs: &[], takes: RECORDING, files: Some(&["mp3", "amr", "wmv"]) },
    MessageType {
        name: "video",
        needs: &[],
        takes: RECORDING,
        files: Some(&["mp4", "wmv", "avi", "rmvb", "mkv"]),
    },
    MessageType { name: "loc", needs: &["addr", "lat", "lng"], takes: &["buildingName"], files: None },
    MessageType { name: "cmd", needs: &["action"], takes: &[], files: None },
    MessageType { name: "custom", needs: &["customEvent"], takes: &["customExts"], files: None },
];
