//! `/chatgroups` and `/chatrooms`: showing, changing and ending them.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value, json};

use super::{
    call::{Call, Reply},
    error::RestError,
};
use crate::protocol::schema::muc_body::Operation;
use crate::server::world::{
    announcement::Announcement,
    membership::Denied,
    place::{Place, PlaceId},
    user::UserId,
};

/// Groups that one call may ask about.
const IDS_PER_CALL: usize = 100;
/// Characters of a name.
pub(super) const TITLE_CHARS: usize = 128;
/// Characters of a description.
pub(super) const DESCRIPTION_CHARS: usize = 512;
/// Characters of custom data.
pub(super) const CUSTOM_CHARS: usize = 1024;

/// `true`, or `"true"` as some clients write it.
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Bool(flag) => Ok(Self(flag)),
            Value::String(text) if text == "true" => Ok(Self(true)),
            Value::String(text) if text == "false" => Ok(Self(false)),
            _ => Err(D::Error::custom("expected true or false")),
        }
    }
}

/// Shows groups or rooms, several at once if asked. What is private only members see.
pub(super) fn show(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let ids: Vec<&str> = call.parameter(0).split(',').take(IDS_PER_CALL).collect();
    if let [id] = ids[..] {
        let (_, place) = call.place_of(id)?;
        call.must_see(place)?;
        return Ok(Reply::list(vec![describe(call, place)]));
    }
    let shown = ids.into_iter().map(|id| match call.place_of(id) {
        Ok((_, place)) if call.must_see(place).is_ok() => describe(call, place),
        Ok(_) | Err(_) => json!({"id": super::error::echo(id), "error": "group id doesn't exist"}),
    });
    Ok(Reply::list(shown.collect()))
}

fn describe(call: &Call<'_>, place: &Place) -> Value {
    let affiliations: Vec<Value> = place
        .members
        .iter()
        .filter_map(|(id, member)| {
            let role = if *id == place.owner { "owner" } else { "member" };
            let name = call.world.users.get(*id)?.name();
            Some(json!({role: name, "joined_time": member.joined.as_millis()}))
        })
        .collect();
    let owner = call.world.users.get(place.owner).map_or("", |owner| owner.name());
    let own = call.actor().and_then(|actor| Some((place.role(actor), place.members.get(&actor)?)));
    let mut shown = json!({
        "id": place.id(),
        "name": place.title,
        "description": place.description,
        "membersonly": place.rules.members_only,
        "allowinvites": place.rules.allow_invites,
        "invite_need_confirm": place.rules.invite_needs_confirm,
        "maxusers": place.rules.max_users,
        "owner": owner,
        "created": place.created.as_millis(),
        "custom": place.custom,
        "mute": place.mute_all,
        "affiliations_count": place.members.len(),
        "affiliations": affiliations,
        "disabled": place.is_disabled,
        "public": place.rules.is_public,
        "shieldgroup": own.is_some_and(|(_, member)| member.is_shielded),
    });
    if let Some((role, _)) = own {
        shown["permission"] = role.into();
    }
    shown
}

#[derive(Deserialize)]
struct Changes {
    newowner: Option<String>,
    #[serde(alias = "name")]
    groupname: Option<String>,
    #[serde(alias = "desc")]
    description: Option<String>,
    custom: Option<String>,
    maxusers: Option<usize>,
    public: Option<Flag>,
    #[serde(alias = "approval")]
    membersonly: Option<Flag>,
    allowinvites: Option<Flag>,
    invite_need_confirm: Option<Flag>,
}

