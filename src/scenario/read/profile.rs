//! Reads a target profile with the care that scenarios get: every mistake at once, with its place.

use std::{collections::BTreeMap, fmt::Display, path::PathBuf};

use serde_json::{Value, json};

use super::{choice, duration, parsed, shape, text, texts};
use crate::scenario::{
    mistake::{self, Mistake, Mistakes, shown},
    tree::Node,
    vocabulary::{Kind, NUMBERS, PROFILE, WORDS},
};

/// Keys under which people keep secrets.
const SECRETS: [&str; 8] =
    ["password", "passwords", "secret", "client_secret", "client_id", "token", "app_token", "credentials"];

/// What a target profile says. `Endpoint` is what an address of the chat becomes.
#[derive(Clone, Debug)]
pub struct Profile<Endpoint> {
    /// What reports call the target.
    pub target: String,
    /// The REST endpoint.
    pub rest: String,
    /// Chat endpoints, at least one.
    pub endpoints: Vec<Endpoint>,
    /// `ORG#APP`.
    pub app_key: String,
    /// The SDK generation to play.
    pub generation: Option<&'static str>,
    /// A file with certificates, as the profile names it.
    pub ca: Option<PathBuf>,
    /// A file with names and passwords, as the profile names it.
    pub users: Option<PathBuf>,
    /// Who may register the accounts of a run, where the profile says it: `open`, `app` or `none`.
    pub registration: Option<&'static str>,
    /// What the server can do; `None` is everything.
    pub capabilities: Option<Vec<String>>,
    /// Numbers and words by their path behind `target.`, such as `words.sensitive`; lengths of time
    /// are seconds.
    pub facts: BTreeMap<String, Value>,
}

