//! The demo keeps its promise: every step is observed, and it says so with its exit code.

use std::process::{Command, Stdio};

#[test]
fn the_demo_tells_its_story_in_under_a_screen_and_ends_well() {
    let demo = Command::new(env!("CARGO_BIN_EXE_chatdev")).arg("demo").stdin(Stdio::null()).output().unwrap();
    let told = String::from_utf8(demo.stdout).unwrap();
    assert!(demo.status.success(), "{told}\n{}", String::from_utf8_lossy(&demo.stderr));
    assert!(told.lines().count() <= 24, "{told}");
    assert!(told.contains("reaped"), "{told}");
}
