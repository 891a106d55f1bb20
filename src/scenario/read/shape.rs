//! The first pass: every node against the vocabulary, so that the second pass meets only what it
//! can use and says nothing twice.

use super::scalar;
use crate::{
    protocol::event::Name,
    scenario::{
        mistake::{Mistake, closest, shown},
        tree::{Data, Entry, Node},
        vocabulary::{
            CAPABILITIES, CHECKERS, Key, Kind, MESSAGE_TYPES, MessageType, Need, STATEMENTS, Statement,
            Table, VERBS, Verb, Zero,
        },
    },
};

/// Adds a mistake for every node that its place does not allow.
pub(super) fn check(node: &Node, kind: Kind, mistakes: &mut Vec<Mistake>) {
    match kind {
        Kind::Object(table) => check_object(node, table, mistakes),
        Kind::Short(scalar, table) => match node.data {
            Data::Map(_) => check_object(node, table, mistakes),
            Data::Scalar(_) => check(node, *scalar, mistakes),
            Data::List(_) => {
                mistakes.push(expected(node, &format!("{} or a mapping", expectation(*scalar))));
            }
        },
        Kind::Map(of) => match &node.data {
            Data::Map(entries) => {
                for entry in entries {
                    check(&entry.value, *of, mistakes);
                }
            }
            Data::List(_) | Data::Scalar(_) => mistakes.push(expected(node, "a mapping of names")),
        },
        Kind::List(of) => match &node.data {
            Data::List(items) => items.iter().for_each(|item| check(item, *of, mistakes)),
            Data::Map(_) | Data::Scalar(_) => {
                let mistake = expected(node, "a list");
                mistakes.push(match node.text() {
                    Some(text) => mistake.help(format!("write `[{}]`", shown(text))),
                    None => mistake,
                });
            }
        },
        Kind::Steps => match &node.data {
            Data::List(items) if !items.is_empty() => {
                items.iter().for_each(|item| check_step(item, mistakes))
            }
            Data::List(_) => mistakes.push(expected(node, "at least one step")),
            Data::Map(_) | Data::Scalar(_) => {
                mistakes.push(
                    expected(node, "a list of steps")
                        .help("each step starts with `- `, as in `- alice: logout`"),
                );
            }
        },
        Kind::Pattern | Kind::Constant => {}
        _ => check_scalar(node, kind, mistakes),
    }
}

