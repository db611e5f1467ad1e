//! A running client as the commands use it: begun with the options and what is remembered, signed in, ended in good order.

use std::io::{IsTerminal as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use chatdev_client::display::line;
use chatdev_client::{Command, Config, Event, Participation, SignedOutReason, Target};
use chatdev_directory::{Endpoint, Fingerprint, Profile, Show};
use chatdev_net::chat::{self, Handle, Settings};
use chatdev_net::tls::KeyLog;
use chatdev_net::{Env as _, TokioEnv};
use chatdevd::key_log::KeyLogFile;
use jid::{BareJid, FullJid, ResourcePart};

use crate::account::{Account, OwnDevice, PasswordFrom};
use crate::cli::Options;
use crate::folder::Folder;
use crate::narrate::Narrator;
use crate::store::{Device, StorageThread, Store};

/// The port of clients (RFC 6120 §3.2), where no other is named.
const CLIENT_PORT: u16 = 5222;

/// How long the end of a session may take; the client's own waits are shorter.
const END_WAIT: Duration = Duration::from_secs(10);

/// What a session takes part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Role {
    /// It is this device: in the directory, listening for peers.
    #[default]
    Device,
    /// It only asks; nobody sees it, and it needs no device of its own.
    Reader,
}

/// How a session begins.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Beginning<'a> {
    /// The account; else the option's, else the last one's.
    pub(crate) named: Option<&'a BareJid>,
    /// Make the account first.
    pub(crate) register: bool,
    /// Keep the password.
    pub(crate) remember: bool,
    pub(crate) role: Role,
    pub(crate) password: PasswordFrom<'a>,
}

/// A client that is signed in, or on its way back.
#[derive(Debug)]
pub(crate) struct Session {
    handle: Handle,
    jid: FullJid,
    options: Options,
    /// Held as long as the session is.
    _device: Option<OwnDevice>,
}

impl Session {
    /// Signs in. Whatever keeps it from that ends here: trying again later is for sessions that were there once.
    ///
    /// # Errors
    /// Why there is no session, for a person to read.
    pub(crate) async fn begin(options: &Options, beginning: Beginning<'_>) -> Result<Self> {
        let folder = Folder::open(options.data.as_deref())?;
        let store = Store::open(&folder.database())?;
        let account = Account::resolve(options, &store, beginning.named, beginning.password)?;
        let key_log = key_log(options)?;
        let env = TokioEnv::new().context("cannot start")?;
        let target = account.server.as_ref().map_or_else(
            || Target { host: account.jid.domain().as_str().to_owned(), port: CLIENT_PORT },
            |server| Target { host: server.host.clone(), port: server.port },
        );
        let (identity, own, device) = match beginning.role {
            Role::Device => {
                let own = OwnDevice::take(&folder, &account.jid, &options.device)?;
                (own.identity.clone(), Some(own), options.device.clone())
            }
            Role::Reader => (crate::identity::make_passing()?, None, String::new()),
        };
        let profile = profile(options, &account.jid);
        let mut config =
            Config::new(account.jid.clone(), account.password()?, identity.fingerprint(), profile);
        config.register = beginning.register;
        let mut listen = None;
        match beginning.role {
            Role::Device => {
                let resource = format!("chatdev.{device}");
                config.resource = Some(
                    ResourcePart::new(&resource).context("a device is part of a resource")?.into_owned(),
                );
                config.endpoints =
                    options.endpoints.iter().map(|at| Endpoint::new(at.ip(), at.port())).collect();
                listen = Some(match options.listen {
                    Some(address) => address,
                    None => peer_address(&env, &target).await,
                });
            }
            Role::Reader => config.participation = Participation::Read,
        }
        config.server = target;
        let device = Device { account: account.jid.clone(), name: device };
        let remembered = store.remembered(&device)?;
        let settings = Settings { client: config, identity, remembered, listen, instance: 0, key_log };
        let storage = StorageThread::start(Store::open(&folder.database())?, device)?;
        let handle = chat::start(env, settings, storage).await.with_context(|| match listen {
            Some(address) => {
                format!("cannot listen for peers on {address}\n  help: name another address with --listen")
            }
            None => "cannot start".to_owned(),
        })?;
        let mut waiting = Waiting { handle, options };
        let jid = waiting.sign_in().await?;
        store.account_used(&account.jid, account.server.as_ref())?;
        if beginning.remember {
            store.keep_password(&account.jid, Some(&account.password))?;
        }
        Ok(Self { handle: waiting.handle, jid, options: options.clone(), _device: own })
    }

    /// Oneself, as bound at the sign-in.
    pub(crate) fn jid(&self) -> &FullJid {
        &self.jid
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// The next event; `None` once the client has ended.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        self.handle.next_event().await
    }

    /// The next event of a session that must not be lost meanwhile.
    ///
    /// # Errors
    /// It is lost.
    pub(crate) async fn next_or_lost(&mut self) -> Result<Event> {
        let event = self.next().await.context("the client ended")?;
        match event {
            Event::SignedOut { reason, .. } => Err(anyhow!("signed out: {}", line(&reason.to_string()))),
            event => Ok(event),
        }
    }

