//! One direction of a connection: what one side says on its way to the other.
//!
//! All state is here and none in [`Direction::carry`], so that that can be given up whenever it waits, and begun again.

use std::collections::VecDeque;
use std::io;

use chatdev_xml::Event;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::READ_OCTETS_MAX;
use super::binding::Concealing;
use super::negotiation::{Notice, notice};
use super::telling::Voice;
use super::watch::Watch;
use crate::model::{Ending, Layer, Side};

/// What one side says on its way to the other.
#[derive(Debug)]
pub(super) struct Direction {
    side: Side,
    layer: Layer,
    input: Box<[u8]>,
    /// So many octets of `input` have come and not been told.
    came: usize,
    /// What is to be passed on. At most what is read at once and one element that was held.
    out: Vec<u8>,
    to_flush: bool,
    /// Until sign-in.
    watch: Option<Watch>,
    concealing: Option<Concealing>,
    noticed: VecDeque<Seen>,
    /// The side has said all.
    finished: bool,
    finish_told: bool,
    /// The other side knows that, or cannot be told any more.
    pub(super) done: bool,
    /// Octets that were read.
    pub(super) octets: u64,
    /// Elements that were altered.
    pub(super) altered: u64,
}

/// Something that was seen in what was read.
#[derive(Debug)]
pub(super) enum Seen {
    /// For the negotiation.
    Notice(Notice),
    /// For the person.
    Remark(String),
}

/// Why carrying has paused.
#[derive(Debug)]
pub(super) enum Pause {
    /// Something was seen; what it was seen in has not been passed on.
    Seen(Seen),
    /// All is passed on, the end included.
    Done,
    /// The side cannot be read any more.
    Unreadable(io::Error),
    /// The other side takes nothing any more.
    Unwritable(io::Error),
}

impl Direction {
    pub(super) fn new(side: Side) -> Self {
        Self {
            side,
            layer: Layer::Clear,
            input: vec![0; READ_OCTETS_MAX].into(),
            came: 0,
            out: Vec::new(),
            to_flush: false,
            watch: Some(Watch::new()),
            concealing: None,
            noticed: VecDeque::new(),
            finished: false,
            finish_told: false,
            done: false,
            octets: 0,
            altered: 0,
        }
    }

    /// Tells and passes on, into the clear, what came before TLS.
    pub(super) async fn settle(
        &mut self,
        to: &mut (impl AsyncWrite + Unpin),
        voice: &Voice,
    ) -> io::Result<()> {
        if self.came > 0 {
            voice.turn().await.octets(self.side, self.layer, &self.input[..self.came]);
            self.octets += self.came as u64;
            self.take();
        }
        self.stop_watching();
        self.pass_on(to).await
    }

    /// Begins anew inside TLS.
    pub(super) fn seal(&mut self, concealing: Option<Concealing>) {
        self.layer = Layer::Tls;
        self.watch = Some(Watch::new());
        self.concealing = concealing;
        self.noticed.clear();
    }

    /// Nothing has to be known any more: what comes is passed on as it comes.
    pub(super) fn stop_watching(&mut self) {
        if let Some(watch) = self.watch.take() {
            self.out.extend(watch.into_rest());
        }
    }

