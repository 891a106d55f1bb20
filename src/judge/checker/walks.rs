//! C14 and C21: a history that is read page by page is whole, and stays so until it is deleted.

use std::collections::{HashMap, HashSet};

use super::Checker;
use crate::{
    history::{Call, ConversationId, OperationId, UserId},
    judge::{
        certain::Certain,
        chart::{Chart, Outcome, Send},
        deed::Deed,
        finding::{Finding, Witness},
    },
    protocol::{id::ServerId, time::Moment},
};

pub(super) const WALK: Checker = Checker {
    id: "C14",
    name: "history-walk",
    about: "a history read page by page shows every message once, between those around it",
    check: check_walks,
};

pub(super) const DELETION: Checker = Checker {
    id: "C21",
    name: "deletion",
    about: "what a user has deleted does not come back",
    check: check_deletions,
};

/// What is kept of each user in each conversation.
type PerMember<Kept> = HashMap<(ConversationId, UserId), Vec<Kept>>;

/// The calls of one walk, in their order.
struct Walk<'a> {
    conversation: ConversationId,
    pages: Vec<&'a Deed>,
}

fn walks<'a>(chart: &'a Chart<'_>) -> Vec<Walk<'a>> {
    let mut walks: Vec<Walk<'a>> = Vec::new();
    let mut begun: HashMap<OperationId, usize> = HashMap::new();
    for deed in &chart.deeds.all {
        let Call::History { conversation, walk, .. } = deed.call else { continue };
        let place = *begun.entry(walk).or_insert_with(|| {
            walks.push(Walk { conversation, pages: Vec::new() });
            walks.len() - 1
        });
        walks[place].pages.push(deed);
    }
    walks
}

impl Walk<'_> {
    fn rows(&self) -> impl Iterator<Item = (usize, ServerId)> {
        self.pages.iter().flat_map(|deed| &deed.rows).map(|(place, item)| (*place, item.id))
    }

    /// Whether it went from one end of the history to the other.
    fn is_whole(&self) -> bool {
        let [first, ..] = self.pages.as_slice() else { return false };
        let ended = self.pages.last().and_then(|deed| deed.page).is_some_and(|(_, last)| last);
        matches!(first.call, Call::History { start: None, .. }) && ended
    }
}

fn check_walks(chart: &Chart<'_>, finding: &mut Finding) {
    let walks = walks(chart);
    if walks.is_empty() {
        return;
    }
    let histories = Histories::new(chart);
    for walk in &walks {
        pages(chart, walk, finding);
        if !chart.messages_disturbed && !chart.members_disturbed {
            histories.gaps(chart, walk, finding);
        }
    }
}

/// What holds for every page: as long as was asked for at most, not empty unless it is the last, and
/// without what was shown before.
fn pages(chart: &Chart<'_>, walk: &Walk<'_>, finding: &mut Finding) {
    for deed in &walk.pages {
        let (Some((rows, last)), Call::History { count, .. }) = (deed.page, deed.call) else { continue };
        let claim = if count > 0 && rows > count {
            Some(format!("a page of {count} messages has {rows}"))
        } else if rows == 0 && !last {
            Some("a page is empty and said not to be the last".to_owned())
        } else {
            None
        };
        match claim {
            None => finding.met(),
            Some(claim) => finding.broken(|| Witness {
                claim,
                records: chart.tell(&[deed.record, deed.done().map_or(deed.record, |(record, _)| record)]),
            }),
        }
    }
    let mut shown: HashMap<ServerId, usize> = HashMap::new();
    for (place, id) in walk.rows() {
        if let Some(first) = shown.insert(id, place) {
            finding.broken(|| Witness {
                claim: format!("a history that is read once shows message {id} twice"),
                records: chart.tell(&[first, place]),
            });
        }
    }
}

/// What each user must find in each conversation.
struct Histories<'a> {
    certain: Certain<'a>,
    /// From when on a user has been a member without a break.
    members: HashMap<(ConversationId, UserId), Moment>,
    /// When a user may have deleted a history: from when, and until when if that is known.
    deleted: PerMember<(Moment, Option<Moment>)>,
}

