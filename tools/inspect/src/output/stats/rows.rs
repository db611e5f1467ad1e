//! [`Rows`]: a table that grows with what is seen, up to a limit.

use hashbrown::HashMap;

/// Rows by name; what does not fit any more is one row for all others.
#[derive(Debug)]
pub(in crate::output) struct Rows<T> {
    rows: HashMap<Box<str>, T>,
    others: T,
    overflowed: bool,
    /// For names of two parts; kept for its memory only.
    scratch: String,
}

impl<T: Default> Default for Rows<T> {
    fn default() -> Self {
        Self { rows: HashMap::new(), others: T::default(), overflowed: false, scratch: String::new() }
    }
}

impl<T: Default> Rows<T> {
    /// The row of this name, a new one if there are fewer than `rows_max`.
    pub(super) fn row(&mut self, name: &str, rows_max: usize) -> &mut T {
        if !self.rows.contains_key(name) {
            if self.rows.len() >= rows_max {
                self.overflowed = true;
                return &mut self.others;
            }
            self.rows.insert(name.into(), T::default());
        }
        self.rows.get_mut(name).expect("there, or inserted above")
    }

    /// The row of a name of two parts.
    pub(super) fn row_of_two(&mut self, first: &str, second: &str, rows_max: usize) -> &mut T {
        let mut name = std::mem::take(&mut self.scratch);
        name.clear();
        name.push_str(first);
        if !second.is_empty() {
            name.push(' ');
            name.push_str(second);
        }
        if !self.rows.contains_key(name.as_str()) && self.rows.len() < rows_max {
            self.rows.insert(name.as_str().into(), T::default());
        }
        self.scratch = name;
        match self.rows.get_mut(self.scratch.as_str()) {
            Some(row) => row,
            None => {
                self.overflowed = true;
                &mut self.others
            }
        }
    }

    /// All rows, the greatest first, those of one greatness by name; the others last.
    pub(super) fn sorted(&self, greatness: impl Fn(&T) -> u64) -> Vec<(&str, &T)> {
        let mut rows: Vec<(&str, &T)> = self.rows.iter().map(|(name, row)| (&**name, row)).collect();
        rows.sort_by(|a, b| greatness(b.1).cmp(&greatness(a.1)).then_with(|| a.0.cmp(b.0)));
        if self.overflowed {
            rows.push(("(others)", &self.others));
        }
        rows
    }
}
