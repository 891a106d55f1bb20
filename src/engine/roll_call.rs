//! Who is in a group or room after a REST call may have changed that: the target is asked.

use std::sync::{Arc, PoisonError};

use serde_json::Value;

use super::{
    cast::{Cast, Conference},
    member::Member,
    setup::path_of,
};
use crate::client::{ClientError, Method, Reply};

/// Members of one page.
const PAGE: usize = 100;
/// Most pages that are asked for.
const PAGES: usize = 100;

impl Conference {
    /// Who of the cast is in it, as far as is known.
    pub(super) fn present(&self) -> Vec<Arc<Member>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_present(&self, members: Vec<Arc<Member>>) {
        *self.members.lock().unwrap_or_else(PoisonError::into_inner) = members;
    }
}

impl Cast {
    /// Learns anew who is in the place that a path names, if it is one of the cast's own.
    ///
    /// Markers go to whoever is in a place: who has left would be waited for in vain. Where the target
    /// does not say, what was known stands.
    pub(super) async fn call_roll(&self, path: &str) {
        let id = path.split(['/', '?']).filter(|word| !word.is_empty()).nth(1);
        let Some(conference) = self.conferences().find(|one| Some(one.id.as_str()) == id) else { return };
        let mut named: Vec<String> = Vec::new();
        for page in 1..=PAGES {
            let Ok(reply) = self.members_page(conference, page).await else { return };
            if reply.status == 404 {
                conference.set_present(Vec::new());
                return;
            }
            let Some(members) = reply.body["data"].as_array().filter(|_| reply.status == 200) else { return };
            named.extend(members.iter().filter_map(name));
            if members.len() < PAGE {
                break;
            }
        }
        let is_in = |member: &&Arc<Member>| named.iter().any(|name| **name == *member.role.user);
        conference.set_present(self.everyone().filter(is_in).map(Arc::clone).collect());
    }

    async fn members_page(&self, conference: &Conference, page: usize) -> Result<Reply, ClientError> {
        let base = path_of(conference.chat_type);
        let path = format!("{base}/{}/users?pagenum={page}&pagesize={PAGE}", conference.id);
        match (&self.app_token, conference.owner.as_ref().and_then(|owner| owner.client())) {
            (None, Some(owner)) => owner.rest(Method::GET, &path, None).await,
            (token, _) => self.rest.call(Method::GET, &path, token.as_ref(), None).await,
        }
    }
}

/// The name in `{"member": name}` or `{"owner": name}`.
fn name(entry: &Value) -> Option<String> {
    ["owner", "admin", "member"].iter().find_map(|role| Some(entry[role].as_str()?.to_owned()))
}
