//! The loop of a simulation: whatever is due first happens next.

use std::{iter, time::Duration};

use bytes::Bytes;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

use super::{
    Counts, Run, Settings, Violation,
    device::{Device, Link},
    law,
    message::Message,
    network::{Due, Freight, Network},
};
use crate::{
    protocol::{downlink::Delivery, generation::Generation, secret::Secret, time::Moment},
    server::world::{self, ConnectionId, RestRequest, World},
    session::{Config, Output, Session},
};

/// When simulations begin: 2022-01-01T00:00:00Z.
const BEGINNING: Moment = Moment::from_millis(1_640_995_200_000);
/// All devices have logged in by then, and nothing happens before.
const WARM_UP: Duration = Duration::from_secs(5);
/// How long everything may take to settle: several heartbeats, and timeouts before them.
const SETTLING: Duration = Duration::from_secs(180);
/// How often lost messages are sent again.
const RESEND: Duration = Duration::from_secs(2);
/// How long a device waits before it connects again, at most.
const REDIAL: Duration = Duration::from_secs(3);
/// What happens in one simulation, at most; more means that it spins.
const STEPS: usize = 500_000;

/// A running simulation.
pub(super) struct Stage<'a> {
    pub(super) settings: &'a Settings,
    pub(super) random: ChaCha12Rng,
    pub(super) now: Moment,
    pub(super) world: World,
    pub(super) network: Network,
    pub(super) devices: Vec<Device>,
    /// The device of each connection, in the order of their numbers.
    owners: Vec<usize>,
    pub(super) messages: Vec<Message>,
    pub(super) run: Run,
}

impl<'a> Stage<'a> {
    pub(super) fn new(seed: u64, settings: &'a Settings) -> Self {
        let mut stage = Self {
            settings,
            random: ChaCha12Rng::seed_from_u64(seed),
            now: BEGINNING,
            world: World::new(&settings.world, seed),
            network: Network::new(settings.latency.clone()),
            devices: Vec::new(),
            owners: Vec::new(),
            messages: Vec::new(),
            run: Run { seed, trace: Vec::new(), violations: Vec::new(), counts: Counts::default() },
        };
        for number in 0..settings.participants.len() {
            stage.enter(number);
        }
        stage.network.plan(BEGINNING + WARM_UP, Due::Act);
        stage.network.plan(BEGINNING + WARM_UP, Due::Resend);
        stage
    }

    /// Plays to the end.
    pub(super) fn play(mut self) -> Run {
        let end = BEGINNING + WARM_UP + self.settings.workload + SETTLING;
        for _ in 0..STEPS {
            match self.next() {
                Some(at) if at <= end => self.step(at),
                _ => {
                    law::judge(&self.settings.places, &self.devices, &self.messages, &mut self.run);
                    return self.run;
                }
            }
        }
        self.run.violations.push(Violation::Spinning);
        self.run
    }

    /// Brings a participant in: with a token, and a dial within a second.
    fn enter(&mut self, number: usize) {
        let participant = &self.settings.participants[number];
        let drawn = Generation::ALL[self.random.random_range(0..Generation::ALL.len())];
        let delivery = [Delivery::Off, Delivery::AsSdk, Delivery::AsDocument][self.random.random_range(0..3)];
        let token = self.token(&participant.user);
        let app_key = self.world.app_key().to_owned();
        let config = Config {
            device: Some(format!("device-{number}").into()),
            delivery,
            ..Config::new(
                participant.generation.unwrap_or(drawn),
                app_key,
                participant.user.clone(),
                Secret::new(token),
            )
        };
        self.devices.push(Device::new(participant.user.clone(), Session::new(config)));
        let at = self.now + self.random.random_range(Duration::ZERO..Duration::from_secs(1));
        self.network.plan(at, Due::Dial(number));
    }

    /// A token, as `POST /{org}/{app}/token` gives it. A world without that user gives none, and
    /// the login will fail.
    fn token(&mut self, user: &str) -> String {
        let password = self.settings.world.users().find(|(name, _)| *name == user);
        let body = serde_json::json!({
            "grant_type": "password",
            "username": user,
            "password": password.map_or("", |(_, password)| password.reveal()),
        });
        let request = RestRequest {
            method: "POST".to_owned(),
            path: format!("/{}/token", self.world.app_key().replace('#', "/")),
            body: Bytes::from(body.to_string()),
            ..RestRequest::default()
        };
        let answer = self.world.rest(self.now, &request);
        let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        json["access_token"].as_str().unwrap_or_default().to_owned()
    }

    fn next(&self) -> Option<Moment> {
        let timers = self.devices.iter().map(|device| device.session.poll_timeout());
        let first = timers.chain([self.network.next(), self.world.poll_timeout()]).flatten().min();
        first.map(|at| at.max(self.now))
    }

