//! What must be true before the first step.

use super::Performer;

/// Groups, rooms and blocks that are made through REST before the first step and removed after the last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    /// Groups, in the order of the file.
    pub groups: Vec<Conference>,
    /// Chat rooms, in the order of the file.
    pub rooms: Vec<Conference>,
    /// Who blocks whom: whoever the first names blocks whoever the second names.
    pub blocks: Vec<(Performer, Performer)>,
}

/// A group or a chat room.
#[derive(Clone, Debug, PartialEq)]
pub struct Conference {
    /// Its name in the file, which `to:` may use.
    pub name: String,
    /// The id of one that the target has already; `None` makes a fresh one.
    pub id: Option<String>,
    /// Who owns it. `None` only for one that exists already.
    pub owner: Option<Performer>,
    /// Members besides the owner.
    pub members: Vec<Performer>,
    /// Members with admin rights.
    pub admins: Vec<Performer>,
    /// Members that may not speak.
    pub muted: Vec<Performer>,
    /// Whether nobody may speak but the owner, admins and the allow list.
    pub mute_all: bool,
    /// Members that may speak while everybody is muted.
    pub allow_list: Vec<Performer>,
    /// Users that are kept out.
    pub blocks: Vec<Performer>,
}