    /// Why the session is lost for good with this event, if it is.
    pub(crate) fn lost(&self, event: &Event) -> Option<String> {
        match event {
            Event::SignedOut { reason, retry_in: None } => Some(line(&reason.to_string()).into_owned()),
            _ => None,
        }
    }

    /// Gives the client a wish.
    pub(crate) async fn command(&self, command: Command) {
        // One that has ended says so by its events.
        let _ = self.handle.command(command).await;
    }

    /// Leaves in good order: what is queued is sent, streams are closed.
    pub(crate) async fn end(mut self) {
        self.command(Command::Quit).await;
        let ended = async { while self.next().await.is_some() {} };
        // What takes longer than its own limits is left to the operating system.
        let _ = tokio::time::timeout(END_WAIT, ended).await;
    }
}

/// A client whose first sign-in is under way.
struct Waiting<'a> {
    handle: Handle,
    options: &'a Options,
}

impl Waiting<'_> {
    async fn sign_in(&mut self) -> Result<FullJid> {
        let mut narrator = Narrator::default();
        let mut asked = None;
        loop {
            let event = self.handle.next_event().await.context("the client ended")?;
            match event {
                Event::SignedIn { jid } => return Ok(jid),
                Event::ServerUnknown { ref domain, shown } => {
                    self.confirm(domain, shown, &narrator.lines(&event)).await?;
                    asked = Some(shown);
                }
                Event::ServerChanged { .. } => bail!("{}", narrator.lines(&event).join("\n")),
                // The client waits for the answer that was given above.
                Event::SignedOut { reason: SignedOutReason::ServerNotTrusted, .. }
                    if asked.take().is_some() => {}
                Event::SignedOut { reason, .. } => bail!("{}", help(&reason)),
                other => narrator.lines(&other).iter().for_each(|line| eprintln!("{line}")),
            }
        }
    }

    /// Gets the person's word on a certificate that is new: by the option, or by asking.
    async fn confirm(&self, domain: &str, shown: Fingerprint, told: &[String]) -> Result<()> {
        match self.options.trust {
            Some(expected) if expected == shown => {}
            Some(expected) => bail!(
                "the certificate of {} is not the one that --trust names\n  expected {expected}\n  found    {shown}",
                line(domain)
            ),
            None if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() => {
                told.iter().for_each(|line| eprintln!("{line}"));
                if !ask("  Is that the fingerprint that the server's operator told you? Type yes to remember it: ").await? {
                    bail!("the certificate was not accepted");
                }
            }
            None => bail!(
                "the certificate of {} is new, and nobody vouches for it: {shown}\n  \
                 help: compare it with what the server's operator says, then add --trust {shown}",
                line(domain)
            ),
        }
        Ok(self.handle.command(Command::AcceptServer { fingerprint: shown }).await?)
    }
}

/// Why there is no session, and what to do about it.
fn help(reason: &SignedOutReason) -> String {
    let words = line(&reason.to_string()).into_owned();
    match reason {
        SignedOutReason::NoConnection(_) => {
            format!("{words}\n  help: is the server running? name its address with --server HOST:PORT")
        }
        SignedOutReason::Conflict => {
            format!("{words}\n  help: be another device with --device NAME")
        }
        _ => words,
    }
}

async fn ask(question: &str) -> Result<bool> {
    eprint!("{question}");
    std::io::stderr().flush()?;
    let typed = tokio::task::spawn_blocking(|| {
        let mut typed = String::new();
        std::io::stdin().read_line(&mut typed).map(|_| typed)
    });
    Ok(typed.await?.context("cannot read the answer")?.trim().eq_ignore_ascii_case("yes"))
}

/// Where peers connect to, if the person named nothing: on every address of this machine, or, with a server on this machine, on
/// loopback only.
async fn peer_address(env: &TokioEnv, server: &Target) -> SocketAddr {
    let resolved = env.resolve(&server.host, server.port).await.unwrap_or_default();
    let on_loopback = |address: &SocketAddr| address.ip().to_canonical().is_loopback();
    let address: IpAddr = match resolved.first() {
        Some(first) if on_loopback(first) && first.is_ipv4() => Ipv4Addr::LOCALHOST.into(),
        Some(first) if on_loopback(first) => Ipv6Addr::LOCALHOST.into(),
        Some(first) if first.is_ipv4() => Ipv4Addr::UNSPECIFIED.into(),
        _ => Ipv6Addr::UNSPECIFIED.into(),
    };
    SocketAddr::new(address, 0)
}

/// Opens the key log, if there is to be one. What there is to say about it is said to the person, whatever is logged.
fn key_log(options: &Options) -> Result<Option<Arc<dyn KeyLog>>> {
    let Some(path) = &options.key_log else { return Ok(None) };
    let file = KeyLogFile::open(path, |trouble| eprintln!("chatdev: {}", line(trouble)))?;
    eprintln!("chatdev: {}", line(&file.warning()));
    Ok(Some(Arc::new(file)))
}

fn profile(options: &Options, jid: &BareJid) -> Profile {
    let own = || jid.node().map_or_else(String::new, |node| node.as_str().to_owned());
    let nick = options.nick.clone().unwrap_or_else(own);
    Profile { nick: Some(nick.into()), show: Show::Available, status: None }
}

/// Waits for the signal to end: Ctrl-C, or SIGTERM.
pub(crate) async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