impl<'a> Histories<'a> {
    fn new(chart: &'a Chart<'_>) -> Self {
        let mut deleted = PerMember::new();
        for deed in &chart.deeds.all {
            if let Call::DeleteSession { conversation, roaming: true } = deed.call
                && !deed.end.has_no_effect()
            {
                deleted.entry((conversation, deed.user)).or_default().push((deed.at, deed.over()));
            }
        }
        Self { certain: Certain::new(chart), members: chart.settled_members(), deleted }
    }

    /// Between two rows, or behind a row and the end of the history, stands what was certainly sent
    /// between them. What is older than every row may be older than what the target keeps.
    fn gaps(&self, chart: &Chart<'_>, walk: &Walk<'_>, finding: &mut Finding) {
        let Some(first) = walk.pages.first() else { return };
        let user = first.user;
        let Some(&member) = self.members.get(&(walk.conversation, user)) else { return };
        if !chart.is_exclusive(user) || walk.pages.iter().any(|deed| deed.done().is_none()) {
            return;
        }
        let ended = walk.pages.last().and_then(|deed| deed.over()).unwrap_or_default();
        let shown: HashSet<ServerId> = walk.rows().map(|(_, id)| id).collect();
        let rows = || shown.iter().filter_map(|id| chart.send_of(*id));
        let accepted = |send: &Send| match send.outcome {
            Outcome::Accepted { at, .. } => Some(at),
            _ => None,
        };
        let Some(oldest) = rows().filter_map(accepted).min() else { return };
        let newest = if walk.is_whole() { Some(first.at) } else { rows().map(|send| send.at).max() };
        let newest = newest.map_or(first.at, |newest| newest.min(first.at));
        let mut deleted = member;
        for (begun, over) in self.deleted.get(&(walk.conversation, user)).into_iter().flatten() {
            if *begun <= ended {
                deleted = deleted.max(over.unwrap_or(ended));
            }
        }
        for sure in self.certain.between(walk.conversation, oldest.max(deleted), newest) {
            let (send, id) = (sure.send, sure.id);
            if sure.accepted >= newest {
                continue;
            }
            if shown.contains(&id) {
                finding.met();
                continue;
            }
            let around =
                rows().find(|row| accepted(row) == Some(oldest)).map_or(send.record, |row| row.record);
            finding.broken(|| Witness {
                claim: format!("message {id} is missing from a history that shows an earlier one"),
                records: chart.tell(&[around, send.record, first.record]),
            });
        }
    }
}

