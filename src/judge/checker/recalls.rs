//! C11: a message that was taken back is gone for everybody, and only then.

use std::collections::HashMap;

use super::Checker;
use crate::{
    history::{Call, NoticeKind, UserId},
    judge::{
        chart::{Chart, Send},
        deed::{Deed, Told},
        finding::{Finding, Witness},
    },
    protocol::{id::ServerId, message::ChatType, time::Moment},
};

pub(super) const CHECKER: Checker = Checker {
    id: "C11",
    name: "recall-atomicity",
    about: "what was taken back is read by nobody afterwards, and everybody who has it learns of it once",
    check,
};

/// Notices of recalls, by who got them and which message they are about.
type Notices<'a> = HashMap<(UserId, ServerId), Vec<&'a Told>>;

/// A recall that the server has done.
#[derive(Clone, Copy)]
struct Gone {
    record: usize,
    at: Moment,
}

/// Judged are messages of this cast that were taken back where they were sent; nothing is once
/// messages may have been sent, and so taken back, by hand.
fn check(chart: &Chart<'_>, finding: &mut Finding) {
    if chart.messages_disturbed {
        return;
    }
    let mut notices = Notices::new();
    for told in chart.deeds.notices.iter().filter(|told| told.notice.kind == NoticeKind::Recalled) {
        notices.entry((chart.names.session(told.session).user, told.notice.message)).or_default().push(told);
        unfounded(chart, told, finding);
    }
    let mut gone: HashMap<ServerId, Gone> = HashMap::new();
    for (deed, record, at) in chart.deeds.done() {
        let Call::Recall { conversation, message } = deed.call else { continue };
        let Some(send) = chart.send_of(message) else { continue };
        if send.conversation != conversation || gone.contains_key(&message) {
            continue;
        }
        gone.insert(message, Gone { record, at });
        told_once(chart, send, message, (deed, record, at), &notices, finding);
    }
    if !gone.is_empty() {
        read_again(chart, &gone, finding);
    }
}

/// Nobody is told of a recall that nobody has asked for, or that was refused.
fn unfounded(chart: &Chart<'_>, told: &Told, finding: &mut Finding) {
    let message = told.notice.message;
    let Some(send) = chart.send_of(message) else { return };
    if !chart.is_exclusive(send.sender) || chart.members_disturbed {
        return;
    }
    let may_be_one = |deed: &Deed| deed.at <= told.at && !deed.end.has_no_effect();
    if chart.deeds.recalls_of(message).any(may_be_one) {
        finding.met();
    } else {
        let refused = chart.deeds.recalls_of(message).map(|deed| deed.record);
        let records: Vec<usize> = refused.chain([send.record, told.record]).collect();
        finding.broken(|| Witness {
            claim: format!("message {message} was never taken back, but somebody was told so"),
            records: chart.tell(&records),
        });
    }
}

/// Whoever has the message and stays is told, and by one notice.
fn told_once(
    chart: &Chart<'_>,
    send: &Send,
    message: ServerId,
    (recall, answer, done): (&Deed, usize, Moment),
    notices: &Notices<'_>,
    finding: &mut Finding,
) {
    let asked_once =
        chart.deeds.recalls_of(message).count() == 1 && chart.stays_open(recall.session, recall.at, done);
    for user in chart.stable_members(send.conversation, send.at) {
        if user == recall.user || user == send.sender || !chart.is_exclusive(user) {
            continue;
        }
        let told = notices.get(&(user, message)).map_or(&[][..], Vec::as_slice);
        if told.is_empty() {
            let is_room = chart.names.conversation(send.conversation).chat_type == ChatType::Room;
            if chart.members_disturbed || is_room || !chart.has_received(user, message) {
                continue;
            }
            // A notice has the queue of the message, so what was sent behind it comes behind it.
            if chart.proved_rest(user, send.conversation, recall.at, done).is_some() {
                finding.broken(|| Witness {
                    claim: format!(
                        "message {message} was taken back, {} has it and was never told, and a later one \
                         arrived",
                        chart.user(user)
                    ),
                    records: chart.tell(&[send.record, recall.record, answer]),
                });
            }
            continue;
        }
        let again = told.iter().find(|one| {
            one.session == told[0].session && one.notice.id != told[0].notice.id && one.notice.id.0 != 0
        });
        match again {
            Some(again) if asked_once && told[0].notice.id.0 != 0 => finding.broken(|| Witness {
                claim: format!("message {message} was taken back once, {} was told twice", chart.user(user)),
                records: chart.tell(&[recall.record, answer, told[0].record, again.record]),
            }),
            _ => finding.met(),
        }
    }
}