fn check_scalar(node: &Node, kind: Kind, mistakes: &mut Vec<Mistake>) {
    let Some(text) = node.text() else {
        let mistake = expected(node, &expectation(kind));
        mistakes.push(match (&node.data, kind) {
            (Data::Map(_), Kind::Template | Kind::Expression | Kind::Text) => {
                mistake.help("put the whole text into quotes: YAML reads `{ … }` as a mapping")
            }
            _ => mistake,
        });
        return;
    };
    let words = |known: &[&'static str]| {
        (!known.contains(&text)).then(|| {
            Mistake::new(node.span.clone(), format!("`{}` is not a word for this place", shown(text)))
                .label("unknown word")
                .suggest(text, known.iter().copied())
        })
    };
    let found = match kind {
        Kind::Slug => {
            (!scalar::is_slug(text)).then(|| expected(node, "a slug of letters, digits, `-`, `_` and `/`"))
        }
        Kind::Name => scalar::name_mistake(text, &node.span),
        Kind::Duration(zero) => match scalar::duration(text) {
            Ok(length) if length.is_zero() && zero == Zero::Refused => {
                Some(expected(node, "a length of time that is more than nothing"))
            }
            Ok(_) => None,
            Err(help) => Some(expected(node, "a length of time").help(help)),
        },
        Kind::Whole(least, most) => match text.parse::<u32>() {
            Ok(number) if (least..=most).contains(&number) => None,
            _ => Some(expected(node, &expectation(kind))),
        },
        Kind::Flag => node.scalar().is_some_and(|scalar| scalar.flag().is_none()).then(|| {
            let mistake = expected(node, "`true` or `false`");
            match text.to_lowercase().as_str() {
                "yes" | "on" | "1" => mistake.help("write `true`"),
                "no" | "off" | "0" => mistake.help("write `false`"),
                _ => mistake,
            }
        }),
        Kind::Rate => scalar::rate(text)
            .is_none()
            .then(|| expected(node, "a rate").help("such as `10/s`, `600/m` or `0.5/s`")),
        Kind::Threshold => scalar::threshold(text, &node.span).err(),
        Kind::Refusal => scalar::refused(text, &node.span).err(),
        Kind::Event => text.parse::<Name>().is_err().then(|| {
            Mistake::new(node.span.clone(), format!("unknown event `{}`", shown(text)))
                .label("no SDK calls this back")
                .suggest(text, Name::ALL.iter().map(|event| event.as_str()))
        }),
        Kind::Capability => (!CAPABILITIES.iter().any(|(name, _)| *name == text)).then(|| {
            Mistake::new(node.span.clone(), format!("unknown capability `{}`", shown(text)))
                .label("no target can have this")
                .suggest(text, CAPABILITIES.iter().map(|(name, _)| *name))
        }),
        Kind::Checker => (!CHECKERS.iter().any(|(id, name)| *id == text || *name == text)).then(|| {
            Mistake::new(node.span.clone(), format!("unknown checker `{}`", shown(text)))
                .label("nothing judges a history by this name")
                .suggest(text, CHECKERS.iter().map(|(_, name)| *name))
        }),
        Kind::MessageType => MessageType::find(text).is_none().then(|| {
            // Words for it that are not near the SDK's by their letters.
            let known = [
                ("location", "loc"),
                ("image", "img"),
                ("picture", "img"),
                ("text", "txt"),
                ("command", "cmd"),
            ];
            let near = known.iter().find(|(word, _)| *word == text).map_or(text, |(_, own)| *own);
            Mistake::new(node.span.clone(), format!("unknown message type `{}`", shown(text)))
                .label("the SDK has no such message")
                .suggest(near, MESSAGE_TYPES.iter().map(|known| known.name))
        }),
        Kind::Choice(known) => words(known),
        _ => None,
    };
    mistakes.extend(found);
}

fn check_object(node: &Node, table: &'static Table, mistakes: &mut Vec<Mistake>) {
    let Data::Map(entries) = &node.data else {
        // `login:` and `login: {}` say the same.
        if !(table.may_be_empty() && node.scalar().is_some_and(crate::scenario::tree::Scalar::is_null)) {
            mistakes.push(expected(node, &format!("the keys of {}", table.name)));
        }
        return;
    };
    for entry in entries {
        match table.key(&entry.key) {
            Some(key) => check(&entry.value, key.kind, mistakes),
            None => mistakes.push(
                Mistake::new(
                    entry.key_span.clone(),
                    format!("unknown key `{}` in {}", shown(&entry.key), table.name),
                )
                .label("not a key of this mapping")
                .suggest(&entry.key, table.names()),
            ),
        }
    }
    for key in table.keys.iter().filter(|key| key.need == Need::Required) {
        if node.child(key.name).is_none() && !is_misspelt(node, key.name, table) {
            mistakes.push(missing(node, key, table.name));
        }
    }
}

/// Whether `key` is in the mapping after all, with a slip that has been reported.
pub(super) fn is_misspelt(node: &Node, key: &str, table: &Table) -> bool {
    let names: Vec<&str> = table.names().collect();
    let unknown = node.entries().iter().filter(|entry| table.key(&entry.key).is_none());
    unknown.into_iter().any(|entry| closest(&entry.key, &names) == Some(key))
}

