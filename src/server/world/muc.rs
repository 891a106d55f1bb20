//! MUC frames: since SDK 4.x chat rooms are joined and left with them.

use bytes::Bytes;
use prost::Message as _;
use serde_json::json;

use super::{
    World,
    connection::not_readable,
    frame::{self, Refusal},
    membership::{Denied, Entrance},
    place::{Kind, Place, PlaceId},
    send::Sender,
    standing::mute_expiry,
    uplink,
    user::UserId,
};
use crate::protocol::{
    id::ServerId,
    schema::{
        MucBody,
        meta::NameSpace,
        muc_body::{self, Operation},
        status::ErrorCode,
    },
    time::Moment,
};

/// Most characters of what somebody says on entering a room that the others are told.
const EXT_CHARS: usize = 1_024;

impl World {
    /// Joins or leaves for the sender; the refusals are texts that the SDK tells apart.
    pub(super) fn muc(
        &mut self,
        now: Moment,
        sender: Sender,
        meta: &uplink::Meta,
    ) -> Result<ServerId, Refusal> {
        let body = read(meta)?;
        let id = body.muc_id.as_ref().and_then(|jid| jid.name.as_deref()).unwrap_or_default();
        let missing = || fail(format!("grpID {id} does not exist!"));
        let key = self.places.find(id).ok_or_else(missing)?;
        let is_open = self.places.get(key).is_some_and(Place::is_open);
        let outcome = match Operation::try_from(body.operation.unwrap_or_default()) {
            Ok(Operation::Join) if is_open => self.enter(now, key, sender.user, &body),
            Ok(Operation::Join) => return Err(fail("Sorry, You do not have permission".to_owned())),
            Ok(Operation::Leave) => self.leave(now, key, sender.user),
            _ => return Err(fail("operation is not served".to_owned())),
        };
        match outcome {
            Ok(()) => Ok(self.ids.next(now)),
            Err(Denied::Gone) => Err(missing()),
            Err(Denied::Full) => Err(fail("group member list is full!".to_owned())),
            Err(Denied::Blocked) => Err(fail("can not join this group, is in the blacklist".to_owned())),
            Err(Denied::TooManyPlaces) => Err(fail("has joined too many groups/chatroom!".to_owned())),
            Err(Denied::NotMember | Denied::NotThere) => Err(fail("not in group or chatroom".to_owned())),
            Err(Denied::IsOwner | Denied::SameOwner | Denied::AlreadyMember) => {
                Err(fail("forbidden operation on group owner!".to_owned()))
            }
        }
    }

    fn enter(&mut self, now: Moment, key: PlaceId, user: UserId, body: &MucBody) -> Result<(), Denied> {
        let ext: String = body.ext.iter().flat_map(|ext| ext.chars()).take(EXT_CHARS).collect();
        match self.join(now, key, user, Entrance { ext: &ext, ..Entrance::default() }) {
            // Joining again is what a page does after a reconnect.
            Ok(()) | Err(Denied::AlreadyMember) => {}
            refused => return refused,
        }
        if body.leave_other_rooms == Some(true) {
            let places = self.users.get(user).into_iter().flat_map(|user| &user.places);
            let others: Vec<PlaceId> = places.copied().filter(|other| *other != key).collect();
            for other in others {
                if self.places.get(other).is_some_and(|place| place.kind == Kind::Room) {
                    self.leave(now, other, user)?;
                }
            }
        }
        Ok(())
    }

    /// What the answer to a MUC frame carries beside its status: the state of a room that was joined.
    pub(super) fn room_state(&mut self, now: Moment, user: UserId, meta: &uplink::Meta) -> Vec<Bytes> {
        let Ok(body) = read(meta) else { return Vec::new() };
        if body.operation != Some(Operation::Join as i32) {
            return Vec::new();
        }
        let id = body.muc_id.as_ref().and_then(|jid| jid.name.as_deref()).unwrap_or_default();
        let found = self.places.find(id).and_then(|key| self.places.get(key));
        let Some(place) = found.filter(|place| place.kind == Kind::Room) else { return Vec::new() };
        let (Some(user_now), Some(member)) = (self.users.get(user), place.members.get(&user)) else {
            return Vec::new();
        };
        let state = json!({user_now.name(): {
            "is_all_mute": place.mute_all,
            "create_timestamp": place.created.as_millis(),
            "is_in_white_list": member.is_allowed,
            "member_count": place.members.len(),
            "mute_duration": member.muted_until.filter(|until| now < *until).map_or(0, mute_expiry),
        }});
        let (from, to) = (place.address.jid.clone(), user_now.address.jid.clone());
        let told = MucBody {
            muc_id: body.muc_id,
            operation: Some(Operation::Join as i32),
            is_chatroom: Some(true),
            status: Some(muc_body::Status {
                error_code: Some(muc_body::status::ErrorCode::Ok as i32),
                chatroom_info: Some(state.to_string()),
                ..muc_body::Status::default()
            }),
            ..MucBody::default()
        };
        let id = self.ids.next(now);
        let meta = frame::meta(id, now, NameSpace::Muc, from, to, told.encode_to_vec().into());
        vec![meta.encode_to_vec().into()]
    }
}

fn read(meta: &uplink::Meta) -> Result<MucBody, Refusal> {
    MucBody::decode(meta.payload.clone().unwrap_or_default()).map_err(|_| not_readable("a MUCBody"))
}

fn fail(reason: String) -> Refusal {
    Refusal::new(ErrorCode::Fail as i32, reason)
}
