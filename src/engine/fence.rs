//! Markers: messages of the harness's own, behind which nothing older can still arrive.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::{member::Member, setback::Setback};
use crate::{
    client::ClientError,
    protocol::{
        id::LocalId,
        message::{Body, ChatType, Outgoing},
        time::Moment,
    },
    session::Answer,
};

/// How the text of every marker begins.
const PREFIX: &str = "chatproof-marker-";

/// Numbers the markers of this process, so that no two are alike.
static MARKERS: AtomicU64 = AtomicU64::new(0);

/// Whether a text is a marker's.
pub(super) fn is_marker(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.starts_with(PREFIX))
}

/// A marker that the server took.
#[derive(Clone, Debug)]
pub(super) struct Marker {
    text: String,
    /// When its first byte could leave.
    pub(super) since: Moment,
}

impl Marker {
    /// Sends a marker into a conversation.
    pub(super) async fn send(
        sender: &Member,
        chat_type: ChatType,
        to: &str,
        within: Duration,
    ) -> Result<Self, Setback> {
        let number = MARKERS.fetch_add(1, Ordering::Relaxed);
        let text = format!("{PREFIX}{}-{number}", sender.role.user);
        let body = Body::Text(Some(text.clone()));
        let outgoing = Outgoing { chat_type, ..Outgoing::new(LocalId::default(), to, body) };
        let expected = || format!("the server takes a marker from {} to {to}", sender.role.label);
        let sent = sender
            .send(outgoing, within)
            .await
            .map_err(|error: ClientError| Setback::client(expected(), &error))?;
        match &sent.answer {
            Answer::Accepted { .. } => Ok(Self { text, since: sent.started }),
            answer => Err(Setback::script(expected(), super::evidence::answered(answer))),
        }
    }

    /// Waits until the marker has arrived.
    pub(super) async fn arrives(&self, receiver: &Arc<Member>, deadline: Instant) -> bool {
        let arrived = receiver.ears.markers.take(deadline, |held| {
            Ok::<_, std::convert::Infallible>(held.delivered.event.text() == Some(&self.text))
        });
        let Ok(arrived) = arrived.await;
        arrived.is_some()
    }
}