fn check_step(node: &Node, mistakes: &mut Vec<Mistake>) {
    let Data::Map(entries) = &node.data else {
        mistakes.push(
            expected(node, "a step")
                .help("a step names who does what: `- alice: {send: {to: bob, msg: hello}}`"),
        );
        return;
    };
    let statement = entries.iter().find_map(|entry| Some((entry, Statement::find(&entry.key)?)));
    if let Some((entry, statement)) = statement {
        return check_statement(node, entry, statement, mistakes);
    }
    let Some((actor, others)) = entries.split_first() else {
        mistakes.push(expected(node, "a step"));
        return;
    };
    for other in others {
        let mistake = Mistake::new(other.key_span.clone(), "one actor and one verb a step");
        let beside = VERBS.iter().any(|verb| verb.beside(&other.key).is_some());
        mistakes.push(if beside {
            mistake.label("this stands outside the actor's braces").help(format!(
                "write `{}: {{…, {}: …}}`",
                shown(&actor.key),
                shown(&other.key)
            ))
        } else {
            mistake
                .label("a second word in the same step")
                .help("start a step of its own with `- `, or put both into `parallel:`")
        });
    }
    check_action(actor, mistakes);
}

fn check_statement(node: &Node, entry: &Entry, statement: &'static Statement, mistakes: &mut Vec<Mistake>) {
    check(&entry.value, statement.key.kind, mistakes);
    let word = statement.key.name;
    for other in node.entries().iter().filter(|other| other.key != word) {
        match statement.beside.iter().find(|key| key.name == other.key) {
            Some(key) => check(&other.value, key.kind, mistakes),
            None => mistakes.push(
                Mistake::new(
                    other.key_span.clone(),
                    format!("unknown key `{}` beside `{word}`", shown(&other.key)),
                )
                .label("not a key of this step")
                .suggest(&other.key, statement.beside.iter().map(|key| key.name)),
            ),
        }
    }
    for key in statement.needs() {
        if node.child(key.name).is_none() {
            mistakes.push(
                Mistake::new(entry.key_span.clone(), format!("`{word}` without `{}`", key.name))
                    .label(format!("`{}:` is missing beside it", key.name))
                    .help(key.about.to_owned()),
            );
        }
    }
}

/// What an actor does: `alice: logout`, or `alice: {send: …, as: …}`.
fn check_action(actor: &Entry, mistakes: &mut Vec<Mistake>) {
    if Verb::find(&actor.key).is_some() {
        mistakes.push(
            Mistake::new(actor.key_span.clone(), format!("`{}` without an actor", actor.key))
                .label("who does this?")
                .help(format!("write `alice: {{{}: …}}`", actor.key)),
        );
        return;
    }
    let node = &actor.value;
    match &node.data {
        Data::Scalar(_) => mistakes.extend(lone_verb_mistake(node)),
        Data::List(_) => mistakes.push(
            expected(node, "one verb").help("several things that one actor does are several steps, in order"),
        ),
        Data::Map(entries) => check_verb(node, entries, mistakes),
    }
}

fn lone_verb_mistake(node: &Node) -> Option<Mistake> {
    let Some(text) = node.text() else {
        return Some(expected(node, "what the actor does").help("such as `logout` or `{send: {…}}`"));
    };
    match Verb::find(text) {
        Some(verb) if !verb.ready => Some(not_yet(node.span.clone(), "verb", text)),
        Some(verb) if verb.alone => None,
        Some(_) => Some(
            Mistake::new(node.span.clone(), format!("`{text}` needs to know more"))
                .label("this verb has a value")
                .help(format!("write `{{{text}: …}}`")),
        ),
        None => Some(unknown_verb(node.span.clone(), text)),
    }
}

fn check_verb(node: &Node, entries: &[Entry], mistakes: &mut Vec<Mistake>) {
    let verbs: Vec<(&Entry, &Verb)> =
        entries.iter().filter_map(|entry| Some((entry, Verb::find(&entry.key)?))).collect();
    let Some((entry, verb)) = verbs.first().copied() else {
        let beside = |key: &str| VERBS.iter().any(|verb| verb.beside(key).is_some());
        match entries.iter().find(|entry| !beside(&entry.key)) {
            Some(entry) => mistakes.push(unknown_verb(entry.key_span.clone(), &entry.key)),
            None => mistakes.push(expected(node, "a verb")),
        }
        return;
    };
    if !verb.ready {
        mistakes.push(not_yet(entry.key_span.clone(), "verb", verb.key.name));
    }
    check(&entry.value, verb.key.kind, mistakes);
    for other in entries.iter().filter(|other| other.key != verb.key.name) {
        if let Some(key) = verb.beside(&other.key) {
            if verb.ready {
                check(&other.value, key.kind, mistakes);
            }
        } else if Verb::find(&other.key).is_some() {
            mistakes.push(
                Mistake::new(
                    other.key_span.clone(),
                    format!("two verbs in one step: `{}` and `{}`", verb.key.name, other.key),
                )
                .label("this is a step of its own")
                .context(entry.key_span.clone(), "the step's verb"),
            );
        } else if verb.ready {
            mistakes.push(stray_key(other, verb));
        }
    }
}

