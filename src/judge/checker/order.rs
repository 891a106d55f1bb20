//! C04: all observers of a conversation agree on its order.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::Checker;
use crate::{
    history::ConversationId,
    judge::{
        chart::{Chart, Observer},
        finding::{Finding, Witness},
    },
    protocol::id::ServerId,
};

pub(super) const CHECKER: Checker = Checker {
    id: "C04",
    name: "order-agreement",
    about: "everybody sees the messages of a conversation in the same order",
    check,
};

/// From how many messages of a cycle the shortest one is looked for; more would not be linear.
const STARTS: usize = 32;

/// The union of "came right before" over all observers must have no cycle. Counted are the pairs
/// that another observer saw too.
fn check(chart: &Chart<'_>, finding: &mut Finding) {
    let mut conversations: BTreeMap<ConversationId, Vec<&Observer>> = BTreeMap::new();
    for observer in &chart.observers {
        conversations.entry(observer.conversation).or_default().push(observer);
    }
    for observers in conversations.values().filter(|observers| observers.len() > 1) {
        agree(chart, observers, finding);
    }
}

/// For each message, what came right after it, with the records of both that show it.
type Edges = HashMap<ServerId, HashMap<ServerId, [usize; 2]>>;

fn agree(chart: &Chart<'_>, observers: &[&Observer], finding: &mut Finding) {
    let mut seen_by: HashMap<ServerId, u32> = HashMap::new();
    let mut edges = Edges::new();
    let mut incoming: HashMap<ServerId, usize> = HashMap::new();
    for observer in observers {
        for &receipt in &observer.first {
            *seen_by.entry(chart.receipts[receipt].item.id).or_default() += 1;
        }
    }
    for observer in observers {
        for pair in observer.first.windows(2) {
            let (before, after) = (&chart.receipts[pair[0]], &chart.receipts[pair[1]]);
            let (from, to) = (before.item.id, after.item.id);
            if seen_by[&from] > 1 && seen_by[&to] > 1 {
                finding.met();
            }
            if edges.entry(from).or_default().insert(to, [before.record, after.record]).is_none() {
                *incoming.entry(to).or_default() += 1;
            }
        }
    }
    let left = behind_a_cycle(&edges, incoming);
    if let Some(cycle) = shortest_cycle(&edges, &left) {
        finding.broken(|| {
            let mut records: Vec<usize> =
                (0..cycle.len()).flat_map(|at| edges[&cycle[at]][&cycle[(at + 1) % cycle.len()]]).collect();
            records.dedup();
            let ids: Vec<String> = cycle.iter().map(ToString::to_string).collect();
            Witness {
                claim: format!("observers disagree on the order of messages {}", ids.join(", ")),
                records: chart.tell(&records),
            }
        });
    }
}

/// What is left when messages that nothing comes before are taken away, again and again.
fn behind_a_cycle(edges: &Edges, mut incoming: HashMap<ServerId, usize>) -> HashSet<ServerId> {
    let mut free: Vec<ServerId> = edges.keys().copied().filter(|id| !incoming.contains_key(id)).collect();
    while let Some(id) = free.pop() {
        for to in edges.get(&id).into_iter().flat_map(HashMap::keys) {
            if let Some(count) = incoming.get_mut(to) {
                *count -= 1;
                if *count == 0 {
                    incoming.remove(to);
                    free.push(*to);
                }
            }
        }
    }
    incoming.into_keys().collect()
}

/// The shortest cycle through one of the first messages left, oldest id first.
fn shortest_cycle(edges: &Edges, left: &HashSet<ServerId>) -> Option<Vec<ServerId>> {
    let mut starts: Vec<ServerId> = left.iter().copied().collect();
    starts.sort_unstable();
    let cycles = starts.iter().take(STARTS).filter_map(|&start| cycle_through(edges, left, start));
    // Messages behind a cycle are left as well; if the first ones are all behind it, any one does.
    let found = cycles.min_by_key(Vec::len);
    found.or_else(|| starts.iter().skip(STARTS).find_map(|&start| cycle_through(edges, left, start)))
}

fn cycle_through(edges: &Edges, left: &HashSet<ServerId>, start: ServerId) -> Option<Vec<ServerId>> {
    let mut came_from: HashMap<ServerId, ServerId> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(id) = queue.pop_front() {
        for &to in edges.get(&id).into_iter().flat_map(HashMap::keys).filter(|to| left.contains(to)) {
            if to == start {
                let mut cycle = vec![id];
                while let Some(&before) = cycle.last().and_then(|id| came_from.get(id)) {
                    cycle.push(before);
                }
                cycle.reverse();
                return Some(cycle);
            }
            if let std::collections::hash_map::Entry::Vacant(place) = came_from.entry(to) {
                place.insert(id);
                queue.push_back(to);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::judge::{Validity, checker::story::Story};

    #[test]
    fn observers_that_miss_messages_can_still_agree() {
        let mut story = Story::team();
        for id in [1, 2, 3] {
            story.bob().receives(id, "x");
        }
        for id in [1, 3] {
            story.carol().receives(id, "x");
        }
        let found = story.finding("C04");
        assert_eq!((found.validity(), found.violations), (Validity::Valid, 0));
    }

    #[test]
    fn swapped_messages_are_told_with_the_shortest_cycle() {
        let mut story = Story::team();
        for id in [1, 2, 3, 4] {
            story.bob().receives(id, "x");
        }
        for id in [1, 3, 2, 4] {
            story.carol().receives(id, "x");
        }
        let found = story.finding("C04");
        assert_eq!(found.violations, 1);
        assert!(found.witness.unwrap().claim.ends_with("order of messages 2, 3"));
    }

    #[test]
    fn one_observer_has_nothing_to_agree_on() {
        let mut story = Story::team();
        story.bob().receives(2, "x");
        story.bob().receives(1, "x");
        assert_eq!(story.finding("C04").obligations, 0);
    }
}
