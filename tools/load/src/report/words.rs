//! Numbers, and what others wrote, as people read them.

use serde_json::Value;

/// With a comma at every third digit.
pub(crate) fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things, whose name takes an s.
pub(crate) fn counted(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", whole(number), if number == 1 { "" } else { "s" })
}

/// Three significant digits, more before the point if need be: 0.0312, 1.50, 23.4, 187, 5,210.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is rounded, and not negative"
)]
pub(crate) fn figure(number: f64) -> String {
    match number.abs() {
        0.0 => "0".to_owned(),
        size if size < 0.0995 => format!("{number:.4}"),
        size if size < 0.9995 => format!("{number:.3}"),
        size if size < 9.995 => format!("{number:.2}"),
        size if size < 99.95 => format!("{number:.1}"),
        size => format!("{}{}", if number < 0.0 { "-" } else { "" }, whole(size.round() as u64)),
    }
}

/// Milliseconds of µs, without the unit.
pub(crate) fn milliseconds(us: f64) -> String {
    figure(us / 1000.0)
}

/// With a binary unit.
pub(crate) fn bytes(bytes: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut size = bytes;
    let mut unit = 0;
    while size.abs() >= 1024.0 && unit < units.len() - 1 {
        size /= 1024.0;
        unit += 1;
    }
    format!("{} {}", figure(size), units[unit])
}

/// A factor, such as `1.35 ×`.
pub(crate) fn factor(of: f64) -> String {
    format!("{} ×", figure(of))
}

/// Memory from before to after.
pub(crate) fn change(before: Option<u64>, after: Option<u64>) -> String {
    #[expect(clippy::cast_precision_loss, reason = "memory is below 2^53")]
    let size = |size: Option<u64>| size.map_or_else(|| "–".to_owned(), |size| bytes(size as f64));
    format!("{} → {}", size(before), size(after))
}

/// The parameters of a scenario on one line.
pub(crate) fn parameters(parameters: &Value) -> String {
    let value = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match parameters {
        Value::Object(table) => {
            let all: Vec<_> = table.iter().map(|(name, each)| format!("{name}={}", value(each))).collect();
            all.join(" ")
        }
        other => value(other),
    }
}

/// On one line and without control characters: nothing that a server said shall move somebody's cursor.
pub(crate) fn plain(text: &str) -> String {
    const CHARACTERS_MAX: usize = 300;
    let invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut plain: String =
        text.chars().take(CHARACTERS_MAX).map(|c| if invisible(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(CHARACTERS_MAX).is_some() {
        plain.push('…');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_comma_at_every_third_digit() {
        assert_eq!([0, 12, 999, 1000, 1_234_567].map(whole), ["0", "12", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn figures_have_three_digits_that_mean_something() {
        let figures = [0.0, 0.03124, 0.5, 0.99951, 1.005, 9.996, 42.0, 187.4, 5210.4, -3.0];
        let words = ["0", "0.0312", "0.500", "1.00", "1.00", "10.0", "42.0", "187", "5,210", "-3.00"];
        assert_eq!(figures.map(figure), words);
    }

    #[test]
    fn memory_has_the_unit_that_makes_it_short() {
        assert_eq!(
            [17.0, 2048.0, 3.5e6, -4096.0].map(bytes),
            ["17.0 B", "2.00 KiB", "3.34 MiB", "-4.00 KiB"]
        );
    }

    #[test]
    fn what_a_server_said_cannot_move_the_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{202e}d"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d");
        assert_eq!(plain(&"x".repeat(1000)).chars().count(), 301);
    }

    #[test]
    fn parameters_are_named_and_text_among_them_has_no_quotes() {
        let table = serde_json::json!({"body_bytes": 64, "mode": "open", "rates": [1, 2]});
        assert_eq!(parameters(&table), "body_bytes=64 mode=open rates=[1,2]");
    }
}
