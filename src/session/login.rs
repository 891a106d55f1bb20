//! Login: PROVISION and its answer, and what the SDK sends once it is in.

use super::{LoginFailure, Loss, Misbehaviour, Output, Session, heartbeat, machine::State, offline::Offline};
use crate::protocol::{downlink::Provisioned, generation::Generation, time::Moment, uplink::Device};

impl Session {
    /// The connection is usable: PROVISION goes out, and in 3.6.3 what waited for a connection.
    pub(super) fn begin_login(&mut self, now: Moment) {
        let device = match (&self.device, self.generation()) {
            (Some(fixed), _) => Device::Fixed(fixed.to_string()),
            // 4.21.1 keeps the name that it made first; its elders make one for each connection.
            (None, Generation::V4_21_1) => Device::Stamped(*self.first_connected.get_or_insert(now)),
            (None, Generation::V3_6_3 | Generation::V4_0_8) => Device::Stamped(now),
        };
        self.outbox.sender.identity.resource = device.resource(self.generation());
        self.outbox.provision(now, &self.token, &device);
        if self.generation() == Generation::V3_6_3 {
            self.outbox.resume(self.sending.release());
        }
        self.state = State::AwaitProvision { deadline: now + self.patience.provision };
    }

    /// The answer to PROVISION.
    pub(super) fn handle_provisioned(&mut self, now: Moment, answer: Provisioned) {
        match (answer.status, &self.state) {
            (Some(0), State::Online) => self.misbehaved(Misbehaviour::ProvisionedTwice),
            (Some(0), _) => {}
            (_, State::Online) => return self.misbehaved(Misbehaviour::ProvisionedTwice),
            (None, _) => return self.fail_login(LoginFailure::WithoutStatus),
            (Some(status), _) => {
                let code = refusal_number(self.generation(), status, &answer.reason);
                return self.fail_login(LoginFailure::Refused { code, status, reason: answer.reason });
            }
        }
        let resource = answer.resource;
        self.outbox.sender.identity.resource.clone_from(&resource);
        self.page.resource = resource.as_str().into();
        self.offline = Offline::default();
        self.admitted = true;
        if !self.is_online() {
            self.state = State::Online;
            self.outputs.push_back(Output::Opened { resource });
        }
        self.outbox.resume(self.sending.release());
        self.heartbeat.start(now, heartbeat::period(self.generation(), self.patience.heartbeat));
        self.outbox.unread(now);
        self.outbox.statistic(now);
    }

    /// Login failed: nothing more goes out on this connection.
    pub(super) fn fail_login(&mut self, failure: LoginFailure) {
        self.state = State::LoginFailed;
        self.outputs.push_back(Output::LoginFailed(failure));
        let lost = self.sending.give_up_all();
        self.report_lost(lost, Loss::LoginFailed);
    }
}

/// The number that a page sees when PROVISION is refused, up to 4.1.2.
const PROVISION_ERROR: i32 = 40;

/// The number that a page on 4.21.1 sees for a status, whatever the reason.
const REFUSALS: &[(i32, i32)] = &[(4, -3), (12, 57), (13, 214), (20, 220)];

/// The numbers that 4.21.1 tells apart by the reason as well.
const REFUSALS_BY_REASON: &[(i32, &str, i32)] = &[
    (1, "Sorry, token expired", 56),
    (1, "Sorry, token or password does not match login info", 28),
    (1, "Sorry, user not found", 204),
    (1, "Sorry, user register limit", 50),
    (1, "Sorry, user register rate limit", 50),
    (7, "Sorry, the app day live count limit", 50),
    (7, "Sorry, the app month live count limit", 50),
    (7, "Sorry, the app online count limit", 50),
];

/// Every other refusal of 4.21.1: "Auth failed".
const AUTHENTICATION_FAILED: i32 = 2;

fn refusal_number(generation: Generation, status: i32, reason: &str) -> i32 {
    match generation {
        Generation::V3_6_3 | Generation::V4_0_8 => PROVISION_ERROR,
        Generation::V4_21_1 => REFUSALS_BY_REASON
            .iter()
            .find(|(code, text, _)| *code == status && *text == reason)
            .map(|(_, _, number)| *number)
            .or_else(|| REFUSALS.iter().find(|(code, _)| *code == status).map(|(_, number)| *number))
            .unwrap_or(AUTHENTICATION_FAILED),
    }
}
