//! Scalars with a meaning of their own: names, lengths of time, rates, refusal codes, thresholds.

use std::time::Duration;

use crate::{
    protocol::refusal,
    scenario::{
        mistake::{Mistake, shown},
        model::Refused,
        threshold::{Clock, Comparison, Limit, Statistic, Threshold},
        tree::Span,
        vocabulary::{METRICS, Measure, Metric, STATEMENTS, VERBS},
    },
};

/// The longest length of time that a file can ask for.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// Names with a meaning of their own in expressions.
pub(super) const RESERVED: &[&str] = &["cast", "event", "iteration", "run", "self", "target", "vars"];

/// Words of the expression language.
const WORDS: &[&str] =
    &["and", "else", "false", "False", "if", "in", "is", "none", "None", "not", "or", "true", "True"];

pub(super) fn is_slug(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/'))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What is wrong with a name that the file wants to give.
pub(super) fn name_mistake(text: &str, span: &Span) -> Option<Mistake> {
    if !is_name(text) {
        let mistake = Mistake::new(span.clone(), format!("`{}` cannot be a name", shown(text)))
            .label("letters, digits and `_`, not starting with a digit");
        let mended: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        return Some(if is_name(&mended) {
            mistake.help(format!("write `{}`", shown(&mended)))
        } else {
            mistake
        });
    }
    let taken = RESERVED.contains(&text) || WORDS.contains(&text);
    taken.then(|| {
        Mistake::new(span.clone(), format!("`{text}` is a word of the language")).label("choose another name")
    })
}

/// What is wrong with a name for an actor: it must not read as a word of a step.
pub(super) fn actor_mistake(text: &str, span: &Span) -> Option<Mistake> {
    let word = STATEMENTS.iter().any(|statement| statement.key.name == text)
        || VERBS.iter().any(|verb| verb.key.name == text);
    if word {
        return Some(
            Mistake::new(span.clone(), format!("`{text}` is a word of the language"))
                .label("choose another name"),
        );
    }
    name_mistake(text, span)
}

/// A length of time.
///
/// # Errors
/// Advice for the user.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    if text.parse::<f64>().is_ok() {
        return Err(format!("a number needs its unit: `{0}s` or `{0}ms`", shown(text)));
    }
    match humantime::parse_duration(text) {
        Ok(length) if length <= LONGEST => Ok(length),
        Ok(_) => Err("at most 30 days".to_owned()),
        Err(_) => Err("such as `100ms`, `2s` or `1m30s`".to_owned()),
    }
}

