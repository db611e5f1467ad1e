//! "Did you mean …?"

/// Of `candidates` the one that was most likely meant by `typed`, if any is near: less than half of its letters are another's,
/// swapped or missing (of two, one), or it is begun.
pub(super) fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const BEGINNING_LETTERS_MIN: usize = 2;
    let typed = typed.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let letters = strsim::damerau_levenshtein(&typed, candidate);
            let is_begun = typed.len() >= BEGINNING_LETTERS_MIN && candidate.starts_with(&typed);
            let is_near = match candidate.chars().count() {
                2 => letters <= 1,
                length => letters * 2 < length,
            };
            (is_begun || is_near).then_some((letters, candidate))
        })
        .min_by_key(|&(letters, _)| letters)
        .map(|(_, candidate)| candidate)
}

/// The sentence for it.
pub(super) fn did_you_mean<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(typed, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found_and_nothing_else() {
        let fields = ["number", "from", "latency", "connection", "to"];
        assert_eq!(nearest("form", fields), Some("from"));
        assert_eq!(nearest("Latncy", fields), Some("latency"));
        assert_eq!(nearest("conn", fields), Some("connection"));
        assert_eq!(nearest("mz", ["h", "s", "ms", "us"]), Some("ms"));
        assert_eq!(nearest("xmlns", fields), None);
        assert_eq!(nearest("", fields), None);
    }
}
