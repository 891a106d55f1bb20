//! The calls that make worlds and take them away: few at once, made again where the server was only
//! busy, and never twice what must not be done twice.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rand::RngExt;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until, timeout_at},
};

use super::{setback::chain, stop::Stop};
use crate::client::ClientError;

/// How many errands of a run are under way at the same time: as many as the client keeps connections
/// for, since each one more would be opened for one call and closed again.
const AT_ONCE: usize = 64;
/// How long the first pause is after the server was busy, if it does not say; each one more is twice
/// as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause, and the longest that a server can ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long an errand may take from its first call on, where nothing else ends it.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the error of an exhausted plan says. To ask again makes it no larger.
const USED_UP: &str = "resource_limited";
/// How often an errand is run again whose answer was lost. Each loss may have taken all the time that
/// a call has.
const AGAIN_AFTER_LOSS: u32 = 2;

/// What runs errands. Clones share what they know of the server.
#[derive(Clone, Debug)]
pub(super) struct Errands(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    room: Semaphore,
    /// Before this the server wants to hear nothing.
    busy_until: Mutex<Instant>,
}

/// How one errand is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a> {
    /// Whether it may be run again after an answer that was lost.
    pub(super) after_loss: AfterLoss,
    /// When it is given up, the call that is under way included: where this says nothing, 30 s after
    /// its first call began.
    pub(super) until: Option<Instant>,
    /// What keeps it from being tried once more.
    pub(super) stop: Option<&'a Stop>,
}

/// What is done when an answer was lost: the server may have done what it was asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum AfterLoss {
    /// It is asked once more; the errand knows how to tell whether it was done.
    Ask,
    /// Nothing.
    GiveUp,
}

/// What came before a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Before {
    /// Nothing that had an effect.
    Nothing,
    /// The same call, of which the answer was lost.
    LostAnswer,
}

/// An errand that was not done.
#[derive(Debug)]
pub(super) struct Undone {
    /// How its last call ended.
    pub(super) error: ClientError,
    /// How many calls there were.
    pub(super) calls: u32,
}

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = chain(&self.error);
        match self.calls {
            0 | 1 => f.write_str(&reason),
            calls => write!(f, "{reason} (the last of {calls} tries)"),
        }
    }
}

impl Default for Errands {
    fn default() -> Self {
        let busy_until = Mutex::new(Instant::now());
        Self(Arc::new(Shared { room: Semaphore::new(AT_ONCE), busy_until }))
    }
}

impl Errands {
    /// Makes the call, and makes it again as long as the terms allow and there is hope.
    pub(super) async fn run<Done, Calling>(
        &self,
        terms: Terms<'_>,
        mut call: impl FnMut(Before) -> Calling,
    ) -> Result<Done, Undone>
    where
        Calling: Future<Output = Result<Done, ClientError>>,
    {
        let (mut calls, mut losses, mut pause) = (0, 0, FIRST_PAUSE);
        let (mut before, mut until) = (Before::Nothing, terms.until);
        loop {
            let ended = self.once(&mut until, || call(before)).await;
            calls += 1;
            let error = match ended {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let wait = match &error {
                ClientError::Rest { status: 429 | 503, error: word, retry_after, .. }
                    if !word.contains(USED_UP) =>
                {
                    // Never longer than what a server can ask for, or it would end the errand.
                    let own = pause.mul_f64(rand::rng().random_range(1.0..1.5)).min(LONGEST_PAUSE);
                    pause = LONGEST_PAUSE.min(pause * 2);
                    let wait = retry_after.unwrap_or(own);
                    if wait <= LONGEST_PAUSE {
                        self.leave_in_peace(wait);
                    }
                    Some(wait).filter(|wait| *wait <= LONGEST_PAUSE)
                }
                ClientError::BrokenOff { .. } | ClientError::Timeout { .. } => {
                    losses += 1;
                    before = Before::LostAnswer;
                    let again = terms.after_loss == AfterLoss::Ask && losses <= AGAIN_AFTER_LOSS;
                    again.then_some(Duration::ZERO)
                }
                _ => None,
            };
            let is_late = |wait| until.is_some_and(|until| Instant::now() + wait >= until);
            if wait.is_none_or(is_late) || terms.stop.is_some_and(Stop::is_thrown) {
                return Err(Undone { error, calls });
            }
        }
    }

    /// One call, when there is room for it and the server is not busy.
    async fn once<Done, Calling>(
        &self,
        until: &mut Option<Instant>,
        call: impl FnOnce() -> Calling,
    ) -> Result<Done, ClientError>
    where
        Calling: Future<Output = Result<Done, ClientError>>,
    {
        let acquired = self.0.room.acquire();
        // The semaphore is never closed.
        let _permit = match *until {
            None => acquired.await,
            Some(until) => timeout_at(until, acquired).await.map_err(|_| overdue())?,
        };
        let until = *until.get_or_insert_with(|| Instant::now() + PATIENCE);
        let called = async {
            let busy_until = *self.0.busy_until.lock().unwrap_or_else(PoisonError::into_inner);
            sleep_until(busy_until).await;
            call().await
        };
        timeout_at(until, called).await.unwrap_or_else(|_| Err(overdue()))
    }

    /// Whoever asks a busy server for something else makes it no less busy.
    fn leave_in_peace(&self, wait: Duration) {
        let mut busy_until = self.0.busy_until.lock().unwrap_or_else(PoisonError::into_inner);
        *busy_until = busy_until.max(Instant::now() + wait);
    }
}

fn overdue() -> ClientError {
    ClientError::Misuse { problem: "there was no time left for it".to_owned() }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use futures_util::future::join_all;

    use super::*;

    fn terms() -> Terms<'static> {
        Terms { after_loss: AfterLoss::Ask, until: None, stop: None }
    }

