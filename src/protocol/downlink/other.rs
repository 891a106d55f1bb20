//! Items of the name spaces STATISTIC, MUC and ROSTER.

use serde_json::{Map, Value, json};

use super::{Effect, Page};
use crate::protocol::{
    event::{
        self, Contact, ContactChange, Detail, Event, Kick, Membership, Name, Notice, Operation, ScriptError,
        Statistic,
    },
    generation::Generation,
    id::ServerId,
    schema::{Jid, Meta, MucBody, RosterBody, StatisticsBody},
};

fn body<M: prost::Message + Default>(meta: &Meta) -> Result<M, ScriptError> {
    M::decode(meta.payload.clone().unwrap_or_default()).map_err(|_| ScriptError::Range)
}

fn push(page: &Page, effects: &mut Vec<Effect>, detail: Detail) {
    effects.push(Effect::Event(Event { generation: page.generation, detail }));
}

/// A name space STATISTIC item: a report at login, or a kick.
pub(super) fn statistic(page: &Page, meta: &Meta, effects: &mut Vec<Effect>) -> Result<(), ScriptError> {
    let body: StatisticsBody = body(meta)?;
    let operation = body.operation.unwrap_or_default();
    if let Some(kick) = Kick::from_operation(operation) {
        push(page, effects, Detail::Kicked { kick, reason: body.reason.unwrap_or_default() });
    } else if operation == 0 {
        let id = ServerId(meta.id.unwrap_or_default());
        push(page, effects, Detail::Statistic(Box::new(Statistic { id, body })));
    }
    Ok(())
}

/// A name space ROSTER item: something changed among the contacts.
pub(super) fn contact(page: &Page, meta: &Meta, effects: &mut Vec<Effect>) -> Result<(), ScriptError> {
    let mut body: RosterBody = body(meta)?;
    let name = |jid: Jid| jid.name.unwrap_or_default();
    if body.to.is_empty() {
        return Err(ScriptError::Type);
    }
    let contact = Contact {
        id: ServerId(meta.id.unwrap_or_default()),
        change: ContactChange::from_operation(body.operation.unwrap_or_default()),
        to: name(body.to.swap_remove(0)),
        from: name(body.from.ok_or(ScriptError::Type)?),
        reason: body.reason.unwrap_or_default(),
    };
    let is_shown = contact.change.is_some() || page.generation == Generation::V3_6_3;
    let is_block = matches!(body.operation, Some(6 | 7)) && page.generation != Generation::V4_21_1;
    if is_block {
        effects.push(Effect::FetchBlocklist);
    }
    if is_shown {
        push(page, effects, Detail::Contact(Box::new(contact)));
    }
    Ok(())
}

/// A name space MUC item: something changed in a group, a chat room or a thread.
pub(super) fn membership(page: &Page, meta: &Meta, effects: &mut Vec<Effect>) -> Result<(), ScriptError> {
    let body: MucBody = body(meta)?;
    if body.from.is_none() || body.muc_id.is_none() {
        return Err(ScriptError::Type);
    }
    let generation = page.generation;
    let number = body.operation.unwrap_or_default();
    let is_thread = generation != Generation::V3_6_3 && body.is_thread.unwrap_or_default();
    if is_thread && body.muc_parent_id.is_none() {
        return Err(ScriptError::Type);
    }
    if generation != Generation::V3_6_3 && matches!(number, 33..=38) {
        return thread(page, number, is_thread, &body, effects);
    }
    let attributes = matches!(number, 43..=45) && generation == Generation::V4_21_1;
    let operation = Operation::find(generation, number);
    if operation.is_none() && !attributes {
        return Ok(());
    }
    // A thread has no object for these to be written into.
    if is_thread {
        return Err(ScriptError::Type);
    }
    let Some(operation) = operation else { return self::attributes(page, number, &body, effects) };
    let id = ServerId(meta.id.unwrap_or_default());
    let time = meta.timestamp.unwrap_or_default();
    let mut membership = Membership { id, time, operation, body, detail: None, mute_until: None };
    if generation == Generation::V4_21_1 {
        membership.detail = detail(&membership)?;
        membership.mute_until = mute_until(&membership)?;
    }
    push(page, effects, Detail::Membership(Box::new(membership)));
    Ok(())
}

