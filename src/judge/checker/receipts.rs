//! C09: a receipt tells what somebody did, once, and reaches who waits for it.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use super::Checker;
use crate::{
    history::{Call, NoticeKind, SessionId, UserId},
    judge::{
        chart::Chart,
        deed::{Deed, Told},
        finding::{Finding, Witness},
    },
    protocol::{id::ServerId, message::ChatType, time::Moment},
};

pub(super) const CHECKER: Checker = Checker {
    id: "C09",
    name: "receipt-causality",
    about: "nobody is told that a message was read or delivered before it was, nor twice, nor not at all",
    check,
};

/// Receipts of accounts that others may use as well are not judged, nor is anything once messages, and
/// so receipts, may have been sent by hand.
fn check(chart: &Chart<'_>, finding: &mut Finding) {
    if chart.messages_disturbed {
        return;
    }
    let arrivals = Arrivals::new(chart);
    let mut told: HashMap<(SessionId, NoticeKind, ServerId, UserId), Vec<&Told>> = HashMap::new();
    for notice in &chart.deeds.notices {
        let Some(from) = notice.notice.from.filter(|from| chart.is_exclusive(*from)) else { continue };
        if notice.notice.kind == NoticeKind::Recalled {
            continue;
        }
        if founded(chart, notice, from, &arrivals) {
            finding.met();
        } else {
            unfounded(chart, notice, from, finding);
        }
        if notice.notice.kind == NoticeKind::Read && notice.notice.id.0 != 0 {
            let key = (notice.session, notice.notice.kind, notice.notice.message, from);
            let known = told.entry(key).or_default();
            if known.iter().all(|one| one.notice.id != notice.notice.id) && known.len() <= MOST {
                known.push(notice);
                let acks = || chart.deeds.receipts_of(NoticeKind::Read, notice.notice.message, from);
                too_often(chart, known, acks().count(), acks().all(|ack| ended(chart, ack)), finding);
            }
        }
    }
    arrived(chart, finding);
}

/// Notices of one reader and message that are compared; more are as bad.
const MOST: usize = 8;

/// When each user first got each message.
struct Arrivals(HashMap<(UserId, ServerId), Moment>);

impl Arrivals {
    /// Only where somebody was told of a delivery, of which not every client sends a receipt of its own.
    fn new(chart: &Chart<'_>) -> Self {
        let mut first = HashMap::new();
        if chart.deeds.notices.iter().any(|told| told.notice.kind == NoticeKind::Delivered) {
            for receipt in &chart.receipts {
                let user = chart.names.session(chart.records[receipt.record].session).user;
                if let Entry::Vacant(vacant) = first.entry((user, receipt.item.id)) {
                    vacant.insert(receipt.at);
                }
            }
        }
        Self(first)
    }
}

/// Whether the user did before what the notice says. Clients give delivered receipts by themselves, so
/// that the message has arrived is enough.
fn founded(chart: &Chart<'_>, told: &Told, from: UserId, arrivals: &Arrivals) -> bool {
    let message = match told.notice.kind {
        NoticeKind::Channel => ServerId(0),
        _ => told.notice.message,
    };
    let mut receipts = chart.deeds.receipts_of(told.notice.kind, message, from);
    if receipts.any(|ack| ack.at <= told.at && !ack.end.has_no_effect()) {
        return true;
    }
    told.notice.kind == NoticeKind::Delivered
        && arrivals.0.get(&(from, message)).is_some_and(|arrived| *arrived <= told.at)
}

fn unfounded(chart: &Chart<'_>, told: &Told, from: UserId, finding: &mut Finding) {
    let did = match told.notice.kind {
        NoticeKind::Delivered => "got",
        NoticeKind::Read | NoticeKind::Channel | NoticeKind::Recalled => "read",
    };
    let sent = chart.send_of(told.notice.message).map(|send| send.record);
    let records: Vec<usize> = sent.into_iter().chain([told.record]).collect();
    finding.broken(|| Witness {
        claim: format!("somebody is told what {} has {did}, which never said so", chart.user(from)),
        records: chart.tell(&records),
    });
}

/// More notices than receipts, unless one may have been sent again.
fn too_often(chart: &Chart<'_>, told: &[&Told], acks: usize, ended: bool, finding: &mut Finding) {
    if acks == 0 || !ended || told.len() <= acks {
        return;
    }
    let records: Vec<usize> = told.iter().map(|one| one.record).collect();
    finding.broken(|| Witness {
        claim: format!(
            "message {} was receipted {acks} times, and its sender is told {} times",
            told[0].notice.message,
            told.len()
        ),
        records: chart.tell(&records),
    });
}

fn ended(chart: &Chart<'_>, ack: &Deed) -> bool {
    ack.over().is_some_and(|over| chart.stays_open(ack.session, ack.at, over))
}

