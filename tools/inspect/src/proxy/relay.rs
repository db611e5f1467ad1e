//! Both directions of a connection at once, until it is over or TLS begins.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

use super::binding::Concealing;
use super::direction::{Direction, Pause, Seen, name};
use super::negotiation::{Flag, Notice};
use super::telling::Voice;
use crate::model::Side;

/// Both directions, and what was learned of the negotiation.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) up: Direction,
    pub(super) down: Direction,
    /// What the client's stream is for.
    pub(super) domain: Option<String>,
}

/// How relaying ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Both sides have said all.
    Over,
    /// A side cut the connection off.
    Reset(Side),
    /// Behind what is still to be passed on to the client, TLS begins.
    StartTls,
}

impl Way {
    pub(super) fn new() -> Self {
        Self { up: Direction::new(Side::Dialler), down: Direction::new(Side::Answerer), domain: None }
    }

    /// Begins anew inside TLS.
    pub(super) fn seal(&mut self, concealing: Option<Concealing>) {
        self.up.seal(None);
        self.down.seal(concealing);
    }

    pub(super) async fn relay<C, S>(&mut self, client: &mut C, server: &mut S, voice: &Voice) -> Outcome
    where
        C: AsyncRead + AsyncWrite + Unpin,
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut from_client, mut to_client) = tokio::io::split(client);
        let (mut from_server, mut to_server) = tokio::io::split(server);
        loop {
            // Not `biased`: a side that speaks without a pause would keep the other from being heard.
            let (side, pause) = tokio::select! {
                pause = self.up.carry(&mut from_client, &mut to_server, voice), if !self.up.done => (Side::Dialler, pause),
                pause = self.down.carry(&mut from_server, &mut to_client, voice), if !self.down.done => (Side::Answerer, pause),
                else => return Outcome::Over,
            };
            match pause {
                Pause::Done => {}
                Pause::Seen(Seen::Remark(text)) => voice.remark(text).await,
                Pause::Seen(Seen::Notice(Notice::Proceed)) => return Outcome::StartTls,
                Pause::Seen(Seen::Notice(notice)) => self.notice(notice, voice).await,
                // Its last words may still be on their way, and are worth more than what it did not take.
                Pause::Unwritable(error) if !self.towards(side.other()).done => {
                    let (deaf, speaker) = (name(side.other()), name(side));
                    voice
                        .remark(format!(
                            "{deaf} takes nothing any more ({error}); {speaker} is not listened to any more"
                        ))
                        .await;
                }
                Pause::Unwritable(_) => return Outcome::Reset(side.other()),
                Pause::Unreadable(error) => {
                    if !is_reset(&error) {
                        voice.remark(format!("{} cannot be read any more: {error}", name(side))).await;
                    }
                    return Outcome::Reset(side);
                }
            }
        }
    }

    /// What this side says.
    fn towards(&self, speaker: Side) -> &Direction {
        match speaker {
            Side::Dialler => &self.up,
            Side::Answerer => &self.down,
        }
    }

    async fn notice(&mut self, notice: Notice, voice: &Voice) {
        let concealed = self.down.altered > 0;
        match notice {
            Notice::Domain(domain) => self.domain = Some(domain),
            Notice::SignedIn => {
                self.up.stop_watching();
                self.down.stop_watching();
            }
            Notice::SignsIn(Flag::WouldIfOffered) if concealed => {
                let text = "the client says that it would bind the channel if that were offered (RFC 5802 §6); the server, which did offer it, may refuse this as a downgrade: switch channel binding off in the client or the server";
                voice.remark(text.to_owned()).await;
            }
            Notice::SignsIn(Flag::Does(kind)) => {
                let text = format!(
                    "the client binds the channel ({kind}): a server that checks it refuses this, for with a proxy there are two channels; switch channel binding off in the client or the server"
                );
                if kind != "tls-server-end-point" {
                    voice.remark(text).await;
                }
            }
            Notice::HashOfOffers if concealed => {
                let text = "the server sends a hash of what it offered (XEP-0474): a client that checks it finds that the features were altered, and refuses; switch channel binding off in the server";
                voice.remark(text.to_owned()).await;
            }
            Notice::Features | Notice::Proceed | Notice::SignsIn(_) | Notice::HashOfOffers => {}
        }
    }
}

fn is_reset(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe
    )
}
