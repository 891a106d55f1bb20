//! Was the server right? History checkers, thresholds over measurements, and verdicts.
//!
//! Every checker is conservative: it may stay silent about a real fault, but it never accuses a
//! correct server. [`judge`] runs them all over one scenario's history, cast by cast.

mod certain;
mod chart;
pub mod checker;
mod deed;
mod finding;
mod tell;
mod threshold;
mod verdict;

pub use checker::{CHECKERS, Checker, judge};
pub use finding::{Finding, Validity, Witness};
pub use threshold::{Measured, measure};
pub use verdict::{Case, Conclusion, Counts, Evidence, Judgement, Verdict};