/// Reads the profile in `text`; `name` is what messages call it. `endpoint` makes something of the
/// address under `sockjs` or `websocket`.
///
/// # Errors
/// All mistakes of the text, those that `endpoint` finds among them.
pub fn read_profile<Endpoint, E: Display>(
    name: &str,
    text: &str,
    endpoint: impl Fn(&'static str, &str) -> Result<Endpoint, E>,
) -> Result<Profile<Endpoint>, Mistakes> {
    let (root, mut mistakes) = parsed(name, text)?;
    if let Some(mistake) = secret(&root, text) {
        // Without its text, so that nothing of the secret is shown.
        return Err(Mistakes::new(name, "", vec![mistake]));
    }
    shape::check(&root, Kind::Object(&PROFILE), &mut mistakes);
    let endpoints = ["sockjs", "websocket"].into_iter().filter_map(|key| {
        let node = root.child(key)?;
        match endpoint(key, node.text()?) {
            Ok(endpoint) => Some(endpoint),
            Err(error) => {
                mistakes.push(Mistake::new(node.span.clone(), error.to_string()).label("this endpoint"));
                None
            }
        }
    });
    let endpoints: Vec<_> = endpoints.collect();
    if root.child("sockjs").or_else(|| root.child("websocket")).is_none() && !root.entries().is_empty() {
        mistakes.push(
            Mistake::new(root.entries()[0].key_span.clone(), "the target has no chat endpoint")
                .label("in this profile")
                .help("`sockjs: https://HOST/ws`, `websocket: wss://HOST/websocket`, or both"),
        );
    }
    check_rest(&root, &mut mistakes);
    check_app_key(&root, &mut mistakes);
    let read = profile(&root, endpoints);
    match read {
        Some(profile) if mistakes.is_empty() => Ok(profile),
        _ => Err(Mistakes::new(name, text, mistakes)),
    }
}

fn profile<Endpoint>(root: &Node, endpoints: Vec<Endpoint>) -> Option<Profile<Endpoint>> {
    Some(Profile {
        target: text(root, "target")?,
        rest: text(root, "rest")?,
        endpoints,
        app_key: text(root, "appkey")?,
        generation: choice(root, "generation", &["3.6.3", "4.0.8", "4.21.1"]),
        ca: text(root, "ca").map(PathBuf::from),
        users: text(root, "users").map(PathBuf::from),
        registration: choice(root, "registration", &["open", "app", "none"]),
        capabilities: root.child("capabilities").map(|_| texts(root, "capabilities")),
        facts: facts(root),
    })
}

fn facts(root: &Node) -> BTreeMap<String, Value> {
    let mut facts = BTreeMap::new();
    let numbers = root.child("numbers");
    for key in NUMBERS.keys {
        let Some(node) = numbers.and_then(|numbers| numbers.child(key.name)) else { continue };
        let number = match key.kind {
            Kind::Duration(_) => duration(node).map(|length| json!(length.as_secs_f64())),
            _ => node.text().and_then(|text| text.parse::<u32>().ok()).map(|number| json!(number)),
        };
        facts.extend(number.map(|number| (key.name.to_owned(), number)));
    }
    let words = root.child("words");
    for name in WORDS.names() {
        let word = words.and_then(|words| text(words, name));
        facts.extend(word.map(|word| (format!("words.{name}"), word.into())));
    }
    facts
}

/// The first thing that looks like a secret.
fn secret(root: &Node, text: &str) -> Option<Mistake> {
    let found = root.entries().iter().find(|entry| {
        SECRETS.contains(&entry.key.to_lowercase().as_str())
            || (entry.key == "users" && entry.value.scalar().is_none())
    })?;
    let line = mistake::place(text, found.key_span.start).line;
    let title = format!("line {line}: `{}` would keep a secret in the profile", shown(&found.key));
    let mistake = Mistake::new(0..0, title).label("its text is not shown");
    Some(mistake.help(
        "passwords are in the file that `users` names; the app's credentials come from the environment: \
         CHATPROOF_CLIENT_ID and CHATPROOF_CLIENT_SECRET, or CHATPROOF_TOKEN",
    ))
}

fn check_rest(root: &Node, mistakes: &mut Vec<Mistake>) {
    let Some((node, address)) = root.child("rest").and_then(|node| Some((node, node.text()?))) else {
        return;
    };
    let host = ["http://", "https://"].into_iter().find_map(|scheme| address.strip_prefix(scheme));
    if host.is_none_or(|host| host.is_empty() || host.starts_with('/') || host.contains(['?', '#', ' ', '@']))
    {
        mistakes.push(
            Mistake::new(node.span.clone(), "`rest` is not an address")
                .label("expected http(s)://HOST, without query and user"),
        );
    }
}

fn check_app_key(root: &Node, mistakes: &mut Vec<Mistake>) {
    let Some((node, app_key)) = root.child("appkey").and_then(|node| Some((node, node.text()?))) else {
        return;
    };
    let part =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if !app_key.split_once('#').is_some_and(|(organization, app)| part(organization) && part(app)) {
        mistakes.push(
            Mistake::new(node.span.clone(), "`appkey` is not of the form ORG#APP")
                .label("an organisation, #, an app")
                .help("for example `easemob-demo#chatdemoui`, in quotes where a space stands before the #"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "target: t\nrest: http://127.0.0.1:1\nsockjs: http://127.0.0.1:1/ws\nappkey: o#a\n\
                        numbers: {recall_window: 2m, devices: 4}\nwords: {sensitive: BAD}\n";

    fn read(text: &str) -> Result<Profile<String>, String> {
        let endpoint = |key: &'static str, text: &str| match text.contains("//") {
            true => Ok(format!("{key} {text}")),
            false => Err("no address"),
        };
        read_profile("profile.yaml", text, endpoint).map_err(|mistakes| mistakes.render(mistake::Ink::Plain))
    }

    #[test]
    fn numbers_and_words_are_facts_by_their_paths() {
        let profile = read(GOOD).unwrap();
        assert_eq!(profile.endpoints, ["sockjs http://127.0.0.1:1/ws"]);
        let facts: Vec<String> = profile.facts.iter().map(|(path, fact)| format!("{path}={fact}")).collect();
        assert_eq!(facts, ["devices=4", "recall_window=120.0", "words.sensitive=\"BAD\""]);
    }

    #[test]
    fn all_mistakes_are_shown_at_once_with_their_places() {
        let text = "target: t\nrset: http://h\nrest: h\nsockjs: nowhere\nappkey: oa\ngeneration: 3.6\n\
                    numbers: {devices: many}\nwords: {sensitiv: x}\n";
        insta::assert_snapshot!(read(text).unwrap_err(), @"
        error: unknown key `rset` in a target profile
         --> profile.yaml:2:1
          |
        2 | rset: http://h
          | ^^^^ not a key of this mapping
          |
          = help: did you mean `rest`?

        error: `rest` is not an address
         --> profile.yaml:3:7
          |
        3 | rest: h
          |       ^ expected http(s)://HOST, without query and user

        error: no address
         --> profile.yaml:4:9
          |
        4 | sockjs: nowhere
          |         ^^^^^^^ this endpoint

        error: `appkey` is not of the form ORG#APP
         --> profile.yaml:5:9
          |
        5 | appkey: oa
          |         ^^ an organisation, #, an app
          |
          = help: for example `easemob-demo#chatdemoui`, in quotes where a space stands before the #

        error: `3.6` is not a word for this place
         --> profile.yaml:6:13
          |
        6 | generation: 3.6
          |             ^^^ unknown word
          |
          = help: known here: `3.6.3`, `4.0.8`, `4.21.1`

        error: expected a whole number from 1 to 1000, found `many`
         --> profile.yaml:7:20
          |
        7 | numbers: {devices: many}
          |                    ^^^^ this is a text

        error: unknown key `sensitiv` in the words of a target
         --> profile.yaml:8:9
          |
        8 | words: {sensitiv: x}
          |         ^^^^^^^^ not a key of this mapping
          |
          = help: did you mean `sensitive`?
        ");
    }

    #[test]
    fn nothing_of_a_secret_is_shown() {
        for line in ["client_secret: hunter2", "users: {alice: hunter2}", "Token: hunter2"] {
            let said = read(&format!("{GOOD}{line}\n")).unwrap_err();
            assert!(said.contains("line 7") && said.contains("CHATPROOF_TOKEN"), "{said}");
            assert!(!said.contains("hunter"), "{said}");
        }
    }

    #[test]
    fn a_profile_without_an_endpoint_says_how_to_write_one() {
        let said = read(&GOOD.replace("sockjs: http://127.0.0.1:1/ws\n", "")).unwrap_err();
        assert!(said.contains("no chat endpoint") && said.contains("wss://HOST/websocket"), "{said}");
    }
}
