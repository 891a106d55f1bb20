//! `send`: a message of any type, with the options that belong to it.

use super::{Reader, choice, flag, shape, text, whole};
use crate::{
    protocol::message::Api,
    scenario::{
        expression::{Pattern, Template},
        media,
        mistake::{Mistake, shown},
        model::{File, Message, Options, Send},
        tree::Node,
        vocabulary::{MessageType, SEND},
    },
};

/// The options of messages that are numbers.
const NUMBERS: &[&str] = &["file_length", "width", "height", "length", "lat", "lng"];

impl Reader<'_> {
    pub(super) fn send(&mut self, node: &Node) -> Option<Send> {
        let to = node.child("to").and_then(|to| self.address(to, node));
        let message = self.message(node);
        let ext = self.pairs(node, "ext");
        Some(Send {
            to: to?,
            message: message?,
            ext,
            allow_group_ack: flag(node, "allowGroupAck"),
            api: api(node),
        })
    }

    fn message(&mut self, node: &Node) -> Option<Message> {
        let kind = MessageType::find(text(node, "type").as_deref().unwrap_or("txt"))?;
        self.foreign_keys(node, kind);
        let mut complete = true;
        for need in kind.needs.iter().filter(|need| node.child(need).is_none()) {
            complete = false;
            if !shape::is_misspelt(node, need, &SEND) {
                self.mistake(
                    Mistake::new(node.span.clone(), format!("{} without `{need}`", named(kind)))
                        .label(format!("`{need}:` is missing")),
                );
            }
        }
        if !complete {
            return None;
        }
        if kind.name == "txt" {
            return self.template(node.child("msg")?).map(Message::Text);
        }
        let file = node.child("file").and_then(|file| self.file(file));
        if kind.files.is_some() {
            self.one_source(node, kind, file.as_ref());
        }
        let mut fields = Vec::new();
        for key in
            SEND.keys.iter().filter(|key| kind.needs.contains(&key.name) || kind.takes.contains(&key.name))
        {
            if let (Some(value), false) =
                (node.child(key.name), matches!(key.name, "file" | "customExts" | "anyType"))
            {
                let template = self.template(value)?;
                self.number(key.name, value, &template);
                fields.push((key.name, template));
            }
        }
        Some(Message::Options(Options { kind, fields, pairs: self.pairs(node, "customExts"), file }))
    }

    fn foreign_keys(&mut self, node: &Node, kind: &MessageType) {
        for entry in node.entries().iter().filter(|entry| kind.is_foreign(&entry.key)) {
            self.mistake(
                Mistake::new(
                    entry.key_span.clone(),
                    format!("`{}` does not belong to {}", entry.key, named(kind)),
                )
                .label("the SDK would not send it"),
            );
        }
    }

    /// An option that is a number must be one, unless an expression says which.
    fn number(&mut self, key: &str, node: &Node, template: &Template) {
        let Some(constant) = template.constant().filter(|_| NUMBERS.contains(&key)) else { return };
        if !constant.trim().parse::<f64>().is_ok_and(f64::is_finite) {
            self.mistake(
                Mistake::new(node.span.clone(), format!("expected a number, found `{}`", shown(constant)))
                    .label(format!("`{key}` is one")),
            );
        }
    }

    /// A message with a file has it from one place, and of a type that the document allows.
    fn one_source(&mut self, node: &Node, kind: &MessageType, file: Option<&File>) {
        let given = |key: &str| node.child(key).is_some();
        if given("file") == given("url") {
            let title = format!("{} needs either `file` or `url`", named(kind));
            self.mistake(
                Mistake::new(node.span.clone(), title)
                    .label(if given("file") { "both are here" } else { "neither is here" })
                    .help("`file` is uploaded first, `url` names what is there already"),
            );
        }
        let allowed = kind.files.unwrap_or_default();
        if let (Some(file), Some(at), None | Some(false)) = (file, node.child("file"), flag(node, "anyType"))
            && !allowed.contains(&file.extension().as_str())
        {
            self.mistake(
                Mistake::new(
                    at.span.clone(),
                    format!("{} does not carry a file like `{}`", named(kind), shown(file.name.text())),
                )
                .label(format!("the document allows {}", allowed.join(", ")))
                .help("`anyType: true` sends it all the same"),
            );
        }
    }

    /// A file: a path, or the name and size of one that is made up.
    pub(super) fn file(&mut self, node: &Node) -> Option<File> {
        match node.text() {
            Some("") => {
                self.mistake(
                    Mistake::new(node.span.clone(), "a file without a name").label("its path is missing"),
                );
                None
            }
            Some(path) => match media::named(self.folder, path) {
                Ok(bytes) => {
                    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
                    Some(File { name: Template::literal(name), bytes })
                }
                Err(reason) => {
                    let shipped = media::MEDIA.iter().map(|(name, _)| *name);
                    self.mistake(
                        Mistake::new(node.span.clone(), format!("there is no file `{}` to use", shown(path)))
                            .label(reason)
                            .suggest(path, shipped),
                    );
                    None
                }
            },
            None => {
                let (name, size) = (self.template(node.child("name")?), whole(node, "size"));
                Some(File { name: name?, bytes: media::made(size?) })
            }
        }
    }

    /// A mapping of the file's own names to free values.
    fn pairs(&mut self, node: &Node, key: &str) -> Vec<(String, Pattern)> {
        let entries = node.child(key).map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(|entry| Some((entry.key.clone(), self.pattern(&entry.value)?))).collect()
    }
}

/// A message type with its article.
fn named(kind: &MessageType) -> String {
    let article = if kind.name.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} `{}` message", kind.name)
}

/// Which of the SDK's two ways is asked for.
pub(super) fn api(node: &Node) -> Api {
    match choice(node, "api", &["old", "new"]) {
        Some("new") => Api::New,
        _ => Api::Old,
    }
}
