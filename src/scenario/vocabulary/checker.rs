//! Names of the history checkers, as `checkers` may list them.

/// Every checker: its id and its name. The checkers themselves are not of this floor; a test of the
/// command line holds the two lists together.
pub const CHECKERS: &[(&str, &str)] = &[
    ("C01", "no-loss"),
    ("C02", "no-phantom"),
    ("C03", "no-duplicate"),
    ("C04", "order-agreement"),
    ("C05", "sender-order"),
    ("C06", "real-time-append"),
    ("C07", "server-ids"),
    ("C09", "receipt-causality"),
    ("C11", "recall-atomicity"),
    ("C14", "history-walk"),
    ("C15", "one-content"),
    ("C16", "refusals-without-effect"),
    ("C19", "one-answer"),
    ("C21", "deletion"),
];
