//! One connection, from the client's first octet to the end.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;

use super::binding::Concealing;
use super::certificate::Certificates;
use super::options::is_reached;
use super::relay::{Outcome, Way};
use super::stop::Stop;
use super::telling::Voice;
use super::tls::{Refusal, within};
use super::verdict::Trust;
use super::{Options, PATIENCE_SECONDS};
use crate::model::{End, Ending, Side};

/// First octet of a TLS record with a handshake message (RFC 8446 §5.1): no XML begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) options: Options,
    /// Where the proxy listens.
    pub(super) listens: SocketAddr,
    pub(super) certificates: Certificates,
    pub(super) trust: Trust,
}

/// What came of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    pub(super) octets: [u64; 2],
    pub(super) altered: u64,
}

impl Connection {
    pub(super) async fn serve(
        &self,
        client: TcpStream,
        address: SocketAddr,
        voice: Voice,
        stop: Stop,
    ) -> Tally {
        let mut way = Way::new();
        let ended = tokio::select! {
            biased;
            () = stop.triggered() => Some(Ending::Abandoned),
            ended = self.pass(client, address, &mut way, &voice) => ended,
        };
        if let Some(how) = ended {
            voice.ended(how).await;
        }
        Tally { octets: [way.up.octets, way.down.octets], altered: way.down.altered }
    }

    /// Until it is over; `None` if how it ended has been told.
    async fn pass(
        &self,
        client: TcpStream,
        address: SocketAddr,
        way: &mut Way,
        voice: &Voice,
    ) -> Option<Ending> {
        let addresses = self.addresses().await;
        voice.opened(address, self.end(addresses.as_deref().unwrap_or_default())).await;
        // What is passed on is passed on at once; a socket that cannot do so still works.
        let _ = client.set_nodelay(true);
        // The client speaks first, in XMPP (RFC 6120 §4.2) and in TLS.
        let mut first = [0];
        match within(client.peek(&mut first)).await {
            Ok(0) => {
                voice.ended(Ending::Finished(Side::Dialler)).await;
                return Some(Ending::Abandoned);
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                let text = format!("the client said nothing for {PATIENCE_SECONDS} s, and is left");
                voice.remark(text).await;
                return Some(Ending::Abandoned);
            }
            Err(_) => return Some(Ending::Reset(Side::Dialler)),
        }
        let server = match addresses {
            Ok(addresses) => self.dial(&addresses, voice).await,
            Err(error) => Err(error),
        };
        let server = match server {
            Ok(server) => server,
            Err(error) => {
                let to = &self.options.to;
                voice
                    .remark(format!("no connection to {to}: {error}; is the server up, and --to right?"))
                    .await;
                return Some(Ending::Reset(Side::Answerer));
            }
        };
        let outcome = match first {
            [TLS_HANDSHAKE] => self.sealed(client, server, way, voice).await,
            _ => self.clear(client, server, way, voice).await,
        };
        match outcome {
            Ok(Outcome::Over | Outcome::StartTls) => None,
            Ok(Outcome::Reset(side)) => Some(Ending::Reset(side)),
            Err(Refusal { side, text }) => {
                voice.remark(text).await;
                Some(Ending::Reset(side))
            }
        }
    }

    async fn clear(
        &self,
        mut client: TcpStream,
        mut server: TcpStream,
        way: &mut Way,
        voice: &Voice,
    ) -> Result<Outcome, Refusal> {
        let outcome = way.relay(&mut client, &mut server, voice).await;
        match outcome {
            Outcome::StartTls => {}
            Outcome::Reset(_) => {
                cut_off(&client);
                cut_off(&server);
                return Ok(outcome);
            }
            Outcome::Over => return Ok(outcome),
        }
        // The client is not read from before it has its `<proceed/>`: what it says then is TLS.
        let lost = |side| move |error| Refusal { side, text: format!("TLS did not begin: {error}") };
        way.up.settle(&mut server, voice).await.map_err(lost(Side::Answerer))?;
        way.down.settle(&mut client, voice).await.map_err(lost(Side::Dialler))?;
        self.sealed(client, server, way, voice).await
    }

    async fn sealed(
        &self,
        client: TcpStream,
        server: TcpStream,
        way: &mut Way,
        voice: &Voice,
    ) -> Result<Outcome, Refusal> {
        let mut sealed = self.seal(client, server, way.domain.as_deref(), voice).await?;
        if self.options.keep_end_point_binding && !sealed.same_certificate {
            let text = "the server has another certificate than the one given by --certificate: tls-server-end-point cannot hold, and is left out like the others";
            voice.remark(text.to_owned()).await;
        }
        let end_point_holds = self.options.keep_end_point_binding && sealed.same_certificate;
        way.seal((!self.options.keep_binding).then(|| Concealing::new(end_point_holds)));
        let outcome = way.relay(&mut sealed.client, &mut sealed.server, voice).await;
        if matches!(outcome, Outcome::Reset(_)) {
            cut_off(sealed.client.get_ref().0);
            cut_off(sealed.server.get_ref().0);
        }
        Ok(outcome)
    }

    /// Asked anew for each connection: names move.
    async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        let to = &self.options.to;
        let found = within(tokio::net::lookup_host((to.host.as_str(), to.port))).await?;
        let addresses: Vec<SocketAddr> = found.collect();
        if addresses.is_empty() { Err(io::Error::other("the name has no addresses")) } else { Ok(addresses) }
    }

    fn end(&self, addresses: &[SocketAddr]) -> End {
        let host = self.options.to.host.as_str();
        End {
            address: addresses.first().copied(),
            name: host.parse::<IpAddr>().is_err().then(|| host.into()),
        }
    }

    async fn dial(&self, addresses: &[SocketAddr], voice: &Voice) -> io::Result<TcpStream> {
        let mut last = io::Error::other("there are no addresses");
        for (place, address) in addresses.iter().enumerate() {
            if is_reached(self.listens, *address) {
                let listens = self.listens;
                last = io::Error::other(format!("{address} is the proxy itself, which listens on {listens}"));
                continue;
            }
            match within(TcpStream::connect(address)).await {
                Ok(server) => {
                    if place > 0 {
                        voice.remark(format!("the server answers at {address}")).await;
                    }
                    let _ = server.set_nodelay(true);
                    return Ok(server);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// Whoever is on the other side sees a reset too, as it would have without a proxy.
fn cut_off(socket: &TcpStream) {
    let _ = socket.set_zero_linger();
}