/// What changed in a group (operation 14).
fn detail(membership: &Membership) -> Result<Option<Value>, ScriptError> {
    /// The server's names, and the page's.
    const NAMES: [(&str, &str); 11] = [
        ("name", "name"),
        ("title", "name"),
        ("description", "description"),
        ("public", "public"),
        ("members_only", "approval"),
        ("allow_user_invites", "allowInvites"),
        ("max_users", "maxUsers"),
        ("invite_need_confirm", "inviteNeedConfirm"),
        ("custom", "ext"),
        ("last_modified", "lastModified"),
        ("avatar", "avatar"),
    ];
    const FLAGS: [&str; 4] = ["public", "members_only", "allow_user_invites", "invite_need_confirm"];
    if membership.operation.number != 14 || membership.is_chatroom() {
        return Ok(None);
    }
    let text = event_ext(&membership.body).filter(|text| !text.is_empty()).unwrap_or("{}");
    let told = event::parse(text)?;
    let Value::Object(told) = told else {
        // `Object.keys` of a number or boolean is empty, and of null an error.
        return if told.is_null() { Err(ScriptError::Type) } else { Ok(Some(json!({}))) };
    };
    let mut detail = Map::new();
    for (key, value) in told {
        let Some((_, shown)) = NAMES.iter().find(|(known, _)| *known == key) else { continue };
        let value = if key == "last_modified" {
            event::to_number(Some(&value))
        } else if FLAGS.contains(&key.as_str()) {
            Value::Bool(value == json!("true") || value == json!(true))
        } else {
            value
        };
        detail.insert((*shown).to_owned(), value);
    }
    Ok(Some(detail.into()))
}

/// Until when a member is muted (operation 23).
fn mute_until(membership: &Membership) -> Result<Option<Value>, ScriptError> {
    let text = membership.body.ext.as_deref().unwrap_or_default();
    if membership.operation.number != 23 || text.is_empty() {
        return Ok(None);
    }
    let told = event::parse(text)?;
    if told.is_null() {
        return Err(ScriptError::Type);
    }
    Ok(told.get("user_mute_time").filter(|until| !event::is_falsy(until)).cloned())
}

fn event_ext(body: &MucBody) -> Option<&str> {
    body.event_info.as_ref().map(|info| info.ext.as_deref().unwrap_or_default())
}

fn name(jid: Option<&Jid>) -> &str {
    jid.and_then(|jid| jid.name.as_deref()).unwrap_or_default()
}

/// Operations on threads: most are what another device of the user did.
fn thread(
    page: &Page,
    number: i32,
    is_thread: bool,
    body: &MucBody,
    effects: &mut Vec<Effect>,
) -> Result<(), ScriptError> {
    if !is_thread {
        return Err(ScriptError::Type);
    }
    let (id, parent) = (name(body.muc_id.as_ref()), name(body.muc_parent_id.as_ref()));
    let title = body.muc_name.as_deref().unwrap_or_default();
    let operation = match number {
        33 => "chatThreadCreate",
        34 => "chatThreadDestroy",
        35 => "chatThreadJoin",
        36 => "chatThreadLeave",
        37 => "userRemove",
        _ => "chatThreadNameUpdate",
    };
    let (name, argument) = if number == 37 {
        let (operator, user) = (name(body.from.as_ref()), name(body.to.first()));
        (
            Name::THREAD,
            json!({
                "id": id, "name": title, "operation": operation, "parentId": parent,
                "operator": operator, "userName": user,
            }),
        )
    } else {
        (
            Name::MULTI_DEVICE,
            json!({
                "chatThreadId": id, "chatThreadName": title, "operation": operation, "parentId": parent,
            }),
        )
    };
    push(page, effects, Detail::Notice(Box::new(Notice { name, argument })));
    Ok(())
}

/// Attributes of chat rooms and group members (4.21.1).
fn attributes(
    page: &Page,
    number: i32,
    body: &MucBody,
    effects: &mut Vec<Effect>,
) -> Result<(), ScriptError> {
    let told = event::parse(event_ext(body).filter(|text| !text.is_empty()).ok_or(ScriptError::Type)?)?;
    let from = body.from.clone().unwrap_or_default();
    let mut argument = json!({"operation": "", "id": name(body.muc_id.as_ref()), "from": from.name()});
    let by_own_other_device = from.name() == &*page.user && from.client_resource() != &*page.resource;
    let event = if number == 45 {
        argument["operation"] = "memberAttributesUpdate".into();
        let field = |key: &str, absent: Value| {
            told.get(key).filter(|value| !event::is_falsy(value)).cloned().unwrap_or(absent)
        };
        argument["attributes"] = field("properties", json!({}));
        argument["userId"] = field("username", "".into());
        if by_own_other_device { Name::MULTI_DEVICE } else { Name::GROUP_EVENT }
    } else {
        if !body.is_chatroom.unwrap_or_default() {
            return Err(ScriptError::Type);
        }
        let keys = told.pointer("/result/successKeys").and_then(Value::as_array).ok_or(ScriptError::Type)?;
        if keys.is_empty() {
            return Ok(());
        }
        if number == 44 {
            argument["operation"] = "removeChatRoomAttributes".into();
            argument["attributes"] = keys.clone().into();
        } else {
            let properties = told.get("properties").ok_or(ScriptError::Type)?;
            let of = |key: &Value| {
                let key = key.as_str()?;
                Some((key.to_owned(), properties.get(key)?.clone()))
            };
            argument["operation"] = "updateChatRoomAttributes".into();
            argument["attributes"] = keys.iter().filter_map(of).collect::<Map<_, _>>().into();
        }
        Name::ROOM_EVENT
    };
    push(page, effects, Detail::Notice(Box::new(Notice { name: event, argument })));
    Ok(())
}
