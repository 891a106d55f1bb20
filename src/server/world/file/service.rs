//! Optional services of an app, the message types that it takes, and what both make of it as a target.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::WorldFile;
use crate::protocol::schema::{message_body::content, status::ErrorCode};

/// Optional services of an app, open unless the file closes them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::server::world) struct Services {
    pub(in crate::server::world) recall: bool,
    pub(in crate::server::world) roaming: bool,
    pub(in crate::server::world) sessions: bool,
    /// Read receipts in groups; closed, messages arrive without the flag that asks for them.
    pub(in crate::server::world) group_ack: bool,
    /// Several devices of a user may be online at once.
    pub(in crate::server::world) multi_device: bool,
    /// Upload and download.
    pub(in crate::server::world) files: bool,
    /// Delivered, read and whole-conversation receipts; closed, they are taken and reach nobody.
    pub(in crate::server::world) receipts: bool,
    pub(in crate::server::world) contacts: bool,
    /// Block lists of users, groups and rooms.
    pub(in crate::server::world) blocks: bool,
    pub(in crate::server::world) mutes: bool,
    pub(in crate::server::world) allow_lists: bool,
    pub(in crate::server::world) groups: bool,
    pub(in crate::server::world) rooms: bool,
    /// What is sent by REST shows in session lists.
    pub(in crate::server::world) rest_sessions: bool,
    /// Who joins a room gets the newest messages of it.
    pub(in crate::server::world) room_history: bool,
    /// Only contacts may write to each other.
    pub(in crate::server::world) friends_only: bool,
}

impl Default for Services {
    fn default() -> Self {
        Self {
            recall: true,
            roaming: true,
            sessions: true,
            group_ack: true,
            multi_device: true,
            files: true,
            receipts: true,
            contacts: true,
            blocks: true,
            mutes: true,
            allow_lists: true,
            groups: true,
            rooms: true,
            rest_sessions: false,
            room_history: false,
            friends_only: false,
        }
    }
}

/// One of the eight types of content.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub(in crate::server::world) enum MessageType {
    Txt,
    Img,
    File,
    Audio,
    Video,
    Loc,
    Cmd,
    Custom,
}

/// The message types that the app takes; every one unless the file lists them.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::server::world) struct MessageTypes(BTreeSet<MessageType>);

impl Default for MessageTypes {
    fn default() -> Self {
        use MessageType::{Audio, Cmd, Custom, File, Img, Loc, Txt, Video};
        Self(BTreeSet::from([Txt, Img, File, Audio, Video, Loc, Cmd, Custom]))
    }
}

impl MessageTypes {
    /// Whether content of that type is taken. What is none of the eight types is taken only where
    /// all of them are.
    pub(in crate::server::world) fn take(&self, kind: i32) -> bool {
        let kind = match content::Type::try_from(kind) {
            Ok(content::Type::Text) => MessageType::Txt,
            Ok(content::Type::Image) => MessageType::Img,
            Ok(content::Type::File) => MessageType::File,
            Ok(content::Type::Voice) => MessageType::Audio,
            Ok(content::Type::Video) => MessageType::Video,
            Ok(content::Type::Location) => MessageType::Loc,
            Ok(content::Type::Command) => MessageType::Cmd,
            Ok(content::Type::Custom) => MessageType::Custom,
            Ok(content::Type::Combine) | Err(_) => return self.0.len() == Self::default().0.len(),
        };
        self.0.contains(&kind)
    }
}

/// What a target made of the world offers.
pub(super) fn capabilities(file: &WorldFile) -> BTreeSet<&'static str> {
    let services = &file.services;
    let has_places = services.groups || services.rooms;
    // A filter may stand for the app's own server, since it can refuse with the same pair.
    let has_hook =
        !file.hook.rules.is_empty() || file.filters.iter().any(|filter| filter.status.value == HOOK);
    let offers = [
        ("core", true),
        ("group", services.groups),
        ("room", services.rooms),
        ("attach", services.files),
        ("recall", services.recall),
        ("roam", services.roaming),
        ("sessions", services.sessions),
        ("group-ack", services.group_ack && services.groups && services.receipts),
        ("deliver-ack", services.receipts),
        ("read-ack", services.receipts),
        ("channel-ack", services.receipts),
        ("filter", file.filters.iter().any(|filter| filter.status.value != HOOK)),
        ("hook", has_hook),
        ("whitelist", services.allow_lists && has_places),
        ("block", services.blocks),
        ("mute", services.mutes),
        ("multi-device", services.multi_device),
        ("single-login", !services.multi_device),
        ("sockjs", true),
        ("roster", services.contacts),
        ("rest-admin", file.app_credentials.is_some()),
    ];
    offers.into_iter().filter(|(_, offered)| *offered).map(|(name, _)| name).collect()
}

/// The status with which an app's own hook refuses.
const HOOK: i32 = ErrorCode::PermissionDeniedExternal as i32;
