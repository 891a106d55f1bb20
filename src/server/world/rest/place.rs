//! `/chatgroups` and `/chatrooms`: making, showing, changing and ending them.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value, json};

use super::{
    call::{Call, Caller, Reply},
    error::RestError,
};
use crate::protocol::schema::muc_body::Operation;
use crate::server::world::{
    announcement::Announcement,
    membership::Denied,
    place::{Kind, Place, PlaceId, Rules},
    user::UserId,
};

/// Members that a group may have from its beginning.
const FIRST_MEMBERS: usize = 100;
/// Members that a group may have if its creator does not say.
const MAX_USERS: usize = 200;
/// Groups that one call may ask about.
const IDS_PER_CALL: usize = 100;
/// Characters of a name, of a description and of custom data.
const TITLE_CHARS: usize = 128;
const DESCRIPTION_CHARS: usize = 512;
const CUSTOM_CHARS: usize = 1024;

/// A new place. The documents and the SDK spell some fields differently.
#[derive(Deserialize)]
struct Founding {
    #[serde(alias = "name")]
    groupname: Option<String>,
    #[serde(alias = "desc")]
    description: Option<String>,
    owner: Option<String>,
    #[serde(default)]
    members: Vec<String>,
    custom: Option<String>,
    public: Option<Flag>,
    #[serde(alias = "approval")]
    membersonly: Option<Flag>,
    allowinvites: Option<Flag>,
    invite_need_confirm: Option<Flag>,
    maxusers: Option<usize>,
}

/// `true`, or `"true"` as some clients write it.
struct Flag(bool);

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

/// Makes a group or room. A user owns what the user makes; the app says who does.
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let founding: Founding = call.json()?;
    let owner = match (call.caller, &founding.owner) {
        (Caller::User(user), None) => user,
        (Caller::User(user), Some(owner)) => {
            call.must_be(call.user(owner)?)?;
            user
        }
        (_, Some(owner)) => call.user(owner)?,
        (_, None) => return Err(RestError::IllegalArgument("owner is missing".to_owned())),
    };
    let members: Vec<UserId> = founding
        .members
        .iter()
        .map(|name| {
            call.user(name).map_err(|_| {
                RestError::IllegalArgument(format!("group member {} doesn't exist", super::error::echo(name)))
            })
        })
        .collect::<Result<_, _>>()?;
    let limits = call.world.settings.limits;
    if call.world.places.len() >= limits.groups {
        return Err(RestError::Forbidden("this appKey has create too many groups/chatrooms!".to_owned()));
    }
    let max_users = founding.maxusers.unwrap_or(MAX_USERS).clamp(1, limits.members_per_group);
    if members.len() > FIRST_MEMBERS || members.len() >= max_users.max(2) {
        return Err(RestError::Forbidden("members size is greater than max user size !".to_owned()));
    }
    let id = call.world.new_place_id();
    let key = call.world.places.add(&call.world.settings.app_key, call.kind, &id, owner, call.now);
    let flag = |flag: Option<Flag>, otherwise| flag.map_or(otherwise, |Flag(flag)| flag);
    if let Some(place) = call.world.places.get_mut(key) {
        place.title = bounded(founding.groupname.unwrap_or_default(), TITLE_CHARS);
        place.description = bounded(founding.description.unwrap_or_default(), DESCRIPTION_CHARS);
        place.custom = bounded(founding.custom.unwrap_or_default(), CUSTOM_CHARS);
        place.rules = Rules {
            is_public: flag(founding.public, true),
            members_only: flag(founding.membersonly, false),
            allow_invites: flag(founding.allowinvites, false),
            invite_needs_confirm: flag(founding.invite_need_confirm, false),
            max_users,
        };
    }
    if let Some(user) = call.world.users.get_mut(owner) {
        user.places.insert(key);
    }
    for member in members {
        match call.world.join(call.now, key, member, Some(owner), Some(Operation::DirectJoined)) {
            // Naming the owner or anybody twice changes nothing.
            Ok(()) | Err(Denied::AlreadyMember) => {}
            refused => call.allowed(refused, key, member)?,
        }
    }
    Ok(Reply::data(match call.kind {
        Kind::Group => json!({"groupid": id}),
        Kind::Room => json!({"id": id}),
    }))
}

/// Shows groups or rooms, several at once if asked.
pub(super) fn show(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let ids: Vec<&str> = call.parameter(0).split(',').take(IDS_PER_CALL).collect();
    let shown: Vec<Value> = ids
        .into_iter()
        .map(|id| call.place_of(id).map(|(_, place)| describe(call, place)))
        .collect::<Result<_, _>>()?;
    Ok(Reply::list(shown))
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
    json!({
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
    })
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

/// Changes fields, or hands the place to another member.
pub(super) fn modify(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (key, place) = call.place()?;
    call.must_own(place)?;
    let changes: Changes = call.json()?;
    let actor = call.actor();
    if let Some(owner) = &changes.newowner {
        let owner = call.user(owner)?;
        let outcome = call.world.hand_to(call.now, key, owner, actor);
        call.allowed(outcome, key, owner)?;
        return Ok(Reply::data(json!({"newowner": true})));
    }
    let largest = call.world.settings.limits.members_per_group;
    let mut done = Map::new();
    if let Some(place) = call.world.places.get_mut(key) {
        let texts = [
            ("groupname", changes.groupname, &mut place.title, TITLE_CHARS),
            ("description", changes.description, &mut place.description, DESCRIPTION_CHARS),
            ("custom", changes.custom, &mut place.custom, CUSTOM_CHARS),
        ];
        for (field, change, text, limit) in texts {
            if let Some(change) = change {
                *text = bounded(change, limit);
                done.insert(field.to_owned(), true.into());
            }
        }
        let rules = &mut place.rules;
        let flags = [
            ("public", changes.public, &mut rules.is_public),
            ("membersonly", changes.membersonly, &mut rules.members_only),
            ("allowinvites", changes.allowinvites, &mut rules.allow_invites),
            ("invite_need_confirm", changes.invite_need_confirm, &mut rules.invite_needs_confirm),
        ];
        for (field, change, rule) in flags {
            if let Some(Flag(change)) = change {
                *rule = change;
                done.insert(field.to_owned(), true.into());
            }
        }
        if let Some(most) = changes.maxusers {
            let fits = most >= place.members.len() && most <= largest;
            place.rules.max_users = if fits { most } else { place.rules.max_users };
            done.insert("maxusers".to_owned(), fits.into());
        }
    }
    let told = call.world.members_but(key, &[actor]);
    call.world.announce(call.now, key, &told, &Announcement::of(Operation::Update, actor, None));
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

fn bounded(text: String, chars: usize) -> String {
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
                Denied::Full => RestError::Forbidden("group member list is full!".to_owned()),
                Denied::Blocked => RestError::Forbidden(format!(
                    "can not join this group, reason:user {name} is in the blacklist"
                )),
                Denied::IsOwner => RestError::Forbidden("forbidden operation on group owner!".to_owned()),
            }
        })
    }
}
