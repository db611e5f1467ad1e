//! The addresses that clients connect to, taken before anything is served, with words for when one cannot be had.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use anyhow::anyhow;
use chatdev_net::{Env, Listener as _};

use crate::config::Config;

/// Listens on every address of the configuration. Gives the listeners, and where they really are.
pub(super) async fn bind<E: Env>(
    env: &E,
    config: &Config,
) -> anyhow::Result<(Vec<E::Listener>, Vec<SocketAddr>)> {
    let (mut listeners, mut addresses) = (Vec::new(), Vec::new());
    for address in &config.listen {
        match env.bind(*address).await {
            Ok(listener) => {
                addresses.push(listener.local_addr()?);
                listeners.push(listener);
            }
            Err(error) if is_absent_by_default(config, *address, &error) => {
                tracing::debug!(%address, "this machine has no IPv6");
            }
            Err(error) => return Err(explain(*address, &error)),
        }
    }
    Ok((listeners, addresses))
}

/// Whether it is `[::1]` that is missing, and nobody asked for it.
fn is_absent_by_default(config: &Config, address: SocketAddr, error: &io::Error) -> bool {
    let absent = matches!(error.kind(), ErrorKind::AddrNotAvailable | ErrorKind::Unsupported)
        // EAFNOSUPPORT, which has no kind of its own: the system was built without IPv6.
        || rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::AFNOSUPPORT);
    absent && address.is_ipv6() && config.listen == Config::LISTEN_DEFAULT
}

fn explain(address: SocketAddr, error: &io::Error) -> anyhow::Error {
    let help = match error.kind() {
        ErrorKind::AddrInUse => {
            "another program, perhaps another chatdevd, has it: stop that one, or choose another port with --listen"
        }
        ErrorKind::AddrNotAvailable => {
            "this machine does not have that address: `ip address` lists those it has"
        }
        ErrorKind::PermissionDenied => "ports below 1024 need a privilege: choose a higher one with --listen",
        _ => "choose another address with --listen",
    };
    anyhow!("cannot listen on {address}: {error}\n  help: {help}")
}
