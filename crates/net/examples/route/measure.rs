//! Runs every variant in rounds and prints the medians.
//!
//! The machine is noisy: what counts is the ratio to the relay in the same run, above all of the server's CPU
//! time for a message.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::{BODY_BYTES, Error, PAIRS};

/// Three rounds of two loads and three variants, 2.3 s each and a little more: under a minute in all.
const ROUNDS: usize = 3;
const IN_FLIGHT: [usize; 2] = [1, 32];
const VARIANTS: [(&str, &str); 3] = [
    ("relay", "bare relay, no XML"),
    ("direct", "XML, written by the task that read it"),
    ("hop", "XML, written by the destination's task"),
];

/// What one run of one variant showed.
#[derive(Clone, Copy)]
struct Sample {
    cpu_us: f64,
    per_second: f64,
    p50_us: f64,
    p99_us: f64,
}

/// A process that ends with its value.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Measures and prints.
pub(crate) fn run() -> Result<(), Error> {
    let mut samples: BTreeMap<(usize, usize), Vec<Sample>> = BTreeMap::new();
    for round in 1..=ROUNDS {
        for in_flight in IN_FLIGHT {
            for (index, (variant, _)) in VARIANTS.iter().enumerate() {
                eprintln!("round {round} of {ROUNDS}: {variant}, {in_flight} in flight");
                samples.entry((in_flight, index)).or_default().push(sample(variant, in_flight)?);
            }
        }
    }
    println!(
        "{PAIRS} pairs, {BODY_BYTES} B of text in each message, loopback TCP, medians of {ROUNDS} rounds\n"
    );
    println!(
        "| in flight per pair | server | CPU µs/message | × relay | messages/s | × relay | p50 µs | p99 µs | × relay |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for ((in_flight, index), all) in &samples {
        let [cpu, rate, p50, p99] = medians(all);
        let relay = medians(&samples[&(*in_flight, 0)]);
        println!(
            "| {in_flight} | {} | {cpu:.2} | {:.2} | {rate:.0} | {:.2} | {p50:.0} | {p99:.0} | {:.2} |",
            VARIANTS[*index].1,
            cpu / relay[0],
            rate / relay[1],
            p99 / relay[3],
        );
    }
    Ok(())
}

fn medians(samples: &[Sample]) -> [f64; 4] {
    let columns: [fn(&Sample) -> f64; 4] = [|s| s.cpu_us, |s| s.per_second, |s| s.p50_us, |s| s.p99_us];
    columns.map(|column| {
        let mut values: Vec<f64> = samples.iter().map(column).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    })
}

/// Runs one variant under one load.
fn sample(variant: &str, in_flight: usize) -> Result<Sample, Error> {
    let (server, mut said) = start(&[variant])?;
    let port = next_line(&mut said)?;
    let stamped = (variant != "relay").to_string();
    let (_generator, mut said) = start(&["generate", &port, &in_flight.to_string(), &stamped])?;
    next_line(&mut said)?;
    let before = cpu_us(server.0.id())?;
    let result = next_line(&mut said)?;
    let spent = cpu_us(server.0.id())? - before;
    let numbers: Vec<f64> = result.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    let [messages, took_us, p50_us, p99_us] = numbers[..] else {
        return Err(format!("the generator said: {result}").into());
    };
    Ok(Sample { cpu_us: spent / messages, per_second: messages / took_us * 1e6, p50_us, p99_us })
}

/// Starts this program again; what it prints.
fn start(arguments: &[&str]) -> Result<(Process, impl BufRead + use<>), Error> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut child = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().ok_or("no output")?;
    Ok((Process(child), BufReader::new(output)))
}

fn next_line(output: &mut impl BufRead) -> Result<String, Error> {
    let mut line = String::new();
    if output.read_line(&mut line)? == 0 {
        return Err("a part of the program ended early; what it said stands above".into());
    }
    Ok(line.trim_end().to_owned())
}

/// User and system time of a process in µs, from /proc; Linux counts it there in hundredths of a second.
fn cpu_us(process: u32) -> Result<f64, Error> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field is the name in parentheses and may contain spaces; utime and stime are 14 and 15.
    let (_, fields) = stat.rsplit_once(')').ok_or("no fields in /proc")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks * 10_000.0)
}
