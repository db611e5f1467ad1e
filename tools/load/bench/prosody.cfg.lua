-- Prosody 0.12 as the benchmark runs it: tuned for speed, rid of everything that slows a client down on purpose, and on loopback alone.
-- The script `peers` gives what differs from run to run in the environment: Prosody shows BENCH_X here as ENV_BENCH_X.

run_as_root = true
daemonize = false
pidfile = ENV_BENCH_FOLDER .. "/prosody.pid"
data_path = ENV_BENCH_FOLDER .. "/data"
log = { error = ENV_BENCH_FOLDER .. "/prosody.log" }

-- What its authors recommend for a busy server.
gc = { mode = "generational" }
network_backend = "epoll"
network_settings = {
    nagle = false;
    -- Not opportunistic_writes: measured, a third slower where there is much to write, and no faster where there is little. Larger reads
    -- (read_size) change nothing.
    tcp_backlog = 4096;
}

-- Sign-in, pings, registration and rosters; messages and presence are there without being named. Nothing that limits: no mod_limits,
-- and no mod_register_limits.
modules_enabled = { "saslauth"; "tls"; "disco"; "roster"; "ping"; "register_ibr" }
-- The other servers here have no federation, and bounce what is for nobody.
modules_disabled = { "s2s"; "s2s_auth_certs"; "offline" }

interfaces = { "127.0.0.1" }
c2s_ports = { tonumber(ENV_BENCH_PLAIN_PORT) }
c2s_direct_tls_ports = { tonumber(ENV_BENCH_TLS_PORT) }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
ssl = { certificate = ENV_BENCH_FOLDER .. "/certificate.pem"; key = ENV_BENCH_FOLDER .. "/key.pem" }

-- internal_plain, or internal_hashed.
authentication = ENV_BENCH_AUTHENTICATION
password_hash = "SHA-256"
default_iteration_count = 4096

VirtualHost "bench.local"