    fn busy(status: u16, retry_after: Option<Duration>) -> ClientError {
        ClientError::Rest {
            request: "POST /users".to_owned(),
            status,
            error: "busy".to_owned(),
            description: String::new(),
            retry_after,
        }
    }

    fn lost() -> ClientError {
        ClientError::Timeout { waited_for: "the reply".to_owned(), after: Duration::from_secs(8) }
    }

    /// Answers with these errors first, and with what came before the last call then.
    async fn run(terms: Terms<'_>, errors: Vec<ClientError>) -> Result<Before, Undone> {
        let mut errors = errors.into_iter();
        Errands::default()
            .run(terms, |before| {
                let error = errors.next();
                async move { error.map_or(Ok(before), Err) }
            })
            .await
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_server_is_asked_again_as_late_as_it_says() {
        let begun = Instant::now();
        let after = |seconds| Some(Duration::from_secs(seconds));
        let done = run(terms(), vec![busy(429, after(2)), busy(503, after(3))]).await;
        assert_eq!(done.unwrap(), Before::Nothing);
        assert_eq!(begun.elapsed(), Duration::from_secs(5));

        let undone = run(terms(), vec![busy(429, after(3600))]).await.unwrap_err();
        insta::assert_snapshot!(undone, @"POST /users was refused with status 429: busy ()");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_stays_busy_is_given_up_in_time() {
        let begun = Instant::now();
        let errors = (0..100).map(|_| busy(503, None)).collect();
        let undone = run(terms(), errors).await.unwrap_err();
        assert!((6..20).contains(&undone.calls), "{undone}");
        assert!(undone.to_string().ends_with(&format!("(the last of {} tries)", undone.calls)), "{undone}");
        assert!(begun.elapsed() <= PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn the_call_after_a_loss_knows_of_it_and_losses_are_not_repeated_for_ever() {
        assert_eq!(run(terms(), vec![lost()]).await.unwrap(), Before::LostAnswer);
        assert_eq!(run(terms(), vec![lost(), busy(429, None)]).await.unwrap(), Before::LostAnswer);
        assert_eq!(run(terms(), vec![lost(), lost(), lost()]).await.unwrap_err().calls, 3);
        let once = Terms { after_loss: AfterLoss::GiveUp, ..terms() };
        assert_eq!(run(once, vec![lost()]).await.unwrap_err().calls, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn other_refusals_a_used_up_plan_and_a_stop_end_it_at_once() {
        assert_eq!(run(terms(), vec![busy(403, None)]).await.unwrap_err().calls, 1);
        let mut used_up = busy(429, None);
        if let ClientError::Rest { error, .. } = &mut used_up {
            "\"resource_limited\"".clone_into(error);
        }
        assert_eq!(run(terms(), vec![used_up]).await.unwrap_err().calls, 1);
        let stop = Stop::default();
        stop.throw();
        let stopped = Terms { stop: Some(&stop), ..terms() };
        assert_eq!(run(stopped, vec![busy(429, None)]).await.unwrap_err().calls, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_does_not_end_is_given_up_when_its_time_is_over() {
        let begun = Instant::now();
        let never = |_| std::future::pending::<Result<(), ClientError>>();
        let undone = Errands::default().run(terms(), never).await.unwrap_err();
        insta::assert_snapshot!(undone, @"there was no time left for it");
        assert_eq!(begun.elapsed(), PATIENCE);
        let soon = Terms { until: Some(Instant::now() + Duration::from_secs(2)), ..terms() };
        assert!(Errands::default().run(soon, never).await.is_err());
        assert_eq!(begun.elapsed(), PATIENCE + Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_are_under_way_and_all_pause_with_the_one_that_was_told_to() {
        let (errands, under_way, most) = (Errands::default(), AtomicUsize::new(0), Cell::new(0));
        let begun = Instant::now();
        let told = Cell::new(false);
        let call = |_| async {
            most.set(most.get().max(under_way.fetch_add(1, Ordering::Relaxed) + 1));
            tokio::time::sleep(Duration::from_millis(10)).await;
            under_way.fetch_sub(1, Ordering::Relaxed);
            if told.replace(true) { Ok(()) } else { Err(busy(429, Some(Duration::from_secs(4)))) }
        };
        let all = (0..10 * AT_ONCE).map(|_| errands.run(terms(), call));
        assert!(join_all(all).await.iter().all(Result::is_ok));
        assert_eq!(most.get(), AT_ONCE);
        // One round before the pause, nine and the one that was told behind it.
        assert!(begun.elapsed() >= Duration::from_millis(4090), "{:?}", begun.elapsed());
        assert!(begun.elapsed() <= Duration::from_millis(4150), "{:?}", begun.elapsed());
    }
}
