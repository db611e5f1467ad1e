//! What the page is made of: shape, limits, escaping; sample pages for people and browsers.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::Value;

use super::samples::{self, Sample, blank};
use super::*;
use crate::entry::{Finding, Kind, Severity};
use crate::filter::Filter;

const SMALL: Limits = Limits { entries: 3, xml_octets: 100, page_octets: 10_000 };

fn page(title: &str, entries: &[Entry<'_>], limits: Option<Limits>) -> String {
    let mut out = Vec::new();
    let mut html = Html::new(&mut out, title);
    html.limits = limits.unwrap_or(html.limits);
    write(&mut html, entries);
    String::from_utf8(out).expect("a page is UTF-8")
}

fn write(html: &mut Html<impl Write>, entries: &[Entry<'_>]) {
    for entry in entries {
        html.entry(entry).expect("it can be written");
    }
    let notes = vec!["3 IP fragments, which are not put together".to_owned()];
    html.finish(&Summary { entries: entries.len() as u64, connections: 3, notes, ..Summary::default() })
        .expect("it can be written");
}

/// What stands between the tags of an embedded `<script>`.
fn embedded<'a>(page: &'a str, id: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("id=\"{id}\">")).expect("it is embedded");
    rest.split_once("</script>").expect("and ends").0
}

fn lines(page: &str) -> Vec<Value> {
    let lines = embedded(page, "entries").lines().filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

fn told(page: &str) -> Value {
    serde_json::from_str(embedded(page, "summary")).expect("it is JSON")
}

fn with_xml(number: u64, xml: &str) -> Entry<'static> {
    Entry {
        raw: Cow::Owned(xml.as_bytes().to_owned()),
        octets: xml.len() as u64,
        ..blank(number, Kind::Message)
    }
}

/// What a reader of HTML finds: the names of all tags, in order. Strict: the text of `<script>`, `<style>` and `<title>` ends at
/// the first `</`, and anything but a tag of the template's form is an error.
fn tags(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').expect("a tag ends");
        let name = tag.split(|char: char| char.is_whitespace()).next().expect("a tag has a name").to_owned();
        let is_name =
            |name: &str| name.trim_start_matches(['/', '!']).bytes().all(|b| b.is_ascii_alphanumeric());
        assert!(is_name(&name), "no tag: {name}");
        rest = after;
        if ["script", "style", "title"].contains(&name.as_str()) {
            let (inside, _) = rest.split_once(&format!("</{name}")).expect("it ends");
            assert!(
                !inside.contains("<!--") && !inside.to_lowercase().contains("<script"),
                "not inside a script"
            );
            rest = &rest[inside.len()..];
        }
        found.push(name);
    }
    found
}

proptest! {
    #[test]
    fn nothing_from_a_capture_can_leave_its_place(hostile in prop_oneof![
        "(?s).*",
        Just("</script><script>alert(1)</script><!--<script>".to_owned()),
        Just("</title><img src=x>{{summary}}{{entries}}{{program}}{{style}}\u{2028}\u{202e}\0\r".to_owned()),
    ]) {
        let finding = Finding { rule: "iq-without-id", severity: Severity::Error, section: "RFC 6120 §8.1.3", found: hostile.clone() };
        let entry = Entry {
            ends: [Cow::Borrowed(hostile.as_str()), Cow::Borrowed("b")],
            id: Some(Cow::Borrowed(&hostile)),
            title: Cow::Borrowed(&hostile),
            detail: Cow::Borrowed(&hostile),
            raw: Cow::Borrowed(hostile.as_bytes()),
            findings: vec![finding],
            ..blank(1, Kind::Iq)
        };
        let hostile_page = page(&hostile, &[entry], None);
        prop_assert_eq!(tags(&hostile_page), tags(&page("", &[], None)));
        let line = &lines(&hostile_page)[0];
        for text in [&line["ends"][0], &line["id"], &line["title"], &line["findings"][0]["found"]] {
            prop_assert_eq!(text, &hostile, "and it arrives whole");
        }
        prop_assert_eq!(line["xml"].as_str().unwrap_or_default(), &hostile);
    }
}

