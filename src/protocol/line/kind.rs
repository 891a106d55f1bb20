//! The key `type`.

use super::{field::Fields, refused::Refused};

/// What kind of thing a line sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Text,
    Image,
    File,
    Audio,
    Video,
    Location,
    Command,
    Custom,
    Read,
    Delivery,
    Channel,
    Recall,
}

/// The words of the SDK; 3.6.3 has a class `location`, whose messages are of type `loc`.
const WORDS: &[(&str, Kind)] = &[
    ("txt", Kind::Text),
    ("img", Kind::Image),
    ("file", Kind::File),
    ("audio", Kind::Audio),
    ("video", Kind::Video),
    ("loc", Kind::Location),
    ("location", Kind::Location),
    ("cmd", Kind::Command),
    ("custom", Kind::Custom),
    ("read", Kind::Read),
    ("delivery", Kind::Delivery),
    ("channel", Kind::Channel),
    ("recall", Kind::Recall),
];

impl Kind {
    pub(super) fn of(fields: &Fields<'_>) -> Result<Self, Refused> {
        fields.choice("type", WORDS)?.ok_or(Refused::Missing { key: "type" })
    }

    /// Receipts, whose options know neither `roomType` nor an `ext`.
    pub(super) const fn is_receipt(self) -> bool {
        matches!(self, Self::Read | Self::Delivery | Self::Channel)
    }
}
