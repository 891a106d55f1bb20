//! Reading a history page by page, as the SDK's two calls do, and what holds for every page.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use serde_json::{Map, Value as Json};
use tokio::time::Instant;

use super::{
    address::Destination,
    member::Member,
    place::Place,
    reply::{Asked, Asking, Wanted},
    sequence::Sequence,
    setback::Setback,
};
use crate::{
    client::{ClientError, Method, Span, segment},
    history::{Call, ConversationId, OperationId},
    protocol::{
        downlink::{self, roamed},
        event::Event,
        id::ServerId,
        message::Api,
        refusal,
        roaming::{self, Request},
    },
    scenario::model::{History, Order},
};

/// A walk through a history on its way.
pub(super) struct Walk<'a> {
    member: &'a Arc<Member>,
    history: &'a History,
    wanted: &'a Wanted,
    request: Request<'a>,
    conversation: ConversationId,
    deadline: Instant,
    within: Duration,
    /// The first call.
    first: Option<OperationId>,
    started: Option<Span>,
    /// Where the next request begins.
    cursor: Option<String>,
    /// The server has said that nothing is behind what it gave.
    is_last: bool,
    /// Answered and not handed out: `fetchHistoryMessages` hands out so many at a time.
    surplus: VecDeque<Event>,
    sequence: Sequence,
}

/// How a walk ended.
pub(super) enum Walked {
    /// With so many pages of these messages.
    Pages { pages: u32, messages: Vec<Event> },
    /// With the refusal that was asked for.
    Refused(Map<String, Json>),
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        member: &'a Arc<Member>,
        history: &'a History,
        wanted: &'a Wanted,
        with: &'a Destination,
        start: Option<String>,
        within: Duration,
    ) -> Self {
        let role = &member.role;
        let place = Place::of(with.chat_type, &role.user, &with.to);
        let order = match history.order {
            Order::Up => roaming::Order::Up,
            Order::Down => roaming::Order::Down,
        };
        let (api, chat_type, size) = (history.api, with.chat_type, history.count);
        Self {
            member,
            history,
            wanted,
            request: Request { api, chat_type, with: &with.to, start: None, size, order },
            conversation: member.ledger().conversation(&place),
            deadline: Instant::now() + within,
            within,
            first: None,
            started: None,
            cursor: start,
            is_last: false,
            surplus: VecDeque::new(),
            sequence: Sequence::new(order, (api == Api::New).then_some(size)),
        }
    }

    /// Whether the end was reached and everything before it handed out.
    pub(super) fn is_over(&self) -> bool {
        self.is_last && self.surplus.is_empty()
    }

    /// Where the next page would begin, if this was handed out last.
    pub(super) fn cursor(&self, last: Option<&Event>) -> Option<String> {
        match last.and_then(Event::id) {
            Some(id) if !self.surplus.is_empty() => Some(id.to_string()),
            _ => self.cursor.clone(),
        }
    }

    /// Reads as many pages as the step asks for.
    pub(super) async fn pages(&mut self) -> Result<Walked, Setback> {
        let (mut pages, mut messages) = (0, Vec::new());
        loop {
            let handed_out = match self.history.api {
                Api::New => self.request().await?,
                Api::Old => self.fetch().await?,
            };
            match handed_out {
                Ok(handed_out) => messages.extend(handed_out),
                Err(refusal) => return Ok(Walked::Refused(refusal)),
            }
            pages += 1;
            if self.is_over() || self.history.pages.is_some_and(|wanted| pages >= wanted) {
                break;
            }
        }
        if let Some(started) = self.started {
            let walk = Span { started: started.started, ended: self.member.ledger().clock().now() };
            self.member.ledger().took(|metrics| metrics.history_walk, walk);
        }
        Ok(Walked::Pages { pages, messages })
    }

    /// What one call of `fetchHistoryMessages` gives: it asks until it has so many messages or the
    /// history ends, and keeps the rest for the next call.
    async fn fetch(&mut self) -> Result<Result<Vec<Event>, Map<String, Json>>, Setback> {
        let count = self.history.count as usize;
        while self.surplus.len() < count && !self.is_last {
            match self.request().await? {
                Ok(more) => self.surplus.extend(more),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        let end = count.min(self.surplus.len());
        Ok(Ok(self.surplus.drain(..end).collect()))
    }

    /// One request: its messages in the order of the answer, or the refusal that was asked for.
    async fn request(&mut self) -> Result<Result<Vec<Event>, Map<String, Json>>, Setback> {
        let cursor = self.cursor.clone();
        let role = &self.member.role;
        let request = Request { start: cursor.as_deref(), ..self.request };
        let body = request.body(role.generation);
        let path = format!("/users/{}/messageroaming", segment(&role.user));
        let about = match self.history.api {
            Api::Old => refusal::Subject::OldHistory,
            Api::New => refusal::Subject::of_path(&path),
        };
        let asking = Asking { method: Method::POST, path: &path, body: Some(&body), about };
        // A start that is no id is still not the newest.
        let start = cursor.map(|cursor| ServerId(cursor.parse().unwrap_or(0)));
        let count = if self.history.api == Api::New { self.history.count } else { 0 };
        let (conversation, first) = (self.conversation, self.first);
        let call = |own| Call::History { conversation, walk: first.unwrap_or(own), start, count };
        let left = self.deadline.saturating_duration_since(Instant::now());
        let asked = self.member.ask(call, asking, left).await;
        let asked = asked.map_err(|error| match error {
            ClientError::Timeout { .. } => {
                self.wanted.missed(format!("the walk did not end within {:?}", self.within))
            }
            other => self.wanted.unanswered(&other),
        })?;
        self.first.get_or_insert(asked.operation);
        self.started.get_or_insert(asked.reply.span);
        if let Some(refusal) = self.wanted.judge(&asked)? {
            return Ok(Err(refusal));
        }
        self.member.ledger().took(|metrics| metrics.history_page, asked.reply.span);
        self.read(&asked).map(Ok)
    }

    /// Reads an answer, books it, and holds it against what was answered before.
    fn read(&mut self, asked: &Asked) -> Result<Vec<Event>, Setback> {
        let role = &self.member.role;
        let missed =
            |observed: String| Setback::target("a page of history in order, without overlap", observed);
        let page = roaming::Page::read(&asked.reply.body);
        let page = page.map_err(|error| missed(format!("the answer is no page: {error}")))?;
        let mut view = downlink::Page::new(role.generation, Arc::clone(&role.user));
        view.api_url = Arc::clone(role.network.rest().api_url());
        let read = roamed(&view, &page.metas);
        let at = asked.reply.span.ended;
        self.member.ledger().page(
            role.session,
            at,
            asked.operation,
            self.conversation,
            &read.messages,
            page.is_last,
        );
        if let Some(cause) = read.broken {
            return Err(missed(format!("an entry cannot be read: {cause:?}")));
        }
        self.sequence.follow(&page, &read.messages).map_err(missed)?;
        self.is_last = page.is_last;
        self.cursor = page.next_key.or_else(|| self.cursor.take());
        Ok(read.messages)
    }
}