#[test]
fn a_page_needs_nothing_from_elsewhere_and_may_have_nothing() {
    let page = page("a.pcapng", &[], None);
    for reference in [
        "src=",
        "href=",
        "@import",
        "url(",
        "fetch(",
        "XMLHttpRequest",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
    ] {
        assert!(!page.contains(reference), "{reference}");
    }
    assert!(
        !page.replace("http://www.w3.org/2000/svg", "").contains("http:"),
        "the namespace is a name, no address"
    );
    assert!(page.contains("content=\"default-src 'none'; script-src 'sha256-"));
    assert!(!page.contains("unsafe-inline"));
}

#[test]
fn the_policy_allows_the_page_s_own_program_and_style() {
    let page = page("a.pcapng", &[], None);
    for tag in ["script", "style"] {
        let (_, rest) = page.split_once(&format!("<{tag}>")).expect("it is there");
        let (inside, _) = rest.split_once(&format!("</{tag}>")).expect("and ends");
        assert!(page.contains(&format!("{tag}-src '{}'", hash(inside))), "{tag}");
    }
}

#[test]
fn every_place_of_the_template_is_filled() {
    assert!(!page("a.pcapng", &[], None).contains("{{"));
}

#[test]
fn what_the_page_reads() {
    let sample = Sample::of(1).entries;
    let page = page("a.pcapng", &sample, None);
    let told_lines: Vec<_> = embedded(&page, "entries").lines().filter(|line| !line.is_empty()).collect();
    let picked = [0, 1, 2, 19, 20, 45, 50, 62, 65, 66].map(|index| told_lines[index]);
    insta::assert_snapshot!(picked.join("\n"));
    insta::assert_snapshot!("summary", embedded(&page, "summary"));
}

#[test]
fn the_ends_are_told_only_where_they_are_new() {
    let sample = Sample::of(5).entries;
    let named = lines(&page("", &sample, None)).iter().filter(|line| !line["ends"].is_null()).count();
    assert_eq!(named, 6, "three connections, each of whose ends become known by name");
}

#[test]
fn entries_above_the_limit_are_counted_and_left_out() {
    let finding = Finding {
        rule: "iq-without-id",
        severity: Severity::Error,
        section: "RFC 6120 §8.1.3",
        found: String::new(),
    };
    let entries: Vec<_> =
        (1..=5).map(|number| Entry { findings: vec![finding.clone()], ..blank(number, Kind::Iq) }).collect();
    let page = page("", &entries, Some(SMALL));
    assert_eq!(lines(&page).len(), 3);
    let told = told(&page);
    assert_eq!(told["entries"], 5);
    assert_eq!(told["told"]["entries_left_out"], 2);
    assert_eq!(told["told"]["findings_left_out"], 2);
}

#[test]
fn findings_above_the_limit_of_an_entry_are_counted() {
    let finding = Finding {
        rule: "iq-without-id",
        severity: Severity::Error,
        section: "RFC 6120 §8.1.3",
        found: String::new(),
    };
    let line = &lines(&page("", &[Entry { findings: vec![finding; 20], ..blank(1, Kind::Iq) }], None))[0];
    assert_eq!((line["findings"].as_array().map(Vec::len), &line["further"]), (Some(16), &Value::from(4)));
}

