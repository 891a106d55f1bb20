//! The SDK generations that a client can play, and what each announces of itself.

use std::{fmt, str::FromStr};

/// A generation of the Web SDK whose wire behaviour is known to the byte.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[allow(non_camel_case_types, reason = "V3_6_3 reads as 3.6.3, V363 does not")]
pub enum Generation {
    /// 3.6.3: SockJS; the generation that the document describes.
    #[default]
    V3_6_3,
    /// 4.0.8: SockJS, the last 4.x that sends its address with each message.
    V4_0_8,
    /// 4.21.1: raw WebSocket, one MSync a binary frame.
    V4_21_1,
}

/// How frames travel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wire {
    /// Base64 text inside SockJS frames, at `<base>/ws`.
    SockJs,
    /// Bare MSync bytes in binary WebSocket frames, at `<base>/websocket`.
    Raw,
}

/// A generation's name that is not among [`Generation::ALL`].
#[derive(Debug, thiserror::Error)]
#[error("unknown SDK generation {0:?}; known are 3.6.3, 4.0.8 and 4.21.1")]
pub struct UnknownGeneration(String);

impl Generation {
    /// Every generation, oldest first.
    pub const ALL: [Self; 3] = [Self::V3_6_3, Self::V4_0_8, Self::V4_21_1];

    /// The version as the SDK writes it into PROVISION, such as `4.0.8`.
    pub const fn version(self) -> &'static str {
        match self {
            Self::V3_6_3 => "3.6.3",
            Self::V4_0_8 => "4.0.8",
            Self::V4_21_1 => "4.21.1",
        }
    }

    /// How this generation's frames travel.
    pub const fn wire(self) -> Wire {
        match self {
            Self::V3_6_3 | Self::V4_0_8 => Wire::SockJs,
            Self::V4_21_1 => Wire::Raw,
        }
    }

    /// What precedes the time stamp in a default resource, without `webim_`.
    pub const fn resource_infix(self) -> &'static str {
        match self {
            Self::V3_6_3 => "",
            Self::V4_0_8 => "random_",
            Self::V4_21_1 => "web_",
        }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.version())
    }
}

impl FromStr for Generation {
    type Err = UnknownGeneration;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|generation| generation.version() == text)
            .ok_or_else(|| UnknownGeneration(text.to_owned()))
    }
}