/// Changes fields, for staff, or hands the place to another member, for the owner.
pub(super) fn modify(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (key, place) = call.place()?;
    call.must_be_staff(place)?;
    let changes: Changes = call.json()?;
    let actor = call.actor();
    if let Some(owner) = &changes.newowner {
        call.must_own(place)?;
        let owner = call.user(owner)?;
        let outcome = call.world.hand_to(call.now, key, owner, actor);
        call.allowed(outcome, key, owner)?;
        return Ok(Reply::data(json!({"newowner": true})));
    }
    let largest = call.world.settings.limits.members_per_group;
    let Some(place) = call.world.places.get_mut(key) else { return Err(RestError::NoSuchResource) };
    let mut done = Map::new();
    let mut detail = Map::new();
    let rules = &mut place.rules;
    let texts = [
        ("groupname", "name", changes.groupname, &mut place.title, TITLE_CHARS),
        ("description", "description", changes.description, &mut place.description, DESCRIPTION_CHARS),
        ("custom", "custom", changes.custom, &mut place.custom, CUSTOM_CHARS),
    ];
    for (field, told, change, text, limit) in texts {
        if let Some(change) = change {
            *text = bounded(change, limit);
            done.insert(field.to_owned(), true.into());
            detail.insert(told.to_owned(), text.as_str().into());
        }
    }
    let flags = [
        ("public", "public", changes.public, &mut rules.is_public),
        ("membersonly", "members_only", changes.membersonly, &mut rules.members_only),
        ("allowinvites", "allow_user_invites", changes.allowinvites, &mut rules.allow_invites),
        (
            "invite_need_confirm",
            "invite_need_confirm",
            changes.invite_need_confirm,
            &mut rules.invite_needs_confirm,
        ),
    ];
    for (field, told, change, rule) in flags {
        if let Some(Flag(change)) = change {
            *rule = change;
            done.insert(field.to_owned(), true.into());
            detail.insert(told.to_owned(), change.into());
        }
    }
    if let Some(most) = changes.maxusers {
        let fits = most >= place.members.len() && most <= largest;
        rules.max_users = if fits { most } else { rules.max_users };
        done.insert("maxusers".to_owned(), fits.into());
        detail.insert("max_users".to_owned(), rules.max_users.into());
    }
    if done.is_empty() {
        return Err(RestError::IllegalArgument("no field that can be changed is given".to_owned()));
    }
    detail.insert("last_modified".to_owned(), call.now.as_millis().to_string().into());
    let told = call.world.members_but(key, &[actor]);
    let detail = Some(Value::Object(detail).to_string());
    let announcement = Announcement { detail, ..Announcement::of(Operation::Update, actor, None) };
    call.world.announce(call.now, key, &told, &announcement);
    Ok(Reply::data(done))
}

/// Ends a group or room.
pub(super) fn destroy(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (key, place) = call.place()?;
    call.must_own(place)?;
    let id = place.id().to_owned();
    let actor = call.actor();
    call.world.destroy(call.now, key, actor);
    // The documents name the id `groupid`, the SDK's types `id`.
    Ok(Reply::data(json!({"success": true, "groupid": id, "id": id})))
}

/// Nobody may speak there.
pub(super) fn disable(call: &mut Call<'_>) -> Result<Reply, RestError> {
    set_disabled(call, Operation::DisableGroup)
}

/// Everybody may speak there again.
pub(super) fn enable(call: &mut Call<'_>) -> Result<Reply, RestError> {
    set_disabled(call, Operation::AbleGroup)
}

fn set_disabled(call: &mut Call<'_>, operation: Operation) -> Result<Reply, RestError> {
    let (key, _) = call.place()?;
    let is_disabled = operation == Operation::DisableGroup;
    if let Some(place) = call.world.places.get_mut(key) {
        place.is_disabled = is_disabled;
    }
    let members = call.world.members_but(key, &[]);
    call.world.announce(call.now, key, &members, &Announcement::of(operation, None, None));
    Ok(Reply::data(json!({"disabled": is_disabled})))
}

/// The text without what goes beyond so many characters.
pub(super) fn bounded(text: String, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}

impl Call<'_> {
    /// Puts the world's refusal of a change into REST's words.
    pub(super) fn allowed<T>(
        &self,
        outcome: Result<T, Denied>,
        key: PlaceId,
        user: UserId,
    ) -> Result<T, RestError> {
        outcome.map_err(|denied| {
            let name = self.world.users.get(user).map_or("", |user| user.name());
            let id = self.world.places.get(key).map_or("", |place| place.id());
            match denied {
                Denied::Gone => RestError::NoSuchPlace { kind: self.kind, id: id.to_owned() },
                Denied::AlreadyMember => RestError::Forbidden(format!(
                    "can not join this group, reason:user: {name} already in group: {id}"
                )),
                Denied::NotMember => {
                    RestError::Forbidden(format!("users [{name}] are not members of this group!"))
                }
                Denied::NotThere => {
                    RestError::Forbidden(format!("user: {name} doesn't exist in group: {id}"))
                }
                Denied::SameOwner => RestError::Forbidden("new owner and old owner are the same".to_owned()),
                Denied::Full => RestError::Forbidden("group member list is full!".to_owned()),
                Denied::Blocked => RestError::Forbidden(format!(
                    "can not join this group, reason:user {name} is in the blacklist"
                )),
                Denied::TooManyPlaces => RestError::Forbidden(format!(
                    "can not join this group, reason:user {name} has joined too many groups/chatroom!"
                )),
                Denied::IsOwner => RestError::Forbidden("forbidden operation on group owner!".to_owned()),
            }
        })
    }
}
