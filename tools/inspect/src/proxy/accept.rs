//! Takes connections until the end, each in a task of its own, and no more than allowed.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};

use super::connection::{Connection, Tally};
use super::stop::Stop;
use super::telling::Teller;
use super::{Proxy, ProxyError, Report};
use crate::model::ConnectionId;

/// Pause after a connection could not be taken, mostly for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// How often it is looked whether anybody still listens to what is told.
const LOOK: Duration = Duration::from_millis(200);

pub(super) async fn serve(
    proxy: Proxy,
    teller: Teller,
    stop: impl Future<Output = ()> + Send,
) -> Result<Report, ProxyError> {
    let listener = TcpListener::from_std(proxy.listener).map_err(ProxyError::Runtime)?;
    let connections_max = proxy.options.connections_max;
    teller.remark(format!("connect to {}: all is passed on to {}", proxy.address, proxy.options.to)).await;
    if !proxy.address.ip().is_loopback() {
        let text = "whoever reaches this machine can connect, and is shown to you; --listen 127.0.0.1:PORT is for this machine alone";
        teller.remark(text.to_owned()).await;
    }
    let mut serving = Serving {
        connection: Arc::new(Connection {
            options: proxy.options,
            listens: proxy.address,
            certificates: proxy.certificates,
            trust: proxy.trust,
        }),
        teller,
        stop: Stop::new(),
        tasks: JoinSet::new(),
        report: Report::default(),
        last_id: 0,
    };
    tokio::pin!(stop);
    let mut looks = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(ended) = serving.tasks.join_next(), if !serving.tasks.is_empty() => serving.ended(ended),
            accepted = listener.accept() => match accepted {
                Ok((client, address)) if serving.tasks.len() < connections_max => serving.begin(client, address),
                Ok((_, address)) => serving.refuse(address, connections_max).await,
                Err(error) => serving.wait(&error).await,
            },
            _ = looks.tick() => serving.teller.wake(),
        }
    }
    drop(listener);
    serving.stop.trigger();
    while let Some(ended) = serving.tasks.join_next().await {
        serving.ended(ended);
    }
    Ok(serving.report)
}

struct Serving {
    connection: Arc<Connection>,
    teller: Teller,
    stop: Stop,
    tasks: JoinSet<Tally>,
    report: Report,
    last_id: u32,
}

impl Serving {
    fn begin(&mut self, client: TcpStream, address: SocketAddr) {
        // Four thousand million connections of one run: the numbers may then begin again, those are long over.
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        self.report.connections += 1;
        let voice = self.teller.voice(ConnectionId(self.last_id));
        let (connection, stop) = (Arc::clone(&self.connection), self.stop.clone());
        self.tasks.spawn(async move { connection.serve(client, address, voice, stop).await });
    }

    async fn refuse(&mut self, address: SocketAddr, connections_max: usize) {
        self.report.refused += 1;
        let text =
            format!("{address} was turned away: {connections_max} connections are open (--connections-max)");
        self.teller.remark(text).await;
    }

    async fn wait(&self, error: &std::io::Error) {
        self.teller.remark(format!("a connection could not be taken: {error}")).await;
        #[expect(clippy::disallowed_methods, reason = "a live source is not simulated")]
        tokio::time::sleep(PAUSE).await;
    }

    fn ended(&mut self, ended: Result<Tally, JoinError>) {
        match ended {
            Ok(tally) => {
                self.report.altered += tally.altered;
                for (sum, octets) in self.report.octets.iter_mut().zip(tally.octets) {
                    *sum += octets;
                }
            }
            // The other case is a task that was aborted; none is.
            Err(error) => {
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
}
