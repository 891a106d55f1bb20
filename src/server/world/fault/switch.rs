//! A fault as it is typed: `NAME` or `NAME=N`.

use std::{fmt, num::NonZeroU32, str::FromStr};

use super::{FAULTS, Fault, FaultEntry};

/// A fault that is to be on, and how often it strikes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FaultSwitch {
    /// Which one.
    pub fault: Fault,
    /// The first operation is changed, and then every so many.
    pub every: NonZeroU32,
}

/// Text that names no fault.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UnknownFault {
    /// No fault is called that.
    #[error(
        "no fault is called {name:?}{}; `chatproof list faults` names them all",
        .near.map(|near| format!("; did you mean {near}?")).unwrap_or_default()
    )]
    Name {
        /// What was typed, shortened.
        name: String,
        /// The name that looks most like it, if any does.
        near: Option<&'static str>,
    },
    /// What follows `=` says not how often.
    #[error(
        "{name}=N strikes the first operation and then every N-th: expected a number from 1, got {number:?}"
    )]
    Number {
        /// The fault.
        name: &'static str,
        /// What was typed, shortened.
        number: String,
    },
}

/// Characters of a wrong word that an error repeats.
const SHOWN: usize = 60;
/// How alike two names are, from 0 to 1, for one to be suggested for the other.
const ALIKE: f64 = 0.8;

impl FromStr for FaultSwitch {
    type Err = UnknownFault;

    fn from_str(typed: &str) -> Result<Self, UnknownFault> {
        let (name, number) = typed.split_once('=').map_or((typed, None), |(name, n)| (name, Some(n)));
        let short = |text: &str| text.chars().take(SHOWN).collect::<String>();
        let entry = FAULTS
            .iter()
            .find(|entry| entry.name == name)
            .ok_or_else(|| UnknownFault::Name { name: short(name), near: nearest(name) })?;
        let every = match number {
            None => entry.every,
            Some(number) => number
                .parse()
                .map_err(|_| UnknownFault::Number { name: entry.name, number: short(number) })?,
        };
        Ok(Self { fault: entry.fault, every })
    }
}

impl fmt::Display for FaultSwitch {
    /// `NAME`, or `NAME=N` if it strikes otherwise than by itself.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FaultEntry { name, every, .. } = self.fault.entry();
        if self.every == *every {
            formatter.write_str(name)
        } else {
            write!(formatter, "{name}={}", self.every)
        }
    }
}

fn nearest(typed: &str) -> Option<&'static str> {
    let alike = |entry: &FaultEntry| (strsim::jaro_winkler(entry.name, typed), entry.name);
    FAULTS
        .iter()
        .map(alike)
        .filter(|(score, _)| *score >= ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(typed: &str) -> String {
        typed.parse::<FaultSwitch>().unwrap_err().to_string()
    }

    #[test]
    fn every_fault_is_read_back_from_its_name() {
        for entry in FAULTS {
            let switch: FaultSwitch = entry.name.parse().unwrap();
            assert_eq!(
                (switch.fault, switch.every, switch.to_string().as_str()),
                (entry.fault, entry.every, entry.name)
            );
            let typed = format!("{}=7", entry.name);
            assert_eq!(typed.parse::<FaultSwitch>().unwrap().to_string(), typed);
        }
    }

    #[test]
    fn what_is_no_fault_is_refused_with_the_nearest_name() {
        insta::assert_snapshot!(error("no-notise"), @r#"no fault is called "no-notise"; did you mean no-notice?; `chatproof list faults` names them all"#);
        insta::assert_snapshot!(error("qqq"), @r#"no fault is called "qqq"; `chatproof list faults` names them all"#);
        insta::assert_snapshot!(error("no-notice=0"), @r#"no-notice=N strikes the first operation and then every N-th: expected a number from 1, got "0""#);
    }
}
