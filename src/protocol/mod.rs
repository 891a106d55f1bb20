//! Bytes and their meaning: the MSync schema and its codec, SockJS frames, messages, ids, refusal
//! codes and REST shapes. No runtime, no clock, no randomness.

pub mod downlink;
pub mod escape;
pub mod event;
pub mod ext;
pub mod generation;
pub mod id;
pub mod jid;
pub mod js;
pub mod line;
pub mod message;
pub mod payload;
pub mod refusal;
pub mod roaming;
pub mod schema;
pub mod secret;
pub mod session_list;
pub mod sockjs;
pub mod time;
pub mod trace;
pub mod tree;
pub mod uplink;
pub mod wire;
