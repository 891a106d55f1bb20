//! `steps`: the script, in the order in which names come to life.

use std::sync::Arc;

use super::{
    Reader, duration,
    known::{Bound, Fields},
    name, scalar, text, whole,
};
use crate::{
    protocol::event::Name,
    scenario::{
        mistake::Mistake,
        model::{
            Action, Authorization, Deed, Expect, Filter, Method, Never, Perform, Performer, Rest, Sender,
            Step,
        },
        tree::{Entry, Node, Span},
        vocabulary::{Statement, VERBS, Verb},
    },
};

/// A name that a step gives, with its place.
type Binding = Option<(Arc<str>, Span)>;

impl Reader<'_> {
    /// Reads a list of steps; names that they bind stay known.
    pub(super) fn steps(&mut self, node: &Node) -> Vec<Step> {
        node.items().iter().filter_map(|item| self.step(item)).collect()
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        let place = self.place(&node.span);
        let statement = node.entries().iter().find_map(|entry| Some((entry, Statement::find(&entry.key)?)));
        let action = match statement {
            Some((entry, statement)) => self.statement(node, &entry.value, statement.key.name),
            None => self.perform(node.entries().first()?),
        };
        Some(Step { place, action: action? })
    }

    fn statement(&mut self, step: &Node, node: &Node, word: &str) -> Option<Action> {
        match word {
            "each" => self.each(step, node),
            "parallel" => Some(Action::Parallel(self.parallel(node))),
            "repeat" => self.repeat(node),
            "check" => self.expression(node, None).map(Action::Check),
            "set" => {
                let mut values = Vec::new();
                for entry in node.entries() {
                    let value = self.expression(&entry.value, None);
                    self.bind(&Some((entry.key.as_str().into(), entry.key_span.clone())), Fields::Open);
                    self.mistakes.extend(scalar::name_mistake(&entry.key, &entry.key_span));
                    values.extend(value.map(|value| (Arc::from(entry.key.as_str()), value)));
                }
                Some(Action::Set(values))
            }
            "pause" => duration(node).map(Action::Pause),
            "rest" => {
                let bind = name(step, "as");
                let call = self.rest(node, Authorization::App);
                self.bind(&bind, Fields::Exactly(fields_of("rest")));
                Some(Action::Rest {
                    call: call?,
                    bind: bind.map(|(name, _)| name),
                    within: self.within(step),
                })
            }
            _ => None,
        }
    }

    fn each(&mut self, step: &Node, node: &Node) -> Option<Action> {
        let group = match self.performer(node.text()?, &node.span) {
            Some(Performer::All(id) | Performer::One(id, _)) => Some(id),
            Some(Performer::Myself) | None => None,
        };
        let outer = (self.known.bound.len(), self.known.inside_each);
        self.known.inside_each = true;
        let steps = step.child("steps").map(|steps| self.steps(steps)).unwrap_or_default();
        self.known.bound.truncate(outer.0);
        self.known.inside_each = outer.1;
        Some(Action::Each { group: group?, steps })
    }

    /// Branches do not see each other's names; what follows sees all of them.
    fn parallel(&mut self, node: &Node) -> Vec<Step> {
        let before = self.known.bound.len();
        let (mut steps, mut bound) = (Vec::new(), Vec::new());
        for item in node.items() {
            steps.extend(self.step(item));
            bound.extend(self.known.bound.split_off(before));
        }
        self.known.bound.extend(bound);
        steps
    }

    fn repeat(&mut self, node: &Node) -> Option<Action> {
        let counter = name(node, "as");
        self.bind(&counter, Fields::Exactly(&[]));
        let steps = node.child("steps").map(|steps| self.steps(steps)).unwrap_or_default();
        Some(Action::Repeat { times: whole(node, "times")?, counter: counter.map(|(name, _)| name), steps })
    }

    fn perform(&mut self, entry: &Entry) -> Option<Action> {
        if Verb::find(&entry.key).is_some() {
            return None;
        }
        let who = self.performer(&entry.key, &entry.key_span);
        let node = &entry.value;
        let word = node
            .text()
            .or_else(|| node.entries().iter().map(|e| e.key.as_str()).find(|key| Verb::find(key).is_some()));
        let bind = name(node, "as");
        let Some(verb) = word.and_then(Verb::find) else {
            // The result of a misspelt verb is still a name, and no second mistake.
            self.bind(&bind, Fields::Open);
            return None;
        };
        let deed = self.deed(verb, node);
        let fields = match (verb.key.name, node.child("expect").and_then(Node::text), whole(node, "count")) {
            (_, Some(event), None | Some(1)) => event.parse().map_or(Fields::Open, Fields::of_event),
            _ if verb.fields.is_empty() => Fields::Open,
            _ => Fields::Exactly(verb.fields),
        };
        self.bind(&bind, fields);
        if let (Some((name, span)), Some(Performer::All(_))) = (&bind, who) {
            self.mistake(
                Mistake::new(
                    span.clone(),
                    format!("`{name}` would be bound by every client of `{}`", entry.key),
                )
                .label("one name, several results")
                .help(format!("put the step into `each: {}`, with `self:` in place of `{0}:`", entry.key)),
            );
        }
        let refused = node.child("refused").and_then(|node| scalar::refused(node.text()?, &node.span).ok());
        let within = self.within(node);
        let bind = bind.map(|(name, _)| name);
        Some(Action::Perform(Box::new(Perform { who: who?, deed: deed?, bind, refused, within })))
    }

    fn deed(&mut self, verb: &Verb, node: &Node) -> Option<Deed> {
        let value = node.child(verb.key.name);
        Some(match verb.key.name {
            "login" => Deed::Login,
            "logout" => Deed::Logout,
            "drop" => Deed::Drop,
            "reconnect" => Deed::Reconnect,
            "send" => Deed::Send(Box::new(self.send(value?)?)),
            "expect" => {
                let event = value?.text()?.parse::<Name>().ok();
                let filter = self.filter(node, event);
                Deed::Expect(Box::new(Expect {
                    event: event?,
                    filter: filter?,
                    count: whole(node, "count").unwrap_or(1),
                }))
            }
            "never" => {
                let event = value?.text()?.parse::<Name>().ok();
                let filter = self.filter(node, event);
                let fence = node.child("fence").and_then(|fence| self.one(fence.text()?, &fence.span));
                Deed::Never(Box::new(Never { event: event?, filter: filter?, fence }))
            }
            "pause" => Deed::Pause(duration(value?)?),
            "rest" => Deed::Rest(Box::new(self.rest(value?, Authorization::User)?)),
            word => return self.operation(word, value),
        })
    }

    fn filter(&mut self, node: &Node, event: Option<Name>) -> Option<Filter> {
        let fields = event.map_or(Fields::Open, Fields::of_event);
        let from = match node.child("from") {
            Some(from) => Some(self.sender(from)?),
            None => None,
        };
        let text = match node.child("text") {
            Some(text) => Some(self.template(text)?),
            None => None,
        };
        let condition = match node.child("where") {
            Some(condition) => Some(self.expression(condition, Some(fields))?),
            None => None,
        };
        Some(Filter { from, text, condition })
    }

    fn sender(&mut self, node: &Node) -> Option<Sender> {
        let from = self.template(node)?;
        match from.constant().map(ToOwned::to_owned) {
            Some(word) => self.one(&word, &node.span).map(Sender::Actor),
            None => Some(Sender::Literal(from)),
        }
    }

    fn rest(&mut self, node: &Node, authorization: Authorization) -> Option<Rest> {
        let method = match text(node, "method")?.as_str() {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            _ => Method::Delete,
        };
        let path = node.child("path").and_then(|path| self.template(path));
        if let (Some(at), Some(path)) = (node.child("path"), &path)
            && !path.text().starts_with('/')
        {
            self.mistake(
                Mistake::new(at.span.clone(), "a path that does not start with `/`")
                    .label("the path below `/ORG/APP`")
                    .help("such as `/chatgroups`"),
            );
        }
        let body = node.child("body").and_then(|body| self.pattern(body));
        let authorization = match text(node, "auth").as_deref() {
            Some("user") if authorization == Authorization::App => {
                let span = node.child("auth").map_or_else(|| node.span.clone(), |auth| auth.span.clone());
                self.mistake(
                    Mistake::new(span, "whose token?")
                        .label("no actor makes this call")
                        .help("write `alice: {rest: …}`, or `auth: app`"),
                );
                authorization
            }
            Some("app") => Authorization::App,
            Some("none") => Authorization::Nobody,
            _ => authorization,
        };
        let status = node.child("status").and_then(|status| status.text()?.parse().ok());
        Some(Rest { method, path: path?, body, authorization, status })
    }

    fn bind(&mut self, binding: &Binding, fields: Fields) {
        let Some((name, span)) = binding else { return };
        let taken = self.actors.iter().map(|actor| &actor.name);
        let taken =
            taken.chain(self.world.groups.iter().chain(&self.world.rooms).map(|conference| &conference.name));
        if taken.into_iter().any(|taken| **taken == **name) {
            self.mistake(
                Mistake::new(span.clone(), format!("`{name}` has another meaning in this scenario"))
                    .label("an actor, group or room has this name"),
            );
            return;
        }
        self.known.bound.push(Bound { name: Arc::clone(name), fields });
    }
}

/// Fields of what a verb binds.
fn fields_of(verb: &str) -> &'static [&'static str] {
    VERBS.iter().find(|known| known.key.name == verb).map(|verb| verb.fields).unwrap_or_default()
}
