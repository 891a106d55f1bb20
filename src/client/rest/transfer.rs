//! How long a transfer of a file may take: as long as it goes on.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use super::Progress;
use crate::client::ClientError;

/// The longest that a transfer may take, however steadily it goes on.
const LONGEST: Duration = Duration::from_secs(3600);

/// Sees how far a transfer is. Clones see the same one.
#[derive(Clone, Debug)]
pub(super) struct Gauge(Arc<Mutex<Reading>>);

#[derive(Clone, Copy, Debug)]
struct Reading {
    progress: Progress,
    at: Instant,
}

impl Gauge {
    pub(super) fn new(total: usize) -> Self {
        Self(Arc::new(Mutex::new(Reading { progress: Progress { loaded: 0, total }, at: Instant::now() })))
    }

    /// The transfer is that far.
    pub(super) fn read(&self, progress: Progress) {
        *self.reading() = Reading { progress, at: Instant::now() };
    }

    /// Lets a transfer go on until nothing has moved for as long as `patience` says. Errors say how
    /// far it was; `direction` is what happens to its bytes.
    pub(super) async fn watch<End>(
        &self,
        transfer: impl Future<Output = Result<End, ClientError>>,
        patience: Duration,
        request: &str,
        direction: &str,
    ) -> Result<End, ClientError> {
        let begun = Instant::now();
        let stalled = async {
            loop {
                let due = (self.reading().at + patience).min(begun + LONGEST);
                sleep_until(due).await;
                if begun.elapsed() >= LONGEST {
                    return ("the end", LONGEST);
                }
                if self.reading().at + patience <= Instant::now() {
                    return ("progress", patience);
                }
            }
        };
        let shown = || {
            let Progress { loaded, total } = self.reading().progress;
            match total {
                0 => format!("{request} ({loaded} bytes {direction})"),
                total => format!("{request} ({loaded} of {total} bytes {direction})"),
            }
        };
        tokio::select! {
            ended = transfer => ended.map_err(|error| match error {
                ClientError::BrokenOff { came, source, .. } => {
                    ClientError::BrokenOff { request: shown(), came, source }
                }
                other => other,
            }),
            (what, after) = stalled => {
                Err(ClientError::Timeout { waited_for: format!("{what} of {}", shown()), after })
            }
        }
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// More than any transfer takes, for a client whose calls have a shorter time.
pub(super) const fn unhurried(patience: Duration) -> Duration {
    LONGEST.saturating_add(patience)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(8);

    /// Moves one byte in each of these pauses, and is done.
    async fn moved(gauge: &Gauge, pauses: impl IntoIterator<Item = u64>) -> Result<(), ClientError> {
        let transfer = async {
            for (number, pause) in pauses.into_iter().enumerate() {
                tokio::time::sleep(Duration::from_secs(pause)).await;
                gauge.read(Progress { loaded: number + 1, total: 100 });
            }
            Ok(())
        };
        gauge.watch(transfer, PATIENCE, "POST /chatfiles", "sent").await
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_transfer_is_let_go_on_and_one_that_stands_is_not() {
        assert!(moved(&Gauge::new(100), [7; 20]).await.is_ok());
        let begun = Instant::now();
        let error = moved(&Gauge::new(100), [7, 7, 9, 7]).await.unwrap_err();
        insta::assert_snapshot!(error, @"progress of POST /chatfiles (2 of 100 bytes sent) did not come within 8s");
        assert_eq!(begun.elapsed(), Duration::from_secs(7 + 7 + 8));
    }

    #[tokio::test(start_paused = true)]
    async fn drops_for_ever_come_to_an_end() {
        let begun = Instant::now();
        let error = moved(&Gauge::new(100), std::iter::repeat(1)).await.unwrap_err();
        assert!(error.to_string().starts_with("the end of POST /chatfiles (3"), "{error}");
        assert_eq!(begun.elapsed(), LONGEST);
    }
}
