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

# Memory of 2,000 idle sessions in one chatdevd, over TLS and in clear
idle:
    cargo run --release -p chatdevd --example idle_sessions

# Fuzz a parser (needs nightly and cargo-fuzz): `just fuzz xml_reader 60`
fuzz TARGET SECONDS="60":
    cd tools/fuzz && cargo +nightly fuzz run {{TARGET}} -- -max_total_time={{SECONDS}}

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
