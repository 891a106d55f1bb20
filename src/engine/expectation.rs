//! Events that must come, and events that must not.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    cast::{Cast, Trail},
    evidence::{described, excerpt, values},
    fence::Marker,
    inbox::Held,
    member::Member,
    setback::Setback,
    stage::Frame,
};
use crate::{
    protocol::{
        event::{Event, Name},
        message::ChatType,
    },
    scenario::{
        EvaluationError, Expression, Scope, Value,
        model::{Expect, Filter, Never},
        value,
    },
};

/// How many events a failure lists as seen instead.
const ALSO_SEEN: usize = 8;
/// How long an absence is watched beyond its fence, for servers that hand queues over side by side.
const GRACE: Duration = Duration::from_millis(50);

/// A filter with everything that does not depend on the event already known.
struct Wanted<'a> {
    event: Name,
    from: Option<Vec<String>>,
    text: Option<String>,
    condition: Option<(&'a Expression, Scope)>,
}

impl Wanted<'_> {
    /// Whether the event is of the kind, from the sender and with the text that is wanted.
    fn is_candidate(&self, event: &Event) -> bool {
        event.is_called(self.event)
            && self
                .from
                .as_ref()
                .is_none_or(|from| event.from().is_some_and(|name| from.iter().any(|one| one == name)))
            && self.text.as_deref().is_none_or(|text| event.text() == Some(text))
    }

    /// Whether the event is the one. A condition does not hold of an event without what it reads.
    fn matches(&self, event: &Event) -> Result<bool, EvaluationError> {
        if !self.is_candidate(event) {
            return Ok(false);
        }
        match &self.condition {
            None => Ok(true),
            Some((condition, scope)) => match condition.holds(&scope.with("event", argument(event))) {
                Err(error) if error.is_absence => Ok(false),
                held => held,
            },
        }
    }

    fn described(&self) -> String {
        let mut text = self.event.as_str().to_owned();
        if let Some(from) = &self.from {
            text.push_str(&format!(" from {}", from.join(" or ")));
        }
        if let Some(wanted) = &self.text {
            text.push_str(&format!(" with text {}", excerpt(wanted)));
        }
        if let Some((condition, _)) = &self.condition {
            text.push_str(&format!(" where `{}`", condition.text()));
        }
        text
    }
}

/// The argument that a page's handler gets. The count of a group read receipt is the number itself,
/// where the SDK has an object with the id as its one key.
pub(super) fn argument(event: &Event) -> Value {
    let Some(mut argument) = event.args().into_iter().next() else { return Value::UNDEFINED };
    if let Some(count) = event.group_read_count() {
        argument["groupReadCount"] = count.into();
    }
    value(&argument)
}

