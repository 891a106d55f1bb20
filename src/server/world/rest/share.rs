//! `…/share_files` and `…/announcement`: what a group or room keeps for all its members.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    call::{Call, Reply},
    error::RestError,
    place::bounded,
};
use crate::{
    protocol::schema::muc_body::Operation,
    server::world::{
        announcement::Announcement,
        attachment::{Shared, StoredFile},
    },
};

/// Characters of an announcement.
const ANNOUNCEMENT_CHARS: usize = 512;

/// Shares a file with the other members, who are told.
pub(super) fn upload(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (key, place) = call.place()?;
    call.must_be_member(place)?;
    let actor = call.actor();
    let file = call.take_file(Some(Shared { place: key, owner: actor }))?;
    let id = file.id.clone();
    let told = call.world.members_but(key, &[actor]);
    call.world.announce(call.now, key, &told, &Announcement::of(Operation::UploadFile, actor, None));
    let file = call.world.files.find(id.as_str());
    Ok(Reply::data(file.map_or(Value::Null, |file| describe(call, file))))
}

/// The shared files, oldest first, page by page.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, RestError> {
    call.must_serve_files()?;
    let (key, place) = call.place()?;
    call.must_be_member(place)?;
    let (skipped, size) = call.page();
    let files = call.world.files.shared_in(key).skip(skipped).take(size);
    Ok(Reply::list(files.map(|file| describe(call, file)).collect()))
}

/// Hands a shared file out to a member.
pub(super) fn download(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (_, place) = call.place()?;
    call.must_be_member(place)?;
    Ok(call.hand_out(shared(call)?))
}

/// Takes a shared file away: who shared it may, and the staff. The other members are told.
pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (key, place) = call.place()?;
    let (actor, file) = (call.actor(), shared(call)?);
    if actor.is_none() || file.shared.is_some_and(|shared| shared.owner != actor) {
        call.must_be_staff(place)?;
    } else {
        call.must_be_member(place)?;
    }
    let id = file.id.clone();
    call.world.files.remove(&id);
    let told = call.world.members_but(key, &[actor]);
    call.world.announce(call.now, key, &told, &Announcement::of(Operation::DeleteFile, actor, None));
    Ok(Reply::data(json!({"id": id.as_str(), "result": true})))
}

/// The shared file that the path names, if it is shared there.
fn shared<'a>(call: &'a Call<'_>) -> Result<&'a StoredFile, RestError> {
    call.must_serve_files()?;
    let (key, _) = call.place()?;
    let id = call.parameter(1);
    call.world
        .files
        .find(id)
        .filter(|file| file.shared.is_some_and(|shared| shared.place == key))
        .ok_or_else(|| RestError::NoSuchFile { id: id.to_owned() })
}

fn describe(call: &Call<'_>, file: &StoredFile) -> Value {
    let owner = file.shared.and_then(|shared| call.world.users.get(shared.owner?));
    json!({
        "file_id": file.id.as_str(),
        "file_name": file.name,
        "file_owner": owner.map_or("", |owner| owner.name()),
        "file_size": file.bytes.len(),
        "created": file.created.as_millis(),
    })
}

/// What is announced to the members; empty if nothing is.
pub(super) fn announcement(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (_, place) = call.place()?;
    call.must_be_member(place)?;
    Ok(Reply::data(json!({"announcement": place.announcement})))
}

#[derive(Deserialize)]
struct Announced {
    announcement: String,
}

/// Announces something; an empty text takes the announcement away. The other members are told.
pub(super) fn announce(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (key, place) = call.place()?;
    call.must_be_staff(place)?;
    let id = place.id().to_owned();
    let Announced { announcement } = call.json()?;
    let announcement = bounded(announcement, ANNOUNCEMENT_CHARS);
    let operation =
        if announcement.is_empty() { Operation::DeleteAnnouncement } else { Operation::UpdateAnnouncement };
    let actor = call.actor();
    if let Some(place) = call.world.places.get_mut(key) {
        place.announcement.clone_from(&announcement);
    }
    let told = call.world.members_but(key, &[actor]);
    let event = Announcement { reason: &announcement, ..Announcement::of(operation, actor, None) };
    call.world.announce(call.now, key, &told, &event);
    Ok(Reply::data(json!({"id": id, "result": true})))
}
