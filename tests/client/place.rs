//! A running demo server and the ways into it.

use std::time::Duration;

use chatproof::{
    client::{Client, Clock, Credential, Login, Network, Patience, Target, Trust},
    protocol::{
        generation::{Generation, Wire},
        secret::Secret,
    },
    server::{
        front::{Options, Running, Server},
        world::WorldFile,
    },
};

/// How long a test waits for something that should come at once.
pub(crate) const GENEROUS: Duration = Duration::from_secs(20);

/// One embedded server with the demo world.
pub(crate) struct Place {
    running: Running,
    clock: Clock,
}

impl Place {
    pub(crate) async fn start() -> Self {
        Self::open(Options::new("127.0.0.1:0".parse().unwrap(), WorldFile::demo())).await
    }

    pub(crate) async fn open(options: Options) -> Self {
        Self { running: Server::start(options).await.unwrap(), clock: Clock::start() }
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await;
    }

    pub(crate) const fn clock(&self) -> Clock {
        self.clock
    }

    pub(crate) fn target(&self, generation: Generation, trust: Trust, patience: Patience) -> Target {
        let addresses = self.running.addresses();
        let url = match generation.wire() {
            Wire::SockJs => &addresses.sockjs,
            Wire::Raw => &addresses.websocket,
        };
        Target {
            endpoint: url.parse().unwrap(),
            rest: addresses.rest.clone(),
            app_key: "easemob-demo#chatdemoui".to_owned(),
            trust,
            patience,
        }
    }

    pub(crate) fn network_with(&self, generation: Generation, trust: Trust, patience: Patience) -> Network {
        Network::new(self.target(generation, trust, patience), self.clock).unwrap()
    }

    pub(crate) fn network(&self, generation: Generation) -> Network {
        self.network_with(generation, Trust::System, Patience::default())
    }

    pub(crate) fn alice(&self, generation: Generation) -> Login {
        Login::new(generation, "alice", Credential::Password(Secret::new("1")))
    }

    pub(crate) async fn login(&self, user: &str, generation: Generation) -> Client {
        self.login_as(user, "1", generation).await
    }

    pub(crate) async fn login_as(&self, user: &str, password: &str, generation: Generation) -> Client {
        let login = Login::new(generation, user, Credential::Password(Secret::new(password)));
        Client::login(&self.network(generation), login).await.unwrap()
    }
}
