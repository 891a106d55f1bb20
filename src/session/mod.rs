//! One client as a state machine without I/O: login, queues, sending, receipts, kicks.
//!
//! A [`Session`] is told what happens (`handle_*`, [`Session::send`]), always with the moment at
//! which it happens, and is then asked what to do next (`poll_*`) until each answers `None`. It
//! owns no socket, clock or randomness, so the same inputs always give the same outputs. It
//! outlives its connections: what the SDK keeps over a reconnect, it keeps too.
//!
//! ```
//! use chatproof::{
//!     protocol::{
//!         generation::Generation,
//!         id::LocalId,
//!         message::{Body, Outgoing},
//!         secret::Secret,
//!         time::Moment,
//!     },
//!     session::{Answer, Config, Loss, Output, Session},
//! };
//!
//! let config = Config::new(Generation::V3_6_3, "org#app", "alice", Secret::new("token"));
//! let mut session = Session::new(config);
//! let now = Moment::from_millis(1_640_995_200_000);
//! session.handle_connected(now);
//! assert!(session.poll_transmit().is_some(), "PROVISION");
//!
//! // The SDK does not wait for its answer, and what it sends goes down with the connection.
//! session.send(now, &Outgoing::new(LocalId(1), "bob", Body::Text(Some("hello".to_owned()))));
//! assert!(session.poll_transmit().is_some(), "the message");
//! session.handle_disconnected(now);
//! let answer = Answer::Lost(Loss::Disconnected);
//! assert_eq!(session.poll_output(), Some(Output::Answered { id: LocalId(1), answer }));
//! ```

mod answers;
mod config;
mod delivery;
mod heartbeat;
mod login;
mod machine;
mod offline;
mod outbox;
mod output;
mod queues;
mod receipts;
mod sending;

pub use config::Config;
pub use machine::Session;
pub use output::{Answer, Delivered, LoginFailure, Loss, Misbehaviour, Output};
