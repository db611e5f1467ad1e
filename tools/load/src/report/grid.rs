//! Many runs as one table in Markdown: a row for each load, a column for each server, ratios to the first run of the row.

use super::Report;
use super::columns::Columns;
use super::words::{self, bytes, figure, milliseconds, plain};
use crate::measure::Operation;

/// The table. Each report comes with the name of its row; rows and columns stand in the order in which they first come.
#[must_use]
pub fn grid(reports: &[(String, Report)]) -> String {
    let (mut rows, mut labels): (Vec<&str>, Vec<&str>) = Default::default();
    for (row, report) in reports {
        for (all, one) in [(&mut rows, row.as_str()), (&mut labels, report.label.as_str())] {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    let headings: Vec<String> = labels.iter().map(|label| plain(label)).collect();
    let headings: Vec<&str> = [""].into_iter().chain(headings.iter().map(String::as_str)).collect();
    let mut columns = Columns::new(&headings);
    for row in rows {
        let of_row = || reports.iter().filter(|(name, _)| name == row).map(|(_, report)| report);
        let baseline = of_row().next();
        let cells = labels.iter().map(|label| {
            let report = of_row().find(|report| report.label == *label);
            report.map_or_else(|| "–".to_owned(), |report| cell(report, baseline))
        });
        columns.row([row.to_owned()].into_iter().chain(cells.collect::<Vec<_>>()));
    }
    columns.markdown()
}

/// CPU for an operation, rate and p99; of sessions that rest, the memory of each.
fn cell(report: &Report, baseline: Option<&Report>) -> String {
    let failed = if report.verdict.passed { "" } else { "FAILED: " };
    let server = |report: &Report| {
        report.server.as_ref().map(|server| (server.cpu_us_per_operation, server.bytes_per_session))
    };
    let Some((cpu, per_session)) = server(report) else { return format!("{failed}not watched") };
    if let Some(each) = per_session.filter(|_| report.scenario.operation == Operation::SignIn.name()) {
        let ratio = baseline.and_then(|baseline| server(baseline)?.1);
        return format!("{failed}{}{}", bytes(each), times(each, ratio));
    }
    let Some((cpu, main)) = cpu.zip(report.main()) else { return format!("{failed}nothing completed") };
    let ratio = baseline.and_then(|baseline| server(baseline)?.0);
    let p99 = main
        .latency_us
        .as_ref()
        .map_or_else(String::new, |times| format!("; p99 {} ms", milliseconds(times.p99)));
    format!("{failed}{} µs{}; {}/s{p99}", figure(cpu), times(cpu, ratio), figure(main.per_s))
}

fn times(figure: f64, baseline: Option<f64>) -> String {
    let ratio = baseline.filter(|&baseline| baseline > 0.0).map(|baseline| figure / baseline);
    ratio.map_or_else(String::new, |ratio| format!(" ({})", words::factor(ratio)))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{CHATDEVD, EJABBERD, PROSODY, bad, good};
    use super::*;

    #[test]
    fn loads_stand_below_each_other_and_servers_side_by_side() {
        let runs = [
            ("route", good(&PROSODY)),
            ("route", good(&CHATDEVD)),
            ("ping", good(&CHATDEVD)),
            ("ping", bad(&EJABBERD)),
        ];
        insta::assert_snapshot!(grid(&runs.map(|(row, report)| (row.to_owned(), report))));
    }
}
