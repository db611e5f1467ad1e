//! The task of one connection: made or taken, in clear, sealed, over.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chatdev_client::{ConnectionId, Handshake, Secured, Target};
use tokio::sync::mpsc;

use super::Tls;
use super::conversation::{Conversation, Finish, Work};
use super::owner::Input;
use crate::tls::{Connector, Handshaken};
use crate::{Connection as _, Env, Io};

/// How long one address of the server may take to answer before the next is tried.
const ADDRESS_WAIT: Duration = Duration::from_secs(5);

/// Where a connection comes from.
pub(super) enum Origin<C> {
    /// To the server: resolved first, its addresses tried in turn.
    Server(Target),
    /// To a peer's endpoint.
    Peer(SocketAddr),
    /// From a peer.
    Accepted(C),
}

/// One connection and its ways to and from the owner.
pub(super) struct ConnectionTask<E: Env> {
    pub(super) env: E,
    pub(super) id: ConnectionId,
    pub(super) tls: Arc<Tls>,
    pub(super) work: mpsc::Receiver<Work>,
    pub(super) inputs: mpsc::Sender<Input<E>>,
}

impl<E: Env> ConnectionTask<E> {
    /// Runs until the owner lets go of the connection, or the connection is over.
    pub(super) async fn run(mut self, origin: Origin<E::Connection>) {
        let Some(connection) = self.obtain(origin).await else { return };
        let finish = self.conversation().run(connection).await;
        let Finish::StartTls(handshake, connection) = finish else { return };
        if let Some(sealed) = self.secure(handshake, connection).await {
            // Sealed twice makes no sense, and the brain never asks for it.
            let _ = self.conversation().run(sealed).await;
        }
    }

    fn conversation(&mut self) -> Conversation<'_, E> {
        Conversation { env: &self.env, id: self.id, work: &mut self.work, inputs: &self.inputs }
    }

    /// Makes the connection, and tells the owner how that went.
    async fn obtain(&mut self, origin: Origin<E::Connection>) -> Option<E::Connection> {
        let env = self.env.clone();
        let made = match origin {
            Origin::Accepted(connection) => return Some(connection),
            Origin::Peer(address) => self.unless_let_go(env.connect(address)).await?,
            Origin::Server(target) => self.unless_let_go(connect_to_server(&env, target)).await?,
        };
        let input = match made.and_then(|made| Ok((made.local_addr()?, made.peer_addr()?, made))) {
            Ok((local, remote, made)) => {
                self.inputs.send(Input::Connected(self.id, local, remote)).await.ok()?;
                return Some(made);
            }
            Err(error) => Input::ConnectFailed(self.id, error.to_string()),
        };
        self.inputs.send(input).await.ok()?;
        None
    }

    /// Shakes hands, and tells the owner what that showed.
    async fn secure<S: Io>(&mut self, handshake: Handshake, io: S) -> Option<E::Tls<S>> {
        let (env, tls) = (self.env.clone(), Arc::clone(&self.tls));
        let shaken = self.unless_let_go(shake_hands(&env, &tls, handshake, io)).await?;
        let (input, stream) = match shaken {
            Ok(Handshaken { stream, peer: Some(peer), exporter, .. }) => {
                let secured =
                    Secured { fingerprint: peer.fingerprint, publicly_valid: peer.trusted, exporter };
                (Input::Secured(self.id, secured), Some(stream))
            }
            Ok(_) => (Input::Ended(self.id, Some("no certificate was shown".to_owned())), None),
            Err(error) => (Input::Ended(self.id, Some(error.to_string())), None),
        };
        self.inputs.send(input).await.ok()?;
        stream
    }

    /// The outcome of `doing`; `None` if the owner lets go of the connection before. Until then it wants nothing of it.
    async fn unless_let_go<T>(&mut self, doing: impl Future<Output = T>) -> Option<T> {
        let let_go = async { while self.work.recv().await.is_some() {} };
        tokio::select! {
            biased;
            () = let_go => None,
            done = doing => Some(done),
        }
    }
}

async fn connect_to_server<E: Env>(env: &E, target: Target) -> io::Result<E::Connection> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in env.resolve(&target.host, target.port).await? {
        let until = env.now() + ADDRESS_WAIT;
        let connected = tokio::select! {
            biased;
            connected = env.connect(address) => connected,
            () = env.sleep_until(until) => Err(io::ErrorKind::TimedOut.into()),
        };
        match connected {
            Ok(connection) => return Ok(connection),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn shake_hands<E: Env, S: Io>(
    env: &E,
    tls: &Tls,
    handshake: Handshake,
    io: S,
) -> io::Result<Handshaken<E::Tls<S>>> {
    match handshake {
        Handshake::DialPeer => env.connect_tls(io, &tls.connector).await,
        Handshake::AnswerPeer => env.accept_tls(io, &tls.acceptor).await,
        Handshake::ToServer { domain, at_once } => {
            let connector = Connector::to_server(&domain)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
            let connector = if at_once { connector.at_once() } else { connector };
            let connector = connector.with_key_log(tls.key_log.clone());
            env.connect_tls(io, &connector).await
        }
    }
}
