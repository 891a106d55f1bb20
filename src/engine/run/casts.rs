//! Before and after the play of a run: all its casts are set up, and all of them taken away.

use std::{
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use serde_json::json;
use tokio::{sync::Semaphore, time::Instant};

use super::{
    super::{
        authority::Authority,
        cast::{Cast, Facts},
        ledger::Ledger,
        metrics::Metrics,
        setup::{Company, SetupError},
    },
    Playing, Run,
};
use crate::{history, scenario::value};

/// How many casts are set up at the same time.
const SETUPS: usize = 32;
/// How long taking everything away may take after an interruption.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long it may take otherwise, and how much longer for each client: a server that is asked for
/// twenty accounts in a second and not for more keeps up.
const TAKING_AWAY: Duration = Duration::from_secs(30);
const EACH_AWAY: Duration = Duration::from_millis(50);
impl Run {
    /// Sets up the casts. If one cannot be, all that was made is taken away.
    pub(super) async fn assemble(&self, casts: u32) -> Result<Vec<Arc<Cast>>, SetupError> {
        let Playing { scenario, target, run, seed, recorder, clock, secrets, stop, .. } = &self.playing;
        let run_facts = json!({
            "id": &**run, "seed": seed, "generation": target.generation.to_string(), "appkey": target.app_key,
        });
        let facts = Facts { run: value(&run_facts), target: target.value() };
        let authority = Authority::new(target, secrets).await?;
        let company = Company { scenario, target, authority, run, facts, stop, remains: &self.remains };
        let metrics = Metrics::new(recorder);
        let (company, room, hopeless) = (&company, &Semaphore::new(SETUPS), &AtomicBool::new(false));
        let assembling = (0..casts).map(|number| async move {
            let ledger =
                Ledger::new(recorder.clone(), metrics, history::Cast(number), *clock, secrets.clone());
            // The semaphore is never closed.
            let _permit = room.acquire().await;
            // A cast whose set-up has begun ends it, so that all it made can be taken away.
            if stop.is_thrown() || hopeless.load(Ordering::Acquire) {
                return Err(SetupError::Stopped);
            }
            let assembled = company.assemble(Arc::new(ledger)).await;
            hopeless.fetch_or(assembled.is_err(), Ordering::AcqRel);
            assembled.map(Arc::new)
        });
        let (mut ready, mut error) = (Vec::new(), None);
        for assembled in join_all(assembling).await {
            match assembled {
                Ok(cast) => ready.push(cast),
                // What made the others stop says more.
                Err(one) if matches!(error, None | Some(SetupError::Stopped)) => error = Some(one),
                Err(_) => {}
            }
        }
        match error {
            None => Ok(ready),
            Some(error) => {
                self.dismiss(&ready).await;
                Err(error)
            }
        }
    }

    /// Takes away what was made for these casts.
    pub(super) async fn dismiss(&self, casts: &[Arc<Cast>]) {
        let people: usize = casts.iter().map(|cast| cast.everyone().count()).sum();
        let farewell = match self.playing.stop.is_thrown() {
            true => FAREWELL,
            false => TAKING_AWAY + EACH_AWAY * u32::try_from(people).unwrap_or(u32::MAX),
        };
        let until = Instant::now() + farewell;
        for left in join_all(casts.iter().map(|cast| cast.dismiss(until))).await {
            self.remains.lock().unwrap_or_else(PoisonError::into_inner).merge(left);
        }
    }

    /// Who must clean up by hand learns what, and why.
    pub(super) fn tell_remains(&self) {
        let told = self.remains.lock().unwrap_or_else(PoisonError::into_inner).told(&self.playing.run);
        if let Some(told) = told {
            self.remark(told);
        }
    }
}
