//! From one MSync that a server sent to what it means for a page: pure, for each SDK generation.
//!
//! [`decode`] says what a frame is. A [`Batch`] is then handed out with [`Batch::deliver`], which
//! does what the generation does: skips what was [`Seen`], stumbles over a bad item as it does, and
//! says which receipts it would send. Which queue to ask for next is the session's matter.

mod batch;
mod chat;
mod chat_content;
mod chat_extras;
mod frame;
mod notice;
mod other;
mod roamed;
mod seen;
#[cfg(test)]
mod tests;

pub use batch::{Batch, Effect};
pub use frame::{Answer, Downlink, Provisioned, Undecodable, decode};
pub use roamed::{Roamed, roamed};
pub use seen::Seen;

use std::sync::Arc;

use super::generation::Generation;

/// What the page told the SDK, as far as it changes what the page is called back with.
#[derive(Clone, Debug)]
pub struct Page {
    /// The SDK generation.
    pub generation: Generation,
    /// The user who is logged in.
    pub user: Arc<str>,
    /// The resource that the server gave this device; empty before login.
    pub resource: Arc<str>,
    /// The REST address (`apiUrl`), which takes the place of the host in attachment URLs.
    pub api_url: Arc<str>,
    /// Where attachments are (`useOwnUploadFun`).
    pub attachments: Attachments,
    /// Which messages are acknowledged with a delivered receipt.
    pub delivery: Delivery,
}

impl Page {
    /// A page without options.
    pub fn new(generation: Generation, user: impl Into<Arc<str>>) -> Self {
        Self {
            generation,
            user: user.into(),
            resource: "".into(),
            api_url: "".into(),
            attachments: Attachments::default(),
            delivery: Delivery::default(),
        }
    }
}

/// Where the files are that messages point to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Attachments {
    /// On the chat server: URLs are rewritten to its REST address.
    #[default]
    Hosted,
    /// Wherever the page put them (`useOwnUploadFun: true`): URLs stay as they are.
    OwnUpload,
}

/// Which messages a client acknowledges by itself with a delivered receipt.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Delivery {
    /// None: the option `delivery` is off.
    #[default]
    Off,
    /// Those that the SDK generation acknowledges with `delivery: true`: 3.6.3 none at all, 4.x those
    /// of single chats, 4.0.8 its own from another device among them.
    AsSdk,
    /// Those of single chats that others sent, in every generation: what the document promises
    /// (heading 已送达回执).
    AsDocument,
}
