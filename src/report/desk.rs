//! Hands everything to every reporter.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::Reporter;
use crate::{
    history::{Event, Listener},
    judge::Judgement,
};

/// All reporters of a run.
#[derive(Default)]
pub struct Desk {
    reporters: Mutex<Vec<Box<dyn Reporter>>>,
}

impl Desk {
    /// A desk with these reporters.
    pub fn new(reporters: Vec<Box<dyn Reporter>>) -> Self {
        Self { reporters: Mutex::new(reporters) }
    }

    /// The run is over and judged.
    pub fn judged(&self, judgement: &Judgement, exit_code: u8) {
        for reporter in self.reporters().iter_mut() {
            reporter.judged(judgement, exit_code);
        }
    }

    fn reporters(&self) -> MutexGuard<'_, Vec<Box<dyn Reporter>>> {
        self.reporters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Desk {
    fn on(&self, event: &Event) {
        for reporter in self.reporters().iter_mut() {
            reporter.on(event);
        }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("reporters", &self.reporters().len()).finish()
    }
}
