//! Delivered receipts that the session sends by itself (the option `delivery`).

use super::{Session, sending::Origin};
use crate::protocol::{
    id::ServerId,
    message::{Body, Outgoing},
    time::Moment,
};

impl Session {
    /// Tells the sender of a message that it has arrived. Nobody waits for the answer.
    pub(super) fn acknowledge_delivery(&mut self, now: Moment, to: String, message: ServerId) {
        let id = self.next_id(now);
        self.send_from(now, &Outgoing::new(id, to, Body::Delivery { message }), Origin::Receipt);
    }
}