/// What the server took reaches the sender of the message, where a later message of the same user
/// does. A target whose receipts are off takes them and tells nobody, so one notice must have come.
fn arrived(chart: &Chart<'_>, finding: &mut Finding) {
    let is_read = |told: &&Told| told.notice.kind == NoticeKind::Read;
    if chart.relations_disturbed
        || chart.members_disturbed
        || !chart.deeds.notices.iter().any(|t| is_read(&t))
    {
        return;
    }
    let mut told: HashSet<(UserId, ServerId)> = HashSet::new();
    for notice in chart.deeds.notices.iter().filter(is_read) {
        told.insert((chart.names.session(notice.session).user, notice.notice.message));
    }
    for (deed, answer, done) in chart.deeds.done() {
        let Call::Acknowledge { kind: NoticeKind::Read, conversation, message } = deed.call else { continue };
        if chart.names.conversation(conversation).chat_type != ChatType::Single {
            continue;
        }
        let Some(send) = chart.send_of(message) else { continue };
        let waits = send.sender;
        if send.conversation != conversation || waits == deed.user || !chart.is_exclusive(waits) {
            continue;
        }
        if told.contains(&(waits, message)) {
            finding.met();
        } else if chart.proved_rest(waits, conversation, deed.at, done).is_some() {
            finding.broken(|| Witness {
                claim: format!(
                    "{} was never told that {} has read {message}, and a later message arrived",
                    chart.user(waits),
                    chart.user(deed.user)
                ),
                records: chart.tell(&[send.record, deed.record, answer]),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        history::NoticeKind::{Channel, Delivered, Read},
        judge::{
            Validity,
            checker::story::{PAIR, Story, TEAM},
        },
    };

    #[test]
    fn receipts_of_what_was_done_are_fine() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.bob().receives(1, "hi");
        story.alice().is_told(Delivered, 5, 1, 1);
        story.bob().acknowledges(Read, TEAM, 1);
        story.alice().is_told(Read, 6, 1, 1);
        story.bob().acknowledges(Channel, TEAM, 0);
        story.alice().is_told(Channel, 7, 0, 1);
        let found = story.finding("C09");
        assert_eq!((found.validity(), found.obligations), (Validity::Valid, 3));
    }

    #[test]
    fn a_receipt_of_what_nobody_did_is_seen() {
        for (kind, message) in [(Read, 1), (Delivered, 1), (Channel, 0)] {
            let mut story = Story::team();
            story.alice().sends("hi").accepted(1);
            story.alice().is_told(kind, 5, message, 1);
            assert_eq!(story.finding("C09").violations, 1, "{kind:?}");
        }
    }

    #[test]
    fn a_receipt_before_the_deed_is_seen() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.alice().is_told(Read, 5, 1, 1);
        story.bob().acknowledges(Read, TEAM, 1);
        assert_eq!(story.finding("C09").violations, 1);
    }

    #[test]
    fn receipts_of_strangers_are_not_judged() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.alice().is_told(Read, 5, 1, 4);
        assert_eq!(story.finding("C09").obligations, 0);
    }

    #[test]
    fn one_receipt_told_twice_is_seen_and_one_that_came_again_is_not() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.bob().acknowledges(Read, TEAM, 1);
        story.alice().is_told(Read, 6, 1, 1);
        story.alice().is_told(Read, 6, 1, 1);
        assert_eq!(story.finding("C09").violations, 0);
        story.alice().is_told(Read, 7, 1, 1);
        assert_eq!(story.finding("C09").violations, 1);
        story.bob().acknowledges(Read, TEAM, 1);
        assert_eq!(story.finding("C09").violations, 0);
    }

    fn read_in_a_pair() -> Story {
        let mut story = Story::team();
        for (id, told) in [(1, true), (2, false)] {
            story.alice().sends_to(PAIR, "hi").accepted(id);
            story.bob().acknowledges(Read, PAIR, id);
            if told {
                story.alice().is_told(Read, 10 + id, id, 1);
            }
        }
        story
    }

    #[test]
    fn a_receipt_that_a_later_marker_overtook_is_seen() {
        let mut story = read_in_a_pair();
        assert_eq!(story.finding("C09").violations, 0);
        story.alice().rests(PAIR, true);
        let found = story.finding("C09");
        assert_eq!((found.validity(), found.violations), (Validity::Invalid, 1));
        assert!(found.witness.unwrap().claim.contains("alice was never told that bob has read 2"));
    }

    #[test]
    fn a_receipt_may_be_lost_where_blocks_were_changed_by_hand() {
        let mut story = read_in_a_pair();
        story.bob().disturbs_relations();
        story.alice().rests(PAIR, true);
        assert_eq!(story.finding("C09").violations, 0);
    }
}
