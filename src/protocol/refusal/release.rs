//! The releases of the SDK whose refusals are known: more than the generations that we play.

use std::fmt;

use crate::protocol::generation::Generation;

/// A release of the SDK, a column of the table of refusals.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[allow(non_camel_case_types, reason = "V3_6_3 reads as 3.6.3, V363 does not")]
pub enum Release {
    /// 3.6.3.
    V3_6_3,
    /// 4.0.1.
    V4_0_1,
    /// 4.0.3.
    V4_0_3,
    /// 4.0.7.
    V4_0_7,
    /// 4.0.8.
    V4_0_8,
    /// 4.1.2.
    V4_1_2,
    /// 4.8.1.
    V4_8_1,
    /// 4.21.1.
    V4_21_1,
}

impl Release {
    /// Every release, oldest first.
    pub const ALL: [Self; 8] = [
        Self::V3_6_3,
        Self::V4_0_1,
        Self::V4_0_3,
        Self::V4_0_7,
        Self::V4_0_8,
        Self::V4_1_2,
        Self::V4_8_1,
        Self::V4_21_1,
    ];

    /// The version, such as `4.0.8`.
    pub const fn version(self) -> &'static str {
        match self {
            Self::V3_6_3 => "3.6.3",
            Self::V4_0_1 => "4.0.1",
            Self::V4_0_3 => "4.0.3",
            Self::V4_0_7 => "4.0.7",
            Self::V4_0_8 => "4.0.8",
            Self::V4_1_2 => "4.1.2",
            Self::V4_8_1 => "4.8.1",
            Self::V4_21_1 => "4.21.1",
        }
    }
}

impl From<Generation> for Release {
    fn from(generation: Generation) -> Self {
        match generation {
            Generation::V3_6_3 => Self::V3_6_3,
            Generation::V4_0_8 => Self::V4_0_8,
            Generation::V4_21_1 => Self::V4_21_1,
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.version())
    }
}
