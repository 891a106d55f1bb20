//! Calls that belong to an optional service: where a world has closed it, they are refused.
//!
//! History, recall, session lists and files answer for themselves, in words of their own.

use super::error::RestError;
use crate::server::world::{file::Services, place::Kind};

/// One service and the literal segments by which a path belongs to it.
struct Closable {
    segments: &'static [&'static str],
    name: &'static str,
    is_open: fn(&Services) -> bool,
}

const CLOSABLE: &[Closable] = &[
    Closable {
        segments: &["chatgroups", "joined_chatgroups", "publicchatgroups"],
        name: "group",
        is_open: |services| services.groups,
    },
    Closable {
        segments: &["chatrooms", "joined_chatrooms"],
        name: "chatroom",
        is_open: |services| services.rooms,
    },
    Closable { segments: &["contacts"], name: "contact", is_open: |services| services.contacts },
    Closable { segments: &["blocks"], name: "block", is_open: |services| services.blocks },
    Closable { segments: &["mute", "mutes", "ban"], name: "mute", is_open: |services| services.mutes },
    Closable { segments: &["white"], name: "allow list", is_open: |services| services.allow_lists },
    Closable { segments: &["acks"], name: "group ack", is_open: |services| services.group_ack },
];

/// Refuses a call of that route, on that kind of place, if a service that it belongs to is closed.
///
/// # Errors
/// The refusal; since 4.0.7 the SDK takes its `service not open!` for 505.
pub(super) fn check(services: &Services, route: &str, kind: Kind) -> Result<(), RestError> {
    let places = match kind {
        Kind::Group => "chatgroups",
        Kind::Room => "chatrooms",
    };
    let mut segments = route.split('/').map(|segment| if segment == "{places}" { places } else { segment });
    let closed = segments.find_map(|segment| {
        CLOSABLE.iter().find(|service| service.segments.contains(&segment) && !(service.is_open)(services))
    });
    match closed {
        Some(service) => Err(RestError::Forbidden(format!("{} service not open!", service.name))),
        None => Ok(()),
    }
}
