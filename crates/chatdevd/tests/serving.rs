//! The program while it serves, from outside: people sign in, commands work beside it, signals end it, nothing is
//! forgotten.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod program;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;

use chatdev_stanza::StreamCondition;
use chatdev_stream::initiating::{Event, Failure, TlsPolicy};
use chatdev_stream::{Closed, Side};
use program::caller::{self, Caller, settings, sign_in, sign_in_by_starttls};
use program::run;
use program::serving::Serving;

/// What a key log says of one connection, by label (RFC 9850 §2.1).
const TLS_1_3_SECRETS: [&str; 5] = [
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "EXPORTER_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_TRAFFIC_SECRET_0",
];

/// Makes the account and signs in.
async fn register(address: SocketAddr, account: &str, password: &str) -> Caller {
    let mut config = settings(account, password);
    config.register = true;
    sign_in(address, config).await.unwrap()
}

/// The stream error that the server ended this client's stream with.
async fn ended_with(client: &mut Caller) -> StreamCondition {
    loop {
        match client.next().await {
            Event::Closed(Closed::Failed { by: Side::Them, error }) => return error.condition,
            Event::Closed(other) => panic!("{other:?}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn without_any_settings_people_make_accounts_and_sign_in() {
    let home = tempfile::tempdir().unwrap();
    let mut server = Serving::start(home.path(), &[]);
    register(server.address, "alice@localhost", "pencil").await;
    sign_in(server.address, settings("alice@localhost", "pencil")).await.unwrap();
    sign_in_by_starttls(server.address, settings("alice@localhost", "pencil")).await.unwrap();
    let refused = sign_in(server.address, settings("alice@localhost", "pen")).await;
    assert!(matches!(refused, Err(Failure::NotAuthorized { .. })));
    server.signal("INT");
    assert!(server.wait().success());
    // The account outlives the server.
    let server = Serving::start(home.path(), &["--registration", "closed"]);
    sign_in(server.address, settings("alice@localhost", "pencil")).await.unwrap();
    let mut bob = settings("bob@localhost", "pencil");
    bob.register = true;
    assert!(matches!(sign_in(server.address, bob).await, Err(Failure::RegistrationNotOffered)));
}

#[tokio::test]
async fn a_signal_to_end_is_told_to_every_client() {
    let home = tempfile::tempdir().unwrap();
    let mut server = Serving::start(home.path(), &[]);
    let mut alice = register(server.address, "alice@localhost", "pencil").await;
    let mut bob = register(server.address, "bob@localhost", "pencil").await;
    server.signal("TERM");
    assert_eq!(ended_with(&mut alice).await, StreamCondition::SystemShutdown);
    assert_eq!(ended_with(&mut bob).await, StreamCondition::SystemShutdown);
    drop((alice, bob));
    assert!(server.wait().success());
    assert!(server.said.last().unwrap().ends_with("ended"), "{:#?}", server.said);
}

#[tokio::test]
async fn a_second_signal_does_not_wait_for_clients_that_do_not_hang_up() {
    let home = tempfile::tempdir().unwrap();
    let mut server = Serving::start(home.path(), &[]);
    let alice = register(server.address, "alice@localhost", "pencil").await;
    server.signal("INT");
    server.wait_for("ending; a second signal ends at once");
    server.signal("INT");
    assert!(server.wait().success());
    // Not the last line of all: the sessions that it drops log their own end meanwhile.
    assert!(server.said.iter().any(|line| line.ends_with("ended at once")), "{:#?}", server.said);
    drop(alice);
}

#[tokio::test]
async fn accounts_change_while_the_server_runs() {
    let home = tempfile::tempdir().unwrap();
    let server = Serving::start(home.path(), &["--registration", "closed"]);
    let command = |arguments: &[&str], input: &str| {
        let said = run(home.path(), arguments, input);
        assert!(said.starts_with("status 0\n"), "{said}");
    };
    command(&["account", "add", "alice"], "pencil\n");
    command(&["account", "add", "bob"], "pencil\n");
    let mut alice = sign_in(server.address, settings("alice@localhost", "pencil")).await.unwrap();
    let mut bob = sign_in(server.address, settings("bob@localhost", "pencil")).await.unwrap();
    command(&["account", "passwd", "alice"], "pen\n");
    let old = sign_in(server.address, settings("alice@localhost", "pencil")).await;
    assert!(matches!(old, Err(Failure::NotAuthorized { .. })));
    sign_in(server.address, settings("alice@localhost", "pen")).await.unwrap();
    command(&["account", "remove", "alice"], "");
    assert_eq!(ended_with(&mut alice).await, StreamCondition::NotAuthorized);
    let gone = sign_in(server.address, settings("alice@localhost", "pen")).await;
    assert!(matches!(gone, Err(Failure::NotAuthorized { .. })));
    // Bob, who was signed in all the while, still is.
    command(&["account", "remove", "bob"], "");
    assert_eq!(ended_with(&mut bob).await, StreamCondition::NotAuthorized);
}

#[tokio::test]
async fn an_account_that_was_acknowledged_survives_kill_9() {
    const ACKNOWLEDGED_BEFORE_THE_KILL: usize = 5;
    let home = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut server = Serving::start(home.path(), &[]);
        let address = server.address;
        let mut crowd = tokio::task::JoinSet::new();
        for n in 0..16 {
            crowd.spawn(async move {
                let name = format!("user{round}-{n}");
                let mut config = settings(&format!("{name}@localhost"), "pencil");
                config.register = true;
                // Past registration: the account was acknowledged before the client could sign in.
                sign_in(address, config).await.ok().map(|_| name)
            });
        }
        let mut signed_in = 0;
        while let Some(name) = crowd.join_next().await {
            let Some(name) = name.unwrap() else { continue };
            acknowledged.push(name);
            signed_in += 1;
            if signed_in == ACKNOWLEDGED_BEFORE_THE_KILL {
                server.signal("KILL");
            }
        }
        assert!(signed_in >= ACKNOWLEDGED_BEFORE_THE_KILL);
        assert!(!server.wait().success());
    }
    let listed = run(home.path(), &["account", "list"], "");
    for name in &acknowledged {
        assert!(listed.contains(&format!("stdout: {name}\n")), "{name} is not among {listed}");
    }
    let server = Serving::start(home.path(), &[]);
    sign_in(server.address, settings(&format!("{}@localhost", acknowledged[0]), "pencil")).await.unwrap();
}

#[tokio::test]
async fn the_operators_certificate_is_read_again_on_a_hang_up() {
    let home = tempfile::tempdir().unwrap();
    let write = || {
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(home.path().join("cert.pem"), pair.cert.pem()).unwrap();
        std::fs::write(home.path().join("key.pem"), pair.signing_key.serialize_pem()).unwrap();
        let pem = (pair.cert.pem(), pair.signing_key.serialize_pem());
        chatdev_net::tls::Identity::from_pem(&pem.0, &pem.1).unwrap().fingerprint()
    };
    let first = write();
    let mut server = Serving::start(home.path(), &["--tls-certificate", "cert.pem", "--tls-key", "key.pem"]);
    assert_eq!(caller::fingerprint(server.address).await, first);
    let second = write();
    server.signal("HUP");
    server.wait_for(&format!("fingerprint={second}"));
    assert_eq!(caller::fingerprint(server.address).await, second);
    std::fs::write(home.path().join("key.pem"), "nonsense").unwrap();
    server.signal("HUP");
    server.wait_for("kept the old certificate");
    assert_eq!(caller::fingerprint(server.address).await, second);
}

#[tokio::test]
async fn encryption_can_be_given_up_on_loopback() {
    let home = tempfile::tempdir().unwrap();
    let server = Serving::start(home.path(), &["--set", "tls.required=false"]);
    register(server.address, "alice@localhost", "pencil").await;
    let mut config = settings("alice@localhost", "pencil");
    config.tls = TlsPolicy::OptionalOnLoopback;
    caller::sign_in_in_clear(server.address, config).await.unwrap();
}

#[tokio::test]
async fn no_log_at_any_level_holds_a_password_or_a_key() {
    let home = tempfile::tempdir().unwrap();
    let mut server = Serving::start(home.path(), &["--log-level", "trace"]);
    register(server.address, "alice@localhost", "correct horse battery staple").await;
    sign_in(server.address, settings("alice@localhost", "correct horse battery staple")).await.unwrap();
    server.signal("TERM");
    assert!(server.wait().success());
    let log = server.said.join("\n");
    for secret in ["correct horse", "Y29ycmVjdCBob3JzZ", "PRIVATE KEY"] {
        assert!(!log.contains(secret), "{secret:?} is in {log}");
    }
}

#[tokio::test]
async fn the_secrets_of_every_connection_are_in_the_key_log_and_nobody_elses_to_read() {
    let home = tempfile::tempdir().unwrap();
    let mut server = Serving::start(home.path(), &["--key-log", "keys"]);
    let warned =
        |line: &String| line.contains("WARN") && line.contains("appended to keys: whoever has that file");
    assert!(server.said.iter().any(warned), "{:#?}", server.said);
    let path = home.path().join("keys");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let connections = || {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.ends_with('\n'), "{text}");
        let mut labels = BTreeMap::<_, Vec<_>>::new();
        for line in text.lines() {
            let [label, random, secret] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            assert!(random.len() == 64 && secret.len() >= 64, "{line}");
            assert!([random, secret].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit())));
            labels.entry(random.to_owned()).or_default().push(label.to_owned());
        }
        for labels in labels.values_mut() {
            labels.sort();
            assert_eq!(*labels, TLS_1_3_SECRETS);
        }
        labels.len()
    };
    // While it runs: nothing waits in a buffer.
    register(server.address, "alice@localhost", "pencil").await;
    assert_eq!(connections(), 1);
    sign_in_by_starttls(server.address, settings("alice@localhost", "pencil")).await.unwrap();
    assert_eq!(connections(), 2);
    server.signal("HUP");
    server.wait_for("read the certificate again");
    caller::fingerprint(server.address).await;
    assert_eq!(connections(), 3, "another certificate changes nothing about it");
    server.signal("TERM");
    assert!(server.wait().success());
    // It is gone on with, unless others may read it by now.
    drop(Serving::start(home.path(), &["--set", "tls.key_log=keys"]));
    assert_eq!(connections(), 3);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = run(home.path(), &["--listen", "127.0.0.1:0", "--key-log", "keys"], "");
    insta::assert_snapshot!(said, @r#"
    status 1
    stderr: chatdevd: keys is open to others (mode 0644), and secrets would go into it: expected mode 0600
    stderr:   help: `chmod 600` it, or name a file that does not exist yet
    "#);
}

