//! Taking connections in from one listener, each into a task of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::select;

use super::tap::{self, Tee};
use super::{Shared, Storage, session};
use crate::env::{Connection as _, Env, Listener as _};

/// The pause after a failed accept; doubled by each further one. A server out of file descriptors must not
/// spin.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Runs until the server is asked to stop.
pub(super) async fn run<E: Env, S: Storage>(shared: Arc<Shared<E, S>>, mut listener: E::Listener) {
    let env = &shared.env;
    let mut pause = PAUSE_MIN;
    loop {
        let accepted = select! {
            biased;
            () = env.stop().triggered() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((connection, address)) => {
                pause = PAUSE_MIN;
                take_in(&shared, connection, address);
            }
            Err(error) => {
                tracing::warn!(%error, ?pause, "cannot accept connections");
                select! {
                    biased;
                    () = env.stop().triggered() => return,
                    () = env.sleep_until(env.now() + pause) => {}
                }
                pause = (2 * pause).min(PAUSE_MAX);
            }
        }
    }
}

fn take_in<E: Env, S: Storage>(shared: &Arc<Shared<E, S>>, connection: E::Connection, address: SocketAddr) {
    match shared.board.admit(&shared.env, address.ip()) {
        Ok(admitted) => {
            let tee = shared.tap.as_ref().map(|tap| {
                let ends = (address, connection.local_addr().ok());
                let limits = tap::limits(shared.config.stream.after_sign_in.element_bytes_max);
                Tee::open(shared.env.clone(), tap.clone(), admitted.connection().0, ends, limits)
            });
            let task = session::run(Arc::clone(shared), connection, address.ip(), admitted, tee);
            shared.env.spawn("connection", task);
        }
        // Closed without a word, before it costs anything.
        Err(refused) => tracing::debug!(%address, reason = %refused, "connection refused"),
    }
}
