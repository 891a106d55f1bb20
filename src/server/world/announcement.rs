//! MUC metas: how members learn what happened to their group or room.

use prost::Message as _;

use super::{
    World,
    delivery::{Parcel, Reach},
    frame,
    place::{Kind, Place, PlaceId},
    user::UserId,
};
use crate::protocol::{
    schema::{
        Jid, MucBody,
        meta::NameSpace,
        muc_body::{self, Operation, status},
    },
    time::Moment,
};

/// What happened to a place.
pub(super) struct Announcement<'a> {
    pub(super) operation: Operation,
    /// Who did it; `None` is the app, which acts as the owner.
    pub(super) actor: Option<UserId>,
    /// Whom it was done to.
    pub(super) affected: Option<UserId>,
    pub(super) reason: &'a str,
    /// What goes with it in `MUCBody.ext`: what somebody says on entering a room, when a mute ends.
    pub(super) ext: &'a str,
    /// What changed, as the JSON text that SDK 4.21.1 makes `detail` of.
    pub(super) detail: Option<String>,
}

impl Announcement<'_> {
    /// Something that one did to another.
    pub(super) const fn of(operation: Operation, actor: Option<UserId>, affected: Option<UserId>) -> Self {
        Announcement { operation, actor, affected, reason: "", ext: "", detail: None }
    }
}

impl World {
    /// Tells some users, members or not, in the queue of the place what happened there. Of rooms hears only
    /// who is online.
    pub(super) fn announce(
        &mut self,
        now: Moment,
        key: PlaceId,
        to: &[UserId],
        announcement: &Announcement<'_>,
    ) {
        let Some(place) = self.places.get(key) else { return };
        let peer = place.peer(key);
        let (address, parcel) = (place.address.clone(), self.announcement(now, key, announcement));
        let Some(parcel) = parcel else { return };
        for user in to {
            self.post(*user, peer, &address, &parcel);
        }
    }

    /// Tells a user's devices but the one of that resource that the user has made a place. SDKs before
    /// 4.1 do not say which device they are, and do not read this.
    pub(super) fn announce_creation(&mut self, now: Moment, key: PlaceId, creator: UserId, resource: &str) {
        let Some(user) = self.users.get(creator) else { return };
        let Some(device) = user.devices.iter().find(|device| &*device.resource == resource) else { return };
        let (device, announcement) = (device.id, Announcement::of(Operation::Create, Some(creator), None));
        let Some(place) = self.places.get(key) else { return };
        let (peer, address) = (place.peer(key), place.address.clone());
        if let Some(parcel) = self.announcement(now, key, &announcement) {
            self.copy(creator, device, peer, &address, &parcel);
        }
    }

    fn announcement(&mut self, now: Moment, key: PlaceId, announcement: &Announcement<'_>) -> Option<Parcel> {
        let place = self.places.get(key)?;
        let actor = announcement.actor.unwrap_or(place.owner);
        let jid = |user: UserId| {
            self.users
                .get(user)
                .map(|user| Jid::user(&self.settings.app_key, user.name()))
                .unwrap_or_default()
        };
        let affected = announcement.affected.map(jid);
        let body = MucBody {
            muc_id: Some(Jid::conference(&self.settings.app_key, place.id())),
            operation: Some(announcement.operation as i32),
            from: Some(jid(actor)),
            to: affected.iter().cloned().collect(),
            reason: (!announcement.reason.is_empty()).then(|| announcement.reason.to_owned()),
            is_chatroom: Some(place.kind == Kind::Room),
            muc_name: Some(place.title.clone()),
            ext: (!announcement.ext.is_empty()).then(|| announcement.ext.to_owned()),
            event_info: announcement
                .detail
                .clone()
                .map(|detail| muc_body::EventInfo { ext: Some(detail), ..Default::default() }),
            muc_member_count: place.count_told(announcement.operation),
            status: Some(muc_body::Status {
                error_code: Some(status::ErrorCode::Ok as i32),
                ..Default::default()
            }),
            ..MucBody::default()
        };
        let from = place.address.jid.clone();
        let to = affected.map_or_else(|| from.clone(), |jid| jid.encode_to_vec().into());
        let id = self.ids.next(now);
        let meta = frame::meta(id, now, NameSpace::Muc, from, to, body.encode_to_vec().into());
        Some(Parcel::new(id, &meta, Reach::Everybody))
    }
}

impl Place {
    /// How many members a room has, where the members hear of one who came or went.
    fn count_told(&self, operation: Operation) -> Option<i32> {
        let tells = self.kind == Kind::Room && matches!(operation, Operation::Presence | Operation::Absence);
        tells.then(|| i32::try_from(self.members.len()).unwrap_or(i32::MAX))
    }
}