    /// Reads, tells and passes on until something is seen or there is no more.
    pub(super) async fn carry<R, W>(&mut self, from: &mut R, to: &mut W, voice: &Voice) -> Pause
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        loop {
            if let Some(seen) = self.noticed.pop_front() {
                return Pause::Seen(seen);
            }
            if let Err(error) = self.pass_on(to).await {
                self.done = true;
                return Pause::Unwritable(error);
            }
            if self.finished {
                if !self.finish_told {
                    voice.turn().await.ended(Ending::Finished(self.side));
                    self.finish_told = true;
                }
                let _ = to.shutdown().await;
                self.done = true;
                return Pause::Done;
            }
            if self.came > 0 {
                // Not earlier: whoever waits for octets must not keep a place that others need.
                voice.turn().await.octets(self.side, self.layer, &self.input[..self.came]);
                self.octets += self.came as u64;
                self.take();
                continue;
            }
            match from.read(&mut self.input).await {
                Ok(0) => self.finish(),
                Ok(length) => self.came = length,
                // RFC 8446 §6.1: an end that was not announced may be an attack; mostly it is a program that saves itself the trouble.
                Err(error) if self.layer == Layer::Tls && error.kind() == io::ErrorKind::UnexpectedEof => {
                    let text = format!("{} closed without TLS's close_notify", name(self.side));
                    self.noticed.push_back(Seen::Remark(text));
                    self.finish();
                }
                Err(error) => return Pause::Unreadable(error),
            }
        }
    }

    /// Writes what is to be passed on.
    pub(super) async fn pass_on(&mut self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        while !self.out.is_empty() {
            let written = to.write(&self.out).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.out.drain(..written);
            self.to_flush = true;
        }
        if self.to_flush {
            to.flush().await?;
            self.to_flush = false;
        }
        Ok(())
    }

    fn finish(&mut self) {
        self.finished = true;
        self.stop_watching();
    }

    fn take(&mut self) {
        let length = std::mem::take(&mut self.came);
        let Some(mut watch) = self.watch.take() else {
            self.out.extend_from_slice(&self.input[..length]);
            return;
        };
        let input = std::mem::take(&mut self.input);
        let mut rest = &input[..length];
        let mut over = false;
        while let Some(piece) = watch.next(&mut rest) {
            over = self.piece(piece.octets, piece.event.as_ref());
            if over {
                break;
            }
            if matches!(self.noticed.back(), Some(Seen::Notice(Notice::Proceed))) {
                self.behind_proceed(rest.len());
                rest = &[];
            }
        }
        if over {
            self.out.extend(watch.into_rest());
            self.out.extend_from_slice(rest);
        } else {
            self.watch = Some(watch);
        }
        self.input = input;
    }

    /// Takes one piece; whether watching is over.
    fn piece(&mut self, octets: Vec<u8>, event: Result<&Event, &chatdev_xml::Error>) -> bool {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                let text = format!(
                    "{} says what cannot be followed ({error}); all is passed on unread from here on",
                    name(self.side)
                );
                self.noticed.push_back(Seen::Remark(text));
                self.out.extend(octets);
                return true;
            }
        };
        let noticed = notice(self.side, event);
        match &noticed {
            Some(Notice::Features) => self.features(octets),
            _ => self.out.extend(octets),
        }
        let over = noticed == Some(Notice::SignedIn);
        self.noticed.extend(noticed.map(Seen::Notice));
        over
    }

    fn features(&mut self, octets: Vec<u8>) {
        let altered = match (&self.concealing, std::str::from_utf8(&octets)) {
            (Some(concealing), Ok(text)) => concealing.alter(text),
            _ => None,
        };
        let Some((altered, different)) = altered else { return self.out.extend(octets) };
        self.altered += 1;
        self.noticed.push_back(Seen::Remark(format!(
            "the features were passed on otherwise than they were said: {different}; channel binding cannot hold through a proxy (--keep-binding alters nothing)"
        )));
        self.out.extend_from_slice(altered.as_bytes());
    }

    /// What stands behind `<proceed/>` in the clear is neither TLS nor protected (RFC 6120 §5.4.3.3).
    fn behind_proceed(&mut self, octets: usize) {
        if octets > 0 {
            let text = format!("{octets} octets behind <proceed/> were not passed on: TLS begins there");
            self.noticed.push_front(Seen::Remark(text));
        }
    }
}

/// What a side is called in remarks.
pub(super) fn name(side: Side) -> &'static str {
    match side {
        Side::Dialler => "the client",
        Side::Answerer => "the server",
    }
}
