//! A message that a step sends.

use super::step::{Address, Place};
use crate::{
    protocol::message::Api,
    scenario::{
        expression::{Pattern, Template},
        vocabulary::MessageType,
    },
};

/// A message to send.
#[derive(Clone, Debug)]
pub struct Send {
    /// Where it goes.
    pub to: Address,
    /// What it says.
    pub message: Message,
    /// Its extension, in the order of the file.
    pub ext: Vec<(String, Pattern)>,
    /// `msgConfig.allowGroupAck`, where given.
    pub allow_group_ack: Option<bool>,
    /// Which of the SDK's two ways makes the message.
    pub api: Api,
}

/// What a message says.
#[derive(Clone, Debug)]
pub enum Message {
    /// `txt`.
    Text(Template),
    /// Any other type.
    Options(Options),
}

/// The options of a message that is no text, as a page gives them to the SDK.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its type.
    pub kind: &'static MessageType,
    /// Options with a text or a number, by the SDK's names, in the order of the file.
    pub fields: Vec<(&'static str, Template)>,
    /// `customExts`, in the order of the file.
    pub pairs: Vec<(String, Pattern)>,
    /// The file that is uploaded first.
    pub file: Option<File>,
}

impl Message {
    /// The type as the SDK spells it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "txt",
            Self::Options(options) => options.kind.name,
        }
    }
}

/// A file that a step uploads or compares with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum File {
    /// One that exists: beside the scenario, else one that the binary has.
    Named {
        /// Its path, as the scenario has it.
        path: String,
        /// Where the scenario says so.
        place: Place,
    },
    /// One that is made up.
    Made {
        /// Its name.
        name: String,
        /// Its length, bytes.
        size: u32,
    },
}

impl File {
    /// Its name without folders.
    pub fn name(&self) -> &str {
        match self {
            Self::Named { path, .. } => path.rsplit(['/', '\\']).next().unwrap_or(path),
            Self::Made { name, .. } => name,
        }
    }

    /// What stands behind the last dot of its name, in lower case; empty if nothing does.
    pub fn extension(&self) -> String {
        self.name().rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_ascii_lowercase())
    }
}
