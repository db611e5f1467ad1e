//! Cells in columns that stand one below the other: the first to the left, numbers to the right.

/// Rows of cells; the first row is the heading. Every row has as many cells as the heading.
pub(super) struct Columns {
    rows: Vec<Vec<String>>,
}

impl Columns {
    pub(super) fn new(heading: &[&str]) -> Self {
        Self { rows: vec![heading.iter().map(|&cell| cell.to_owned()).collect()] }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// For a terminal, two blanks before each line and between columns.
    pub(super) fn text(&self) -> String {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width =
            |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: Vec<_> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cell = |(index, (cell, width)): (usize, (&String, &usize))| match index {
                0 => format!("  {cell:<width$}"),
                _ => format!("  {cell:>width$}"),
            };
            let line: String = row.iter().zip(&widths).enumerate().map(cell).collect();
            line.trim_end().to_owned() + "\n"
        };
        self.rows.iter().map(line).collect()
    }

    /// In Markdown.
    pub(super) fn markdown(&self) -> String {
        let line = |row: &Vec<String>| {
            let cells: Vec<_> =
                row.iter().map(|cell| cell.replace('\\', "\\\\").replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let mut lines = self.rows.iter().map(line);
        let heading = lines.next().unwrap_or_default();
        let columns = self.rows.first().map_or(0, Vec::len);
        let ruler = format!("|---|{}\n", "---:|".repeat(columns.saturating_sub(1)));
        heading + &ruler + &lines.collect::<String>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_one_below_the_other() {
        let mut columns = Columns::new(&["operation", "/s"]);
        columns.row(["ping".to_owned(), "1,234".to_owned()]);
        columns.row(["µ".to_owned(), "7".to_owned()]);
        assert_eq!(columns.text(), "  operation     /s\n  ping       1,234\n  µ              7\n");
    }

    #[test]
    fn a_cell_cannot_break_out_of_a_table_in_markdown() {
        let mut columns = Columns::new(&["run", "/s"]);
        columns.row(["a|b\\|c".to_owned(), "7".to_owned()]);
        assert_eq!(columns.markdown(), "| run | /s |\n|---|---:|\n| a\\|b\\\\\\|c | 7 |\n");
    }
}