#[tokio::test]
async fn figures_are_given_to_whoever_reads_metrics() {
    let home = tempfile::tempdir().unwrap();
    let server = Serving::start(home.path(), &["--metrics", "127.0.0.1:0"]);
    let line = server.said.iter().find_map(|line| line.split_once("figures are at http://")).unwrap().1;
    let address: SocketAddr = line.strip_suffix("/metrics").unwrap().parse().unwrap();
    let ask = |request: &str| {
        let mut connection = TcpStream::connect(address).unwrap();
        write!(connection, "{request} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    };
    let _alice = register(server.address, "alice@localhost", "pencil").await;
    let answer = ask("GET /metrics");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    for figure in [
        "chatdevd_sign_ins_total 1\n",
        "chatdevd_sessions 1\n",
        "chatdevd_messages_routed_total 0\n",
        "# EOF\n",
    ] {
        assert!(answer.contains(figure), "{figure} is not in {answer}");
    }
    assert!(ask("GET /").starts_with("HTTP/1.1 404 "));
    assert!(ask("POST /metrics").starts_with("HTTP/1.1 405 "));
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let first = Serving::start(home.path(), &[]);
    let said = run(home.path(), &["--listen", "127.0.0.1:0"], "").replace(&first.id().to_string(), "ID");
    insta::assert_snapshot!(said, @r#"
    status 1
    stderr: chatdevd: another chatdevd (process ID) already uses the data folder HOME/.local/share/chatdevd
    stderr:   help: stop it first, or give this one a folder of its own with --data
    "#);
}

#[test]
fn a_port_that_is_taken_is_said_to_be_taken() {
    let home = tempfile::tempdir().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let port = address.rsplit(':').next().unwrap();
    insta::assert_snapshot!(run(home.path(), &["--log-level", "error", "--listen", &address], "").replace(port, "PORT"), @r#"
    status 1
    stderr: chatdevd: cannot listen on 127.0.0.1:PORT: Address already in use (os error 98)
    stderr:   help: another program, perhaps another chatdevd, has it: stop that one, or choose another port with --listen
    "#);
    let metrics =
        run(home.path(), &["--listen", "127.0.0.1:0", "--metrics", &address], "").replace(port, "PORT");
    insta::assert_snapshot!(metrics, @r#"
    status 1
    stderr: chatdevd: cannot listen on 127.0.0.1:PORT for metrics: Address already in use (os error 98)
    stderr:   help: choose another address with --metrics
    "#);
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let home = tempfile::tempdir().unwrap();
    run(home.path(), &["account", "add", "alice", "--data", "data"], "pencil\n");
    let database = rusqlite::Connection::open(home.path().join("data/chatdevd.db")).unwrap();
    database.pragma_update(None, "user_version", 1000).unwrap();
    insta::assert_snapshot!(run(home.path(), &["--listen", "127.0.0.1:0", "--data", "data"], ""), @r#"
    status 1
    stderr: chatdevd: the database data/chatdevd.db is of version 1000, and this chatdevd knows versions up to 2
    stderr:   help: run the newer chatdevd that wrote it, or use a copy of the data folder from before the update
    "#);
}

#[test]
fn a_certificate_that_cannot_be_read_is_named() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("cert.pem"), "no certificate").unwrap();
    let flags = ["--listen", "127.0.0.1:0", "--tls-certificate", "cert.pem", "--tls-key", "key.pem"];
    insta::assert_snapshot!(run(home.path(), &flags, ""), @r#"
    status 1
    stderr: chatdevd: cannot read key.pem as a PEM file: No such file or directory (os error 2)
    "#);
    std::fs::write(home.path().join("key.pem"), "no key").unwrap();
    insta::assert_snapshot!(run(home.path(), &flags, ""), @r#"
    status 1
    stderr: chatdevd: key.pem: expected a private key in PEM form: no items found
    "#);
}
