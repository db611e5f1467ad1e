//! Plays every screenplay of `testdata/scripts` against the server in memory. The format is in
//! `testdata/README.md`.

use std::collections::BTreeMap;
use std::path::Path;

use chatdev_screenplay::{Bindings, Closing, Cue, Play, expect};
use chatdev_stream::{Closed, Side};
use chatdev_xml::Element;
use jid::FullJid;

use crate::world::{Name, World};

/// One performance.
struct Stage {
    world: World,
    cast: BTreeMap<String, (FullJid, std::net::IpAddr)>,
    clients: BTreeMap<String, Name>,
    bindings: Bindings,
}

fn perform(text: &str) -> Result<(), String> {
    let play = Play::read(text).map_err(|error| error.to_string())?;
    let mut stage = Stage {
        world: World::new(),
        cast: BTreeMap::new(),
        clients: BTreeMap::new(),
        bindings: Bindings::default(),
    };
    for line in play.lines {
        stage.take(line.cue).map_err(|problem| format!("line {}: {problem}", line.number))?;
    }
    Ok(())
}

impl Stage {
    fn take(&mut self, cue: Cue) -> Result<(), String> {
        match cue {
            Cue::Cast { name, jid, address } => {
                self.world.add_account(jid.to_bare().as_str());
                self.cast.insert(name, (jid, address));
            }
            Cue::SignsIn { name } => {
                let (jid, address) = self.cast.get(&name).ok_or("somebody who is not in the cast")?.clone();
                let client = self.world.begin_sign_in(jid.as_str(), address);
                self.world.run();
                if let Some(failure) = &self.world.clients[client].failed {
                    return Err(format!("{name} cannot sign in: {failure}"));
                }
                self.clients.insert(name, client);
            }
            Cue::Sends { name, text } => {
                let text = self.bindings.fill(&text).map_err(|error| error.to_string())?;
                let client = self.client(&name)?;
                self.world.send(client, &text);
            }
            Cue::Receives { name, text } => self.receives(&name, &text)?,
            Cue::ReceivesNothing { name } => {
                let client = self.client(&name)?;
                let received = self.world.received(client);
                if !received.is_empty() {
                    return Err(format!("{name} received {received:?}"));
                }
            }
            Cue::Disconnects { name } => {
                let client = self.client(&name)?;
                self.world.cut(client);
            }
            Cue::SignsOut { name } => {
                let client = self.client(&name)?;
                self.world.sign_out(client);
            }
            Cue::IsClosed { name, closing } => self.is_closed(&name, &closing)?,
            Cue::Wait(length) => self.world.wait(length),
        }
        Ok(())
    }

    fn receives(&mut self, name: &str, text: &str) -> Result<(), String> {
        let client = self.client(name)?;
        let expected = Element::parse(text).map_err(|error| error.to_string())?;
        let Some(found) = self.world.clients[client].inbox.pop_front() else {
            return Err(format!("{name} received nothing, and should have received {expected}"));
        };
        expect(&expected, &found, &mut self.bindings).map_err(|mismatch| mismatch.to_string())
    }

    fn is_closed(&mut self, name: &str, closing: &Closing) -> Result<(), String> {
        let client = self.client(name)?;
        let closed = self.world.clients[client].closed.as_ref();
        let as_expected = match (closing, closed) {
            (Closing::Orderly, Some(Closed::Orderly { .. })) => true,
            (Closing::Error(condition), Some(Closed::Failed { by: Side::Them, error })) => {
                error.condition.name() == condition
            }
            _ => false,
        };
        if as_expected { Ok(()) } else { Err(format!("{name} is not closed like that: {closed:?}")) }
    }

    fn client(&self, name: &str) -> Result<Name, String> {
        self.clients.get(name).copied().ok_or_else(|| format!("{name} has not signed in"))
    }
}

#[test]
fn every_screenplay_goes_as_it_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/scripts");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "play"));
    paths.sort();
    assert!(paths.len() >= 12, "the screenplays are missing");
    let mut failures = Vec::new();
    for path in paths {
        if let Err(problem) = perform(&std::fs::read_to_string(&path).unwrap()) {
            failures.push(format!("{}: {problem}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn a_screenplay_that_goes_otherwise_is_noticed() {
    let signed_in = "alice is alice@example.net/desk\nalice signs in\n";
    for (line, problem) in [
        ("alice receives: <message/>", "line 3: alice received nothing"),
        ("alice sends: <presence/>\nalice receives nothing", "line 4: alice received"),
        ("alice sends: <presence/>\nalice receives: <presence/>", "line 4: other attributes of <presence/>"),
        ("alice is closed", "line 3: alice is not closed like that"),
        ("bob signs in", "line 3: somebody who is not in the cast"),
        ("alice sends: {version}", "line 3: nothing was caught as {version}"),
    ] {
        let found = perform(&[signed_in, line].concat()).unwrap_err();
        assert!(found.starts_with(problem), "{found}");
    }
}
