//! Faults of what waits for a user, and who is told.

use super::{Fault, Faults};
use crate::server::world::{
    mailbox::{Capacity, DeviceId},
    user::User,
};

/// Items that wait for a user who is offline.
const FEW: usize = 20;

impl Faults {
    /// How much may wait for a user.
    pub(in crate::server::world) fn capacity(&self, user: &User, capacity: Capacity) -> Capacity {
        if !user.is_online() && self.strikes(Fault::OfflineCap20) {
            Capacity { stored: capacity.stored.min(FEW), ..capacity }
        } else {
            capacity
        }
    }

    /// The device that an item misses.
    pub(in crate::server::world) fn missed(&self, user: &User) -> Option<DeviceId> {
        let mut online = user.online().map(|(device, _)| device);
        let first = online.next()?;
        (online.next().is_some() && self.strikes(Fault::SecondDeviceMisses)).then_some(first)
    }
}
