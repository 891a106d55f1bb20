//! The message that a receipt, a recall or a look at its readers is about.

use super::{setback::Setback, stage::Frame};
use crate::{
    protocol::{id::ServerId, message::ChatType},
    scenario::{Expression, Value},
};

/// A message that exists, as far as the step's expression tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Subject {
    /// Its id on the server.
    pub(super) id: ServerId,
    /// Who sent it.
    pub(super) from: Option<String>,
    /// Whom or what it was sent to.
    pub(super) to: Option<String>,
    /// Single, group or room.
    pub(super) chat_type: ChatType,
}

impl Subject {
    /// The message that an expression names: what a `send` or an `expect` bound, or the text of an id.
    ///
    /// # Errors
    /// When the expression has no value, or its value is no message.
    pub(super) fn of(expression: &Expression, frame: &Frame) -> Result<Self, Setback> {
        let value = expression.evaluate(&frame.scope)?;
        let text = |key: &str| {
            let field = value.get_attr(key).ok().filter(|field| !field.is_undefined() && !field.is_none());
            field.map(|field| field.to_string())
        };
        // What `send` bound has `mid`; a received message has its id under `id`.
        let id = text("mid").or_else(|| text("id")).or_else(|| scalar(&value));
        let Some(id) = id.and_then(|id| id.parse().ok().map(ServerId)) else {
            return Err(Setback::script(
                format!("`{}` is a message", expression.text()),
                "it is neither a message that was sent or received, nor the text of a server id",
            ));
        };
        let chat_type = text("chatType").or_else(|| text("type")).unwrap_or_default();
        let chat_type = match chat_type.to_ascii_lowercase().as_str() {
            "groupchat" => ChatType::Group,
            "chatroom" => ChatType::Room,
            _ => ChatType::Single,
        };
        Ok(Self { id, from: text("from"), to: text("to"), chat_type })
    }
}

/// The text of a text or number.
pub(super) fn scalar(value: &Value) -> Option<String> {
    (value.as_str().is_some() || value.is_number()).then(|| value.to_string())
}
