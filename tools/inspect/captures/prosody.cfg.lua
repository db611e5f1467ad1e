-- Prosody 0.12 as `record` runs it: on one address, with everything in one folder, and with the extensions that captures should show.
-- The script gives what differs from capture to capture in the environment: Prosody shows RECORD_X here as ENV_RECORD_X.

run_as_root = true
daemonize = false
pidfile = ENV_RECORD_FOLDER .. "/prosody.pid"
data_path = ENV_RECORD_FOLDER .. "/data"
log = { info = ENV_RECORD_FOLDER .. "/prosody.log" }

modules_enabled = { "saslauth"; "tls"; "disco"; "roster"; "ping"; "carbons"; "smacks"; "mam"; "csi"; "version"; "blocklist"; "pep" }
modules_disabled = { "s2s"; "s2s_auth_certs" }

interfaces = { ENV_RECORD_ADDRESS }
c2s_ports = { 5222 }
c2s_direct_tls_ports = { 5223 }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
-- A version of TLS, such as tlsv1_2: that one alone. With a + behind it: that one or a later one.
ssl = {
    certificate = ENV_RECORD_FOLDER .. "/certificate.pem";
    key = ENV_RECORD_FOLDER .. "/key.pem";
    protocol = ENV_RECORD_TLS;
}

authentication = "internal_plain"
-- Whoever lost a connection may be back within this time.
smacks_hibernation_time = 30

VirtualHost "chat.example"

Component "rooms.chat.example" "muc"
    modules_enabled = { "muc_mam" }
    muc_room_locking = false