    fn step(&mut self, at: Moment) {
        self.now = at;
        if self.network.next().is_some_and(|next| next <= at) {
            if let Some(due) = self.network.take() {
                self.happen(due);
            }
        } else if self.world.poll_timeout().is_some_and(|next| next <= at) {
            self.world.handle_timeout(at);
        } else if let Some(number) = self
            .devices
            .iter()
            .position(|device| device.session.poll_timeout().is_some_and(|next| next <= at))
        {
            self.devices[number].session.handle_timeout(at);
            self.attend(number);
        }
        self.gather();
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::AtServer(connection, freight) => self.reach_server(connection, freight),
            Due::AtDevice(connection, freight) => self.reach_device(connection, freight),
            Due::ServerMisses(connection) => self.world.disconnect(self.now, connection),
            Due::DeviceMisses(connection) => self.lose_link(connection),
            Due::Dial(number) => self.dial(number),
            Due::Act if self.now < BEGINNING + WARM_UP + self.settings.workload => {
                let drawn = self.random.random_range(0..self.settings.rates.total());
                self.act(self.settings.rates.action(drawn));
                let pause = self.random.random_range(Duration::ZERO..self.settings.pause);
                self.network.plan(self.now + pause, Due::Act);
            }
            Due::Act => {}
            Due::Resend => {
                self.send_again();
                self.network.plan(self.now + RESEND, Due::Resend);
            }
        }
    }

    fn dial(&mut self, number: usize) {
        if self.devices[number].link != Link::Down {
            return;
        }
        let connection = ConnectionId(self.owners.len() as u64);
        self.owners.push(number);
        self.devices[number].link = Link::Dialling(connection);
        self.network.open(self.now, connection);
        self.network.up(&mut self.random, self.now, connection, Freight::Open);
    }

    /// Breaks a connection: what is on its way is lost, and each end notices some time later.
    pub(super) fn cut(&mut self, connection: ConnectionId, blindness: Duration) {
        if !self.network.close(connection) {
            return;
        }
        self.run.counts.cuts += 1;
        self.trace(format_args!("connection {} is cut", connection.0));
        let owner = self.owner(connection);
        self.devices[owner].stable_since = None;
        let server = self.now + self.random.random_range(Duration::ZERO..blindness);
        self.network.plan(server, Due::ServerMisses(connection));
        let device = self.now + self.random.random_range(Duration::ZERO..blindness);
        self.network.plan(device, Due::DeviceMisses(connection));
    }

    fn reach_server(&mut self, connection: ConnectionId, freight: Freight) {
        match freight {
            Freight::Open => {
                self.world.connect(self.now, connection);
                self.network.down(&mut self.random, self.now, connection, Freight::Open);
            }
            Freight::Frame(frame) => {
                self.trace(format_args!("server gets {} bytes on {}", frame.len(), connection.0));
                self.world.handle_frame(self.now, connection, &frame);
            }
            Freight::Close => {
                self.network.close(connection);
                self.world.disconnect(self.now, connection);
            }
        }
    }

    fn reach_device(&mut self, connection: ConnectionId, freight: Freight) {
        let number = self.owner(connection);
        let device = &mut self.devices[number];
        if device.link.connection() != Some(connection) {
            return;
        }
        match freight {
            Freight::Open => {
                device.link = Link::Up(connection);
                device.session.handle_connected(self.now);
            }
            Freight::Frame(frame) => device.session.handle_frame(self.now, &frame),
            Freight::Close => {
                self.network.close(connection);
                return self.lose_link(connection);
            }
        }
        self.attend(number);
    }

    /// A device learns that its connection is gone, and comes back soon.
    fn lose_link(&mut self, connection: ConnectionId) {
        let number = self.owner(connection);
        if self.devices[number].link.connection() == Some(connection) {
            self.part(number, REDIAL);
        }
    }

    pub(super) fn part(&mut self, number: usize, absence: Duration) {
        let device = &mut self.devices[number];
        device.link = Link::Down;
        device.stable_since = None;
        device.session.handle_disconnected(self.now);
        let at = self.now + self.random.random_range(Duration::ZERO..absence);
        self.network.plan(at, Due::Dial(number));
        self.attend(number);
    }

    /// Takes what a session says: its frames go up, its reports are noted.
    pub(super) fn attend(&mut self, number: usize) {
        let frames: Vec<Bytes> = iter::from_fn(|| self.devices[number].session.poll_transmit()).collect();
        if let Link::Up(connection) = self.devices[number].link {
            for frame in frames {
                self.network.up(&mut self.random, self.now, connection, Freight::Frame(frame));
            }
        }
        let outputs: Vec<Output> = iter::from_fn(|| self.devices[number].session.poll_output()).collect();
        for output in outputs {
            self.note(number, output);
        }
    }

    /// Takes what the world says.
    fn gather(&mut self) {
        while let Some((connection, output)) = self.world.poll_output() {
            let freight = match output {
                world::Output::Send(frame) => Freight::Frame(frame),
                world::Output::Close => Freight::Close,
            };
            self.network.down(&mut self.random, self.now, connection, freight);
        }
    }

    fn owner(&self, connection: ConnectionId) -> usize {
        usize::try_from(connection.0)
            .ok()
            .and_then(|number| self.owners.get(number).copied())
            .expect("connections are numbered by their place among the owners")
    }

    pub(super) fn trace(&mut self, line: std::fmt::Arguments<'_>) {
        self.run.trace.push(format!("{} {line}", self.now));
    }
}
