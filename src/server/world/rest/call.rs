//! What a handler works on: the world, who calls, and what was sent.

use std::borrow::Cow;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Attachment, RestRequest,
    error::{RestError, echo},
    route::Access,
};
use crate::{
    protocol::time::Moment,
    server::world::{
        World,
        attachment::Bounds,
        name,
        place::{Kind, Place, PlaceId},
        token::{BadToken, Holder},
        user::{User, UserId},
    },
};

/// Most users that one call may name.
const NAMES_PER_CALL: usize = 60;
/// Entries of a page if the caller does not say.
const PAGE_SIZE: usize = 20;
/// Most entries of a page.
const LARGEST_PAGE: usize = 1_000;

/// Who calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Caller {
    /// Nobody who says who it is.
    Anybody,
    /// The app's server: may do everything.
    App,
    /// A user, for that user.
    User(UserId),
}

/// One call on its way through a handler.
pub(super) struct Call<'a> {
    pub(super) world: &'a mut World,
    pub(super) now: Moment,
    pub(super) caller: Caller,
    /// Whether the path is of groups or of rooms, where that matters.
    pub(super) kind: Kind,
    /// The variable segments of the path.
    pub(super) parameters: Vec<String>,
    pub(super) query: &'a str,
    /// `http://HOST` or `https://HOST`, as the caller addressed the server.
    pub(super) origin: &'a str,
    pub(super) attachment: &'a Attachment,
    pub(super) body: &'a Bytes,
}

/// What a handler answers; the status is always 200.
#[derive(Debug)]
pub(super) enum Reply {
    /// The body itself.
    Bare(Value),
    /// What goes into the envelope.
    Enveloped { data: Option<Value>, entities: Vec<Value>, count: Option<usize>, cursor: Option<String> },
    /// A file, to be scaled into a box where there is one.
    File { bytes: Bytes, content_type: String, thumbnail: Option<Bounds> },
}

impl Reply {
    /// An envelope around `data`.
    pub(super) fn data(data: impl Into<Value>) -> Self {
        Self::Enveloped { data: Some(data.into()), entities: Vec::new(), count: None, cursor: None }
    }

    /// An envelope around a list, with its length.
    pub(super) fn list(data: Vec<Value>) -> Self {
        let count = Some(data.len());
        Self::Enveloped { data: Some(data.into()), entities: Vec::new(), count, cursor: None }
    }

    /// An envelope around entities.
    pub(super) const fn entities(entities: Vec<Value>) -> Self {
        Self::Enveloped { data: None, entities, count: None, cursor: None }
    }
}

/// `{usernames: […]}`.
#[derive(Deserialize)]
struct Usernames {
    usernames: Vec<String>,
}

