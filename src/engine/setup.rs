//! Before and after the play: accounts, the world of the scenario, logins, and taking all of it away.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use rand::RngExt;
use tokio::time::Instant;

use super::{
    advice,
    authority::Authority,
    cast::{Cast, Facts},
    dismiss::Remains,
    errand::{AfterLoss, Before, Undone},
    ledger::{Exclusive, Ledger},
    member::{Member, Role, Turn},
    name,
    stop::Stop,
    target::{Registration, Target},
};
use crate::{
    client::ClientError,
    history::{Member as Name, SessionId},
    protocol::{downlink::Delivery, message::ChatType, secret::Secret},
    scenario::{
        Scenario,
        model::{self, Account, ActorId},
    },
};

/// How long each login and logout of a set-up may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long it may take to undo a set-up that failed.
const UNDOING: Duration = Duration::from_secs(30);
/// Length of a made password, characters.
const PASSWORD: usize = 20;
/// The error of a registration under a name that somebody has.
const TAKEN: &str = "duplicate_unique_property_exists";

/// Why a cast could not be set up.
#[derive(Debug)]
pub(super) enum SetupError {
    /// The target cannot do what the scenario needs.
    NotTestable(String),
    /// The target cannot be reached or refused what it must do.
    Failed(String),
    /// The run was stopped before this cast's turn.
    Stopped,
}

impl SetupError {
    /// What a call came to that makes a world.
    pub(super) fn rest(what: &str, undone: &Undone, authority: &Authority) -> Self {
        let reason = format!("{what}: {}", advice::advised(undone, authority.denied));
        match undone.error {
            // Without the app's own token a refusal says only that a user may not do it.
            ClientError::Rest { status: 401 | 403, .. } if authority.app_token.is_none() => {
                Self::NotTestable(reason)
            }
            _ => Self::Failed(reason),
        }
    }
}

/// What all casts of a run have in common.
#[derive(Debug)]
pub(super) struct Company<'a> {
    pub(super) scenario: &'a Arc<Scenario>,
    pub(super) target: &'a Target,
    pub(super) authority: Authority,
    /// What every made name begins with; differs from run to run.
    pub(super) run: &'a str,
    pub(super) facts: Facts,
    pub(super) stop: &'a Stop,
    /// What is left behind by casts whose set-up failed.
    pub(super) remains: &'a Mutex<Remains>,
}