#[test]
fn an_entry_that_is_too_long_for_the_rest_of_the_page_is_left_out() {
    let long = Entry {
        title: Cow::Owned("\u{7f}".repeat(1000)),
        detail: Cow::Owned("\u{7f}".repeat(1000)),
        ..blank(2, Kind::Iq)
    };
    let page = page("", &[blank(1, Kind::Iq), long, blank(3, Kind::Iq)], Some(SMALL));
    assert_eq!(lines(&page).iter().map(|line| line["n"].clone()).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(told(&page)["told"]["entries_left_out"], 1);
}

#[test]
fn entries_for_whose_xml_there_is_no_room_are_shown_without() {
    let long = format!("<message>{}</message>", "a".repeat(70));
    let page = page("", &[with_xml(1, &long), with_xml(2, &long), with_xml(3, "<r/>")], Some(SMALL));
    let lines = lines(&page);
    assert_eq!(lines[0]["xml"], long);
    assert_eq!((&lines[1]["xml"], &lines[1]["cut"]), (&Value::Null, &Value::from(long.len())));
    assert_eq!(lines[2]["xml"], "<r/>", "what is short enough still goes in");
    assert_eq!(told(&page)["told"]["xml_left_out"], 1);
}

#[test]
fn long_xml_is_cut_between_characters() {
    let xml = "ü".repeat(line::XML_OCTETS_MAX / 2 + 7).replacen('ü', "x", 1);
    let line = &lines(&page("", &[with_xml(1, &xml)], None))[0];
    let shown = line["xml"].as_str().expect("it has XML");
    assert!(xml.starts_with(shown));
    assert_eq!(shown.len(), line::XML_OCTETS_MAX - 1);
    assert_eq!(line["cut"], xml.len() - shown.len());
    assert_eq!(line["bytes"], Value::Null);
}

#[test]
fn what_is_no_utf_8_is_shown_as_octets_too() {
    let entry = Entry { raw: Cow::Borrowed(b"<\xff>"), ..blank(1, Kind::Broken) };
    let line = &lines(&page("", &[entry], None))[0];
    assert_eq!((&line["xml"], &line["bytes"]), (&Value::from("<\u{fffd}>"), &Value::from("PP8+")));
}

#[test]
fn a_source_without_a_clock_has_no_times() {
    let entry = Entry { at: At::default(), ..blank(1, Kind::Iq) };
    let line = &lines(&page("", &[entry], None))[0];
    assert_eq!((&line["at"], &line["base"]), (&Value::Null, &Value::Null));
}

#[test]
fn times_count_from_the_first_and_may_be_before_it() {
    let earlier = Entry { at: At(blank(1, Kind::Iq).at.0 - 5), ..blank(2, Kind::Iq) };
    let page = page("", &[blank(1, Kind::Iq), earlier], None);
    assert_eq!(lines(&page).iter().map(|line| line["at"].clone()).collect::<Vec<_>>(), [0, -5]);
    let bases: Vec<_> = lines(&page).iter().map(|line| line["base"].clone()).collect();
    assert_eq!(bases, [Value::from("1795687200000000000"), Value::Null], "told once, as text");
}

#[test]
fn a_pause_puts_what_there_is_within_reach() {
    let mut out = BufWriter::new(Vec::new());
    let mut html = Html::new(&mut out, "live");
    html.entry(&blank(1, Kind::Iq)).expect("it can be written");
    html.pause().expect("it can be written");
    drop(html);
    let page = String::from_utf8(out.get_ref().clone()).expect("a page is UTF-8");
    assert!(page.ends_with("\"octets\":0}\n"), "the entry is whole, and its script has no end yet");
}

/// Filters that say something of the usual sample, each field at least once, and some that are none.
const FILTERS: &str = r#"
    kind=iq / kind!=iq / KIND=IQ / iq / message or presence / not iq / !(iq) / stanza / request / error / iq && error / iq and (type=get or type=set)
    to~"BOB@" / to!~bob / to / not to / from=alice@example.net/phone / from!=alice@example.net/phone / not from=alice@example.net/phone
    jid=bob@example.net / jid=bob@example.net/laptop / jid!=bob@example.net / jid~127.0.0.1 / speaker=example.net / hearer~alice / hearer!~alice / speaker
    name=features / name=stream:features / name~stream / name!=iq / ns=urn:ietf:params:xml:ns:xmpp-bind / ns~disco / ns!=urn:xmpp:ping / ns / payload=query
    payload~DISCOVERY / payload / title="chat message" / title~chat / detail~scram / detail / detail=h / text~receipts / text!~receipts / text / "receipts"
    /<body>.*<\/body>/ / /(?i)BUILD/ / text!~/<iq/ / /^<r/ / 'ünïcödé' / "ÜNÏCÖDÉ" / id=x9 / id="no\"such" / id=m0 or id=m1 / id / type==error / type=~res
    connection=3 / connection!=1 / connection>=2 / number<=10 / number=12 or number=13 / octets>100 / octets<=61 / octets>1KiB / octets>0.1kb / octets=0
    latency / latency>5ms / latency>5 ms / latency<=1.5ms / latency>0 / not latency / answers=18 / answers / seen=50 / seen / seen-after / seen-after<1ms / seen-after>=977us
    side=dialler / side!=dialler / side / layer=clear / layer!=tls / phase=negotiating / phase>negotiating / phase<=established / lint / lint=error / lint>=warning / lint!=note / lint<error
    rule=iq-without-id / rule!=iq-without-id / rule~not- / rule / time<1.5s / time>=12.65 s / time>=2026-11-26T10:00:37.62Z / time<"2026-11-26 10:00:20" / time>2026-11-26T11:00:12+01:00 / time
    iq or message and error / (iq or message) and error / not iq and error / not (iq and error) / keepalive or missing or broken or remark
    kind=iqq / kind / connection / hello / frm~bob / iq to~bob / iq and / (iq or message / iq) / latency>50 / latency>50mz / latency~5ms / from<bob / side>dialler
    lint>=warn / number=x / octets>4XB / time>soon / to= / to=) / "never / id='a\q' / /never / id=/x/ / a&b / not / () / 50 / type
