//! What a REST call may change that the history does not follow.

use crate::{history::Disturbance, scenario::model::Method};

/// Mutes and allow lists change neither who is a member, nor what was sent, nor who lets whom through.
pub(super) fn disturbance(method: Method, path: &str) -> Option<Disturbance> {
    if method == Method::Get {
        return None;
    }
    let path = path.split('?').next().unwrap_or_default();
    let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        ["messages", ..] => Some(Disturbance::Messages),
        ["token", ..] | ["users", _, "messageroaming", ..] => None,
        ["users", _, "blocks" | "contacts", ..] => Some(Disturbance::Relations),
        [_, _, "mute" | "ban" | "white", ..] => None,
        _ => Some(Disturbance::Members),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_members_messages_or_relations_disturbs_the_history() {
        assert_eq!(disturbance(Method::Get, "/chatgroups/1/users"), None);
        assert_eq!(disturbance(Method::Post, "/chatgroups/1/mute?x=1"), None);
        assert_eq!(disturbance(Method::Post, "/users/a/blocks/users"), Some(Disturbance::Relations));
        assert_eq!(disturbance(Method::Post, "/users/a/contacts/apply"), Some(Disturbance::Relations));
        assert_eq!(disturbance(Method::Post, "/chatgroups/1/blocks/users"), Some(Disturbance::Members));
        assert_eq!(disturbance(Method::Delete, "/chatrooms/1/users/b"), Some(Disturbance::Members));
        assert_eq!(disturbance(Method::Post, "/messages/users"), Some(Disturbance::Messages));
    }
}
