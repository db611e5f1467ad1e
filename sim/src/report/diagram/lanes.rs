//! The lanes, and what the schedule did to them.

use serde::Serialize;

use super::Places;
use crate::{
    actors::DOMAIN,
    schedule::{Act, Kind, SERVER, Schedule},
};

/// A process.
#[derive(Serialize)]
pub(super) struct Lane {
    name: String,
    /// What it is, in a word.
    kind: &'static str,
    /// The full JID that it asks for; empty for the server.
    jid: String,
    machine: String,
    clock_rate_ppm: i32,
}

/// An operation of the schedule.
#[derive(Serialize)]
pub(super) struct Operation {
    from: u64,
    to: u64,
    text: String,
    /// Something is done to the world, as opposed to what people do.
    is_fault: bool,
    lanes: Vec<usize>,
}

/// The processes in the order of their lanes.
pub(super) fn names(schedule: &Schedule) -> impl Iterator<Item = &str> {
    [SERVER].into_iter().chain(schedule.actors.iter().map(|actor| actor.name.as_str()))
}

pub(super) fn lanes(schedule: &Schedule) -> Vec<Lane> {
    let server = Lane {
        name: SERVER.to_owned(),
        kind: "server",
        jid: String::new(),
        machine: SERVER.to_owned(),
        clock_rate_ppm: schedule.server.clock_rate_ppm,
    };
    let clients = schedule.actors.iter().map(|actor| Lane {
        name: actor.name.clone(),
        kind: match actor.kind {
            Kind::Person => "person",
            Kind::Puppet => "puppet",
            Kind::Impostor => "impostor",
        },
        jid: format!("{}@{DOMAIN}/{}", actor.account, actor.resource),
        machine: actor.machine.clone(),
        clock_rate_ppm: actor.clock_rate_ppm,
    });
    [server].into_iter().chain(clients).collect()
}

pub(super) fn operations(schedule: &Schedule, places: &Places<'_>) -> Vec<Operation> {
    let operations = schedule.ops.iter().map(|op| {
        let span = op.span();
        let is_network = matches!(op.act, Act::Shut { .. } | Act::Slow { .. } | Act::Dials { .. });
        let touched = span.touches.iter().flat_map(|name| {
            if is_network {
                on_machine(schedule, name)
            } else {
                places.of_process(name).into_iter().collect()
            }
        });
        let mut lanes: Vec<usize> = touched.collect();
        lanes.sort_unstable();
        lanes.dedup();
        Operation {
            from: span.from_ms * 1000,
            to: span.to_ms * 1000,
            text: op.act.to_string(),
            is_fault: op.act.is_fault(),
            lanes,
        }
    });
    operations.collect()
}

/// The lanes of the processes on a machine. The server has its own to itself.
fn on_machine(schedule: &Schedule, machine: &str) -> Vec<usize> {
    if machine == SERVER {
        return vec![0];
    }
    let there = schedule.actors.iter().enumerate().filter(|(_, actor)| actor.machine == machine);
    there.map(|(index, _)| index + 1).collect()
}
