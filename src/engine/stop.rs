//! The wish that a run ends, told to everything that plays.

use std::sync::Arc;

use tokio::sync::watch;

/// A switch that is thrown once. Clones are the same switch.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Throws the switch.
    pub fn throw(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was thrown.
    pub fn is_thrown(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends when it is thrown.
    pub async fn thrown(&self) {
        // The sender lives as long as this borrow of it, so the wait cannot fail.
        drop(self.0.subscribe().wait_for(|thrown| *thrown).await);
    }
}
