//! PROVISION: who is it, may they come in, and as which device.

use bytes::Bytes;
use prost::Message as _;
use rand::Rng as _;
use serde::Deserialize;

use super::{
    ConnectionId, World, connection::not_readable, fault::Fault, file::DeviceLimit, frame, frame::Refusal,
    mailbox::DeviceId, token::BadToken, token::Holder, uplink, user::UserId,
};
use crate::protocol::{
    schema::{Jid, Provision, meta::NameSpace, statistics_body::Operation, status::ErrorCode},
    secret::Secret,
    time::Moment,
};

/// What precedes a token.
const TOKEN_MARK: &str = "$t$";
/// Longest resource, bytes.
const LONGEST_RESOURCE: usize = 256;
/// Devices of one user that are remembered while they are offline.
const REMEMBERED_DEVICES: usize = 4;

/// What one PROVISION says.
#[derive(Clone, Debug)]
pub(super) struct Login {
    app_key: Option<String>,
    name: String,
    resource: Option<String>,
    session_id: Option<String>,
    proof: Proof,
}

/// How somebody proves who they are.
#[derive(Clone, Debug)]
enum Proof {
    Token(Secret),
    Password(Secret),
}

/// `Provision.authToken` of 4.21.1.
#[derive(Deserialize)]
struct AuthToken {
    token: String,
}

impl Login {
    /// Reads a PROVISION. Clients differ: a token stands in `MSync.auth`, in `Provision.auth` or
    /// as JSON in `Provision.authToken`; load generators send a bare password.
    ///
    /// # Errors
    /// The frame does not say who or gives no proof.
    pub(super) fn read(frame: &uplink::Frame) -> Result<Self, Refusal> {
        let provision = Provision::decode(frame.payload.clone().unwrap_or_default())
            .map_err(|_| not_readable("a Provision"))?;
        let guid = Jid::decode(frame.guid.clone().unwrap_or_default()).map_err(|_| not_readable("a JID"))?;
        let name = guid.name.filter(|name| !name.is_empty()).ok_or_else(|| missing("guid.name"))?;
        let auth_token =
            provision.auth_token.as_deref().and_then(|json| serde_json::from_str::<AuthToken>(json).ok());
        let proof = [frame.auth.clone(), provision.auth, auth_token.map(|auth| auth.token)]
            .into_iter()
            .flatten()
            .find(|auth| !auth.is_empty())
            .map(|auth| match auth.strip_prefix(TOKEN_MARK) {
                Some(token) => Proof::Token(Secret::new(token)),
                None => Proof::Password(Secret::new(auth)),
            })
            .or_else(|| provision.password.map(|password| Proof::Password(Secret::new(password))))
            .ok_or_else(|| missing("auth"))?;
        let resource = [provision.resource, guid.client_resource]
            .into_iter()
            .flatten()
            .find(|resource| !resource.is_empty());
        if resource.as_ref().is_some_and(|resource| resource.len() > LONGEST_RESOURCE) {
            return Err(Refusal::new(ErrorCode::WrongParameter as i32, "resource is longer than 256 bytes"));
        }
        Ok(Self { app_key: guid.app_key, name, resource, session_id: provision.session_id, proof })
    }
}

/// The answer to a PROVISION that is refused.
pub(super) fn refusal(refusal: Refusal) -> Bytes {
    frame::provision(&Provision { status: Some(refusal.into_status()), ..Provision::default() })
}

/// The answer to a PROVISION that is good.
pub(super) fn accepted_as(resource: &str) -> Provision {
    Provision { status: Some(frame::ok()), resource: Some(resource.to_owned()), ..Provision::default() }
}

fn missing(what: &str) -> Refusal {
    Refusal::new(ErrorCode::MissingParameter as i32, format!("{what} is missing"))
}

// SDK 4.21.1 tells these texts apart under FAIL.
fn wrong_proof() -> Refusal {
    Refusal::new(ErrorCode::Fail as i32, "Sorry, token or password does not match login info")
}

impl World {
    /// Lets a device in, if its PROVISION is good: user, device and the answer.
    ///
    /// # Errors
    /// Why it is not.
    pub(super) fn admit(
        &mut self,
        now: Moment,
        id: ConnectionId,
        login: &Login,
    ) -> Result<(UserId, DeviceId, Bytes), Refusal> {
        let user_id = self.authenticate(now, login)?;
        let resource = login.resource.clone().unwrap_or_else(|| format!("webim_{}", self.random.next_u64()));
        self.make_room(now, user_id, &resource)?;
        self.sum_up_reads(now, user_id);
        let Some(user) = self.users.get_mut(user_id) else { return Err(wrong_proof()) };
        let was_away = !user.is_online();
        let device = user.admit(&resource);
        let device_id = device.id;
        // A page that reconnects may be here again before its old connection has been missed.
        let replaced = device.connection.replace(id);
        device.left = None;
        user.absent_since = None;
        user.mailbox.reset_notices(device_id);
        if was_away && self.faults.strikes(Fault::OfflineLifo) {
            user.mailbox.reverse();
        }
        if let Some(replaced) = replaced {
            self.close(now, replaced);
        }
        let answer = Provision { session_id: login.session_id.clone(), ..accepted_as(&resource) };
        Ok((user_id, device_id, frame::provision(&answer)))
    }

