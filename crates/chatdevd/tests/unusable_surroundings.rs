//! Where the program is put: a folder that cannot be written to, names that look like the language of its database.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod program;

use program::run;

/// A folder in which nobody can make anything, root included. (A folder without write permission would stop
/// everybody but root.)
#[cfg(target_os = "linux")]
#[test]
fn a_data_folder_that_cannot_be_written_to_is_said_to_be_unusable() {
    let home = tempfile::tempdir().unwrap();
    let folder = "/proc/chatdevd";
    for arguments in
        [&["--listen", "127.0.0.1:0", "--data", folder][..], &["account", "add", "alice", "--data", folder]]
    {
        let said = run(home.path(), arguments, "x\n");
        assert!(said.starts_with("status 1\n"), "{said}");
        assert!(said.contains("cannot use the data folder /proc/chatdevd"), "{said}");
        assert!(said.contains("help: make it a folder that this user can write to"), "{said}");
    }
}

#[test]
fn names_that_look_like_sql_are_names() {
    let home = tempfile::tempdir().unwrap();
    let names = ["robert);drop_table_account;--", "%", "_lice", "alice", "1=1"];
    for name in names {
        let said = run(home.path(), &["account", "add", name], "';DROP TABLE account;--\n");
        assert!(said.starts_with("status 0\n"), "{name}: {said}");
    }
    let listed = || {
        let said = run(home.path(), &["account", "list"], "");
        said.lines().filter_map(|line| Some(line.strip_prefix("stdout: ")?.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(listed(), ["%", "1=1", "_lice", "alice", "robert);drop_table_account;--"]);
    for name in ["%", "_lice", "1=1"] {
        run(home.path(), &["account", "remove", name], "");
    }
    assert_eq!(listed(), ["alice", "robert);drop_table_account;--"]);
}
