//! The files that clients have uploaded: attachments of messages, and files shared in groups and
//! rooms. Bounded by number and by bytes; past either the oldest goes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use rand::Rng as _;
use rand_chacha::ChaCha12Rng;

use super::{place::PlaceId, user::UserId};
use crate::protocol::{secret::Secret, time::Moment};

/// Random bytes of a share-secret.
const SECRET_BYTES: usize = 12;
/// Longest name of a file, characters.
const NAME_CHARS: usize = 255;

/// One file as REST names it: a made-up UUID.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct FileId(Box<str>);

impl FileId {
    /// The text in the path of a download.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who may download a file.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Access {
    /// Whoever knows where it is.
    #[default]
    Open,
    /// Who also knows its share-secret (`restrict-access: true`).
    Restricted,
}

/// The box that a thumbnail fits in, pixels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// Most pixels from left to right.
    pub width: u32,
    /// Most pixels from top to bottom.
    pub height: u32,
}

impl Default for Bounds {
    /// 170 pixels both ways, as where an upload does not say (发送附件消息).
    fn default() -> Self {
        Self { width: 170, height: 170 }
    }
}

/// What arrives with an upload.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The name that its sender gave it.
    pub name: String,
    /// Its media type, as its sender says.
    pub content_type: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// One file that is kept.
#[derive(Debug)]
pub(super) struct StoredFile {
    pub(super) id: FileId,
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) bytes: Bytes,
    pub(super) secret: Secret,
    pub(super) access: Access,
    pub(super) thumbnail: Bounds,
    pub(super) shared: Option<Shared>,
    pub(super) created: Moment,
}

/// Where a file is shared, and by whom; `None` is the app.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Shared {
    pub(super) place: PlaceId,
    pub(super) owner: Option<UserId>,
}

/// Every file of the world, oldest first.
#[derive(Debug)]
pub(super) struct Files {
    most: usize,
    most_bytes: usize,
    bytes: usize,
    last: u64,
    kept: BTreeMap<u64, StoredFile>,
    by_id: HashMap<FileId, u64>,
    by_place: BTreeSet<(PlaceId, u64)>,
}

impl Files {
    /// Room for so many files of so many bytes together.
    pub(super) fn new(most: usize, most_bytes: usize) -> Self {
        Self {
            most,
            most_bytes,
            bytes: 0,
            last: 0,
            kept: BTreeMap::new(),
            by_id: HashMap::new(),
            by_place: BTreeSet::new(),
        }
    }

    /// Keeps a file. The oldest ones make room for it; it stays even if it is larger than all room.
    pub(super) fn keep(
        &mut self,
        random: &mut ChaCha12Rng,
        now: Moment,
        upload: &Upload,
        access: Access,
        thumbnail: Bounds,
        shared: Option<Shared>,
    ) -> &StoredFile {
        while let Some(oldest) = self.kept.first_entry()
            && (self.by_id.len() >= self.most || self.bytes + upload.bytes.len() > self.most_bytes)
        {
            let number = *oldest.key();
            self.take(number);
        }
        let mut secret = [0; SECRET_BYTES];
        random.fill_bytes(&mut secret);
        let id = unique(random);
        self.last += 1;
        self.bytes += upload.bytes.len();
        self.by_id.insert(id.clone(), self.last);
        self.by_place.extend(shared.map(|shared| (shared.place, self.last)));
        self.kept.entry(self.last).or_insert(StoredFile {
            id,
            name: upload.name.chars().take(NAME_CHARS).collect(),
            content_type: upload.content_type.clone(),
            bytes: upload.bytes.clone(),
            secret: Secret::new(BASE64_URL_SAFE_NO_PAD.encode(secret)),
            access,
            thumbnail,
            shared,
            created: now,
        })
    }

    /// A file by its id.
    pub(super) fn find(&self, id: &str) -> Option<&StoredFile> {
        self.kept.get(self.by_id.get(&FileId(id.into()))?)
    }

    /// The files that are shared in a place, oldest first.
    pub(super) fn shared_in(&self, place: PlaceId) -> impl Iterator<Item = &StoredFile> {
        self.by_place.range((place, 0)..=(place, u64::MAX)).filter_map(|(_, number)| self.kept.get(number))
    }

    /// Takes a file out.
    pub(super) fn remove(&mut self, id: &FileId) {
        if let Some(number) = self.by_id.get(id) {
            self.take(*number);
        }
    }

    /// Takes out every file that was shared in a place.
    pub(super) fn forget(&mut self, place: PlaceId) {
        let gone: Vec<u64> =
            self.by_place.range((place, 0)..=(place, u64::MAX)).map(|(_, number)| *number).collect();
        for number in gone {
            self.take(number);
        }
    }