    fn authenticate(&self, now: Moment, login: &Login) -> Result<UserId, Refusal> {
        // Clients that were given the app key late send an empty one.
        if login
            .app_key
            .as_ref()
            .is_some_and(|app_key| !app_key.is_empty() && *app_key != self.settings.app_key)
            && !self.faults.strikes(Fault::AppIgnored)
        {
            return Err(Refusal::new(
                ErrorCode::WrongParameter as i32,
                "appKey is not the one that is served here",
            ));
        }
        let id = self.users.find(&login.name);
        let named = id.and_then(|id| Some((id, self.users.get(id)?)));
        let (id, user) =
            named.ok_or_else(|| Refusal::new(ErrorCode::Fail as i32, "Sorry, user not found"))?;
        // Before the proof: a ban ends every token, and its user is to learn why.
        if !user.is_active {
            return Err(Refusal::new(ErrorCode::ImForbidden as i32, "the account is banned"));
        }
        match &login.proof {
            Proof::Token(token) => match self.tokens.holder(token.reveal(), now) {
                Ok(Holder::User(holder)) if holder == id => {}
                Ok(Holder::User(_)) if self.faults.strikes(Fault::TrustGuid) => {}
                Err(_) if self.faults.strikes(Fault::TokenUnchecked) => {}
                Err(BadToken::Expired) => {
                    return Err(Refusal::new(ErrorCode::Fail as i32, "Sorry, token expired"));
                }
                Ok(_) | Err(BadToken::Unknown) => return Err(wrong_proof()),
            },
            Proof::Password(password) => {
                if !self.settings.choices.password_login || !is_same(password, &user.password) {
                    return Err(wrong_proof());
                }
            }
        }
        Ok(id)
    }

    /// Sees that a login does not bring a user beyond the number of devices.
    fn make_room(&mut self, now: Moment, user_id: UserId, resource: &str) -> Result<(), Refusal> {
        let Some(user) = self.users.get_mut(user_id) else { return Ok(()) };
        if user.devices.iter().any(|device| &*device.resource == resource) {
            return Ok(());
        }
        let offline: Vec<DeviceId> = user
            .devices
            .iter()
            .filter(|device| device.connection.is_none())
            .map(|device| device.id)
            .collect();
        if offline.len() >= REMEMBERED_DEVICES
            && let Some(oldest) = offline.first()
        {
            user.forget(*oldest);
        }
        let online: Vec<ConnectionId> = user.online().map(|(_, connection)| connection).collect();
        if !self.settings.services.multi_device {
            for other in online {
                self.kick(now, other, user_id, Operation::UserLoginAnotherDevice);
            }
            return Ok(());
        }
        if online.len() < self.settings.limits.devices {
            return Ok(());
        }
        match self.settings.choices.device_limit {
            DeviceLimit::Refuse => Err(Refusal::new(ErrorCode::TooManyDevices as i32, "too many devices")),
            DeviceLimit::KickOldest => {
                if let Some(oldest) = online.first() {
                    self.kick(now, *oldest, user_id, Operation::UserKickedByOtherDevice);
                }
                Ok(())
            }
        }
    }

    /// Tells a device why, and closes its connection.
    pub(super) fn kick(&mut self, now: Moment, connection: ConnectionId, user: UserId, why: Operation) {
        let body =
            crate::protocol::schema::StatisticsBody { operation: Some(why as i32), ..Default::default() };
        let to = self.users.get(user).map_or_else(Bytes::new, |user| user.address.jid.clone());
        let from = self.system.jid.clone();
        let meta = frame::meta(
            self.ids.next(now),
            now,
            NameSpace::Statistic,
            from.clone(),
            to,
            body.encode_to_vec().into(),
        );
        self.send(connection, frame::push(meta.encode_to_vec().into(), from, now));
        self.close(now, connection);
    }

    /// Kicks every device of a user.
    pub(super) fn kick_all(&mut self, now: Moment, user: UserId, why: Operation) {
        let online: Vec<ConnectionId> = self
            .users
            .get(user)
            .into_iter()
            .flat_map(|user| user.online())
            .map(|(_, connection)| connection)
            .collect();
        for connection in online {
            self.kick(now, connection, user, why);
        }
    }
}

/// Whether two secrets are equal, in a time that does not tell where they differ.
pub(super) fn is_same(one: &Secret, other: &Secret) -> bool {
    let (one, other) = (one.reveal().as_bytes(), other.reveal().as_bytes());
    let difference = one.iter().zip(other).fold(0, |difference, (left, right)| difference | (left ^ right));
    one.len() == other.len() && difference == 0
}
