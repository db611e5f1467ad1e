# The recipes of this repository; `just` alone lists them.

[private]
default:
    @just --list --unsorted

# Watch two people sign in, talk directly, and one of them being reaped
demo:
    cargo run --release --bin chatdev -- demo

# Everything that needs Rust alone: unit, behaviour, wire snapshots, simulation
test:
    cargo test --workspace

# Format, clippy and documentation, warnings as errors
lint:
    .ci/lint

# Simulated faults: a batch; one run (`just sim silence --seed 7`); `--replay FILE`; a long hunt (`--minutes 60`)
sim *ARGS:
    cargo run --release --quiet -p chatdev-sim -- {{ARGS}}

# Bugs planted into the product, and how many seeds the simulation needs to find each; one by `--canary NAME`
sim-canaries *ARGS:
    cargo run --release --quiet -p chatdev-sim --features canaries --target-dir target/canaries -- --canaries {{ARGS}}

# The files of a simulated run, opened by tshark and a browser (installs Debian's packages)
sim-report *ARGS:
    .ci/sim-report {{ARGS}}

# The inspector's page in a browser, worked with as a person would (installs Debian's packages); `just inspect-page PICTURE.png` keeps a picture
inspect-page *ARGS:
    .ci/inspect-page {{ARGS}}

# The inspector and tshark have to count the same stanzas in all captures (installs Debian's packages)
inspect-tshark *ARGS:
    .ci/inspect-tshark {{ARGS}}

# How fast the inspector is, in one run with tshark on the same file; then 2 GB, with the memory that takes (needs tshark)
inspect-bench *ARGS:
    cargo build --release --locked -p chatdev-inspect --example big_capture --bin chatdev-inspect
    tools/inspect/bench/run {{ARGS}}

# Record the captures of testdata anew, by tcpdump, of ChatDev's and Prosody's conversations (root; installs nothing)
inspect-record *ARGS:
    tools/inspect/captures/record {{ARGS}}

# An ordinary XMPP client (slixmpp) against the server, beside ChatDev users
interop:
    .ci/interop

# Two machines (network namespaces, needs root): server in one, clients in both
lan:
    .ci/two-machines

# The route spike: reading XML against a bare relay that reads nothing
spike:
    cargo run --release -p chatdev-net --example route

# Time what is hot: reading and writing XML, routing, the directory (`just bench-cores route`)
bench-cores *ARGS:
    cargo bench -p chatdev-xml -p chatdev-server -p chatdev-directory --bench xml --bench route --bench directory -- {{ARGS}}

# Count the same in instructions, whatever else runs here, against the kept figures; `--write` keeps new ones (needs valgrind)
instructions *ARGS:
    .ci/instructions {{ARGS}}

# Every load against every server that is there, with ratios to a bare relay: about ten minutes (`just bench --only 'route-*'`)
bench *ARGS:
    cargo build --release --locked -p chatdev-load -p chatdevd
    tools/load/bench/run {{ARGS}}

# What two threads carry of what one does, in the server's brain behind its one lock
scaling:
    cargo run --release -p chatdev-server --example scaling

# 19,000 idle sessions and what each costs in memory; 15,000 that come back after a restart: about six minutes
crowd *ARGS:
    cargo build --release --locked -p chatdev-load -p chatdevd
    tools/load/bench/crowd {{ARGS}}

# The load generator in earnest, as CI runs it: every load, one message in a million, the page in a browser (installs Debian's packages)
load-check *ARGS:
    .ci/load {{ARGS}}

# The servers to compare with, from Debian's packages (root); none is left running
bench-peers:
    tools/load/bench/peers install

# Fuzz a parser (needs nightly and cargo-fuzz): `just fuzz xml_reader 60`
fuzz TARGET SECONDS="60":
    cargo +nightly fuzz run --fuzz-dir tools/fuzz {{TARGET}} -- -max_total_time={{SECONDS}}

# Change one thing at a time in a pure crate, and see whether its tests object (needs cargo-mutants; slow): `just mutants xml`
mutants CRATE="directory":
    cargo mutants --config .cargo/mutants.toml --package chatdev-{{CRATE}}

# Licences, sources and duplicate versions of dependencies (needs cargo-deny)
deny:
    cargo deny --all-features check --config .deny.toml bans licenses sources

# The documentation of all rooms, in a browser
doc:
    cargo doc --workspace --no-deps --open

# All that has to pass before a change lands
ci:
    .ci/run