impl Cast {
    fn wanted<'a>(
        &self,
        event: Name,
        filter: &'a Filter,
        frame: &Frame,
    ) -> Result<Wanted<'a>, EvaluationError> {
        Ok(Wanted {
            event,
            from: filter.from.as_ref().map(|from| self.senders(from, frame)).transpose()?,
            text: filter.text.as_ref().map(|text| text.render(&frame.scope).map(Into::into)).transpose()?,
            condition: filter.condition.as_ref().map(|condition| (condition, frame.scope.clone())),
        })
    }

    /// Waits for the events that a step expects and takes them out of the inbox.
    pub(super) async fn expect(
        &self,
        member: &Member,
        expect: &Expect,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let wanted = self.wanted(expect.event, &expect.filter, frame)?;
        let deadline = Instant::now() + within;
        let mut taken = Vec::new();
        for _ in 0..expect.count {
            match member.ears.inbox.take(deadline, |held| wanted.matches(&held.delivered.event)).await? {
                Some(held) => taken.push(argument(&held.delivered.event)),
                None => return Err(missed(member, &wanted, expect.count, taken.len(), within)),
            }
        }
        Ok(if expect.count == 1 { taken.remove(0) } else { Value::from(taken) })
    }

    /// Proves that an event has not come: everything that was sent before a marker has arrived.
    pub(super) async fn never(
        &self,
        member: &Arc<Member>,
        never: &Never,
        within: Duration,
        frame: &Frame,
    ) -> Result<(), Setback> {
        let wanted = self.wanted(never.event, &never.filter, frame)?;
        let deadline = Instant::now() + within;
        let fences = self.fences(member, never, frame);
        let expected = format!("no {} at {}", wanted.described(), member.role.label);
        let mut refusal = None;
        let mut markers = Vec::new();
        for (senders, chat_type, to) in fences {
            let mut sent = None;
            for sender in senders {
                match Marker::send(&sender, chat_type, &to, within).await {
                    Ok(marker) => sent = Some(marker),
                    Err(setback) => refusal = Some(setback.observed),
                }
                if sent.is_some() {
                    break;
                }
            }
            markers.extend(sent);
        }
        if markers.is_empty() {
            let why = refusal.map_or_else(String::new, |refusal| format!(" ({refusal})"));
            let observed = format!("nobody can send a marker to prove it{why}; name one with `fence`");
            return Err(Setback::script(expected, observed));
        }
        for marker in &markers {
            if !marker.arrives(member, deadline).await {
                let observed = format!("the marker behind it did not arrive within {within:?} either");
                return Err(Setback::target(expected, observed).with_also_seen(also_seen(member)));
            }
        }
        tokio::time::sleep(GRACE).await;
        match member.ears.inbox.find(|held| wanted.matches(&held.delivered.event))? {
            None => Ok(()),
            Some(held) => Err(Setback::target(expected, described(&held.delivered.event))),
        }
    }

    /// Where markers must go so that nothing older can still come to `member`, and who may send them.
    fn fences(
        &self,
        member: &Arc<Member>,
        never: &Never,
        frame: &Frame,
    ) -> Vec<(Vec<Arc<Member>>, ChatType, String)> {
        let online = |one: &Arc<Member>| one.is_online();
        let own = member.role.user.to_string();
        let reaching: Vec<Trail> = self
            .trail()
            .into_iter()
            .filter(|trail| {
                self.receivers(&trail.sender, &trail.destination)
                    .iter()
                    .any(|one| one.role.user == member.role.user)
            })
            .collect();
        if let Some(fence) = never.fence {
            let senders = self.performers(fence, frame);
            return vec![(senders, ChatType::Single, own)];
        }
        let others: Vec<Arc<Member>> = self
            .everyone()
            .filter(|one| one.role.user != member.role.user && online(one))
            .map(Arc::clone)
            .collect();
        let mut fences: Vec<(Vec<Arc<Member>>, ChatType, String)> = Vec::new();
        for trail in &reaching {
            let (chat_type, to) = (trail.destination.chat_type, trail.destination.to.clone());
            // Each sender of a single chat has a queue of its own; a group's is shared.
            if chat_type != ChatType::Single && fences.iter().any(|(_, _, known)| *known == to) {
                continue;
            }
            let mut senders: Vec<Arc<Member>> = Vec::new();
            if trail.accepted && online(&trail.sender) {
                senders.push(Arc::clone(&trail.sender));
            }
            if chat_type != ChatType::Single
                && let Some(conference) = self.conferences().find(|one| one.id == to)
            {
                let present = conference.present();
                let inside = conference.owner.iter().chain(&present);
                senders.extend(inside.filter(|one| online(one) && !Arc::ptr_eq(one, member)).map(Arc::clone));
            }
            if !senders.is_empty() {
                fences.push((senders, chat_type, to));
            }
        }
        if is_receipt(never.event) {
            self.fence_receipts(member, &mut fences);
        }
        if fences.is_empty() {
            let refused = |one: &Arc<Member>| {
                reaching.iter().any(|trail| !trail.accepted && Arc::ptr_eq(&trail.sender, one))
            };
            let (last, mut first): (Vec<_>, Vec<_>) = others.into_iter().partition(refused);
            first.extend(last);
            if !first.is_empty() {
                fences.push((first, ChatType::Single, own));
            }
        }
        fences
    }

    /// Receipts come from whoever `member` has written to, perhaps without a step of the script.
    fn fence_receipts(&self, member: &Arc<Member>, fences: &mut Vec<(Vec<Arc<Member>>, ChatType, String)>) {
        let own = &*member.role.user;
        for trail in
            self.trail().into_iter().filter(|trail| trail.accepted && *trail.sender.role.user == *own)
        {
            let mut readers = self.receivers(&trail.sender, &trail.destination);
            readers.retain(|reader| reader.is_online() && *reader.role.user != *own);
            let (chat_type, to) = match trail.destination.chat_type {
                ChatType::Single => (ChatType::Single, own.to_owned()),
                place => (place, trail.destination.to),
            };
            let known = fences.iter().any(|(senders, known, queue)| {
                let same_sender =
                    || senders.iter().any(|one| readers.iter().any(|other| Arc::ptr_eq(one, other)));
                (*known, queue) == (chat_type, &to) && (chat_type != ChatType::Single || same_sender())
            });
            if !known && !readers.is_empty() {
                fences.push((readers, chat_type, to));
            }
        }
    }
}

/// Whether others send such an event about what the one who hears it has sent.
fn is_receipt(event: Name) -> bool {
    [Name::DELIVERED, Name::READ, Name::CHANNEL].contains(&event)
}

fn missed(member: &Member, wanted: &Wanted<'_>, count: u32, came: usize, within: Duration) -> Setback {
    let expected = match count {
        1 => format!("{} at {} within {within:?}", wanted.described(), member.role.label),
        count => format!("{count} times {} at {} within {within:?}", wanted.described(), member.role.label),
    };
    let (waiting, forgotten) = member.ears.inbox.waiting();
    let mut candidates =
        waiting.iter().map(|held| &held.delivered.event).filter(|event| wanted.is_candidate(event));
    let mut observed = match (came, candidates.clone().count(), &wanted.condition) {
        (0, 0, _) => "none came".to_owned(),
        (0, unfit, Some((condition, scope))) => {
            let last = candidates.next_back().map(argument).unwrap_or_default();
            let values = values(condition, &scope.with("event", last));
            let which = if unfit == 1 { "it" } else { "the last one" };
            format!("{unfit} came for which the condition does not hold; of {which}, {values}")
        }
        (came, ..) => format!("{came} came"),
    };
    if !member.is_online() {
        observed.push_str("; the client is not online");
    }
    if forgotten > 0 {
        observed.push_str(&format!("; {forgotten} older events were forgotten"));
    }
    Setback::target(expected, observed).with_also_seen(also_seen(member))
}

/// The latest events that no step has asked for.
fn also_seen(member: &Member) -> Vec<String> {
    let (waiting, _) = member.ears.inbox.waiting();
    let skipped = waiting.len().saturating_sub(ALSO_SEEN);
    waiting.iter().skip(skipped).map(|held: &Held| described(&held.delivered.event)).collect()
}
