//! Every REST call: method, path, who may make it, and its handler.

use super::{
    account, ack, admission, block,
    call::{Call, Reply},
    chatfile, contact,
    error::RestError,
    founding, listing, log, member, message, place, recall, right, roaming, roll, session, share, silence,
    super_admin, token, user,
};
use crate::server::world::place::Kind;

/// Who may make a call. Handlers look closer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Access {
    /// Anybody.
    Open,
    /// Whoever has a token.
    Signed,
    /// Whoever has the app's token.
    App,
}

/// One call.
pub(super) struct Route {
    method: &'static str,
    /// Segments: `{name}` stands for any one, `{places}` for `chatgroups` and `chatrooms`.
    pub(super) path: &'static str,
    pub(super) access: Access,
    pub(super) handler: Handler,
}

type Handler = fn(&mut Call<'_>) -> Result<Reply, RestError>;

const fn route(method: &'static str, path: &'static str, access: Access, handler: Handler) -> Route {
    Route { method, path, access, handler }
}

use Access::{App, Open, Signed};

const ROUTES: &[Route] = &[
    route("POST", "token", Open, token::issue),
    // Users.
    route("POST", "users", Open, user::register),
    route("GET", "users/{user}", Signed, user::show),
    route("PUT", "users/{user}", Signed, user::modify),
    route("DELETE", "users/{user}", App, user::remove),
    route("PUT", "users/{user}/password", Signed, account::change_password),
    route("GET", "users/{user}/status", App, account::status),
    route("GET", "users/{user}/disconnect", App, account::disconnect),
    route("POST", "users/{user}/deactivate", App, account::deactivate),
    route("POST", "mutes", App, silence::mute),
    route("POST", "users/{user}/activate", App, account::activate),
    route("GET", "users/{user}/offline_msg_count", App, account::offline_count),
    route("GET", "users/{user}/offline_msg_status/{message}", App, account::offline_status),
    route("GET", "users/{user}/joined_chatgroups", Signed, listing::joined_groups),
    route("GET", "users/{user}/joined_chatrooms", Signed, listing::joined_rooms),
    route("POST", "users/{user}/messageroaming", Signed, roaming::page),
    // Sessions; the documents have both spellings.
    route("GET", "users/{user}/user_channels", Signed, session::list),
    route("GET", "user/{user}/user_channels", Signed, session::list),
    route("GET", "users/{user}/user_channels/page", Signed, session::paged),
    route("GET", "user/{user}/user_channels/page", Signed, session::paged),
    route("DELETE", "users/{user}/user_channel", Signed, session::delete),
    route("DELETE", "user/{user}/user_channel", Signed, session::delete),
    // Messages.
    route("POST", "messages/msg_recall", Signed, recall::recall),
    route("POST", "messages/recall", Signed, recall::recall),
    route("POST", "messages/users", App, message::to_users),
    route("POST", "messages/users/import", App, message::import_to_user),
    route("POST", "messages/chatgroups/import", App, message::import_to_group),
    route("POST", "messages/{places}", App, message::to_places),
    route("GET", "chatmessages/{hour}", App, log::of_hour),
    // Files.
    route("POST", "chatfiles", Signed, chatfile::upload),
    route("GET", "chatfiles/{file}", Open, chatfile::download),
    // Blocks and contacts.
    route("GET", "users/{user}/blocks/users", Signed, block::list),
    route("POST", "users/{user}/blocks/users", Signed, block::add),
    route("DELETE", "users/{user}/blocks/users/{other}", Signed, block::remove),
    route("POST", "sdk/user/{user}/blocks", Signed, block::add),
    route("DELETE", "sdk/user/{user}/blocks", Signed, block::remove_several),
    route("GET", "users/{user}/contacts/users", Signed, contact::list),
    route("GET", "users/{user}/contacts", Signed, contact::page),
    route("GET", "user/{user}/contacts", Signed, contact::page),
    route("POST", "users/{user}/contacts/apply", Signed, contact::ask),
    route("POST", "users/{user}/contacts/accept/users/{other}", Signed, contact::accept),
    route("POST", "users/{user}/contacts/decline/users/{other}", Signed, contact::decline),
    route("POST", "users/{user}/contacts/users/{other}", Signed, contact::add),
    route("PUT", "users/{user}/contacts/users/{other}", Signed, contact::remark),
    route("PUT", "user/{user}/contacts/users/{other}", Signed, contact::remark),
    route("DELETE", "users/{user}/contacts/users/{other}", Signed, contact::remove),
    // Groups and rooms.
    route("GET", "publicchatgroups", Signed, listing::public_groups),
    route("GET", "chatgroups/user/{user}", Signed, listing::groups_of),
    route("GET", "chatgroups/user/{user}/joined_count", Signed, listing::count_of_groups),
    route("GET", "chatrooms/super_admin", App, super_admin::list),
    route("POST", "chatrooms/super_admin", App, super_admin::add),
    route("DELETE", "chatrooms/super_admin/{user}", App, super_admin::remove),
    route("GET", "{places}", Signed, listing::all),
    route("POST", "{places}", Signed, founding::create),
    route("GET", "{places}/{ids}", Signed, place::show),
    route("PUT", "{places}/{id}", Signed, place::modify),
    route("DELETE", "{places}/{id}", Signed, place::destroy),
    route("POST", "{places}/{id}/disable", App, place::disable),
    route("POST", "{places}/{id}/enable", App, place::enable),
    // What a group or room keeps for its members.
    route("GET", "{places}/{id}/announcement", Signed, share::announcement),
    route("POST", "{places}/{id}/announcement", Signed, share::announce),
    route("GET", "{places}/{id}/share_files", Signed, share::list),
    route("POST", "{places}/{id}/share_files", Signed, share::upload),
    route("GET", "{places}/{id}/share_files/{file}", Signed, share::download),
    route("DELETE", "{places}/{id}/share_files/{file}", Signed, share::remove),
    // Members.
    route("GET", "{places}/{id}/users", Signed, member::list),
    route("POST", "{places}/{id}/users", Signed, member::add_several),
    route("POST", "{places}/{id}/users/{user}", Signed, member::add),
    route("DELETE", "{places}/{id}/users/{users}", Signed, member::remove),
    route("POST", "{places}/{id}/invite", Signed, admission::invite),
    route("POST", "{places}/{id}/invite_verify", Signed, admission::answer_invitation),
    route("POST", "{places}/{id}/apply", Signed, admission::apply),
    route("POST", "{places}/{id}/apply_verify", Signed, admission::answer_application),
    route("DELETE", "{places}/{id}/quit", Signed, member::quit),
    route("POST", "{places}/{id}/shield", Signed, member::shield),
    route("DELETE", "{places}/{id}/shield", Signed, member::unshield),
    // Rights.
    route("GET", "{places}/{id}/admin", Signed, right::admins),
    route("POST", "{places}/{id}/admin", Signed, right::add_admin),
    route("DELETE", "{places}/{id}/admin/{user}", Signed, right::remove_admin),
    route("GET", "{places}/{id}/mute", Signed, right::muted),
    route("POST", "{places}/{id}/mute", Signed, right::mute),
    route("DELETE", "{places}/{id}/mute/{users}", Signed, right::unmute),
    route("GET", "sdk/{places}/{id}/mute/{user}", Signed, right::is_muted),
    route("POST", "{places}/{id}/ban", Signed, right::mute_all),
    route("DELETE", "{places}/{id}/ban", Signed, right::unmute_all),
    route("GET", "{places}/{id}/acks/{message}", Signed, ack::readers),
    // Allow list and block list.
    route("GET", "{places}/{id}/white/users", Signed, roll::allowed),
    route("POST", "{places}/{id}/white/users", Signed, roll::allow_several),
    route("GET", "{places}/{id}/white/users/{user}", Signed, roll::is_allowed),
    route("POST", "{places}/{id}/white/users/{users}", Signed, roll::allow),
    route("DELETE", "{places}/{id}/white/users/{users}", Signed, roll::disallow),
    route("GET", "{places}/{id}/blocks/users", Signed, roll::blocked),
    route("POST", "{places}/{id}/blocks/users", Signed, roll::block_several),
    route("POST", "{places}/{id}/blocks/users/{users}", Signed, roll::block),
    route("DELETE", "{places}/{id}/blocks/users/{users}", Signed, roll::unblock),
];

/// The route of a call, the kind of place that its path names, and its variable segments.
pub(super) fn find(method: &str, segments: &[String]) -> Option<(&'static Route, Kind, Vec<String>)> {
    ROUTES.iter().filter(|route| route.method == method).find_map(|route| {
        let (kind, parameters) = route.matches(segments)?;
        Some((route, kind, parameters))
    })
}

impl Route {
    fn matches(&self, segments: &[String]) -> Option<(Kind, Vec<String>)> {
        let mut kind = Kind::Group;
        let mut parameters = Vec::new();
        let mut expected = self.path.split('/');
        for segment in segments {
            match (expected.next()?, segment.as_str()) {
                ("{places}", "chatgroups") => kind = Kind::Group,
                ("{places}", "chatrooms") => kind = Kind::Room,
                ("{places}", _) => return None,
                (variable, given) if variable.starts_with('{') => parameters.push(given.to_owned()),
                (literal, given) if literal == given => {}
                _ => return None,
            }
        }
        expected.next().is_none().then_some((kind, parameters))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    const BEGIN: &str = "<!-- every call, written by the test of the route table -->\n```\n";
    const END: &str = "```\n<!-- end of every call -->";

    /// Every call as the manual lists it: who may make it, its methods, its path.
    fn listed() -> String {
        let mut lines: Vec<(&str, Access, Vec<&str>)> = Vec::new();
        for route in ROUTES {
            match lines.iter_mut().find(|(path, access, _)| (*path, *access) == (route.path, route.access)) {
                Some((.., methods)) => methods.push(route.method),
                None => lines.push((route.path, route.access, vec![route.method])),
            }
        }
        let mut text = String::new();
        for (path, access, methods) in lines {
            let who = match access {
                Open => "anybody",
                Signed => "token",
                App => "app",
            };
            writeln!(text, "{who:<8} {:<16} {path}", methods.join(" ")).unwrap();
        }
        text
    }

    #[test]
    fn the_manual_lists_every_call() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/server.md");
        let manual = std::fs::read_to_string(path).unwrap();
        let (before, rest) = manual.split_once(BEGIN).expect("the manual marks where the calls begin");
        let (written, after) = rest.split_once(END).expect("the manual marks where the calls end");
        if std::env::var_os("UPDATE_MANUAL").is_some() {
            std::fs::write(path, format!("{before}{BEGIN}{}{END}{after}", listed())).unwrap();
            return;
        }
        assert_eq!(written, listed(), "UPDATE_MANUAL=1 cargo test the_manual_lists_every_call renews it");
    }

    #[test]
    fn no_route_is_hidden_by_one_before_it() {
        for (at, route) in ROUTES.iter().enumerate() {
            let segments: Vec<String> =
                route.path.replace("{places}", "chatgroups").split('/').map(str::to_owned).collect();
            let first = ROUTES
                .iter()
                .position(|other| other.method == route.method && other.matches(&segments).is_some());
            assert_eq!(first, Some(at), "{} {}", route.method, route.path);
        }
    }
}
