//! What happens in the demo, step by step.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::actor::Actor;
use super::server::{DemoServer, INTERVAL_SECONDS, LIMIT_SECONDS};

/// Everybody's password, on a server that nobody else can reach and that is gone in a minute.
pub(crate) const PASSWORD: &str = "demo, on loopback only";

const ALICE: &str = "alice@localhost/";
const BOB: &str = "bob@localhost/";

/// Tells the story; gives back the cast, who are online until they are dropped.
pub(super) async fn tell(folder: &Path, server: &mut DemoServer) -> Result<[Actor; 2]> {
    println!("A server listens on {}, in a temporary folder; its certificate:", server.address);
    println!("  SHA-256 {}", server.fingerprint);
    println!("Alice and Bob make accounts and sign in, over TLS, each in a process of their own.");
    let mut alice = Actor::sign_in("alice", "Alice", folder, server).await?;
    let mut bob = Actor::sign_in("bob", "Bob", folder, server).await?;
    let seen = alice.sees("Bob online", |event| is_online(event, BOB)).await?;
    println!("  Alice sees that {} is online: {}", text(&seen, "nick"), text(&seen, "jid"));
    let bob_device = text(&seen, "fingerprint");
    let seen = bob.sees("Alice online", |event| is_online(event, ALICE)).await?;
    println!("  Bob sees that {} is online: {}", text(&seen, "nick"), text(&seen, "jid"));
    talk(&mut alice, &mut bob, &bob_device).await?;
    let routed = server.messages_routed().await?;
    ensure!(routed == 0, "the server routed {routed} messages");
    println!("  Messages that the server routed, or could have read: {routed}");
    freeze_and_thaw(&mut alice, &mut bob).await?;
    println!("All of this was observed, not scripted: every line waited for the processes to say so.");
    Ok([alice, bob])
}

async fn talk(alice: &mut Actor, bob: &mut Actor, bob_device: &str) -> Result<()> {
    println!("Alice writes to Bob, and Bob answers.");
    deliver(alice, bob, "bob@localhost", "Hello Bob! Can the server read this?").await?;
    println!(
        "  Bob got it directly from Alice's port, sealed to his key {}…",
        &bob_device[..bob_device.len().min(17)]
    );
    deliver(bob, alice, "alice@localhost", "It cannot. It only told us where to find each other.").await?;
    println!("  Alice got his answer over the same stream.");
    Ok(())
}

/// One message: it arrives as it was sent, directly, and its sender is told so.
async fn deliver(from: &mut Actor, to: &mut Actor, whom: &str, words: &str) -> Result<()> {
    println!("    → {whom}: {words}");
    from.does(json!({"do": "send", "to": whom, "text": words})).await?;
    let received = to.sees("the message", |event| event["event"] == "message").await?;
    ensure!(received["text"] == words, "another text arrived: {}", text(&received, "text"));
    ensure!(
        received["path"] == "direct" && received["sealed"] == true,
        "the message did not come directly: {received}"
    );
    let state = |event: &Value| {
        event["event"] == "message-state" && ["delivered", "failed"].contains(&text(event, "state").as_str())
    };
    let end = from.sees("the acknowledgement", state).await?;
    ensure!(end["state"] == "delivered", "the message was not acknowledged: {}", text(&end, "reason"));
    println!("    ✓ acknowledged");
    Ok(())
}

async fn freeze_and_thaw(alice: &mut Actor, bob: &mut Actor) -> Result<()> {
    println!(
        "Bob's process is frozen (SIGSTOP). He should check in every {INTERVAL_SECONDS} s; the limit is {LIMIT_SECONDS} s."
    );
    bob.freeze()?;
    let frozen = Instant::now();
    let gone = alice.sees("Bob gone", |event| event["event"] == "gone" && is(event, BOB)).await?;
    let silent = frozen.elapsed();
    ensure!(gone["reason"] == "reaped", "Bob is gone for another reason: {}", text(&gone, "reason"));
    println!(
        "  {:.1} s later (he was last heard before he froze) Alice's list says: {} {}",
        silent.as_secs_f64(),
        text(&gone, "jid"),
        text(&gone, "reason")
    );
    println!("Bob thaws (SIGCONT).");
    bob.thaw()?;
    let out = bob.sees("being told", |event| event["event"] == "signed-out").await?;
    println!("  Bob is told: {}", text(&out, "reason"));
    let reaped = text(&out, "reason").starts_with("reaped");
    ensure!(reaped, "Bob was not told that he was reaped");
    bob.sees("coming back", |event| event["event"] == "signed-in").await.context("Bob did not come back")?;
    let back = alice.sees("Bob online again", |event| is_online(event, BOB)).await?;
    println!("  He signs in again, and Alice sees him: {}", text(&back, "jid"));
    Ok(())
}

fn is_online(event: &Value, whose: &str) -> bool {
    event["event"] == "online" && is(event, whose)
}

fn is(event: &Value, whose: &str) -> bool {
    event["jid"].as_str().is_some_and(|jid| jid.starts_with(whose))
}

fn text(event: &Value, member: &str) -> String {
    event[member].as_str().unwrap_or("?").to_owned()
}
