//! What can go wrong on the way in, and what a person is told then.

mod town;

use town::{Running, Town, done, refused};

#[test]
fn a_wrong_password_is_said_so() {
    let town = Town::new();
    town.register("alice");
    let error = refused(town.chatdev("alice").env("CHATDEV_PASSWORD", "wrong").args(["who"]));
    assert!(error.contains("not authorized"), "{error}");
}

#[test]
fn an_account_that_exists_is_not_made_again() {
    let town = Town::new();
    town.register("alice");
    let error = refused(town.chatdev("alice").args(["register", "alice@localhost"]));
    assert!(error.contains("registration refused"), "{error}");
}

#[test]
fn one_device_is_one_process_and_asking_who_is_online_needs_none() {
    let town = Town::new();
    town.register("alice");
    let mut alice = Running::start(town.chatdev("alice").args(["listen", "--json"]));
    alice.event(|event| event["event"] == "signed-in");
    let error = refused(town.chatdev("alice").args(["send", "bob@localhost", "hello"]));
    let process = alice.child.id().to_string();
    assert!(error.contains(&process) && error.contains("--device"), "{error}");
    let listed = done(town.chatdev("alice").args(["who"]));
    assert!(listed.contains("alice@localhost/"), "{listed}");
}

#[test]
fn a_new_certificate_needs_a_word_once_and_another_one_later_is_refused() {
    let mut town = Town::new();
    let register = ["register", "alice@localhost"];
    let error = refused(town.chatdev_in("alice", "alice").args(register));
    assert!(error.contains("--trust"), "{error}");
    let wrong = format!("{}:00", vec!["00"; 31].join(":"));
    let error = refused(town.chatdev_in("alice", "alice").args(["--trust", &wrong]).args(register));
    assert!(error.contains("not the one that --trust names"), "{error}");
    done(town.chatdev("alice").args(register));
    done(town.chatdev_in("alice", "alice").args(["who"]));

    town.serve("impostor", 0);
    let error = refused(town.chatdev_in("alice", "alice").args(["who"]));
    assert!(error.contains("HAS CHANGED") && error.contains("forget-server"), "{error}");
    let error = refused(town.chatdev("alice").args(["who"]));
    assert!(error.contains("HAS CHANGED"), "--trust is for new certificates, not for changed ones: {error}");
    town.serve("server", 0);
    done(town.chatdev_in("alice", "alice").args(["who"]));
}

#[test]
fn nobody_there_is_said_so_with_what_to_do() {
    let mut town = Town::new();
    let mut command = town.chatdev("alice");
    town.stop_server();
    let error = refused(command.args(["who"]));
    assert!(error.contains("no connection") && error.contains("--server"), "{error}");
}

#[test]
fn a_password_is_kept_only_where_that_is_asked_for() {
    let town = Town::new();
    done(town.chatdev("alice").args(["register", "alice@localhost", "--remember"]));
    done(town.chatdev("alice").env_remove("CHATDEV_PASSWORD").args(["who"]));
    town.register("bob");
    let error = refused(town.chatdev("bob").env_remove("CHATDEV_PASSWORD").args(["who"]));
    assert!(error.contains("--password-file"), "{error}");
    std::fs::write(town.path("password"), format!("{}\n", town::PASSWORD)).unwrap();
    let mut bob = town.chatdev("bob");
    done(bob.env_remove("CHATDEV_PASSWORD").arg("--password-file").arg(town.path("password")).arg("who"));
}

#[test]
fn the_session_survives_a_restart_of_the_server() {
    let mut town = Town::new();
    town.register("alice");
    let mut alice = Running::start(town.chatdev("alice").args(["listen", "--json"]));
    alice.event(|event| event["event"] == "signed-in");
    let port = town.address().port();
    town.serve("server", port);
    alice.event(|event| event["event"] == "signed-out" && event["retry_ms"].is_u64());
    alice.event(|event| event["event"] == "signed-in");
}