impl Call<'_> {
    /// A variable segment of the path.
    pub(super) fn parameter(&self, at: usize) -> &str {
        self.parameters.get(at).map_or("", String::as_str)
    }

    /// A value of the query; absent and empty are the same.
    pub(super) fn queried(&self, key: &str) -> Option<Cow<'_, str>> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(given, _)| *given == key)
            .and_then(|(_, value)| {
                percent_decode_str(value).decode_utf8().ok().filter(|value| !value.is_empty())
            })
    }

    /// Whether the query says `true`.
    pub(super) fn is_queried(&self, key: &str) -> bool {
        self.queried(key).is_some_and(|value| value == "true")
    }

    fn number(&self, key: &str) -> Option<usize> {
        self.queried(key)?.parse().ok()
    }

    /// How many entries to pass over and how many to give, from `pagenum` and `pagesize`.
    pub(super) fn page(&self) -> (usize, usize) {
        let size = self.number("pagesize").unwrap_or(PAGE_SIZE).clamp(1, LARGEST_PAGE);
        let number = self.number("pagenum").unwrap_or(1).max(1);
        ((number - 1).saturating_mul(size), size)
    }

    /// How many entries to give, from `limit`.
    pub(super) fn limit(&self) -> usize {
        self.number("limit").unwrap_or(PAGE_SIZE).clamp(1, LARGEST_PAGE)
    }

    /// The body, an object.
    ///
    /// # Errors
    /// It is no JSON, or not of the shape that the call takes. What it holds is not repeated.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, RestError> {
        // Serde would fill the fields from a list, in their order.
        if self.is_list() {
            return Err(RestError::IllegalArgument("the body is a list, expected an object".to_owned()));
        }
        read(if self.body.is_empty() { b"{}" } else { self.body })
    }

    /// Whether the body is a list.
    pub(super) fn is_list(&self) -> bool {
        self.body.trim_ascii_start().starts_with(b"[")
    }

    /// The body, a list of objects.
    ///
    /// # Errors
    /// As of [`Call::json`].
    pub(super) fn list<T: DeserializeOwned>(&self) -> Result<Vec<T>, RestError> {
        read(self.body)
    }

    /// The user of a name.
    pub(super) fn user(&self, name: &str) -> Result<UserId, RestError> {
        self.world.users.find(name).ok_or(RestError::NoSuchUser)
    }

    /// The user that a variable segment names.
    pub(super) fn user_at(&self, at: usize) -> Result<UserId, RestError> {
        self.user(self.parameter(at))
    }

    /// What is known of a user.
    pub(super) fn known(&self, user: UserId) -> Result<&User, RestError> {
        self.world.users.get(user).ok_or(RestError::NoSuchUser)
    }

    /// The names of users.
    pub(super) fn names(&self, users: impl IntoIterator<Item = UserId>) -> Vec<Value> {
        users
            .into_iter()
            .filter_map(|user| self.world.users.get(user))
            .map(|user| user.name().into())
            .collect()
    }

    /// The users of `usernames` in the body.
    pub(super) fn usernames(&self) -> Result<Vec<String>, RestError> {
        let Usernames { usernames } = self.json()?;
        checked(usernames)
    }

    /// The users of a segment such as `bob,carol`.
    pub(super) fn users_at(&self, at: usize) -> Result<Vec<String>, RestError> {
        checked(self.parameter(at).split(',').map(str::to_owned).collect())
    }

    /// The group or room that the first variable segment names.
    pub(super) fn place(&self) -> Result<(PlaceId, &Place), RestError> {
        self.place_of(self.parameter(0))
    }

    /// A group or room by its id.
    pub(super) fn place_of(&self, id: &str) -> Result<(PlaceId, &Place), RestError> {
        self.world
            .places
            .find(id)
            .and_then(|key| Some((key, self.world.places.get(key)?)))
            .filter(|(_, place)| place.kind == self.kind)
            .ok_or_else(|| RestError::NoSuchPlace { kind: self.kind, id: id.to_owned() })
    }

    /// The user who calls, if it is one.
    pub(super) const fn actor(&self) -> Option<UserId> {
        match self.caller {
            Caller::User(user) => Some(user),
            Caller::Anybody | Caller::App => None,
        }
    }

    /// Whether the caller reads the answers of the third version of these calls (SDK 4.21.1).
    pub(super) fn is_version_3(&self) -> bool {
        self.queried("version").is_some_and(|version| version == "v3")
    }

    /// Lets the app and that user pass.
    pub(super) fn must_be(&self, user: UserId) -> Result<(), RestError> {
        self.let_pass(|actor| actor == user)
    }

    /// Lets the app and the owner pass.
    pub(super) fn must_own(&self, place: &Place) -> Result<(), RestError> {
        self.let_pass(|actor| actor == place.owner)
    }

    /// Lets the app, the owner and admins pass.
    pub(super) fn must_be_staff(&self, place: &Place) -> Result<(), RestError> {
        self.let_pass(|actor| place.is_staff(actor))
    }

    /// Lets everybody see what is public, and members, the owner and the app what is not.
    pub(super) fn must_see(&self, place: &Place) -> Result<(), RestError> {
        if place.kind == Kind::Room || place.rules.is_public { Ok(()) } else { self.must_belong(place) }
    }

    /// Lets the app, members and the owner, who may be away from a room, pass.
    pub(super) fn must_belong(&self, place: &Place) -> Result<(), RestError> {
        self.let_pass(|actor| actor == place.owner || place.members.contains_key(&actor))
    }

    /// Lets the app and members pass.
    pub(super) fn must_be_member(&self, place: &Place) -> Result<(), RestError> {
        self.let_pass(|actor| place.members.contains_key(&actor))
    }

    /// Lets pass whoever may act on that member: the app, the owner, and an admin unless the member is one,
    /// too (群组概述).
    pub(super) fn must_outrank(&self, place: &Place, user: UserId) -> Result<(), RestError> {
        self.let_pass(|actor| actor == place.owner || (place.is_staff(actor) && !place.is_staff(user)))
    }

    fn let_pass(&self, rule: impl FnOnce(UserId) -> bool) -> Result<(), RestError> {
        if self.caller == Caller::App || self.actor().is_some_and(rule) {
            Ok(())
        } else {
            Err(RestError::Forbidden("you have no permission to do this operation".to_owned()))
        }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, RestError> {
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            RestError::IllegalArgument(misfit(&error))
        } else {
            RestError::BadJson(error.to_string())
        }
    })
}

