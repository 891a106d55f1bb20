//! Starting and stopping a server.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{
    Addresses, Exposure, Limits, StartError, TlsFiles,
    address::Scheme,
    connection,
    framing::Farewell,
    hub::{Hub, Longest},
    route,
};
use crate::server::world::{FaultSwitch, World, WorldFile};

/// How long to leave off accepting when the process has no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a server is started with.
#[derive(Debug)]
pub struct Options {
    /// The address and port; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The world that is served.
    pub world: WorldFile,
    /// What the world's tokens and ids follow from.
    pub seed: u64,
    /// Its defects.
    pub faults: Vec<FaultSwitch>,
    /// Who may reach it.
    pub exposure: Exposure,
    /// Certificate and key of a server that speaks TLS.
    pub tls: Option<TlsFiles>,
    /// Bounds and deadlines of each connection.
    pub limits: Limits,
}

impl Options {
    /// A server for this machine alone, without TLS, with a seed of its own.
    pub fn new(listen: SocketAddr, world: WorldFile) -> Self {
        Self {
            listen,
            world,
            seed: rand::random(),
            faults: Vec::new(),
            exposure: Exposure::default(),
            tls: None,
            limits: Limits::default(),
        }
    }
}

/// The embedded server.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Starts to serve on the tokio runtime of the caller. The process's soft limit of open files is
    /// raised to the hard one, since each client takes a descriptor.
    ///
    /// # Errors
    /// The address is not allowed, with faults or at all, or not free, or the TLS files cannot be used.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let Options { listen, world, seed, faults, exposure, tls, limits } = options;
        if !faults.is_empty() && !listen.ip().is_loopback() {
            return Err(StartError::FaultyAbroad { listen });
        }
        if !exposure.allows(listen) {
            return Err(StartError::NotLoopback { listen });
        }
        let tls = tls.map(|files| files.acceptor()).transpose()?;
        if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
            tracing::warn!(%error, "the limit of open files stays as it is");
        }
        let listener =
            TcpListener::bind(listen).await.map_err(|source| StartError::Bind { listen, source })?;
        let socket = listener.local_addr().map_err(|source| StartError::Bind { listen, source })?;
        let scheme = if tls.is_some() { Scheme::Tls } else { Scheme::Plain };
        let addresses = Addresses::new(socket, scheme);
        let longest = Longest { json: world.body_bytes(), file: world.file_bytes() };
        let hub = Hub::new(World::with_faults(&world, seed, &faults), longest, addresses.clone(), limits);
        let (stop, stopping) = watch::channel(false);
        let door = Door {
            listener,
            tls,
            router: route::router(Arc::clone(&hub)),
            hub: Arc::clone(&hub),
            stopping: Stopping(stopping),
        };
        Ok(Running { addresses, stop, serving: tokio::spawn(door.serve()) })
    }
}

/// A server that runs. Dropping it stops the server at once, without a word to its clients.
#[derive(Debug)]
pub struct Running {
    addresses: Addresses,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Stops accepting, tells every client that the server is stopping, finishes requests under
    /// way, and ends what is left when [`Limits::drain`] is over.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Err(error) = (&mut self.serving).await {
            tracing::error!(%error, "the accepting task failed");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// How the tasks of a server learn that it stops.
#[derive(Clone, Debug)]
pub(super) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// Waits until the server stops. A server that is gone has stopped as well.
    pub(super) async fn told(&mut self) {
        drop(self.0.wait_for(|stopping| *stopping).await);
    }
}

/// The listening socket and what every connection is handed.
struct Door {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    hub: Arc<Hub>,
    stopping: Stopping,
}

impl Door {
    async fn serve(self) {
        let mut connections = JoinSet::new();
        let mut timekeeper = JoinSet::new();
        timekeeper.spawn(Arc::clone(&self.hub).keep_time());
        let mut stopping = self.stopping.clone();
        loop {
            tokio::select! {
                () = stopping.told() => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => self.welcome(stream, &mut connections),
                    Err(error) => pause_after(&error).await,
                },
                Some(ended) = connections.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a connection failed; the others go on");
                    }
                }
            }
        }
        let drain = self.hub.limits().drain;
        let hub = Arc::clone(&self.hub);
        drop(self);
        hub.close_all(Farewell::Stopping);
        let drained = timeout(drain, async { while connections.join_next().await.is_some() {} }).await;
        if drained.is_err() {
            tracing::warn!(left = connections.len(), "clients did not close in time");
        }
        connections.shutdown().await;
    }

    fn welcome(&self, stream: TcpStream, connections: &mut JoinSet<()>) {
        // Without it, small frames wait for the acknowledgement of the one before.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let (router, hub, stopping) = (self.router.clone(), Arc::clone(&self.hub), self.stopping.clone());
        match self.tls.clone() {
            None => connections.spawn(connection::serve(stream, router, hub, stopping)),
            Some(tls) => connections.spawn(async move {
                let handshake = Box::pin(timeout(hub.limits().request, tls.accept(stream)));
                if let Ok(Ok(stream)) = handshake.await {
                    connection::serve(stream, router, hub, stopping).await;
                }
            }),
        };
    }
}

async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "failed to accept a connection");
    sleep(ACCEPT_PAUSE).await;
}
