//! The end of a cast's play: everyone must come to have what was sent to it.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{cast::Cast, fence::Marker, member::Member, place::Place};

/// How long the last messages may take to arrive once nothing more is sent.
const PATIENCE: Duration = Duration::from_secs(10);

impl Cast {
    /// Sends a marker behind the last message of each conversation and waits for it at each client
    /// that is connected, so that the history can tell a lost message from one under way.
    ///
    /// What cannot be settled is returned in words; the history then has less to judge.
    pub(super) async fn settle(&self) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        let mut open = Vec::new();
        for trail in self.trail() {
            let (sender, destination) = (&trail.sender, &trail.destination);
            if !trail.accepted || !sender.is_online() {
                continue;
            }
            let online = |one: &Arc<Member>| one.is_online();
            let receivers: Vec<_> = self.receivers(sender, destination).into_iter().filter(online).collect();
            if receivers.is_empty() {
                continue;
            }
            let Ok(marker) = Marker::send(sender, destination.chat_type, &destination.to, PATIENCE).await
            else {
                continue;
            };
            let place = Place::of(destination.chat_type, &sender.role.user, &destination.to);
            for receiver in receivers {
                let arrived = marker.arrives(&receiver, deadline).await;
                let proved = arrived.then_some(marker.since);
                self.ledger.rested(receiver.role.session, &place, proved);
                if !arrived {
                    open.push(format!(
                        "{} did not get the last marker of {} within {PATIENCE:?}",
                        receiver.role.label, sender.role.label
                    ));
                }
            }
        }
        open
    }
}