"#;

/// Steps for a browser: what each filter finds in the page has to be what it finds here, or be refused with the same words.
fn parity(sample: &[Entry<'_>]) -> String {
    let mut steps = String::from("# Made by a test.\nsize 1200 800\n");
    for filter in FILTERS
        .split(" / ")
        .flat_map(|part| part.split('\n'))
        .map(str::trim)
        .filter(|filter| !filter.is_empty())
    {
        steps += &format!("fill #filter {filter}\n");
        steps += &match Filter::parse(filter) {
            Ok(parsed) => {
                let found = sample.iter().filter(|entry| parsed.matches(entry, sample[0].at)).count();
                let of = sample.len();
                if found == of {
                    format!("exactly #shown {of} entries\nabsent #wrong\n")
                } else {
                    format!("exactly #shown {found} of {of} entries\nabsent #wrong\n")
                }
            }
            Err(error) => {
                let column = filter[..error.span().start].chars().count();
                let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
                format!(
                    "expect #wrong ^ {}{help}\nholds document.querySelector('#wrong').textContent.indexOf('^') === {column}\n",
                    error.what()
                )
            }
        };
    }
    steps
}

/// `INSPECT_PAGES=FOLDER cargo test -p chatdev-inspect --lib -- --ignored pages_to_look_at` writes them there.
#[test]
#[ignore = "writes files, for people and browsers who look at the page"]
fn pages_to_look_at() {
    let folder = std::env::var_os("INSPECT_PAGES")
        .map_or_else(|| std::env::temp_dir().join("inspect-pages"), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("a folder for them");
    let hostile = "</script><img src=x onerror=alert(1)>\u{202e}gpj.exe\0";
    let mut bad = Sample::of(1).entries;
    for entry in &mut bad {
        (entry.title, entry.detail) = (Cow::Borrowed(hostile), Cow::Borrowed(hostile));
        entry.ends = entry.ends.clone().map(|end| Cow::Owned(format!("{end}{hostile}")));
        entry.raw = Cow::Owned(hostile.as_bytes().to_vec());
    }
    let pages = [
        ("usual.html", "evening.pcapng", Sample::of(3).entries),
        ("few.html", "few.pcapng", Sample::of(1).entries[46..51].to_vec()),
        ("many.html", "a day.pcapng", Sample::of(2220).entries),
        ("hostile.html", hostile, bad),
        ("crowd.html", "crowd.pcapng", samples::crowd(300)),
        ("nothing.html", "nothing.pcapng", Vec::new()),
    ];
    for (name, title, entries) in pages {
        let file = File::create(folder.join(name)).expect("it can be made");
        write(&mut Html::new(BufWriter::new(file), title), &entries);
    }
    std::fs::write(folder.join("parity.steps"), parity(&Sample::of(3).entries)).expect("it can be written");
    // As it is while it is being written, or when its writer died.
    let whole = std::fs::read(folder.join("usual.html")).expect("it was written");
    std::fs::write(folder.join("torn.html"), &whole[..whole.len() - 3000]).expect("it can be written");
}