/// Conversations a second.
pub(super) fn rate(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once('/')?;
    let seconds = match unit.trim() {
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let rate = number.trim().parse::<f64>().ok()? / seconds;
    (rate.is_finite() && rate > 0.0 && rate <= 1e6).then_some(rate)
}

/// A refusal that a step expects.
pub(super) fn refused(text: &str, span: &Span) -> Result<Refused, Mistake> {
    if text == "muted" {
        return Ok(Refused::Muted);
    }
    let codes = refusal::codes();
    match text.parse::<i32>() {
        Ok(code) if codes.contains(&code) => Ok(Refused::Code(code)),
        Ok(code) => {
            let known: Vec<String> = codes.iter().map(i32::to_string).collect();
            Err(Mistake::new(span.clone(), format!("no SDK generation knows the refusal code {code}"))
                .label("unknown code")
                .help(format!("known are {}", known.join(", "))))
        }
        Err(_) => Err(Mistake::new(span.clone(), format!("`{}` is not a refusal", shown(text)))
            .label("expected a code such as 504, or `muted`")
            .suggest(text, ["muted"])),
    }
}

/// A statement about the measurements of a run.
pub(super) fn threshold(text: &str, span: &Span) -> Result<Threshold, Mistake> {
    let wrong = |title: String| Mistake::new(span.clone(), title).label("in this threshold");
    let Some((left, comparison, right)) = split_comparison(text) else {
        return Err(wrong(format!("`{}` compares nothing", shown(text)))
            .help("such as `send.txt.p99 < 50ms` or `errors == 0`"));
    };
    let (path, clock, statistic) = split_statistic(left);
    let metric = METRICS.iter().find(|metric| metric.name == path);
    let Some(Metric { name, measure, .. }) = metric else {
        // With an unknown statistic, the metric is all but the last part.
        let parent = left.rsplit_once('.').and_then(|(parent, last)| {
            METRICS.iter().find(|metric| metric.name == parent).map(|metric| (metric, last))
        });
        return Err(match parent {
            Some((metric, last)) => wrong(format!("`{}` has no figure `{}`", metric.name, shown(last)))
                .suggest(last, figures(metric.measure).iter().copied()),
            None => wrong(format!("unknown metric `{}`", shown(path)))
                .suggest(path, METRICS.iter().map(|metric| metric.name)),
        });
    };
    let Some(statistic) = statistic.or_else(|| (*measure == Measure::Count).then_some(Statistic::Count))
    else {
        return Err(wrong(format!("which figure of `{name}`?"))
            .help(format!("such as `{name}.p99`; there are {}", figures(*measure).join(", "))));
    };
    if *measure == Measure::Count && !matches!(statistic, Statistic::Count | Statistic::Rate) {
        return Err(wrong(format!("`{name}` is a count, it has no percentiles"))
            .help(format!("write `{name}` or `{name}.rate`")));
    }
    let limit = match statistic {
        Statistic::Count | Statistic::Rate => {
            let number = match (statistic, rate(right)) {
                (Statistic::Rate, Some(rate)) => Some(rate),
                _ => right.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0),
            };
            Limit::Number(number.ok_or_else(|| {
                wrong(format!("`{}` is not a number", shown(right))).help("a count has no unit")
            })?)
        }
        Statistic::Min | Statistic::Mean | Statistic::Max | Statistic::Quantile(_) => Limit::Time(
            duration(right)
                .map_err(|help| wrong(format!("`{}` is not a length of time", shown(right))).help(help))?,
        ),
    };
    let (text, metric) = (text.to_owned(), (*name).to_owned());
    Ok(Threshold { text, metric, clock: clock.unwrap_or_default(), statistic, comparison, limit })
}

fn split_comparison(text: &str) -> Option<(&str, Comparison, &str)> {
    let signs = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("==", Comparison::Equal),
        ("!=", Comparison::Unequal),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];
    signs.into_iter().find_map(|(sign, comparison)| {
        let (left, right) = text.split_once(sign)?;
        Some((left.trim(), comparison, right.trim()))
    })
}

/// `send.txt.service.p99` into its metric, clock and statistic.
fn split_statistic(left: &str) -> (&str, Option<Clock>, Option<Statistic>) {
    let (rest, statistic) =
        match left.rsplit_once('.').and_then(|(rest, last)| Some((rest, statistic(last)?))) {
            Some((rest, statistic)) => (rest, Some(statistic)),
            None => (left, None),
        };
    match rest.rsplit_once('.') {
        Some((metric, "service")) => (metric, Some(Clock::Service), statistic),
        Some((metric, "response")) => (metric, Some(Clock::Response), statistic),
        _ => (rest, None, statistic),
    }
}

const FIGURES: &[(&str, Statistic)] = &[
    ("count", Statistic::Count),
    ("rate", Statistic::Rate),
    ("min", Statistic::Min),
    ("mean", Statistic::Mean),
    ("max", Statistic::Max),
    ("p50", Statistic::Quantile(0.5)),
    ("p90", Statistic::Quantile(0.9)),
    ("p95", Statistic::Quantile(0.95)),
    ("p99", Statistic::Quantile(0.99)),
    ("p999", Statistic::Quantile(0.999)),
];

fn statistic(word: &str) -> Option<Statistic> {
    FIGURES.iter().find(|(name, _)| *name == word).map(|(_, statistic)| *statistic)
}

/// The figures that a metric has.
fn figures(measure: Measure) -> Vec<&'static str> {
    let all = FIGURES.iter().map(|(name, _)| *name);
    match measure {
        Measure::Times => all.collect(),
        Measure::Count => all.take(2).collect(),
    }
}
