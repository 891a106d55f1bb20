//! The world of a scenario: its groups and rooms with everyone's place in them, and its block lists.

use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

use super::{
    cast::Conference,
    errand::{AfterLoss, Before, Terms},
    evidence::excerpt,
    member::Member,
    name,
    setup::{Company, SetupError, path_of},
};
use crate::{
    client::{ClientError, Method, segment},
    history,
    protocol::{message::ChatType, secret::Secret},
    scenario::model::{self, Performer},
};

/// How long a mute of a scenario's world lasts, ms; longer than any run.
const MUTE_MS: u64 = 24 * 3600 * 1000;
/// Most names that one call of the REST interface takes.
const NAMES_PER_CALL: usize = 60;
/// Most places of one owner that are looked at for one whose making was not answered.
const PLACES: usize = 1000;

impl Company<'_> {
    /// Makes the scenario's world true; what was made is in `made` even if it fails.
    pub(super) async fn build(
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
                let path = format!("/users/{}/blocks/users", segment(&owner.role.user));
                self.list(&path, &names, self.token_of(Some(owner)).await?.as_ref()).await?;
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
        let token = self.token_of(owner.as_ref()).await?;
        let token = token.as_ref();
        let names: Vec<&str> = inside.iter().map(|member| &*member.role.user).collect();
        let (first, more) = names.split_at(names.len().min(NAMES_PER_CALL));
        if wanted.id.is_none() {
            let owner = owner.as_ref().map_or("", |owner| &*owner.role.user);
            let name = name::conference(self.run, cast, &wanted.name);
            made[place].id = self.create(chat_type, &name, owner, first, token).await?;
        }
        let base = format!("{}/{}", path_of(chat_type), segment(&made[place].id));
        if wanted.id.is_none() {
            self.list(&format!("{base}/users"), more, token).await?;
        }
        let names = |list: &[Performer]| -> Vec<String> {
            list.iter()
                .flat_map(|who| named(*who, members))
                .map(|member| member.role.user.to_string())
                .collect()
        };
        for admin in names(&wanted.admins) {
            self.post(&format!("{base}/admin"), Some(&json!({"newadmin": admin})), token).await?;
        }
        for muted in names(&wanted.muted).chunks(NAMES_PER_CALL) {
            let body = json!({"usernames": muted, "mute_duration": MUTE_MS});
            self.post(&format!("{base}/mute"), Some(&body), token).await?;
        }
        self.list(&format!("{base}/white/users"), &names(&wanted.allow_list), token).await?;
        self.list(&format!("{base}/blocks/users"), &names(&wanted.blocks), token).await?;
        if wanted.mute_all {
            self.post(&format!("{base}/ban"), None, token).await?;
        }
        Ok(())
    }

    /// Makes a group or room. One that was made without an answer is found by its name, which is no
    /// other's.
    async fn create(
        &self,
        chat_type: ChatType,
        name: &str,
        owner: &str,
        members: &[&str],
        token: Option<&Secret>,
    ) -> Result<String, SetupError> {
        let (body, key) = match chat_type {
            ChatType::Room => (
                json!({"name": name, "description": "made by chatproof", "maxusers": 10_000,
                       "owner": owner, "members": members}),
                "id",
            ),
            ChatType::Group | ChatType::Single => (
                json!({"groupname": name, "desc": "made by chatproof", "public": true, "approval": false,
                       "allowinvites": false, "invite_need_confirm": false,
                       "maxusers": 2000, "owner": owner, "members": members}),
                "groupid",
            ),
        };
        let (path, body) = (path_of(chat_type), &body);
        let token = token.or(self.authority.app_token.as_ref());
        let call = |before| async move {
            let rest = &self.authority.rest;
            if before == Before::LostAnswer {
                let joined =
                    format!("/users/{}/joined_{}?pagenum=1&pagesize={PLACES}", segment(owner), &path[1..]);
                let reply = rest.call(Method::GET, &joined, token, None).await?.success()?;
                let mine = |place: &&Json| ["groupname", "name"].iter().any(|key| place[*key] == name);
                let place = reply.body["data"].as_array().and_then(|places| places.iter().find(mine));
                if let Some(id) = place.and_then(|place| id(&place[key])) {
                    return Ok(Some(id));
                }
            }
            let reply = rest.call(Method::POST, path, token, Some(body)).await?.success()?;
            Ok(id(&reply.body["data"][key]))
        };
        match self.authority.errands.run(self.terms(AfterLoss::Ask), call).await {
            Ok(Some(id)) => Ok(id),
            Ok(None) => Err(SetupError::Failed(format!("create {name}: the answer has no data.{key}"))),
            Err(undone) => {
                Err(SetupError::rest(&format!("create {}", excerpt(name)), &undone, &self.authority))
            }
        }
    }

    /// Adds names to a list, in as many calls as it needs.
    async fn list(
        &self,
        path: &str,
        names: &[impl AsRef<str>],
        token: Option<&Secret>,
    ) -> Result<(), SetupError> {
        for chunk in names.chunks(NAMES_PER_CALL) {
            let names: Vec<&str> = chunk.iter().map(AsRef::as_ref).collect();
            self.post(path, Some(&json!({"usernames": names})), token).await?;
        }
        Ok(())
    }

    /// One call that may be made twice: what it asks for is then so already.
    async fn post(&self, path: &str, body: Option<&Json>, token: Option<&Secret>) -> Result<(), SetupError> {
        let token = token.or(self.authority.app_token.as_ref());
        let call = |before| async move {
            let reply = self.authority.rest.call(Method::POST, path, token, body).await?;
            match reply.success() {
                Err(ClientError::Rest { description, .. })
                    if before == Before::LostAnswer && description.contains("already") =>
                {
                    Ok(())
                }
                other => other.map(drop),
            }
        };
        let done = self.authority.errands.run(self.terms(AfterLoss::Ask), call).await;
        done.map_err(|undone| SetupError::rest("make the world", &undone, &self.authority))
    }

    /// The token of an owner, where the app's is not known.
    async fn token_of(&self, owner: Option<&Arc<Member>>) -> Result<Option<Secret>, SetupError> {
        let Some(owner) = owner.filter(|_| self.authority.app_token.is_none()) else { return Ok(None) };
        let (user, password) = (&owner.role.user, &owner.role.password);
        let call = |_| self.authority.rest.user_token(user, password);
        let done = self.authority.errands.run(self.terms(AfterLoss::Ask), call).await;
        let (token, _) = done.map_err(|undone| {
            SetupError::rest(&format!("get the token of {}", owner.role.label), &undone, &self.authority)
        })?;
        owner.ledger().keep_secret(&token);
        Ok(Some(token))
    }

    /// How what makes a world is run.
    pub(super) const fn terms(&self, after_loss: AfterLoss) -> Terms<'_> {
        Terms { after_loss, until: None, stop: Some(self.stop) }
    }
}

fn id(value: &Json) -> Option<String> {
    match value {
        Json::String(id) if !id.is_empty() => Some(id.clone()),
        Json::Number(id) => Some(id.to_string()),
        _ => None,
    }
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
