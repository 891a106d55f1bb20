//! Why a REST call fails, and the body that says so.

use serde_json::{Value, json};

use crate::{protocol::time::Moment, server::world::place::Kind};

/// Most characters of a caller's own text that an answer repeats.
const ECHO_CHARS: usize = 80;

/// Why a REST call fails.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum RestError {
    #[error(
        "Could not find application for {}/{} from URI: {}/{}/{}",
        echo(organization),
        echo(app),
        echo(organization),
        echo(app),
        echo(path)
    )]
    NoSuchApp { organization: String, app: String, path: String },
    #[error("Service resource not found")]
    NoSuchResource,
    #[error("Service resource not found")]
    NoSuchUser,
    #[error("do not find this group:{}", echo(id))]
    NoSuchPlace { kind: Kind, id: String },
    #[error("Failed to find the file {}", echo(id))]
    NoSuchFile { id: String },
    #[error("Failed to find chat message history download url for {hour}")]
    NoSuchLog { hour: String },
    #[error("username {} doesn't exist!", echo(.0))]
    NoSuchRecipient(String),
    #[error("the share-secret is missing or does not match")]
    NoShareSecret,
    #[error("Unable to authenticate")]
    NoToken,
    #[error("Unable to authenticate due to corrupt access token")]
    BadToken,
    #[error("Unable to authenticate due to expired access token")]
    ExpiredToken,
    #[error("registration is not open, please contact the app admin")]
    RegistrationClosed,
    #[error("{0}")]
    InvalidGrant(&'static str),
    #[error("{0}")]
    BadJson(String),
    #[error("{0}")]
    IllegalArgument(String),
    #[error("Application null Entity user requires that property named username be unique, value of {} exists", echo(.0))]
    NameTaken(String),
    #[error("{0}")]
    Forbidden(String),
    #[error("the file is not allowed")]
    ContentImproper,
    #[error("the file is longer than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("Unsupported Media Type")]
    UnsupportedMediaType,
    #[error("This request has reached api limit")]
    TooManyCalls,
    #[error("You have exceeded the limit of the Free edition: {0}")]
    LimitReached(&'static str),
}

impl RestError {
    /// The HTTP status.
    pub(super) const fn status(&self) -> u16 {
        match self {
            Self::InvalidGrant(_)
            | Self::BadJson(_)
            | Self::IllegalArgument(_)
            | Self::NameTaken(_)
            | Self::ContentImproper => 400,
            Self::NoToken
            | Self::BadToken
            | Self::ExpiredToken
            | Self::RegistrationClosed
            | Self::NoShareSecret => 401,
            Self::Forbidden(_) => 403,
            Self::NoSuchApp { .. }
            | Self::NoSuchResource
            | Self::NoSuchUser
            | Self::NoSuchPlace { .. }
            | Self::NoSuchRecipient(_)
            | Self::NoSuchLog { .. }
            | Self::NoSuchFile { .. } => 404,
            Self::TooLarge { .. } => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooManyCalls | Self::LimitReached(_) => 429,
        }
    }

    /// `error` and `exception` of the body.
    const fn names(&self) -> (&'static str, &'static str) {
        match self {
            Self::NoSuchApp { .. } => {
                ("organization_application_not_found", "OrganizationApplicationNotFoundException")
            }
            Self::NoSuchResource => ("service_resource_not_found", "ServiceResourceNotFoundException"),
            Self::NoSuchUser => ("service_resource_not_found", "UserNotFoundException"),
            Self::NoSuchPlace { kind: Kind::Group, .. } => ("resource_not_found", "GroupNotFoundException"),
            Self::NoSuchPlace { kind: Kind::Room, .. } => ("resource_not_found", "ChatroomNotFoundException"),
            Self::NoSuchRecipient(_) => ("service_resource_not_found", "UserNotFoundException"),
            Self::NoSuchFile { .. } | Self::NoSuchLog { .. } => {
                ("storage_object_not_found", "StorageObjectNotFoundException")
            }
            Self::NoToken | Self::BadToken => ("auth_bad_access_token", "AuthErrorException"),
            Self::ExpiredToken | Self::RegistrationClosed | Self::NoShareSecret => {
                ("unauthorized", "UnauthorizedException")
            }
            Self::InvalidGrant(_) => ("invalid_grant", "InvalidGrantException"),
            Self::BadJson(_) => ("json_parse", "JsonParseException"),
            Self::IllegalArgument(_) => ("illegal_argument", "IllegalArgumentException"),
            Self::NameTaken(_) => {
                ("duplicate_unique_property_exists", "DuplicateUniquePropertyExistsException")
            }
            Self::ContentImproper => ("content improper", "ContentImproperException"),
            Self::TooLarge { .. } => ("Request Entity Too Large", "RequestEntityTooLargeException"),
            Self::UnsupportedMediaType => ("web_application", "UnsupportedMediaTypeException"),
            Self::Forbidden(_) => ("forbidden_op", "ForbiddenOpException"),
            Self::TooManyCalls => ("reach_limit", "ReachLimitException"),
            Self::LimitReached(_) => ("resource_limited", "ResourceLimitedException"),
        }
    }

    /// The body of the answer.
    pub(super) fn body(&self, now: Moment) -> Value {
        let (error, exception) = self.names();
        json!({
            "error": error,
            "exception": exception,
            "timestamp": now.as_millis(),
            "duration": 0,
            "error_description": self.to_string(),
        })
    }
}

/// A caller's own text, bounded.
pub(super) fn echo(text: &str) -> String {
    text.chars().take(ECHO_CHARS).collect()
}
