//! Before and after the play: accounts, the world of the scenario, logins, and taking all of it away.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::join_all;
use rand::RngExt;
use serde_json::{Value as Json, json};

use super::{
    authority::Authority,
    cast::{Cast, Conference, Facts},
    ledger::{Exclusive, Ledger},
    member::{Member, Refusing, Role, Turn},
    name,
    setback::chain,
    target::{Registration, Target},
};
use crate::{
    client::{ClientError, Reply},
    history::{self, Member as Name, SessionId},
    protocol::{downlink::Delivery, message::ChatType, secret::Secret},
    scenario::{
        Scenario,
        model::{self, Account, ActorId, Performer},
    },
};

/// How long each login and logout of a set-up may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a mute of a scenario's world lasts, ms; longer than any run.
const MUTE_MS: u64 = 24 * 3600 * 1000;
/// Length of a made password, characters.
const PASSWORD: usize = 20;
/// Most names that one call of the REST interface takes.
const NAMES_PER_CALL: usize = 60;

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
    fn rest(what: &str, error: &ClientError, authority: &Authority) -> Self {
        let reason = format!("{what}: {}", chain(error));
        match error {
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
            Ok(()) => log_in(&cast).await,
            Err(error) => Err(error),
        };
        match ready {
            Ok(()) => {
                cast.book_members();
                Ok(cast)
            }
            Err(error) => {
                cast.dismiss().await;
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
                    SetupError::NotTestable(format!("the target's profile has no account {name}"))
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
        let calls = made.into_iter().map(|member| async move {
            let (user, password) = (&member.role.user, &member.role.password);
            self.authority.rest.register(user, password, token).await
        });
        for call in join_all(calls).await {
            call.map_err(|error| SetupError::rest("register a user", &error, &self.authority))?;
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
                "only the app registers accounts on this target, and its credentials are not known"
                    .to_owned(),
            )),
            (Registration::Closed, _) => Err(SetupError::NotTestable(
                "nobody registers accounts on this target; its actors need a `user` of its users file"
                    .to_owned(),
            )),
        }
    }

    /// Makes the scenario's world true; what was made is in `made` even if it fails.
    async fn build(
        &self,
        cast: history::Cast,
        members: &[Vec<Arc<Member>>],
        made: &mut Vec<Conference>,
    ) -> Result<(), SetupError> {
        let world = &self.scenario.world;
        let kinds = [(ChatType::Group, &world.groups), (ChatType::Room, &world.rooms)];
        for (chat_type, wanted) in kinds {
            for conference in wanted {
                self.found(cast, chat_type, conference, members, made).await?;
            }
        }
        for (blocker, blocked) in &world.blocks {
            for owner in named(*blocker, members) {
                let names: Vec<&str> = named(*blocked, members).map(|member| &*member.role.user).collect();
                let path = format!("/users/{}/blocks/users", owner.role.user);
                self.list(&path, &names, Some(owner)).await?;
            }
        }
        Ok(())
    }

    async fn found(
        &self,
        cast: history::Cast,
        chat_type: ChatType,
        wanted: &model::Conference,
        members: &[Vec<Arc<Member>>],
        made: &mut Vec<Conference>,
    ) -> Result<(), SetupError> {
        let owner = wanted.owner.and_then(|owner| named(owner, members).next()).cloned();
        let inside: Vec<Arc<Member>> =
            wanted.members.iter().flat_map(|who| named(*who, members)).cloned().collect();
        let everyone = owner.iter().chain(&inside).cloned().collect();
        let place = made.len();
        made.push(Conference {
            name: wanted.name.clone(),
            id: wanted.id.clone().unwrap_or_default(),
            chat_type,
            owner: owner.clone(),
            members: Mutex::new(everyone),
            made: wanted.id.is_none(),
        });
        if wanted.id.is_none() {
            let owner_name = owner.as_ref().map(|owner| owner.role.user.to_string()).unwrap_or_default();
            let names: Vec<&str> = inside.iter().map(|member| &*member.role.user).collect();
            let name = name::conference(self.run, cast, &wanted.name);
            made[place].id = self.create(chat_type, &name, &owner_name, &names, owner.as_ref()).await?;
        }
        let base = format!("{}/{}", path_of(chat_type), made[place].id);
        let names = |list: &[Performer]| -> Vec<String> {
            list.iter()
                .flat_map(|who| named(*who, members))
                .map(|member| member.role.user.to_string())
                .collect()
        };
        let owner = owner.as_ref();
        for admin in names(&wanted.admins) {
            self.call(&format!("{base}/admin"), Some(&json!({"newadmin": admin})), owner).await?;
        }
        for muted in names(&wanted.muted).chunks(NAMES_PER_CALL) {
            let body = json!({"usernames": muted, "mute_duration": MUTE_MS});
            self.call(&format!("{base}/mute"), Some(&body), owner).await?;
        }
        self.list(&format!("{base}/white/users"), &names(&wanted.allow_list), owner).await?;
        self.list(&format!("{base}/blocks/users"), &names(&wanted.blocks), owner).await?;
        if wanted.mute_all {
            self.call(&format!("{base}/ban"), None, owner).await?;
        }
        Ok(())
    }

    async fn create(
        &self,
        chat_type: ChatType,
        name: &str,
        owner: &str,
        members: &[&str],
        as_owner: Option<&Arc<Member>>,
    ) -> Result<String, SetupError> {
        let (first, rest) = members.split_at(members.len().min(NAMES_PER_CALL));
        let (body, key) = match chat_type {
            ChatType::Room => (
                json!({"name": name, "description": "made by chatproof", "maxusers": 10_000,
                       "owner": owner, "members": first}),
                "id",
            ),
            ChatType::Group | ChatType::Single => (
                json!({"groupname": name, "desc": "made by chatproof", "public": true, "approval": false,
                       "allowinvites": false, "invite_need_confirm": false,
                       "maxusers": 2000, "owner": owner, "members": first}),
                "groupid",
            ),
        };
        let reply = self.call(path_of(chat_type), Some(&body), as_owner).await?;
        let id = match &reply.body["data"][key] {
            Json::String(id) if !id.is_empty() => id.clone(),
            Json::Number(id) => id.to_string(),
            _ => return Err(SetupError::Failed(format!("create {name}: the answer has no data.{key}"))),
        };
        for chunk in rest.chunks(NAMES_PER_CALL) {
            let path = format!("{}/{id}/users", path_of(chat_type));
            self.call(&path, Some(&json!({"usernames": chunk})), as_owner).await?;
        }
        Ok(id)
    }

    /// Adds names to a list, in as many calls as it needs.
    async fn list(
        &self,
        path: &str,
        names: &[impl AsRef<str>],
        as_owner: Option<&Arc<Member>>,
    ) -> Result<(), SetupError> {
        for chunk in names.chunks(NAMES_PER_CALL) {
            let names: Vec<&str> = chunk.iter().map(AsRef::as_ref).collect();
            self.call(path, Some(&json!({"usernames": names})), as_owner).await?;
        }
        Ok(())
    }

    /// One call with the app's token or, where there is none, with the owner's.
    async fn call(
        &self,
        path: &str,
        body: Option<&Json>,
        owner: Option<&Arc<Member>>,
    ) -> Result<Reply, SetupError> {
        let failed = |error: ClientError| SetupError::rest(&format!("POST {path}"), &error, &self.authority);
        let token = match (&self.authority.app_token, owner) {
            (None, Some(owner)) => {
                let (user, password) = (&owner.role.user, &owner.role.password);
                Some(self.authority.rest.user_token(user, password).await.map_err(failed)?.0)
            }
            _ => None,
        };
        self.authority.post(path, token.as_ref(), body).await.map_err(failed)
    }
}

/// Logs in everyone who is to be there from the start.
async fn log_in(cast: &Cast) -> Result<(), SetupError> {
    let expected = cast.scenario.actors.iter().zip(&cast.members).filter(|(actor, _)| actor.login);
    let logins = expected.flat_map(|(_, members)| members).map(|member| async move {
        member.login(PATIENCE).await.map_err(|refusing| match refusing {
            Refusing::Code(_, said) => SetupError::Failed(format!("log {} in: {said}", member.role.label)),
            Refusing::Failed(error) => {
                SetupError::Failed(format!("log {} in: {}", member.role.label, chain(&error)))
            }
        })
    });
    join_all(logins).await.into_iter().collect()
}

/// The members that a name of the world means.
fn named(who: Performer, members: &[Vec<Arc<Member>>]) -> impl Iterator<Item = &Arc<Member>> {
    let (all, one) = match who {
        Performer::All(actor) => (Some(actor), None),
        Performer::One(actor, index) => (None, Some((actor, index))),
        // The reader lets `self` pass inside `each` only, never in a world.
        Performer::Myself => (None, None),
    };
    all.into_iter()
        .flat_map(|actor| &members[actor.0])
        .chain(one.and_then(|(actor, index)| members[actor.0].get(index as usize)))
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
