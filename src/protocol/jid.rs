//! Addresses: who and what a JID can name.

use super::schema::Jid;

/// Domain of users and their devices.
pub const USER_DOMAIN: &str = "easemob.com";
/// Domain of groups and chat rooms.
pub const CONFERENCE_DOMAIN: &str = "conference.easemob.com";

impl Jid {
    /// A user: `appkey_name@easemob.com`.
    pub fn user(app_key: &str, name: &str) -> Self {
        Self::at(app_key, name, USER_DOMAIN)
    }

    /// One device of a user: `appkey_name@easemob.com/resource`.
    pub fn device(app_key: &str, name: &str, resource: &str) -> Self {
        Self { client_resource: Some(resource.to_owned()), ..Self::user(app_key, name) }
    }

    /// A group or chat room: `appkey_id@conference.easemob.com`.
    pub fn conference(app_key: &str, id: &str) -> Self {
        Self::at(app_key, id, CONFERENCE_DOMAIN)
    }

    /// Only a name, as `MessageBody.from` and `.to` carry it.
    pub fn named(name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::default() }
    }

    /// The address as REST writes it: `appkey_name@domain/resource`.
    ///
    /// ```
    /// use chatproof::protocol::schema::Jid;
    ///
    /// assert_eq!(Jid::device("a#b", "bob", "webim_1").text(), "a#b_bob@easemob.com/webim_1");
    /// ```
    pub fn text(&self) -> String {
        let (app_key, name, domain) = (self.app_key(), self.name(), self.domain());
        match self.client_resource() {
            "" => format!("{app_key}_{name}@{domain}"),
            resource => format!("{app_key}_{name}@{domain}/{resource}"),
        }
    }

    fn at(app_key: &str, name: &str, domain: &str) -> Self {
        Self {
            app_key: Some(app_key.to_owned()),
            name: Some(name.to_owned()),
            domain: Some(domain.to_owned()),
            client_resource: None,
        }
    }

    /// Whether this address lies in the domain of groups and chat rooms.
    pub fn is_conference(&self) -> bool {
        self.domain.as_deref() == Some(CONFERENCE_DOMAIN)
    }
}
