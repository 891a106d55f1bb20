//! The end of a cast: everyone is logged out, and what was made for it is taken away.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;

use super::{cast::Cast, cast::Conference, member::Member, setup::path_of};
use crate::{
    client::{ClientError, Method, Reply},
    scenario::model::Account,
};

/// How long each logout may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How many accounts are removed at the same time.
const REMOVALS: usize = 16;
/// The HTTP status of what is not there, be it that the scenario removed it itself.
const GONE: u16 = 404;

impl Cast {
    /// Logs everyone out and removes what was made. Returns what could not be removed.
    pub(super) async fn dismiss(&self) -> Vec<String> {
        let mut left = Vec::new();
        for conference in self.conferences().filter(|one| one.made && !one.id.is_empty()) {
            let path = format!("{}/{}", path_of(conference.chat_type), conference.id);
            if !is_gone(self.destroy(conference, &path).await) {
                left.push(path);
            }
        }
        let online = self.everyone().filter(|member| member.client().is_some());
        join_all(online.map(|member| member.logout(PATIENCE))).await;
        let actors = self.scenario.actors.iter().zip(&self.members);
        let made: Vec<&Arc<Member>> = actors
            .filter(|(actor, _)| actor.account == Account::Made)
            .flat_map(|(_, members)| members)
            .collect();
        for some in made.chunks(REMOVALS) {
            let removals = some.iter().map(|member| async move {
                let path = format!("/users/{}", member.role.user);
                let token = self.app_token.as_ref().ok_or(ClientError::Ended);
                let removed = match token {
                    Ok(token) => self.rest.call(Method::DELETE, &path, Some(token), None).await,
                    Err(error) => Err(error),
                };
                (!is_gone(removed)).then_some(path)
            });
            left.extend(join_all(removals).await.into_iter().flatten());
        }
        left
    }

    /// Destroys a group or room as the app or, where its token is not known, as the owner.
    async fn destroy(&self, conference: &Conference, path: &str) -> Result<Reply, ClientError> {
        let token = match (&self.app_token, &conference.owner) {
            (Some(token), _) => token.clone(),
            (None, Some(owner)) => match owner.client() {
                Some(client) => client.token().clone(),
                None => self.rest.user_token(&owner.role.user, &owner.role.password).await?.0,
            },
            (None, None) => return Err(ClientError::Ended),
        };
        self.rest.call(Method::DELETE, path, Some(&token), None).await
    }
}

fn is_gone(removed: Result<Reply, ClientError>) -> bool {
    removed.is_ok_and(|reply| reply.is_success() || reply.status == GONE)
}