/// A history that was read behind its deletion shows nothing of what was certain before.
fn check_deletions(chart: &Chart<'_>, finding: &mut Finding) {
    let mut gone: PerMember<(Moment, Moment, usize)> = HashMap::new();
    for (deed, record, done) in chart.deeds.done() {
        if let Call::DeleteSession { conversation, roaming: true } = deed.call {
            gone.entry((conversation, deed.user)).or_default().push((done, deed.at, record));
        }
    }
    gone.values_mut().for_each(|deletions| deletions.sort_unstable());
    if gone.is_empty() {
        return;
    }
    for deed in &chart.deeds.all {
        let Call::History { conversation, .. } = deed.call else { continue };
        let Some(deletions) = gone.get(&(conversation, deed.user)) else { continue };
        // The last one before the call hides most.
        let before = deletions.partition_point(|(done, ..)| *done < deed.at);
        let Some(&(_, begun, record)) = before.checked_sub(1).and_then(|last| deletions.get(last)) else {
            continue;
        };
        if deed.done().is_none() {
            continue;
        }
        let returned = deed.rows.iter().find_map(|(place, item)| {
            let send = chart.send_of(item.id)?;
            let Outcome::Accepted { at, .. } = send.outcome else { return None };
            (at < begun).then_some((*place, item.id, send.record))
        });
        match returned {
            None => finding.met(),
            Some((place, id, send)) => finding.broken(|| Witness {
                claim: format!("message {id} was deleted with its history, and is shown again"),
                records: chart.tell(&[send, record, place]),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{
        Validity,
        checker::story::{Story, TEAM},
    };

    fn three_messages() -> Story {
        let mut story = Story::team();
        for id in 1..=3 {
            story.alice().sends("hi").accepted(id);
            story.bob().receives(id, "hi");
        }
        story
    }

    #[test]
    fn a_whole_history_is_fine() {
        let mut story = three_messages();
        story.bob().reads_the_history(&[(3, "hi"), (2, "hi"), (1, "hi")]);
        let found = story.finding("C14");
        assert_eq!((found.validity(), found.obligations), (Validity::Valid, 3));
    }

    #[test]
    fn a_message_that_is_missing_between_others_or_at_the_end_is_seen() {
        for rows in [&[(3, "hi"), (1, "hi")], &[(2, "hi"), (1, "hi")]] {
            let mut story = three_messages();
            story.bob().reads_the_history(rows);
            let found = story.finding("C14");
            assert_eq!(found.violations, 1, "{rows:?}");
            assert!(found.witness.unwrap().claim.contains("is missing"));
        }
    }

    #[test]
    fn a_target_that_keeps_only_the_newest_is_not_accused() {
        let mut story = three_messages();
        story.bob().reads_the_history(&[(3, "hi"), (2, "hi")]);
        assert_eq!(story.finding("C14").violations, 0);
    }

    #[test]
    fn what_the_app_has_taken_in_and_nobody_got_may_be_missing() {
        let mut story = Story::team();
        for id in 1..=3 {
            story.alice().sends("hi").accepted(id);
        }
        story.bob().reads_the_history(&[(3, "hi"), (1, "hi")]);
        assert_eq!(story.finding("C14").violations, 0);
    }

    #[test]
    fn what_was_taken_back_or_is_sent_meanwhile_may_be_missing() {
        let mut story = three_messages();
        story.alice().recalls(2);
        let late = story.alice().begins("late");
        story.bob().reads_the_history(&[(3, "hi"), (1, "hi")]);
        story.accept(late, 4);
        assert_eq!(story.finding("C14").violations, 0);
    }

    #[test]
    fn what_was_said_before_a_member_joined_may_be_missing() {
        let mut story = Story::team();
        for id in [1, 2] {
            story.alice().sends("hi").accepted(id);
            story.bob().receives(id, "hi");
        }
        story.dave().joins(TEAM);
        story.alice().sends("hi").accepted(3);
        story.dave().reads_the_history(&[(3, "hi"), (1, "hi")]);
        assert_eq!(story.finding("C14").violations, 0);
    }

    #[test]
    fn a_message_that_is_shown_twice_is_seen() {
        let mut story = three_messages();
        story.bob().reads_the_history(&[(3, "hi"), (2, "hi"), (2, "hi"), (1, "hi")]);
        assert_eq!(story.finding("C14").violations, 1);
    }

    #[test]
    fn a_page_that_is_empty_and_not_the_last_or_too_long_is_seen() {
        let mut story = three_messages();
        story.bob().reads_a_page(&[], false);
        assert_eq!(story.finding("C14").violations, 1);
        let rows: Vec<(u64, &str)> = (10..31).map(|id| (id, "hi")).collect();
        story.bob().reads_a_page(&rows, true);
        assert_eq!(story.finding("C14").violations, 2);
    }

    #[test]
    fn a_deleted_history_stays_deleted_and_shows_what_comes_later() {
        let mut story = three_messages();
        story.bob().deletes(TEAM, true);
        story.alice().sends("new").accepted(4);
        story.bob().reads_the_history(&[(4, "new")]);
        let found = story.finding("C21");
        assert_eq!((found.validity(), found.obligations), (Validity::Valid, 1));
        assert_eq!(story.finding("C14").violations, 0);
    }

    #[test]
    fn a_message_that_comes_back_after_its_deletion_is_seen() {
        let mut story = three_messages();
        story.bob().deletes(TEAM, true);
        story.bob().reads_the_history(&[(3, "hi")]);
        assert_eq!(story.finding("C21").violations, 1);
    }

    #[test]
    fn the_others_keep_what_one_has_deleted() {
        let mut story = three_messages();
        story.bob().deletes(TEAM, true);
        story.carol().reads_the_history(&[(3, "hi"), (1, "hi")]);
        assert_eq!(story.finding("C21").obligations, 0);
        assert_eq!(story.finding("C14").violations, 1);
    }

    #[test]
    fn a_session_that_was_deleted_without_its_history_keeps_it() {
        let mut story = three_messages();
        story.bob().deletes(TEAM, false);
        story.bob().reads_the_history(&[(3, "hi"), (1, "hi")]);
        assert_eq!(story.finding("C21").obligations, 0);
        assert_eq!(story.finding("C14").violations, 1);
    }
}