/// What a body lacks, or where it has something of another type: fields are named, values are not repeated.
fn misfit(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("missing field") || text.starts_with("duplicate field") {
        return text;
    }
    let expected =
        text.rsplit_once(", expected ").and_then(|(_, rest)| Some(rest.rsplit_once(" at line ")?.0));
    let expected = match expected {
        Some("u64" | "usize" | "i64") => "a whole number",
        Some("a sequence") => "a list",
        Some(object) if object.starts_with("struct ") || object == "a map" => "an object",
        Some(other) => other,
        None => "another value",
    };
    format!("expected {expected}, got something else, at line {} column {}", error.line(), error.column())
}

/// Names in their folded form, if they are as many as one call may give.
pub(super) fn checked(names: Vec<String>) -> Result<Vec<String>, RestError> {
    if names.is_empty() || names.len() > NAMES_PER_CALL {
        return Err(RestError::IllegalArgument(format!(
            "expected 1 to {NAMES_PER_CALL} usernames, got {}",
            names.len()
        )));
    }
    Ok(names.iter().map(|name| name::fold(name).into_owned()).collect())
}

/// A name in its folded form, if it is legal.
pub(super) fn legal(name: &str) -> Result<String, RestError> {
    let folded = name::fold(name).into_owned();
    match name::check(&folded) {
        Ok(()) => Ok(folded),
        Err(illegal) => Err(RestError::IllegalArgument(format!(
            "username is not legal: {:?}: {}",
            echo(name),
            illegal.reason()
        ))),
    }
}

/// What a body of JSON may be called: SDKs also say that it is plain text.
const READABLE: [&str; 2] = ["application/json", "text/plain"];

/// Whether a body, if there is one, is of a type that is read here. A client that names none is taken
/// at its word.
pub(super) fn is_readable(request: &RestRequest) -> bool {
    let Some(content_type) = &request.content_type else { return true };
    let essence = content_type.split([';', ',']).next().unwrap_or_default().trim();
    request.body.is_empty() || READABLE.iter().any(|readable| essence.eq_ignore_ascii_case(readable))
}

/// The segments of a path, decoded.
pub(super) fn segments(path: &str) -> Result<Vec<String>, RestError> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8().map(Cow::into_owned))
        .collect::<Result<_, _>>()
        .map_err(|_| RestError::NoSuchResource)
}

/// Who calls, as far as the call needs to know.
pub(super) fn caller(
    world: &World,
    now: Moment,
    authorization: Option<&str>,
    access: Access,
) -> Result<Caller, RestError> {
    let token = authorization
        .and_then(|value| value.trim().split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
        .map(|(_, token)| token.trim());
    let holder = token.map(|token| world.tokens.holder(token, now));
    match (holder, access) {
        (Some(Ok(Holder::App)), _) => Ok(Caller::App),
        (Some(Ok(Holder::User(_))), Access::App) => {
            Err(RestError::Forbidden("this operation needs the app's token".to_owned()))
        }
        (Some(Ok(Holder::User(user))), _) => Ok(Caller::User(user)),
        (_, Access::Open) => Ok(Caller::Anybody),
        (None, _) => Err(RestError::NoToken),
        (Some(Err(BadToken::Unknown)), _) => Err(RestError::BadToken),
        (Some(Err(BadToken::Expired)), _) => Err(RestError::ExpiredToken),
    }
}
