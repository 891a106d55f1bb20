//! `world`: groups, rooms and blocks, made of actors.

use super::{
    Reader, flag,
    known::{Bound, CONFERENCE, Fields},
    scalar, text,
};
use crate::scenario::{
    mistake::{Mistake, shown},
    model::{Conference, Performer, World},
    tree::{Entry, Node, Span},
};

impl Reader<'_> {
    /// Reads `world`, and makes the names of its groups and rooms known.
    pub(super) fn read_world(&mut self, root: &Node) -> World {
        let Some(world) = root.child("world") else { return World::default() };
        let groups = self.conferences(world, "groups");
        let rooms = self.conferences(world, "rooms");
        let mut blocks = Vec::new();
        for entry in world.child("blocks").map(Node::entries).unwrap_or_default() {
            let Some(who) = self.performer(&entry.key, &entry.key_span) else { continue };
            let blocked = self.performers(Some(&entry.value));
            blocks.extend(blocked.into_iter().map(|(blocked, _)| (who, blocked)));
        }
        World { groups, rooms, blocks }
    }

    fn conferences(&mut self, world: &Node, key: &str) -> Vec<Conference> {
        let entries = world.child(key).map(Node::entries).unwrap_or_default();
        entries.iter().map(|entry| self.conference(entry)).collect()
    }

    fn conference(&mut self, entry: &Entry) -> Conference {
        let (name, node) = (&entry.key, &entry.value);
        match scalar::name_mistake(name, &entry.key_span) {
            Some(mistake) => self.mistake(mistake),
            None if self.known.bound.iter().any(|bound| *bound.name == **name) => self.mistake(
                Mistake::new(entry.key_span.clone(), format!("two things named `{}`", shown(name)))
                    .label("actors, groups and rooms share their names"),
            ),
            None => {}
        }
        self.known.bound.push(Bound { name: name.as_str().into(), fields: Fields::Exactly(CONFERENCE) });
        let id = text(node, "id");
        let owner = node.child("owner").and_then(|owner| self.one(owner.text()?, &owner.span));
        if node.child("owner").is_none() && id.is_none() {
            self.mistake(
                Mistake::new(entry.key_span.clone(), format!("`{}` has no owner", shown(name)))
                    .label("`owner:` is missing")
                    .help("name the actor that owns it, or the `id` of one that exists"),
            );
        }
        let members = self.performers(node.child("members"));
        let inside = |who: &Performer| {
            owner == Some(*who) || members.iter().any(|(member, _)| covers(*member, *who)) || id.is_some()
        };
        let mut special =
            ["admins", "muted", "allow_list"].map(|key| (key, self.performers(node.child(key))));
        for (key, list) in &special {
            for (who, span) in list.iter().filter(|(who, _)| !inside(who)) {
                let who = self.called(*who);
                self.mistakes.push(stranger(span, &who, name, key));
            }
        }
        let mut take =
            |at: usize| std::mem::take(&mut special[at].1).into_iter().map(|(who, _)| who).collect();
        Conference {
            name: name.clone(),
            id,
            owner,
            admins: take(0),
            muted: take(1),
            allow_list: take(2),
            members: members.into_iter().map(|(who, _)| who).collect(),
            mute_all: flag(node, "mute_all").unwrap_or(false),
            blocks: self.performers(node.child("blocks")).into_iter().map(|(who, _)| who).collect(),
        }
    }

    fn called(&self, who: Performer) -> String {
        match who {
            Performer::One(id, _) | Performer::All(id) => self.actors[id.0].name.clone(),
            Performer::Myself => "self".to_owned(),
        }
    }
}

/// Whether everyone whom `who` names is among those whom `whole` names.
fn covers(whole: Performer, who: Performer) -> bool {
    match (whole, who) {
        (Performer::All(all), Performer::One(one, _)) => all == one,
        _ => whole == who,
    }
}

fn stranger(span: &Span, who: &str, conference: &str, key: &str) -> Mistake {
    Mistake::new(span.clone(), format!("`{}` is not a member of `{}`", shown(who), shown(conference)))
        .label(format!("only members can be in `{key}`"))
        .help(format!("add `{}` to `members`", shown(who)))
}