    fn take(&mut self, number: u64) {
        if let Some(file) = self.kept.remove(&number) {
            self.bytes -= file.bytes.len();
            self.by_id.remove(&file.id);
            if let Some(shared) = file.shared {
                self.by_place.remove(&(shared.place, number));
            }
        }
    }
}

/// A UUID of version 4.
fn unique(random: &mut ChaCha12Rng) -> FileId {
    let (high, low) = (random.next_u64(), random.next_u64());
    FileId(
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff
        )
        .into(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng as _;

    use super::*;
    use crate::server::world::{
        place::{Kind, Places},
        user::Users,
    };

    fn keep(files: &mut Files, random: &mut ChaCha12Rng, bytes: usize) -> FileId {
        let upload = Upload {
            name: "a.bin".to_owned(),
            content_type: "application/octet-stream".to_owned(),
            bytes: vec![0; bytes].into(),
        };
        files.keep(random, Moment::default(), &upload, Access::Open, Bounds::default(), None).id.clone()
    }

    #[test]
    fn the_oldest_files_make_room_for_the_newest() {
        let mut random = ChaCha12Rng::seed_from_u64(1);
        let mut files = Files::new(3, 100);
        let small: Vec<FileId> = (0..4).map(|_| keep(&mut files, &mut random, 10)).collect();
        let alive = |files: &Files, id: &FileId| files.find(id.as_str()).is_some();
        assert!(!alive(&files, &small[0]), "the fourth file is one too many");
        assert!(small[1..].iter().all(|id| alive(&files, id)));

        let large = keep(&mut files, &mut random, 85);
        assert!(small[..3].iter().all(|id| !alive(&files, id)) && alive(&files, &small[3]));
        let larger = keep(&mut files, &mut random, 101);
        assert!(!alive(&files, &large) && alive(&files, &larger), "the last one stays whatever its length");
        files.remove(&larger);
        assert_eq!((files.bytes, files.kept.len(), files.by_id.len()), (0, 0, 0));
    }

    /// What may happen to the files of a world.
    #[derive(Clone, Debug)]
    enum Change {
        Keep { bytes: usize, shared: Option<u8> },
        Remove(usize),
        Forget(u8),
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            4 => (0_usize..60, proptest::option::of(0_u8..3))
                .prop_map(|(bytes, shared)| Change::Keep { bytes, shared }),
            1 => (0_usize..40).prop_map(Change::Remove),
            1 => (0_u8..3).prop_map(Change::Forget),
        ]
    }

    proptest! {
        #[test]
        fn whatever_happens_the_books_are_right_and_the_bounds_are_kept(
            changes in proptest::collection::vec(change(), 0..40)
        ) {
            let mut random = ChaCha12Rng::seed_from_u64(1);
            let mut files = Files::new(5, 100);
            let places = places();
            let mut ids = Vec::new();
            for change in changes {
                match change {
                    Change::Keep { bytes, shared } => {
                        let upload = Upload {
                            name: "a".to_owned(),
                            content_type: "text/plain".to_owned(),
                            bytes: vec![0; bytes].into(),
                        };
                        let shared = shared.map(|at| Shared { place: places[usize::from(at)], owner: None });
                        let (now, bounds) = (Moment::default(), Bounds::default());
                        let kept = files.keep(&mut random, now, &upload, Access::Open, bounds, shared);
                        ids.push(kept.id.clone());
                    }
                    Change::Remove(at) => {
                        if let Some(id) = ids.get(at) {
                            files.remove(id);
                        }
                    }
                    Change::Forget(at) => files.forget(places[usize::from(at)]),
                }
                let bytes: usize = files.kept.values().map(|file| file.bytes.len()).sum();
                prop_assert_eq!(files.bytes, bytes);
                prop_assert_eq!(files.by_id.len(), files.kept.len());
                prop_assert!(files.kept.len() <= 5 && bytes <= 100);
                let shared = files.kept.values().filter(|file| file.shared.is_some()).count();
                prop_assert_eq!(files.by_place.len(), shared);
                let listed: usize = places.iter().map(|place| files.shared_in(*place).count()).sum();
                prop_assert_eq!(listed, shared);
            }
        }
    }

    fn places() -> [PlaceId; 3] {
        let (mut users, mut places) = (Users::default(), Places::default());
        let owner = users.add("o#a", "alice", Secret::default(), Moment::default());
        ["1", "2", "3"].map(|id| places.add("o#a", Kind::Group, id, owner, Moment::default()))
    }
}
