//! Files that are written: what they may not be, and what they are left as where nothing can be written.

use std::path::Path;

use crate::{captures, complaint, program, run, shown};

/// A folder with a copy of a capture, and a page of somebody's.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(captures().join("chatdev-plain.pcap"), folder.path().join("b.pcap")).unwrap();
        std::fs::write(folder.path().join("page.html"), PAGE).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn page(&self) -> String {
        std::fs::read_to_string(self.path("page.html")).unwrap()
    }
}

const PAGE: &str = "what somebody wrote before";

fn capture_in(path: &str) -> bool {
    std::fs::read(Path::new(path)).unwrap() == std::fs::read(captures().join("chatdev-plain.pcap")).unwrap()
}

#[test]
fn an_output_that_is_the_input_is_refused_and_left_whole() {
    let desk = Desk::new();
    let capture = desk.path("b.pcap");
    std::os::unix::fs::symlink(&capture, desk.path("other.name")).unwrap();
    for form in ["--html", "--transcript"] {
        for output in [&capture, &desk.path("other.name")] {
            let said = complaint(&[&capture, form, output]);
            assert!(said.contains("is read from"), "{said}");
            assert!(capture_in(&capture), "{form} {output}");
        }
    }
    let from_input =
        program(&["-", "--html", &capture]).stdin(std::fs::File::open(&capture).unwrap()).output().unwrap();
    assert_eq!(from_input.status.code(), Some(2));
    assert!(capture_in(&capture));
}

#[test]
fn a_key_log_is_not_written_over() {
    let desk = Desk::new();
    let said = complaint(&[
        &desk.path("b.pcap"),
        "--keys",
        &desk.path("page.html"),
        "--html",
        &desk.path("page.html"),
    ]);
    assert!(said.contains("is read from"), "{said}");
    assert_eq!(desk.page(), PAGE);
}

#[test]
fn what_goes_wrong_before_anything_is_read_leaves_an_existing_page_as_it_is() {
    let desk = Desk::new();
    let page = desk.path("page.html");
    complaint(&[&desk.path("b.pcap"), "--html", &page, "--filter", "kind="]);
    complaint(&[&desk.path("nowhere.pcap"), "--html", &page]);
    std::fs::write(desk.path("empty.pcap"), "").unwrap();
    complaint(&[&desk.path("empty.pcap"), "--html", &page]);
    let proxy =
        ["proxy", "--listen", "127.0.0.1:0", "--to", "localhost", "--html", &page, "--filter", "kind="];
    complaint(&proxy);
    assert_eq!(desk.page(), PAGE);
}

#[test]
fn a_file_that_was_there_becomes_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    for form in ["--html", "--transcript"] {
        let page = desk.path("page.html");
        std::fs::write(&page, PAGE).unwrap();
        std::fs::set_permissions(&page, std::fs::Permissions::from_mode(0o644)).unwrap();
        shown(&[&desk.path("b.pcap"), form, &page]);
        assert!(!desk.page().contains(PAGE));
        assert_eq!(std::fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o600, "{form}");
    }
}

#[test]
fn a_device_that_is_full_is_told() {
    let output = run(&["chatdev-plain.pcap", "--transcript", "/dev/full"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be written"));
}
