//! Access tokens: opaque random texts and whom each stands for.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::Rng as _;
use rand_chacha::ChaCha12Rng;

use super::user::UserId;
use crate::protocol::{secret::Secret, time::Moment};

/// Random bytes in a token.
const TOKEN_BYTES: usize = 32;

/// Whom a token stands for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Holder {
    /// The app: may do everything.
    App,
    /// One user.
    User(UserId),
}

/// A token that is not good.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BadToken {
    /// Never given, or withdrawn.
    Unknown,
    /// Its time is over.
    Expired,
}

/// Every token that is out.
#[derive(Debug)]
pub(super) struct Tokens {
    // The map's keyed hash and the length of a token make the time of a miss tell nothing.
    live: HashMap<Secret, (Holder, Option<Moment>)>,
    by_holder: HashMap<Holder, VecDeque<Secret>>,
    /// Tokens that one holder has at once, at least one; one more ends the oldest.
    per_holder: usize,
}

impl Tokens {
    /// No tokens, and how many one holder may have.
    pub(super) fn new(per_holder: usize) -> Self {
        Self { live: HashMap::new(), by_holder: HashMap::new(), per_holder: per_holder.max(1) }
    }

    /// Makes a token. A life of zero has no end.
    pub(super) fn issue(
        &mut self,
        random: &mut ChaCha12Rng,
        holder: Holder,
        now: Moment,
        life: Duration,
    ) -> Secret {
        let token = unguessable(random);
        let held = self.by_holder.entry(holder).or_default();
        if held.len() >= self.per_holder
            && let Some(oldest) = held.pop_front()
        {
            self.live.remove(&oldest);
        }
        held.push_back(token.clone());
        self.live.insert(token.clone(), (holder, (!life.is_zero()).then(|| now + life)));
        token
    }

    /// Whom a token stands for.
    ///
    /// # Errors
    /// The token is not good.
    pub(super) fn holder(&self, token: &str, now: Moment) -> Result<Holder, BadToken> {
        match self.live.get(&Secret::new(token)) {
            None => Err(BadToken::Unknown),
            Some((_, Some(end))) if *end <= now => Err(BadToken::Expired),
            Some((holder, _)) => Ok(*holder),
        }
    }

    /// Ends every token of a holder.
    pub(super) fn revoke(&mut self, holder: Holder) {
        for token in self.by_holder.remove(&holder).into_iter().flatten() {
            self.live.remove(&token);
        }
    }
}

/// A text that nobody guesses.
pub(super) fn unguessable(random: &mut ChaCha12Rng) -> Secret {
    let mut bytes = [0; TOKEN_BYTES];
    random.fill_bytes(&mut bytes);
    Secret::new(format!("YWMt{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}