/// Nobody reads it once the recall is done: not in a history, and not on a connection that was opened
/// behind it.
fn read_again(chart: &Chart<'_>, gone: &HashMap<ServerId, Gone>, finding: &mut Finding) {
    let mut seen: HashMap<ServerId, usize> = HashMap::new();
    for deed in chart.deeds.all.iter().filter(|deed| matches!(deed.call, Call::History { .. })) {
        for (place, item) in &deed.rows {
            if gone.get(&item.id).is_some_and(|gone| gone.at < deed.at) {
                seen.entry(item.id).or_insert(*place);
            }
        }
    }
    for receipt in &chart.receipts {
        let Some(gone) = gone.get(&receipt.item.id).filter(|gone| gone.at < receipt.at) else { continue };
        let session = chart.records[receipt.record].session;
        if chart.opened_before(session, receipt.at).is_some_and(|opened| opened > gone.at) {
            seen.entry(receipt.item.id).or_insert(receipt.record);
        }
    }
    let mut messages: Vec<_> = gone.iter().collect();
    messages.sort_unstable_by_key(|(_, gone)| gone.record);
    for (message, gone) in messages {
        match seen.get(message) {
            None => finding.met(),
            Some(place) => finding.broken(|| Witness {
                claim: format!("message {message} was taken back and is still read"),
                records: chart.tell(&[gone.record, *place]),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        history::NoticeKind::Recalled,
        judge::{
            Validity,
            checker::story::{Story, TEAM},
        },
    };

    fn taken_back() -> Story {
        let mut story = Story::team();
        story.alice().sends("oops").accepted(1);
        story.bob().receives(1, "oops");
        story.alice().recalls(1);
        story
    }

    #[test]
    fn a_recall_that_everybody_learns_of_once_is_fine() {
        let mut story = taken_back();
        story.bob().is_told(Recalled, 5, 1, 0);
        story.bob().rests(TEAM, true);
        story.bob().reads_the_history(&[]);
        let found = story.finding("C11");
        assert_eq!((found.validity(), found.obligations), (Validity::Valid, 3));
    }

    #[test]
    fn a_message_that_is_read_after_its_recall_is_seen() {
        let mut story = taken_back();
        story.bob().is_told(Recalled, 5, 1, 0);
        story.bob().reads_the_history(&[(1, "oops")]);
        let found = story.finding("C11");
        assert_eq!(found.violations, 1);
        assert!(found.witness.unwrap().claim.contains("still read"));
    }

    #[test]
    fn a_message_that_waits_for_the_next_login_after_its_recall_is_seen() {
        let mut story = taken_back();
        story.carol().closes();
        story.carol().opens();
        story.carol().receives(1, "oops");
        assert_eq!(story.finding("C11").violations, 1);
    }

    #[test]
    fn a_message_that_was_under_way_when_it_was_taken_back_is_excused() {
        let mut story = taken_back();
        story.carol().receives(1, "oops");
        assert_eq!(story.finding("C11").violations, 0);
    }

    #[test]
    fn who_has_it_and_is_never_told_is_seen_only_behind_a_marker() {
        let mut story = taken_back();
        story.bob().rests(TEAM, false);
        assert_eq!(story.finding("C11").violations, 0);
        story.bob().rests(TEAM, true);
        let found = story.finding("C11");
        assert!(found.witness.unwrap().claim.contains("bob has it and was never told"));
    }

    #[test]
    fn two_notices_of_one_recall_are_seen_and_one_that_came_again_is_not() {
        let mut story = taken_back();
        story.bob().is_told(Recalled, 5, 1, 0);
        story.bob().is_told(Recalled, 5, 1, 0);
        assert_eq!(story.finding("C11").violations, 0);
        story.bob().is_told(Recalled, 6, 1, 0);
        assert_eq!(story.finding("C11").violations, 1);
    }

    #[test]
    fn a_notice_of_a_recall_that_nobody_asked_for_is_seen() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.bob().is_told(Recalled, 5, 1, 0);
        assert_eq!(story.finding("C11").violations, 1);
    }

    #[test]
    fn a_refused_recall_tells_nobody_unless_the_refusal_leaves_it_open() {
        for (code, violations) in [(504, 1), (503, 0)] {
            let mut story = Story::team();
            story.alice().sends("hi").accepted(1);
            story.alice().recalls_in_vain(1, code);
            story.bob().is_told(Recalled, 5, 1, 0);
            assert_eq!(story.finding("C11").violations, violations, "{code}");
        }
    }
}
