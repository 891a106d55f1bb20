//! `actors`: who takes part, and how a step names them.

use super::{
    Reader,
    known::{Bound, CLIENT, Fields},
    scalar, text, whole,
};
use crate::{
    protocol::generation::{Generation, Wire},
    scenario::{
        mistake::{Mistake, shown},
        model::{Account, Actor, ActorId, Performer},
        tree::{Data, Entry, Node, Span},
    },
};

impl Reader<'_> {
    /// Reads `actors`, and makes their names known.
    pub(super) fn actors(&mut self, root: &Node) -> Vec<Actor> {
        let entries = root.child("actors").map(Node::entries).unwrap_or_default();
        let empty = |node: &&Node| matches!(&node.data, Data::Map(entries) if entries.is_empty());
        if let Some(node) = root.child("actors").filter(empty) {
            self.mistake(
                Mistake::new(node.span.clone(), "a scenario without actors")
                    .label("nobody takes part")
                    .help("such as `actors: {alice: 1, bob: 1}`"),
            );
        }
        let names: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        let actors: Vec<Actor> = entries.iter().map(|entry| self.actor(entry, &names)).collect();
        self.check_devices(entries, &actors);
        let actors = with_counts_of_their_account(actors);
        for actor in &actors {
            let fields = if actor.is_group { Fields::Open } else { Fields::Exactly(CLIENT) };
            self.known.bound.push(Bound { name: actor.name.as_str().into(), fields });
        }
        self.actors.clone_from(&actors);
        actors
    }

    fn actor(&mut self, entry: &Entry, names: &[&str]) -> Actor {
        self.mistakes.extend(scalar::actor_mistake(&entry.key, &entry.key_span));
        let node = &entry.value;
        let short = node.text().and_then(|count| count.parse().ok());
        let count: Option<u32> = short.or_else(|| whole(node, "count"));
        let account = self.account(entry, names);
        if let (Account::Known(_), Some(2..)) = (&account, count) {
            self.mistake(
                Mistake::new(entry.key_span.clone(), "several clients with one account")
                    .label("`user` names one account, `count` several clients")
                    .help("leave out `user`: an account is made for each client"),
            );
        }
        let generation = text(node, "generation").and_then(|version| version.parse::<Generation>().ok());
        let wire = match text(node, "transport").as_deref() {
            Some("sockjs") => Some(Wire::SockJs),
            Some("websocket") => Some(Wire::Raw),
            _ => None,
        };
        if let (Some(generation), Some(wire), Some(at)) = (generation, wire, node.child("transport"))
            && generation.wire() != wire
        {
            self.mistake(
                Mistake::new(at.span.clone(), format!("generation {generation} does not travel like this"))
                    .label("contradicts `generation`")
                    .help("leave out `transport`: the generation says how its frames travel"),
            );
        }
        Actor {
            name: entry.key.clone(),
            count: count.unwrap_or(1).max(1),
            is_group: short.is_some_and(|count: u32| count > 1) || node.child("count").is_some(),
            account,
            login: super::flag(node, "login").unwrap_or(true),
            delivery: super::flag(node, "delivery").unwrap_or(false),
            generation,
            wire,
        }
    }

    fn account(&mut self, entry: &Entry, names: &[&str]) -> Account {
        let known = text(&entry.value, "user");
        let Some(node) = entry.value.child("device_of") else {
            return known.map_or(Account::Made, Account::Known);
        };
        if known.is_some() {
            self.mistake(
                Mistake::new(node.span.clone(), "`user` and `device_of` exclude each other")
                    .label("the account is the other actor's"),
            );
        }
        let typed = node.text().unwrap_or_default();
        match names.iter().position(|name| *name == typed) {
            Some(other) if names[other] != entry.key => Account::DeviceOf(ActorId(other)),
            Some(_) => {
                self.mistake(
                    Mistake::new(node.span.clone(), "an actor that is a device of itself")
                        .label("name another actor"),
                );
                Account::Made
            }
            None => {
                self.mistake(unknown_actor(&node.span, typed, names));
                Account::Made
            }
        }
    }

    fn check_devices(&mut self, entries: &[Entry], actors: &[Actor]) {
        for (entry, actor) in entries.iter().zip(actors) {
            let Account::DeviceOf(other) = actor.account else { continue };
            let other = &actors[other.0];
            let span = entry
                .value
                .child("device_of")
                .map_or_else(|| entry.key_span.clone(), |node| node.span.clone());
            if matches!(other.account, Account::DeviceOf(_)) {
                self.mistake(
                    Mistake::new(span, format!("`{}` is itself a device of another actor", other.name))
                        .label("name the actor that has the account"),
                );
            } else if entry.value.child("count").is_some() && actor.count != other.count {
                self.mistake(
                    Mistake::new(span, format!("{} devices of {} accounts", actor.count, other.count))
                        .label(format!("`{}` has another count", other.name))
                        .help("leave out `count`: it is the other actor's"),
                );
            }
        }
    }

    /// The clients that a word of the file names: `alice`, `member`, `member[3]` or `self`.
    pub(super) fn performer(&mut self, text: &str, span: &Span) -> Option<Performer> {
        if text == "self" {
            if !self.known.inside_each {
                self.mistake(
                    Mistake::new(span.clone(), "`self` outside `each`")
                        .label("who is this?")
                        .help("`self` is the client that plays the steps of an `each`"),
                );
                return None;
            }
            return Some(Performer::Myself);
        }
        let (name, index) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((name, index)) => (name, Some(index)),
            None => (text, None),
        };
        let Some(at) = self.actors.iter().position(|actor| actor.name == name) else {
            let names: Vec<String> = self.actors.iter().map(|actor| actor.name.clone()).collect();
            self.mistake(unknown_actor(span, name, names.iter().map(String::as_str)));
            return None;
        };
        let (id, count) = (ActorId(at), self.actors[at].count);
        match index.map(str::parse::<u32>) {
            None if self.actors[at].is_group => Some(Performer::All(id)),
            None => Some(Performer::One(id, 0)),
            Some(Ok(index)) if index < count => Some(Performer::One(id, index)),
            Some(_) => {
                self.mistake(
                    Mistake::new(span.clone(), format!("`{}` is nobody", shown(text)))
                        .label(format!("`{name}` counts from 0 to {}", count - 1)),
                );
                None
            }
        }
    }

    /// One client that a word of the file names.
    pub(super) fn one(&mut self, text: &str, span: &Span) -> Option<Performer> {
        match self.performer(text, span)? {
            Performer::All(id) => {
                let actor = &self.actors[id.0];
                let (name, count) = (actor.name.clone(), actor.count);
                self.mistake(
                    Mistake::new(span.clone(), format!("`{name}` is a group, one client is needed"))
                        .label(match count {
                            1 => "one client, but with `count` it is a group".to_owned(),
                            count => format!("{count} clients"),
                        })
                        .help(format!("name one of them, such as `{name}[0]`")),
                );
                None
            }
            one => Some(one),
        }
    }

    /// The clients that a list names.
    pub(super) fn performers(&mut self, node: Option<&Node>) -> Vec<(Performer, Span)> {
        let items = node.map(Node::items).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| Some((self.performer(item.text()?, &item.span)?, item.span.clone())))
            .collect()
    }
}

/// A second device has as many clients as the actor whose account it uses.
fn with_counts_of_their_account(mut actors: Vec<Actor>) -> Vec<Actor> {
    for at in 0..actors.len() {
        if let Account::DeviceOf(ActorId(other)) = actors[at].account {
            (actors[at].count, actors[at].is_group) = (actors[other].count, actors[other].is_group);
        }
    }
    actors
}

fn unknown_actor<'a>(
    span: &Span,
    typed: &str,
    names: impl IntoIterator<Item = impl AsRef<str> + 'a>,
) -> Mistake {
    let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
    Mistake::new(span.clone(), format!("unknown actor `{}`", shown(typed)))
        .label("not among `actors`")
        .suggest(typed, names.iter().map(String::as_str))
}
