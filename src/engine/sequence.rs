//! What holds for every walk through a history, whatever a step asks for: pages are in order, no
//! message comes twice, and the walk comes to an end.

use std::collections::HashSet;

use super::evidence::described;
use crate::protocol::{
    event::Event,
    id::ServerId,
    roaming::{Order, Page},
};

/// The pages of a walk so far.
#[derive(Debug)]
pub(super) struct Sequence {
    order: Order,
    /// How many messages a page may have, where the request says so.
    size: Option<u32>,
    seen: HashSet<ServerId>,
    /// The message that came last.
    before: Option<Event>,
}

impl Sequence {
    pub(super) fn new(order: Order, size: Option<u32>) -> Self {
        Self { order, size, seen: HashSet::new(), before: None }
    }

    /// Takes the next page with its messages.
    ///
    /// # Errors
    /// Why it cannot follow what came before, in words.
    pub(super) fn follow(&mut self, page: &Page, messages: &[Event]) -> Result<(), String> {
        if let Some(size) = self.size.filter(|size| messages.len() > *size as usize) {
            return Err(format!("{} messages came where {size} were asked for", messages.len()));
        }
        if page.metas.is_empty() && !page.is_last {
            return Err("a page came without messages that is not the last".to_owned());
        }
        if page.next_key.is_none() && !page.is_last {
            return Err("a page came without `next_key` that is not the last".to_owned());
        }
        messages.iter().try_for_each(|event| self.append(event))
    }

    fn append(&mut self, event: &Event) -> Result<(), String> {
        if event.id().is_some_and(|id| !self.seen.insert(id)) {
            return Err(format!("{} stands there twice", described(event)));
        }
        if let Some(before) = &self.before {
            let (earlier, later) = match self.order {
                Order::Up => (event, before),
                Order::Down => (before, event),
            };
            if earlier.time().zip(later.time()).is_some_and(|(earlier, later)| earlier > later) {
                return Err(format!(
                    "{} stands on the wrong side of {}",
                    described(event),
                    described(before)
                ));
            }
        }
        self.before = Some(event.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::protocol::{
        downlink,
        generation::Generation,
        schema::{Jid, MessageBody, Meta, message_body::Content},
    };

    /// A text of that id, said so many milliseconds after the beginning.
    fn said(id: u64, time: u64) -> Meta {
        let hello = Content { r#type: Some(0), text: Some("hello".into()), ..Content::default() };
        let body = MessageBody {
            r#type: Some(1),
            from: Some(Jid::named("alice")),
            to: Some(Jid::named("bob")),
            contents: vec![hello],
            ..MessageBody::default()
        };
        Meta {
            id: Some(id),
            timestamp: Some(time),
            ns: Some(1),
            payload: Some(body.encode_to_vec().into()),
            ..Meta::default()
        }
    }

    fn page(said: &[Meta], next_key: Option<&str>) -> (Page, Vec<Event>) {
        let view = downlink::Page::new(Generation::V3_6_3, "bob");
        let messages = downlink::roamed(&view, said).messages;
        let next_key = next_key.map(str::to_owned);
        (Page { metas: said.to_vec(), is_last: next_key.is_none(), next_key }, messages)
    }

    /// What is wrong with the second of two pages.
    fn problem(order: Order, first: &[Meta], second: &[Meta]) -> Result<(), String> {
        let mut sequence = Sequence::new(order, Some(2));
        let (one, messages) = page(first, Some("next"));
        sequence.follow(&one, &messages).unwrap();
        let (other, messages) = page(second, None);
        sequence.follow(&other, &messages)
    }

    #[test]
    fn pages_in_order_follow_each_other_in_either_direction() {
        let pages = [said(4, 40), said(3, 30)];
        assert_eq!(problem(Order::Up, &pages, &[said(2, 30), said(1, 10)]), Ok(()));
        assert_eq!(problem(Order::Up, &pages, &[]), Ok(()));
        assert_eq!(problem(Order::Down, &[said(1, 10)], &[said(2, 20), said(3, 30)]), Ok(()));
    }

    #[test]
    fn overlaps_disorder_and_pages_that_are_too_long_are_told() {
        let pages = [said(4, 40), said(3, 30)];
        for (order, first, second, problem_is) in [
            (
                Order::Up,
                &pages[..],
                vec![said(3, 30)],
                "onTextMessage from \"alice\" \"hello\" id 3 stands there twice",
            ),
            (
                Order::Up,
                &pages[1..],
                vec![said(5, 50)],
                "onTextMessage from \"alice\" \"hello\" id 5 stands on the wrong side of \
                 onTextMessage from \"alice\" \"hello\" id 3",
            ),
            (
                Order::Down,
                &pages[..1],
                vec![said(3, 30)],
                "onTextMessage from \"alice\" \"hello\" id 3 stands on the wrong side of \
                 onTextMessage from \"alice\" \"hello\" id 4",
            ),
            (
                Order::Up,
                &pages[..],
                vec![said(2, 3), said(1, 2), said(0, 1)],
                "3 messages came where 2 were asked for",
            ),
        ] {
            assert_eq!(problem(order, first, &second), Err(problem_is.to_owned()));
        }
    }

    #[test]
    fn a_walk_that_would_never_end_is_told() {
        let (mut endless, messages) = page(&[], Some("next"));
        let mut sequence = Sequence::new(Order::Up, None);
        let problem = sequence.follow(&endless, &messages).unwrap_err();
        assert_eq!(problem, "a page came without messages that is not the last");
        endless.metas.push(said(1, 1));
        endless.next_key = None;
        let problem = sequence.follow(&endless, &[]).unwrap_err();
        assert_eq!(problem, "a page came without `next_key` that is not the last");
    }
}