impl Company<'_> {
    /// Makes one cast: accounts, world, logins. What was made is undone if it fails.
    pub(super) async fn assemble(&self, ledger: Arc<Ledger>) -> Result<Cast, SetupError> {
        let members = self.hire(&ledger)?;
        let mut conferences = Vec::new();
        let built = match self.register(&members).await {
            Ok(()) => self.build(ledger.cast(), &members, &mut conferences).await,
            Err(error) => Err(error),
        };
        let authority = self.authority.clone();
        let scenario = Arc::clone(self.scenario);
        let cast = Cast::new(scenario, ledger, members, conferences, authority, &self.facts);
        let ready = match built {
            Ok(()) => self.log_in(&cast).await,
            Err(error) => Err(error),
        };
        match ready {
            Ok(()) => {
                cast.book_members();
                Ok(cast)
            }
            Err(error) => {
                let left = cast.dismiss(Instant::now() + UNDOING).await;
                self.remains.lock().unwrap_or_else(PoisonError::into_inner).merge(left);
                Err(error)
            }
        }
    }

    /// The members of a cast, none of them registered.
    fn hire(&self, ledger: &Arc<Ledger>) -> Result<Vec<Vec<Arc<Member>>>, SetupError> {
        let mut members: Vec<Vec<Arc<Member>>> = Vec::new();
        for actor in &self.scenario.actors {
            let mut clients = Vec::new();
            for index in 0..actor.count {
                let role = self.role(actor, index, &members, ledger)?;
                clients.push(Arc::new(Member::new(role, Arc::clone(ledger))));
            }
            members.push(clients);
        }
        Ok(members)
    }

    fn role(
        &self,
        actor: &model::Actor,
        index: u32,
        hired: &[Vec<Arc<Member>>],
        ledger: &Ledger,
    ) -> Result<Role, SetupError> {
        let label = if actor.is_group { format!("{}[{index}]", actor.name) } else { actor.name.clone() };
        let cast = ledger.cast();
        let mut turn = Turn::default();
        let (user, password, exclusive) = match &actor.account {
            Account::Made => {
                (name::made(self.run, cast, hired.len(), actor, index), made_password(), Exclusive::Yes)
            }
            Account::Known(name) => {
                let password = self.target.accounts.get(name).cloned().ok_or_else(|| {
                    SetupError::NotTestable(format!(
                        "the target has no account {name}: name it in the `users` file of its profile, or \
                         leave out `user`"
                    ))
                })?;
                (name.clone(), password, Exclusive::No)
            }
            Account::DeviceOf(ActorId(other)) => {
                let role = &hired[*other][index as usize % hired[*other].len()].role;
                turn.clone_from(&role.turn);
                (role.user.to_string(), role.password.clone(), Exclusive::Yes)
            }
        };
        let generation = actor.generation_in(self.target.generation);
        let network = self.target.network(generation).cloned().ok_or_else(|| {
            SetupError::NotTestable(format!(
                "{label} plays SDK {generation}, and the target has no endpoint that this generation speaks to"
            ))
        })?;
        ledger.keep_secret(&password);
        let account = ledger.user(&user, exclusive);
        let name = Name { cast, user: account, label: label.clone() };
        let session: SessionId = ledger.recorder().name(|names| names.add_session(name));
        Ok(Role {
            label: label.into(),
            actor: actor.name.as_str().into(),
            index,
            user: user.into(),
            password,
            generation,
            delivery: if actor.delivery { Delivery::AsSdk } else { Delivery::Off },
            network,
            account,
            session,
            turn,
        })
    }

    async fn register(&self, members: &[Vec<Arc<Member>>]) -> Result<(), SetupError> {
        let made =
            self.scenario.actors.iter().zip(members).filter(|(actor, _)| actor.account == Account::Made);
        let made: Vec<_> = made.flat_map(|(_, members)| members).collect();
        if made.is_empty() {
            return Ok(());
        }
        let token = self.registrar()?;
        let registered = made.into_iter().map(|member| {
            let (user, password) = (&member.role.user, &member.role.password);
            let call = move |before| async move {
                match self.authority.rest.register(user, password, token).await {
                    // The name is no other run's, so the call whose answer was lost has made it.
                    Err(ClientError::Rest { status: 400, error, .. })
                        if before == Before::LostAnswer && error.contains(TAKEN) =>
                    {
                        Ok(())
                    }
                    other => other.map(drop),
                }
            };
            self.authority.errands.run(self.terms(AfterLoss::Ask), call)
        });
        for outcome in join_all(registered).await {
            outcome.map_err(|undone| SetupError::rest("register a user", &undone, &self.authority))?;
        }
        Ok(())
    }

    /// The token that registers accounts, where one is needed.
    fn registrar(&self) -> Result<Option<&Secret>, SetupError> {
        let app_token = self.authority.app_token.as_ref();
        match (self.target.registration, app_token) {
            (Registration::Either, _) | (Registration::App, Some(_)) => Ok(app_token),
            (Registration::Open, _) => Ok(None),
            (Registration::App, None) => Err(SetupError::NotTestable(
                "only the app registers accounts on this target, and its credentials are not known: set \
                 CHATPROOF_CLIENT_ID with CHATPROOF_CLIENT_SECRET, or CHATPROOF_TOKEN"
                    .to_owned(),
            )),
            (Registration::Closed, _) => Err(SetupError::NotTestable(
                "nobody registers accounts on this target; its actors need a `user` of its users file"
                    .to_owned(),
            )),
        }
    }

    /// Logs in everyone who is to be there from the start.
    async fn log_in(&self, cast: &Cast) -> Result<(), SetupError> {
        let expected = cast.scenario.actors.iter().zip(&cast.members).filter(|(actor, _)| actor.login);
        let logins = expected.flat_map(|(_, members)| members).map(|member| async move {
            let call = |_| async { Ok(member.login(PATIENCE).await?) };
            let done = self.authority.errands.run(self.terms(AfterLoss::GiveUp), call).await;
            done.map_err(|undone| {
                let told = advice::advised(&undone, advice::PASSWORD);
                SetupError::Failed(format!("log {} in: {told}", member.role.label))
            })
        });
        join_all(logins).await.into_iter().collect()
    }
}

/// Where the REST interface has groups or rooms.
pub(super) const fn path_of(chat_type: ChatType) -> &'static str {
    match chat_type {
        ChatType::Room => "/chatrooms",
        ChatType::Group | ChatType::Single => "/chatgroups",
    }
}

fn made_password() -> Secret {
    let mut random = rand::rng();
    Secret::new(
        (0..PASSWORD).map(|_| char::from(random.sample(rand::distr::Alphanumeric))).collect::<String>(),
    )
}
