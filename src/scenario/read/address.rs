//! Where a message goes: an actor, a group or room of the world, or any name or id.

use super::{Reader, choice};
use crate::{
    protocol::message::ChatType,
    scenario::{
        mistake::{Mistake, shown},
        model::Address,
        tree::Node,
    },
};

impl Reader<'_> {
    /// Where a message goes: the address at `node`, with the `chatType` of the mapping around it.
    pub(super) fn address(&mut self, node: &Node, around: &Node) -> Option<Address> {
        let to = self.template(node)?;
        let chat_type =
            choice(around, "chatType", &["singleChat", "groupChat", "chatRoom"]).map(|word| match word {
                "groupChat" => ChatType::Group,
                "chatRoom" => ChatType::Room,
                _ => ChatType::Single,
            });
        let Some(word) = to.constant().map(ToOwned::to_owned) else {
            return Some(Address::Literal(to, chat_type.unwrap_or_default()));
        };
        let group = self.world.groups.iter().position(|group| group.name == word);
        let room = self.world.rooms.iter().position(|room| room.name == word);
        let found = match (group, room) {
            (Some(group), _) => (Address::Group(group), ChatType::Group),
            (_, Some(room)) => (Address::Room(room), ChatType::Room),
            _ if self.is_actor(&word) => (Address::Actor(self.one(&word, &node.span)?), ChatType::Single),
            _ => match chat_type {
                Some(chat_type) => return Some(Address::Literal(to, chat_type)),
                None => {
                    let mistake = self.unknown_address(node, &word);
                    self.mistake(mistake);
                    return None;
                }
            },
        };
        if chat_type.is_some_and(|chat_type| chat_type != found.1) {
            let span = around.child("chatType").map_or_else(|| node.span.clone(), |node| node.span.clone());
            self.mistake(
                Mistake::new(span, format!("`chatType` contradicts `{}`", shown(&word)))
                    .label(format!("`{}` is not that", shown(&word)))
                    .help("leave out `chatType`: the name says what it is"),
            );
        }
        Some(found.0)
    }

    fn unknown_address(&self, node: &Node, word: &str) -> Mistake {
        let names = self.actors.iter().map(|actor| &actor.name);
        let conferences =
            self.world.groups.iter().chain(&self.world.rooms).map(|conference| &conference.name);
        Mistake::new(
            node.span.clone(),
            format!("`{}` is no actor, group or room of this scenario", shown(word)),
        )
        .label("unknown name; a literal user name or id needs `chatType` beside it")
        .suggest(word, names.chain(conferences).map(String::as_str))
    }

    fn is_actor(&self, word: &str) -> bool {
        let name = word.split('[').next().unwrap_or(word);
        word == "self" || self.actors.iter().any(|actor| actor.name == name)
    }
}
