//! The end of a cast: everyone is logged out, and what was made for it is taken away.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::time::Instant;

use super::{
    cast::{Cast, Conference},
    errand::{AfterLoss, Terms, Undone},
    evidence::excerpt,
    member::Member,
    setup::path_of,
};
use crate::{
    client::{ClientError, Method, segment},
    protocol::{message::ChatType, secret::Secret},
    scenario::model::Account,
};

/// How long each logout may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// The HTTP status of what is not there, be it that the scenario removed it itself.
const GONE: u16 = 404;
/// Most names that are told of what stays.
const SHOWN: usize = 5;

/// What was made for a run and could not be removed.
#[derive(Debug, Default)]
pub(super) struct Remains {
    /// How many accounts, groups and rooms.
    counts: [usize; 3],
    /// The first of them.
    names: Vec<String>,
    /// Why the first of them stays.
    reason: String,
}

impl Remains {
    fn add(&mut self, kind: usize, name: String, undone: &Undone) {
        self.counts[kind] += 1;
        if self.names.is_empty() {
            self.reason = undone.to_string();
        }
        if self.names.len() < SHOWN {
            self.names.push(name);
        }
    }

    /// Takes over what stays of another cast.
    pub(super) fn merge(&mut self, other: Self) {
        if self.names.is_empty() {
            self.reason = other.reason;
        }
        self.counts.iter_mut().zip(other.counts).for_each(|(count, more)| *count += more);
        self.names.extend(other.names);
        self.names.truncate(SHOWN);
    }

    /// What to tell of it, if there is any: how many, their names, why, and what to do.
    pub(super) fn told(&self, run: &str) -> Option<String> {
        let count: usize = self.counts.iter().sum();
        let kinds = ["account", "group", "room"].iter().zip(self.counts).filter(|(_, count)| *count > 0);
        let kinds = kinds.map(|(kind, count)| format!("{count} {kind}{}", if count == 1 { "" } else { "s" }));
        let more = if count > self.names.len() { ", …" } else { "" };
        (count > 0).then(|| {
            format!(
                "{} of this run stay on the target ({}{more}): {}; remove there what has a name that begins \
                 with cp-{run}-",
                kinds.collect::<Vec<_>>().join(", "),
                self.names.join(", "),
                self.reason,
            )
        })
    }
}

impl Cast {
    /// Logs everyone out and removes what was made, as much of it as can be until the deadline. Returns
    /// what stays.
    pub(super) async fn dismiss(&self, until: Instant) -> Remains {
        let mut remains = Remains::default();
        let made = self.conferences().filter(|one| one.made && !one.id.is_empty());
        let destroyed = join_all(made.map(|one| async move { (one, self.destroy(one, until).await) }));
        for (conference, outcome) in destroyed.await {
            let (kind, word) = match conference.chat_type {
                ChatType::Room => (2, "room"),
                ChatType::Group | ChatType::Single => (1, "group"),
            };
            if let Err(undone) = outcome {
                remains.add(kind, format!("{word} {}", excerpt(&conference.id)), &undone);
            }
        }
        let patience = PATIENCE.min(until.saturating_duration_since(Instant::now()));
        let online = self.everyone().filter(|member| member.client().is_some());
        join_all(online.map(|member| member.logout(patience))).await;
        let actors = self.scenario.actors.iter().zip(&self.members);
        let made =
            actors.filter(|(actor, _)| actor.account == Account::Made).flat_map(|(_, members)| members);
        let removed = join_all(made.map(|member| async move { (member, self.remove(member, until).await) }));
        for (member, outcome) in removed.await {
            if let Err(undone) = outcome {
                remains.add(0, format!("account {}", member.role.user), &undone);
            }
        }
        remains
    }

    /// Destroys a group or room as the app or, where its token is not known, as the owner.
    async fn destroy(&self, conference: &Conference, until: Instant) -> Result<(), Undone> {
        let path = &format!("{}/{}", path_of(conference.chat_type), segment(&conference.id));
        let call = |_| async move {
            let token = match (&self.app_token, &conference.owner) {
                (Some(token), _) => token.clone(),
                (None, Some(owner)) => match owner.client() {
                    Some(client) => client.token().clone(),
                    None => self.rest.user_token(&owner.role.user, &owner.role.password).await?.0,
                },
                (None, None) => return Err(unknown_app()),
            };
            self.delete(path, &token).await
        };
        self.errands.run(terms(until), call).await
    }

    /// Removes an account, which only the app may.
    async fn remove(&self, member: &Arc<Member>, until: Instant) -> Result<(), Undone> {
        let path = &format!("/users/{}", segment(&member.role.user));
        let call = |_| async move {
            let token = self.app_token.as_ref().ok_or_else(unknown_app)?;
            self.delete(path, token).await
        };
        self.errands.run(terms(until), call).await
    }

    async fn delete(&self, path: &str, token: &Secret) -> Result<(), ClientError> {
        let reply = self.rest.call(Method::DELETE, path, Some(token), None).await?;
        if reply.is_success() || reply.status == GONE { Ok(()) } else { reply.success().map(drop) }
    }
}

const fn terms(until: Instant) -> Terms<'static> {
    Terms { after_loss: AfterLoss::Ask, until: Some(until), stop: None }
}

fn unknown_app() -> ClientError {
    let problem = "that takes the app's credentials, which the target's profile does not have";
    ClientError::Misuse { problem: problem.to_owned() }
}
