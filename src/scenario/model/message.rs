//! A message that a step sends.

use std::fmt;

use bytes::Bytes;

use super::step::Address;
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
#[derive(Clone)]
pub struct File {
    /// Its name without folders.
    pub name: Template,
    /// What is in it.
    pub bytes: Bytes,
}

impl File {
    /// What stands behind the last dot of its name, in lower case; empty if nothing does.
    pub fn extension(&self) -> String {
        self.name
            .text()
            .rsplit_once('.')
            .map_or_else(String::new, |(_, extension)| extension.to_ascii_lowercase())
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("name", &self.name).field("length", &self.bytes.len()).finish()
    }
}
