//! Somebody who is not who they say. It dials a person's port, claims to be another client, and has a message to show: with a
//! certificate of its own, or with a copy of that client's certificate and no key to it. And it listens: whoever is led to it by
//! a lie finds somebody who says to be whom they look for, takes their messages, and shows them.

use std::net::SocketAddr;

use chatdev_net::{
    Env, Listener, Note,
    tls::{Acceptor, Connector, Handshaken, Identity},
};
use chatdev_stream::{Peer, peer};
use chatdev_xml::{Builder, Element, NS_CLIENT};
use jid::FullJid;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
};

/// One attempt.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// Where the victim listens.
    pub(crate) at: SocketAddr,
    /// The victim.
    pub(crate) victim: FullJid,
    /// Who the impostor says that it is.
    pub(crate) claims: FullJid,
    /// Its own identity. Whose certificate it really shows is the world's business.
    pub(crate) shown: Identity,
}

/// Makes each attempt that it hears of, one after another, and lets itself be taken for anybody meanwhile.
pub(crate) async fn impostor<E: Env>(env: E, own: Identity, mut attempts: mpsc::UnboundedReceiver<Attempt>) {
    let listener = env.bind(([0, 0, 0, 0], 0).into()).await.expect("there is a free port");
    env.spawn("impostor's door", keep_the_door(env.clone(), listener, own));
    let mut number = 0;
    while let Some(attempt) = attempts.recv().await {
        number += 1;
        let ended = play(&env, &attempt, number).await;
        let text = ended.err().map_or_else(|| "its stream is over".to_owned(), |error| error.to_string());
        env.note(|| Note::Remark { kind: "turned-away", text });
    }
}

/// Takes in whoever comes.
async fn keep_the_door<E: Env>(env: E, mut listener: E::Listener, own: Identity) {
    let mut guests = 0;
    while let Ok((connection, _)) = listener.accept().await {
        guests += 1;
        let (host, own, number) = (env.clone(), own.clone(), guests);
        env.spawn("impostor's guest", async move {
            // Whoever finds out goes.
            let _gone = deceive(&host, connection, &own, number).await;
        });
    }
}

/// Says to be whoever the guest asks for, and takes every message.
async fn deceive<E: Env>(env: &E, guest: E::Connection, own: &Identity, number: u64) -> std::io::Result<()> {
    let acceptor = Acceptor::for_peers(own);
    let Handshaken { stream: mut socket, .. } = env.accept_tls(guest, &acceptor).await?;
    let mut header = Vec::new();
    let mut bytes = [0; 4096];
    let wanted = loop {
        let octets = socket.read(&mut bytes).await?;
        header.extend_from_slice(&bytes[..octets]);
        let text = String::from_utf8_lossy(&header);
        let to = text.split_once(" to='").and_then(|(_, rest)| rest.split_once('\''));
        match to.and_then(|(to, _)| FullJid::new(to).ok()) {
            Some(jid) => break jid,
            None if octets == 0 => return Ok(()),
            None => {}
        }
    };
    let rng = env.rng("impostor's guest", number);
    let mut stream = Peer::answer(peer::Config::new(wanted), rng, env.now());
    let mut unread = header;
    loop {
        let mut rest = &unread[..];
        stream.handle_bytes(env.now(), &mut rest);
        unread = rest.to_vec();
        while let Some(event) = stream.poll_event() {
            take(env, &mut stream, event);
        }
        let octets = std::mem::take(stream.output());
        socket.write_all(&octets).await?;
        socket.flush().await?;
        if stream.is_over() {
            return socket.shutdown().await;
        }
        if unread.is_empty() {
            match socket.read(&mut bytes).await? {
                0 => stream.handle_eof(),
                octets => unread.extend_from_slice(&bytes[..octets]),
            }
        }
    }
}

fn take(env: &impl Env, stream: &mut Peer, event: peer::Event) {
    match event {
        peer::Event::Opened { .. } => stream.accept(env.now()),
        peer::Event::Element(message) => {
            let body = message.root().child(NS_CLIENT, "body").map(|body| body.text().into_owned());
            let id = message.attribute("id").map(|id| id.into_owned());
            if let (Some(from), Some(text)) = (stream.other().cloned(), body) {
                env.note(|| Note::Shown { from, id, text });
            }
            stream.acknowledge(env.now(), 1);
        }
        _ => {}
    }
}

async fn play(env: &impl Env, attempt: &Attempt, number: u64) -> std::io::Result<()> {
    let connection = env.connect(attempt.at).await?;
    let connector = Connector::to_peer(&attempt.shown);
    let Handshaken { stream: mut socket, .. } = env.connect_tls(connection, &connector).await?;
    let config = peer::Config::new(attempt.claims.clone());
    let rng = env.rng("impostor", number);
    let mut stream = Peer::dial(config, attempt.victim.clone(), rng, env.now());
    let mut bytes = [0; 4096];
    loop {
        let octets = std::mem::take(stream.output());
        socket.write_all(&octets).await?;
        socket.flush().await?;
        while let Some(event) = stream.poll_event() {
            if event == peer::Event::Ready {
                env.note(|| Note::Remark { kind: "believed", text: attempt.claims.to_string() });
                // A stream that is over takes nothing.
                let _over = stream.send_message(env.now(), &message(attempt, number));
            }
        }
        if stream.is_over() {
            return socket.shutdown().await;
        }
        if stream.output().is_empty() {
            match socket.read(&mut bytes).await? {
                0 => stream.handle_eof(),
                octets => stream.handle_bytes(env.now(), &mut &bytes[..octets]),
            }
        }
    }
}

fn message(attempt: &Attempt, number: u64) -> Element {
    Builder::new(NS_CLIENT, "message")
        .attribute("from", attempt.claims.as_str())
        .attribute("to", attempt.victim.as_str())
        .attribute("type", "chat")
        .open(NS_CLIENT, "body")
        .text("a message that nobody sent")
        .close()
        .open("urn:xmpp:sid:0", "origin-id")
        .attribute("id", &format!("forged-{number}"))
        .close()
        .open("urn:chatdev:peer:1", "seq")
        .attribute("n", &number.to_string())
        .close()
        .build()
}
