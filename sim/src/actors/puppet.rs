//! A client that does what the schedule says and nothing else: it signs in, honestly, and from then on writes
//! given XML at given times. It answers no ping and checks in only when told to. For being exactly on time,
//! exactly too late, and rude.

use std::{future::Future, sync::Arc};

use chatdev_net::{
    Env, Io, Note,
    tls::{Connector, Handshaken},
};
use chatdev_stream::{Initiating, TlsFacts, Transport, initiating};
use chatdev_xml::Element;
use jid::ResourcePart;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
};

use super::{
    DOMAIN, PORT,
    accounts::{account, password},
};
use crate::schedule::Actor;

/// Signs in by TLS at once, then writes each of `lines` when it comes. Ends with its stream.
pub(crate) async fn puppet(env: impl Env, actor: Actor, mut lines: mpsc::UnboundedReceiver<String>) {
    let ended = play(&env, &actor, &mut lines).await;
    let text = ended.err().map_or_else(|| "its stream is over".to_owned(), |error| error.to_string());
    env.note(|| Note::SignedOut { reason: text });
}

async fn play(
    env: &impl Env,
    actor: &Actor,
    lines: &mut mpsc::UnboundedReceiver<String>,
) -> std::io::Result<()> {
    let address = env.resolve(DOMAIN, PORT).await?[0];
    let connection = env.connect(address).await?;
    let connector = Connector::to_server(DOMAIN).expect("the domain is a name").at_once();
    let Handshaken { stream: mut socket, exporter, .. } = env.connect_tls(connection, &connector).await?;
    let mut config =
        initiating::Config::new(&account(&actor.account), password()).expect("an account has a name");
    config.resource = Some(ResourcePart::new(&actor.resource).expect("a plain resource").into_owned());
    let transport = Transport { tls: Some(TlsFacts { exporter }), loopback: false };
    let mut stream = Initiating::new(Arc::new(config), transport, env.rng("puppet", 0), env.now());
    let mut bytes = [0; 4096];
    loop {
        write_out(&mut stream, &mut socket).await?;
        while let Some(event) = stream.poll_event() {
            tell(env, &event);
        }
        if stream.is_over() {
            return socket.shutdown().await;
        }
        let bound = stream.jid().is_some();
        tokio::select! {
            biased;
            read = socket.read(&mut bytes) => match read? {
                0 => stream.handle_eof(),
                octets => hear(env, &mut stream, &bytes[..octets]),
            },
            Some(line) = lines.recv(), if bound => say(&mut stream, &line),
        }
    }
}

/// The stream takes as much as it can tell of at once.
fn hear(env: &impl Env, stream: &mut Initiating, mut octets: &[u8]) {
    while !octets.is_empty() && !stream.is_over() {
        stream.handle_bytes(env.now(), &mut octets);
        while let Some(event) = stream.poll_event() {
            tell(env, &event);
        }
    }
}

fn say(stream: &mut Initiating, line: &str) {
    if line.trim().is_empty() {
        return stream.send_keep_alive();
    }
    match Element::parse(line) {
        // A stream that is over takes nothing; its end is noted in the next turn.
        Ok(element) => drop(stream.send(&element)),
        // On purpose: it is for the server to say what is wrong with it.
        Err(_) => stream.output().extend(line.as_bytes()),
    }
}

fn write_out<S: Io>(
    stream: &mut Initiating,
    socket: &mut S,
) -> impl Future<Output = std::io::Result<()>> + Send {
    let octets = std::mem::take(stream.output());
    async move {
        socket.write_all(&octets).await?;
        socket.flush().await
    }
}

fn tell(env: &impl Env, event: &initiating::Event) {
    env.note(|| match event {
        initiating::Event::Bound(jid) => Note::SignedIn { jid: jid.clone() },
        initiating::Event::Element(element) => Note::Remark { kind: "heard", text: element.to_string() },
        other => Note::Remark { kind: "stream", text: format!("{other:?}") },
    });
}
