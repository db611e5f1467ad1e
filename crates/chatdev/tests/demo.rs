//! The demo keeps its promise: every step is observed, and it says so with its exit code.

use std::process::{Command, Stdio};

#[test]
fn the_demo_tells_its_story_in_under_a_screen_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_chatdev"));
    demo.arg("demo").arg("--key-log").arg(folder.path().join("keys"));
    let demo = demo.stdin(Stdio::null()).output().unwrap();
    let told = String::from_utf8(demo.stdout).unwrap();
    assert!(demo.status.success(), "{told}\n{}", String::from_utf8_lossy(&demo.stderr));
    assert!(told.lines().count() <= 24, "{told}");
    assert!(told.contains("reaped"), "{told}");
    // Three processes wrote into it, each line whole; the stream between Alice and Bob is there from both ends.
    let keys = std::fs::read_to_string(folder.path().join("keys")).unwrap();
    assert!(keys.lines().all(|line| line.split(' ').count() == 3), "{keys}");
    assert!(keys.lines().filter(|line| line.starts_with("CLIENT_TRAFFIC_SECRET_0 ")).count() >= 8, "{keys}");
}
