//! A proxy on a thread of its own, and what it told.

use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use chatdev_inspect::model::{ConnectionId, Ending, Happening, Layer, Side};
use chatdev_inspect::proxy::{Options, Proxy, Report};
use tokio::sync::oneshot;

/// A happening that lives on its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    Opened(u32),
    Octets(u32, Side, Layer, Vec<u8>),
    Ended(u32, Ending),
    Remark(String),
}

type Told = Arc<(Mutex<Vec<Seen>>, Condvar)>;

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    told: Told,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Report>,
}

/// Between a client and the server at `to`, as is usual.
pub(crate) fn start(to: SocketAddr) -> Running {
    start_with(options(to))
}

pub(crate) fn options(to: SocketAddr) -> Options {
    Options::new(SocketAddr::from(([127, 0, 0, 1], 0)), to.into())
}

pub(crate) fn start_with(options: Options) -> Running {
    let proxy = Proxy::bind(options).unwrap();
    let address = proxy.address();
    let told = Told::default();
    let (stop, stopped) = oneshot::channel::<()>();
    let listener = listener(Arc::clone(&told));
    let thread = std::thread::Builder::new().spawn(move || {
        let report = proxy.run(listener, async move {
            let _ = stopped.await;
        });
        report.unwrap()
    });
    Running { address, told, stop, thread: thread.unwrap() }
}

fn listener(told: Told) -> impl FnMut(Happening<'_>) + Send {
    move |happening: Happening<'_>| {
        let seen = match happening {
            Happening::Opened { id: ConnectionId(id), .. } => Seen::Opened(id),
            Happening::Octets { id, side, layer, octets, .. } => {
                Seen::Octets(id.0, side, layer, octets.to_vec())
            }
            Happening::Ended { id, how, .. } => Seen::Ended(id.0, how),
            Happening::Remark { text, .. } => Seen::Remark(text.to_owned()),
            Happening::Missing { .. } => panic!("the proxy sees all"),
        };
        told.0.lock().unwrap().push(seen);
        told.1.notify_all();
    }
}

impl Running {
    /// Waits until something like this was told.
    pub(crate) fn until(&self, is_it: impl Fn(&Seen) -> bool) {
        let told = self.told.0.lock().unwrap();
        let patience = Duration::from_secs(60);
        let waiting = |told: &mut Vec<Seen>| !told.iter().any(&is_it);
        let (told, result) = self.told.1.wait_timeout_while(told, patience, waiting).unwrap();
        assert!(!result.timed_out(), "not told: {told:#?}");
    }

    pub(crate) fn until_remark(&self, part: &str) {
        self.until(|seen| matches!(seen, Seen::Remark(text) if text.contains(part)));
    }

    /// Stops it; all that was told, and the report.
    pub(crate) fn stop(self) -> (Vec<Seen>, Report) {
        let _ = self.stop.send(());
        let report = self.thread.join().unwrap();
        let told = std::mem::take(&mut *self.told.0.lock().unwrap());
        (told, report)
    }
}

/// What `side` said on a connection, in this layer.
pub(crate) fn said(seen: &[Seen], connection: u32, side: Side, layer: Layer) -> String {
    let octets = seen.iter().filter_map(|seen| match seen {
        Seen::Octets(id, by, within, octets) if (*id, *by, *within) == (connection, side, layer) => {
            Some(octets.as_slice())
        }
        _ => None,
    });
    String::from_utf8(octets.collect::<Vec<_>>().concat()).unwrap()
}

/// All remarks, one a line.
pub(crate) fn remarks(seen: &[Seen]) -> String {
    let remarks = seen.iter().filter_map(|seen| match seen {
        Seen::Remark(text) => Some(text.as_str()),
        _ => None,
    });
    remarks.collect::<Vec<_>>().join("\n")
}

/// How a connection ended.
pub(crate) fn endings(seen: &[Seen], connection: u32) -> Vec<Ending> {
    let endings = seen.iter().filter_map(|seen| match seen {
        Seen::Ended(id, how) if *id == connection => Some(*how),
        _ => None,
    });
    endings.collect()
}
