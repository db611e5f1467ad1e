//! What the program says and how it ends, for everything but serving.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod program;

use std::process::Stdio;

use program::{program, run};

#[test]
fn the_printed_defaults_are_a_file_that_checks() {
    let home = tempfile::tempdir().unwrap();
    let printed = program(home.path()).args(["config", "default"]).output().unwrap().stdout;
    std::fs::write(home.path().join("chatdevd.toml"), printed).unwrap();
    insta::assert_snapshot!(run(home.path(), &["config", "check", "chatdevd.toml"], ""), @r#"
    status 0
    stdout: chatdevd.toml: all settings are right
    "#);
}

#[test]
fn a_file_with_a_typo_is_refused_with_status_2_wherever_it_is_used() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("typo.toml"), "[directory]\nintervall_seconds = 5\n").unwrap();
    let check = run(home.path(), &["config", "check", "typo.toml"], "");
    insta::assert_snapshot!(check, @r#"
    status 2
    stderr: typo.toml:2:1: unknown key `directory.intervall_seconds`
    stderr:   help: did you mean `interval_seconds`?
    "#);
    assert_eq!(run(home.path(), &["--config", "typo.toml"], ""), check);
    assert_eq!(run(home.path(), &["account", "list", "--config", "typo.toml"], ""), check);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let home = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(run(home.path(), &["config", "check", "none.toml"], ""), @r#"
    status 1
    stderr: chatdevd: cannot read none.toml: No such file or directory (os error 2)
    "#);
    insta::assert_snapshot!(run(home.path(), &["--config", "none.toml"], ""), @r#"
    status 1
    stderr: chatdevd: cannot read none.toml: No such file or directory (os error 2)
    "#);
}

#[test]
fn settings_that_do_not_go_together_keep_the_server_from_starting() {
    let home = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(run(home.path(), &["--listen", "0.0.0.0:0"], ""), @r#"
    status 2
    stderr: --listen: registration is open, and 0.0.0.0:0 is not a loopback address: anybody who reaches it could make accounts, in any number
    stderr:   help: close registration (`--registration closed`, or `registration.open = false`) and add people with `chatdevd account add NAME`
    "#);
    insta::assert_snapshot!(run(home.path(), &["--set", "directory.visibility=contacts"], ""), @r#"
    status 2
    stderr: --set: directory.visibility: "contacts" needs contact lists, which this version does not keep yet
    stderr:   help: use "everyone" or "off"
    "#);
    assert!(!home.path().join(".local").exists(), "nothing is made by a server that does not start");
}

#[test]
fn accounts_are_added_changed_listed_and_removed() {
    let home = tempfile::tempdir().unwrap();
    let mut dialogue = String::new();
    std::fs::write(home.path().join("password"), "correct horse\nbattery staple\n").unwrap();
    for (arguments, input) in [
        (&["account", "list"][..], ""),
        (&["account", "add", "bob"], "from standard input\n"),
        (&["account", "add", "alice@localhost", "--password-file", "password"], ""),
        (&["account", "add", "Alice", "--password-file", "password"], ""),
        (&["account", "list"], ""),
        (&["account", "passwd", "alice", "--password-file", "-"], "another\n"),
        (&["account", "passwd", "carol"], "x\n"),
        (&["account", "remove", "bob"], ""),
        (&["account", "remove", "bob"], ""),
        (&["account", "list"], ""),
    ] {
        dialogue += &format!("$ chatdevd {}\n{}", arguments.join(" "), run(home.path(), arguments, input));
    }
    insta::assert_snapshot!(dialogue, @r#"
    $ chatdevd account list
    status 1
    stderr: chatdevd: there are no accounts in HOME/.local/share/chatdevd: no server ran with it, and none was added
    stderr:   help: name another data folder with --data or --config
    $ chatdevd account add bob
    status 0
    stderr: added bob
    $ chatdevd account add alice@localhost --password-file password
    status 0
    stderr: added alice
    $ chatdevd account add Alice --password-file password
    status 1
    stderr: chatdevd: there is an account alice already
    stderr:   help: `chatdevd account passwd alice` changes its password
    $ chatdevd account list
    status 0
    stdout: alice
    stdout: bob
    $ chatdevd account passwd alice --password-file -
    status 0
    stderr: changed the password of alice
    $ chatdevd account passwd carol
    status 1
    stderr: chatdevd: there is no account carol
    stderr:   help: `chatdevd account list` prints those that there are
    $ chatdevd account remove bob
    status 0
    stderr: removed bob
    $ chatdevd account remove bob
    status 1
    stderr: chatdevd: there is no account bob
    stderr:   help: `chatdevd account list` prints those that there are
    $ chatdevd account list
    status 0
    stdout: alice
    "#);
}

#[test]
fn names_and_passwords_that_cannot_be_used_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let mut dialogue = String::new();
    for (arguments, input) in [
        (&["account", "add", "alice"][..], "\n"),
        (&["account", "add", "alice"], ""),
        (&["account", "add", "alice"], "bell \u{7}\n"),
        (&["account", "add", "alice", "--password-file", "none"], ""),
        (&["account", "add", "alice@example.net", "--domain", "example.org"], "x\n"),
        (&["account", "add", "al ice"], "x\n"),
        (&["account", "add", ""], "x\n"),
        (&["account", "add", "@localhost"], "x\n"),
        (&["account", "add", "esc\u{1b}[2J"], "x\n"),
        (&["account", "list"], ""),
    ] {
        let typed = arguments.join(" ").escape_debug().to_string();
        dialogue += &format!("$ chatdevd {typed}\n{}", run(home.path(), arguments, input));
    }
    insta::assert_snapshot!(dialogue, @r#"
    $ chatdevd account add alice
    status 1
    stderr: chatdevd: this password cannot be used: a password needs at least one character
    $ chatdevd account add alice
    status 1
    stderr: chatdevd: this password cannot be used: a password needs at least one character
    $ chatdevd account add alice
    status 1
    stderr: chatdevd: this password cannot be used: the password has a character that SASLprep (RFC 4013) prohibits
    $ chatdevd account add alice --password-file none
    status 1
    stderr: chatdevd: cannot read the password file none: No such file or directory (os error 2)
    $ chatdevd account add alice@example.net --domain example.org
    status 1
    stderr: chatdevd: "alice@example.net" is of another domain than the one served here (example.org)
    stderr:   help: give the name alone: `alice`
    $ chatdevd account add al ice
    status 1
    stderr: chatdevd: expected the name of an account, found "al ice": localpart doesn’t pass nodeprep validation
    $ chatdevd account add 
    status 1
    stderr: chatdevd: expected the name of an account, found ""
    $ chatdevd account add @localhost
    status 1
    stderr: chatdevd: expected the name of an account, found "@localhost"
    $ chatdevd account add esc\u{1b}[2J
    status 1
    stderr: chatdevd: expected the name of an account, found "esc\u{1b}[2J": localpart doesn’t pass nodeprep validation
    $ chatdevd account list
    status 0
    "#);
}

#[test]
fn a_name_may_carry_the_domain_before_any_settings_say_it() {
    let home = tempfile::tempdir().unwrap();
    for (settings, name) in [(&[][..], "alice@chat.lan"), (&["--domain", "Chat.LAN"], "bob@chat.lan")] {
        let added = run(home.path(), &[&["account", "add", name], settings].concat(), "x\n");
        assert!(added.starts_with("status 0\n"), "{added}");
    }
    let listed = run(home.path(), &["account", "list"], "");
    assert_eq!(listed, "status 0\nstdout: alice\nstdout: bob\n");
}

#[test]
fn a_data_folder_that_is_no_folder_is_said_to_be_unusable() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("file"), "").unwrap();
    insta::assert_snapshot!(run(home.path(), &["account", "add", "alice", "--data", "file"], "x\n"), @r#"
    status 1
    stderr: chatdevd: cannot use the data folder file: File exists (os error 17)
    stderr:   help: make it a folder that this user can write to, or name another with --data
    "#);
    insta::assert_snapshot!(run(home.path(), &["--listen", "127.0.0.1:0", "--data", "file/below"], ""), @r#"
    status 1
    stderr: chatdevd: cannot use the data folder file/below: Not a directory (os error 20)
    stderr:   help: make it a folder that this user can write to, or name another with --data
    "#);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let mut child = program(home.path()).args(["config", "default"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
