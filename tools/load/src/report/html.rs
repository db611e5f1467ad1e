//! Reports as one page that needs nothing else: no network, no other file, no build. This side only embeds them; the page's
//! own program (`page/*.js`) draws. Labels, errors and answers of servers are others' words: within the page they are JSON
//! without `<`, and the program only ever makes text of them.

use serde::Serialize;

use super::Report;

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");

/// The page's program. Each file only uses what stands before it.
const PROGRAM: [&str; 6] = [
    include_str!("page/runs.js"),
    include_str!("page/scales.js"),
    include_str!("page/plot.js"),
    include_str!("page/plots.js"),
    include_str!("page/figures.js"),
    include_str!("page/details.js"),
];

/// A report, and the line that says what to think of it.
#[derive(Serialize)]
struct Run<'a> {
    headline: String,
    report: &'a Report,
}

/// The page of one run, or of several (at least one) side by side, where ratios are to the first.
#[must_use]
pub fn page(reports: &[Report]) -> String {
    let runs: Vec<_> = reports.iter().map(|report| Run { headline: report.headline(), report }).collect();
    let runs = serde_json::to_string(&runs).expect("a report is plain data with text for keys");
    // Within a page no text may look like a tag. The runs go in last: nothing in them is a place to fill in.
    let page = TEMPLATE.replacen("{{style}}", STYLE, 1).replacen("{{program}}", &PROGRAM.concat(), 1);
    page.replacen("{{runs}}", &runs.replace('<', "\\u003c"), 1)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{CHATDEVD, EJABBERD, PROSODY, bad, good};
    use super::*;

    /// What stands between the tags of the embedded runs.
    fn embedded(page: &str) -> &str {
        let (_, rest) = page.split_once("id=\"runs\">").expect("the runs are embedded");
        rest.split_once("</script>").expect("and end").0
    }

    #[test]
    fn what_others_wrote_cannot_leave_the_embedded_runs() {
        let mut report = bad(&EJABBERD);
        report.label = "</script><script>alert(1)</script><!-- {{style}} {{runs}}".to_owned();
        let page = page(&[report.clone()]);
        assert!(!embedded(&page).contains('<'));
        assert_eq!(page.matches("</script").count(), TEMPLATE.matches("</script").count());
        let runs: serde_json::Value = serde_json::from_str(embedded(&page)).expect("it is JSON");
        assert_eq!(runs[0]["report"]["label"], report.label, "and arrives whole");
    }

    #[test]
    fn a_page_needs_nothing_from_elsewhere() {
        let page = page(&[good(&CHATDEVD)]);
        for reference in
            ["src=", "href=", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML", "eval("]
        {
            assert!(!page.contains(reference), "{reference}");
        }
        assert!(
            !page.replace("http://www.w3.org/2000/svg", "").contains("http"),
            "the namespace is a name, no address"
        );
    }

    #[test]
    fn every_place_of_the_template_is_filled() {
        assert!(!page(&[good(&CHATDEVD), good(&PROSODY)]).contains("{{"));
    }

    /// A run that ended before it began.
    fn nothing() -> Report {
        let mut report = good(&CHATDEVD);
        (report.audit, report.server) = (None, None);
        report.operations.clear();
        report.timeline.clear();
        report.phases.clear();
        report.judge(Vec::new());
        report
    }

    /// `cargo test -p chatdev-load -- --ignored --nocapture pages_to_look_at` says where they are.
    #[test]
    #[ignore = "writes files, for people who work on the page"]
    fn pages_to_look_at() {
        let folder = std::env::temp_dir().join("chatdev-load-pages");
        std::fs::create_dir_all(&folder).expect("a folder for them");
        let pages = [
            ("one.html", vec![good(&CHATDEVD)]),
            ("failed.html", vec![bad(&EJABBERD)]),
            ("nothing.html", vec![nothing()]),
            ("three.html", vec![good(&PROSODY), bad(&EJABBERD), good(&CHATDEVD)]),
        ];
        for (name, reports) in pages {
            std::fs::write(folder.join(name), page(&reports)).expect("they can be written");
            println!("file://{}", folder.join(name).display());
        }
    }
}
