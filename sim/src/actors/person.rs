//! A person at ChatDev's own client: the driver and brain of production, and somebody who tells it what to
//! do.

use std::time::Duration;

use chatdev_client::{Command, Config, Event, Remembered, ServerSecurity, Target};
use chatdev_directory::{Profile, Show};
use chatdev_net::{
    Env, Note,
    chat::{self, MemoryStorage},
    tls::Identity,
};
use jid::{Jid, ResourcePart};
use tokio::sync::mpsc;

use super::{
    DOMAIN, PORT,
    accounts::{account, password},
    disk::{ClientDisk, Faults},
    server::SIGN_IN_WAIT,
};
use crate::schedule::Actor;

/// Where people hear their peers, so that one machine holds many people.
const ANY_PORT: u16 = 0;

/// How long a client waits for the answer to a check-in before it takes the server for gone, besides one
/// interval. Longer than the server is ever frozen.
const ANSWER_MAX: Duration = Duration::from_secs(6);

/// The least time between two attempts to reach the server.
pub(crate) const BACKOFF_FLOOR: Duration = Duration::from_millis(200);

/// How long reaching the server may take, and how long a message waits to learn how its receiver is reached:
/// shorter than in production, so that worlds can be shorter.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
const UNDECIDED_WAIT: Duration = Duration::from_secs(8);

/// What a person does at some time.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// Sends a text to an account.
    Send { to: String, text: String },
    /// Sets the status.
    SetStatus(String),
}

/// What a person's client is started with.
pub(crate) struct PersonSettings {
    pub(crate) actor: Actor,
    pub(crate) identity: Identity,
    /// The server's certificate, which the person has accepted before.
    pub(crate) server: Identity,
    /// Its disk; outlives the process.
    pub(crate) kept: MemoryStorage,
    pub(crate) faults: Faults,
    /// Entries of the directory that it asks for on one page.
    pub(crate) page_entries: u32,
}

/// Runs the client until it ends.
pub(crate) async fn person(
    env: impl Env,
    settings: PersonSettings,
    mut wishes: mpsc::UnboundedReceiver<Wish>,
) {
    let PersonSettings { actor, identity, server, kept, faults, page_entries } = settings;
    let remembered = kept.remembered();
    let remembered = Remembered { servers: [(DOMAIN.to_owned(), server.fingerprint())].into(), ..remembered };
    let mut client = config(&actor, &identity);
    client.limits.page_entries_max = page_entries;
    let settings = chat::Settings {
        client,
        identity,
        remembered,
        listen: Some(([0, 0, 0, 0], ANY_PORT).into()),
        instance: 0,
        key_log: None,
    };
    let disk = ClientDisk { env: env.clone(), kept, faults };
    let mut client = chat::start(env.clone(), settings, disk).await.expect("there is a free port");
    loop {
        tokio::select! {
            biased;
            event = client.next_event() => match event {
                None | Some(Event::Ended) => return,
                Some(event) => note_unusual(&env, &event),
            },
            Some(wish) = wishes.recv() => {
                // The client may have ended meanwhile; then its last event is next.
                let _ended = match wish {
                    Wish::Send { to, text } => client.commands.send(Jid::from(account(&to)), text).await.map(drop),
                    Wish::SetStatus(status) => client.command(set_status(status)).await,
                };
            }
        }
    }
}

fn set_status(status: String) -> Command {
    Command::SetStatus { show: Show::Away, status: Some(status), nick: None }
}

fn config(actor: &Actor, identity: &Identity) -> Config {
    let profile = Profile { nick: Some(actor.name.as_str().into()), show: Show::Available, status: None };
    let mut config = Config::new(account(&actor.account), password(), identity.fingerprint(), profile);
    config.resource = Some(ResourcePart::new(&actor.resource).expect("a plain resource").into_owned());
    config.server = Target { host: DOMAIN.to_owned(), port: PORT };
    config.security = if actor.tls_at_once { ServerSecurity::Direct } else { ServerSecurity::StartTls };
    // Worlds last seconds: who lost the server tries again soon.
    config.limits.backoff.floor = BACKOFF_FLOOR;
    config.limits.backoff.cap = Duration::from_secs(1);
    config.limits.check_ins.answer_max = ANSWER_MAX;
    config.limits.connect_wait = CONNECT_WAIT;
    config.limits.sign_in_wait = SIGN_IN_WAIT;
    config.limits.undecided_wait = UNDECIDED_WAIT;
    config
}

/// The driver notes what checkers judge; these are for whoever reads the log.
fn note_unusual(env: &impl Env, event: &Event) {
    let kind = match event {
        Event::ServerUnknown { .. } => "server-unknown",
        Event::ServerChanged { .. } => "server-changed",
        Event::NoDirectory => "no-directory",
        Event::CheckInRefused { .. } => "refused",
        Event::EndpointsRefused(_) => "endpoints",
        _ => return,
    };
    env.note(|| Note::Remark { kind, text: format!("{event:?}") });
}
