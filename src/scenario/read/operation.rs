//! Verbs that work on messages, conversations and files that exist.

use super::{Reader, choice, flag, message::api, whole};
use crate::protocol::message::Api;
use crate::scenario::{
    expression::Expression,
    mistake::{Mistake, shown},
    model::{
        Address, Deed, DeleteSession, Download, History, Order, Readers, Recall, Receipt, ReceiptKind,
        Sessions, Source, Upload,
    },
    tree::Node,
};

impl Reader<'_> {
    /// The deed of one of these verbs, given its value.
    pub(super) fn operation(&mut self, verb: &str, value: Option<&Node>) -> Option<Deed> {
        if verb == "sessions" {
            return Some(Deed::Sessions(value.map_or_else(Sessions::default, sessions)));
        }
        let node = value?;
        Some(match verb {
            "read" => Deed::Receipt(Box::new(self.receipt(node, ReceiptKind::Read)?)),
            "delivery" => Deed::Receipt(Box::new(self.receipt(node, ReceiptKind::Delivery)?)),
            "channel" => Deed::Channel(self.short_address(node, "to")?),
            "recall" => Deed::Recall(Box::new(Recall {
                message: self.short_expression(node, "message")?,
                to: self.other_address(node),
            })),
            "history" => Deed::History(Box::new(self.history(node)?)),
            "delete_session" => Deed::DeleteSession(Box::new(DeleteSession {
                with: self.short_address(node, "with")?,
                delete_roam: flag(node, "deleteRoam").unwrap_or_default(),
                status: status(node),
            })),
            "readers" => Deed::Readers(Box::new(Readers {
                message: self.short_expression(node, "message")?,
                to: self.other_address(node),
                size: whole(node, "size").unwrap_or(500),
                status: status(node),
            })),
            "upload" => {
                let file = if node.entries().iter().any(|entry| entry.key == "file") {
                    node.child("file")?
                } else {
                    node
                };
                Deed::Upload(Box::new(Upload { file: self.file(file)?, status: status(node) }))
            }
            "download" => Deed::Download(Box::new(self.download(node)?)),
            _ => return None,
        })
    }

    fn receipt(&mut self, node: &Node, kind: ReceiptKind) -> Option<Receipt> {
        let message = self.short_expression(node, "message");
        let to = self.other_address(node);
        let content = match node.child("ackContent") {
            Some(content) => Some(self.template(content)?),
            None => None,
        };
        Some(Receipt { kind, message: message?, to, content })
    }

    fn history(&mut self, node: &Node) -> Option<History> {
        let with = self.short_address(node, "with");
        let start = match node.child("start") {
            Some(start) => Some(self.expression(start, None)?),
            None => None,
        };
        let order = if choice(node, "order", &["down"]).is_some() { Order::Down } else { Order::Up };
        let api = api(node);
        if let (Order::Down, Api::Old, Some(at)) = (order, api, node.child("order")) {
            self.mistake(
                Mistake::new(at.span.clone(), "`order: down` without `api: new`")
                    .label("`fetchHistoryMessages` only reads from the newest to the oldest")
                    .help("write `api: new` beside it, for `getHistoryMessages`"),
            );
        }
        self.named_twice(node);
        Some(History {
            count: whole(node, "count").unwrap_or(20),
            pages: whole(node, "pages"),
            start,
            order,
            api,
            shows: self.expressions(node, "shows"),
            hides: self.expressions(node, "hides"),
            status: status(node),
            with: with?,
        })
    }

    /// A message stands at one place, or not at all.
    fn named_twice(&mut self, node: &Node) {
        let lists = ["shows", "hides"].map(|key| node.child(key).map(Node::items).unwrap_or_default());
        let items: Vec<&Node> = lists.into_iter().flatten().collect();
        for (place, item) in items.iter().enumerate() {
            let earlier =
                items[..place].iter().find(|other| other.text().is_some() && other.text() == item.text());
            if let (Some(earlier), Some(text)) = (earlier, item.text()) {
                self.mistake(
                    Mistake::new(item.span.clone(), format!("`{}` is named twice", shown(text)))
                        .label("a message stands there once or not at all")
                        .context(earlier.span.clone(), "first named here"),
                );
            }
        }
    }

    fn download(&mut self, node: &Node) -> Option<Download> {
        let source = match (node.child("message"), node.child("url")) {
            (Some(message), None) => Source::Message(self.expression(message, None)?),
            (None, Some(url)) => {
                let secret = match node.child("secret") {
                    Some(secret) => Some(self.template(secret)?),
                    None => None,
                };
                Source::Url { url: self.template(url)?, secret }
            }
            (None, None) if node.text().is_some() => Source::Message(self.expression(node, None)?),
            (both, _) => {
                self.mistake(
                    Mistake::new(node.span.clone(), "a download needs either `message` or `url`")
                        .label(if both.is_some() { "both are here" } else { "neither is here" }),
                );
                return None;
            }
        };
        let same_as = node.child("file").and_then(|file| self.file(file));
        let thumbnail = flag(node, "thumbnail").unwrap_or_default();
        Some(Download { source, thumbnail, same_as, status: status(node) })
    }

    /// The expression that stands alone, or under this key of a mapping.
    fn short_expression(&mut self, node: &Node, key: &str) -> Option<Expression> {
        self.expression(if node.text().is_some() { node } else { node.child(key)? }, None)
    }

    /// The address that stands alone, or under this key of a mapping.
    fn short_address(&mut self, node: &Node, key: &str) -> Option<Address> {
        self.address(if node.text().is_some() { node } else { node.child(key)? }, node)
    }

    /// The address that takes the place of the message's own.
    fn other_address(&mut self, node: &Node) -> Option<Address> {
        self.address(node.child("to")?, node)
    }

    fn expressions(&mut self, node: &Node, key: &str) -> Vec<Expression> {
        let items = node.child(key).map(Node::items).unwrap_or_default();
        items.iter().filter_map(|item| self.expression(item, None)).collect()
    }
}

fn sessions(node: &Node) -> Sessions {
    Sessions { page: whole(node, "page"), size: whole(node, "size"), status: status(node) }
}

fn status(node: &Node) -> Option<u16> {
    node.child("status")?.text()?.parse().ok()
}
