//! `chatdev-inspect`: what really went over the wire between XMPP programs, from captures, logs or as it happens.
//!
//! ```text
//! capture → packet → tcp ─┐                       ┌→ lint ─┐
//! transcript, dump ───────┼→ reading → entries ───┤        ├→ filter → redact → output, browser
//! proxy ──────────────────┘   │    │              └────────┘
//!                          framing tls
//! ```
//!
//! - `cli`, `command`: the program
//! - `model`: times, ends, connections, and what a source tells of them
//! - `capture`, `packet`, `tcp`, `telling`: packet captures, pcap and pcapng; segments; what each side said; the three in a row
//! - `transcript`, `dump`, `proxy`: other sources
//! - `reading`: which connections are XMPP; with `framing` (octets of one side → headers and whole elements, as they stood on the wire),
//!   `tls` (what is inside TLS, for whoever has its keys), `exact` (an element read as strictly as a server would)
//! - `ahead`: reading on one thread, understanding on another
//! - `understanding`: what it is called, who said it, what it answers, what it changed: an `entry`
//! - `lint`: what breaks a rule; `filter`: what is wanted; `redact`: what is nobody's business
//! - `output`: what is made of entries, one file a form; `browser`: the full-screen one; `markup`, `pretty`, `visible`: XML and text for people

pub mod ahead;
pub mod browser;
pub mod capture;
pub mod cli;
pub mod command;
pub mod desk;
pub mod dump;
pub mod entry;
pub mod exact;
pub mod filter;
pub mod framing;
mod lines;
pub mod lint;
pub mod markup;
pub mod model;
pub mod output;
pub mod packet;
pub mod pretty;
pub mod proxy;
pub mod reading;
pub mod redact;
pub mod tcp;
pub mod telling;
pub mod tls;
pub mod transcript;
pub mod understanding;
pub mod visible;

#[cfg(test)]
mod dialogue;
#[cfg(test)]
mod sample;
