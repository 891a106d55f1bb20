//! Where a line goes: `chatType` or `setChatType` in all spellings, and the legacy pair `setGroup`
//! and `roomType`.

use serde_json::Value;

use super::{
    super::{generation::Generation, message::ChatType},
    field::{self, Fields},
    kind::Kind,
    refused::Refused,
};

/// The spellings of `chatType`; `chat` is what `recallMessage` calls a single chat.
const WORDS: &[(&str, ChatType)] = &[
    ("singleChat", ChatType::Single),
    ("groupChat", ChatType::Group),
    ("chatRoom", ChatType::Room),
    ("singlechat", ChatType::Single),
    ("chat", ChatType::Single),
    ("groupchat", ChatType::Group),
    ("chatroom", ChatType::Room),
];

/// The chat type that the SDK concludes from the line.
pub(super) fn read(generation: Generation, kind: Kind, fields: &Fields<'_>) -> Result<ChatType, Refused> {
    let said = spelled(generation, fields)?;
    let group = fields.is_truthy("setGroup");
    let room = fields.is_truthy("roomType") && !kind.is_receipt();
    Ok(match (generation, said) {
        (Generation::V3_6_3, ChatType::Group) => ChatType::Group,
        (Generation::V3_6_3, ChatType::Room) if group && !room => ChatType::Group,
        (Generation::V3_6_3, ChatType::Room) => ChatType::Room,
        (Generation::V3_6_3, ChatType::Single) => legacy(group, room),
        (_, ChatType::Group) if !room => ChatType::Group,
        (_, ChatType::Room) if !group || room => ChatType::Room,
        (_, ChatType::Single | ChatType::Group | ChatType::Room) => legacy(group, room),
    })
}

/// `setGroup` means a group, and together with `roomType` a room; `roomType` alone means nothing.
const fn legacy(group: bool, room: bool) -> ChatType {
    match (group, room) {
        (true, false) => ChatType::Group,
        (true, true) => ChatType::Room,
        (false, _) => ChatType::Single,
    }
}

fn spelled(generation: Generation, fields: &Fields<'_>) -> Result<ChatType, Refused> {
    // `setChatType()` comes after `set()`.
    let key = if fields.value("setChatType").is_some() { "setChatType" } else { "chatType" };
    // 4.x ignores case; 3.6.3 knows these spellings and takes every other for a single chat.
    if let Some(Value::String(word)) = fields.value(key)
        && generation != Generation::V3_6_3
    {
        let known = WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
        return known
            .map(|(_, chat_type)| *chat_type)
            .ok_or_else(|| field::unknown_word(key, word, WORDS.iter().map(|(known, _)| *known)));
    }
    Ok(fields.choice(key, WORDS)?.unwrap_or_default())
}