fn stray_key(entry: &Entry, verb: &'static Verb) -> Mistake {
    let name = verb.key.name;
    let mistake =
        Mistake::new(entry.key_span.clone(), format!("unknown key `{}` beside `{name}`", shown(&entry.key)))
            .label("not a key of this step");
    match verb.key.kind {
        Kind::Object(table) if table.key(&entry.key).is_some() => {
            mistake.help(format!("it belongs inside: `{name}: {{…, {}: …}}`", entry.key))
        }
        _ => mistake.suggest(&entry.key, verb.beside.iter().map(|key| key.name)),
    }
}

fn unknown_verb(span: crate::scenario::tree::Span, text: &str) -> Mistake {
    let mistake = Mistake::new(span, format!("unknown verb `{}`", shown(text))).label("no actor can do this");
    if STATEMENTS.iter().any(|statement| statement.key.name == text) {
        return mistake.help(format!("`{text}` is a step of its own, without an actor: `- {text}: …`"));
    }
    mistake.suggest(text, VERBS.iter().map(|verb| verb.key.name))
}

fn not_yet(span: crate::scenario::tree::Span, what: &str, word: &str) -> Mistake {
    Mistake::new(span, format!("the {what} `{word}` is not yet in this version of chatproof"))
        .label("known, but it cannot be played yet")
}

fn missing(node: &Node, key: &Key, of: &str) -> Mistake {
    Mistake::new(node.span.clone(), format!("{of} without `{}`", key.name))
        .label(format!("`{}:` is missing", key.name))
        .help(key.about.to_owned())
}

/// What may stand in a place, for messages.
fn expectation(kind: Kind) -> String {
    match kind {
        Kind::Text => "a text".into(),
        Kind::Slug => "a slug".into(),
        Kind::Name => "a name".into(),
        Kind::Template => "a text".into(),
        Kind::Expression => "an expression in quotes".into(),
        Kind::Duration(_) => "a length of time".into(),
        Kind::Whole(least, u32::MAX) => format!("a whole number from {least}"),
        Kind::Whole(least, most) => format!("a whole number from {least} to {most}"),
        Kind::Flag => "`true` or `false`".into(),
        Kind::Rate => "a rate".into(),
        Kind::Threshold => "a threshold such as `errors == 0`".into(),
        Kind::Refusal => "a refusal code or `muted`".into(),
        Kind::Event => "the name of an event".into(),
        Kind::MessageType => "a message type".into(),
        Kind::Capability => "the name of a capability".into(),
        Kind::Checker => "the name of a checker".into(),
        Kind::Choice(words) => {
            let all: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            all.join(" or ")
        }
        Kind::Pattern | Kind::Constant => "a value".into(),
        Kind::List(_) => "a list".into(),
        Kind::Map(_) | Kind::Object(_) => "a mapping".into(),
        Kind::Short(scalar, _) => format!("{} or a mapping", expectation(*scalar)),
        Kind::Steps => "a list of steps".into(),
    }
}

fn expected(node: &Node, what: &str) -> Mistake {
    let got = match node.text() {
        Some(text) => format!("`{}`", shown(text)),
        None => node.describe().to_owned(),
    };
    Mistake::new(node.span.clone(), format!("expected {what}, found {got}"))
        .label(format!("this is {}", node.describe()))
}
