//! An aligned table that fits the terminal: columns that may shrink do so, widest first.

use super::style::{HEADING, PLAIN};
use super::text::{cells, cut};
use crate::diag::visible;
use anstyle::Style;

/// Between two columns.
const GAP: usize = 2;

/// A column's heading and how narrow it may get.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Column {
    title: &'static str,
    least: Option<usize>,
}

impl Column {
    /// A column that is never cut.
    pub const fn whole(title: &'static str) -> Self {
        Self { title, least: None }
    }

    /// A column that may be cut to `least` cells.
    pub const fn shrinking(title: &'static str, least: usize) -> Self {
        Self { title, least: Some(least) }
    }
}

/// A value in a table. Whatever it is made from, it can be shown.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A plain value.
    pub fn new(text: &str) -> Self {
        Self::styled(text, PLAIN)
    }

    /// A value with a style.
    pub fn styled(text: &str, style: Style) -> Self {
        Self { text: visible(text).into_owned(), style }
    }
}

/// The table in lines; with a `width`, no line is longer as long as columns can shrink.
pub(in crate::cli) fn render<const N: usize>(columns: [Column; N], rows: &[[Cell; N]], width: Option<usize>) -> String {
    let mut widths = columns.map(|column| cells(column.title));
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cells(&cell.text).max(*width);
        }
    }
    if let Some(room) = width {
        shrink(&mut widths, &columns, room);
    }
    let titles = columns.map(|column| Cell { text: column.title.to_owned(), style: HEADING });
    let lines = std::iter::once(&titles).chain(rows).map(|row| line(row, &widths));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn shrink(widths: &mut [usize], columns: &[Column], room: usize) {
    let gaps = GAP * (widths.len() - 1);
    while widths.iter().sum::<usize>() + gaps > room {
        let can = |index: &usize| columns[*index].least.is_some_and(|least| widths[*index] > least);
        let Some(widest) = (0..widths.len()).filter(can).max_by_key(|index| widths[*index]) else { return };
        widths[widest] -= 1;
    }
}

fn line(row: &[Cell], widths: &[usize]) -> String {
    let mut out = String::new();
    for (index, (Cell { text, style }, width)) in row.iter().zip(widths).enumerate() {
        let text = cut(text, *width);
        // No spaces at a line's end.
        let pad = if index + 1 == row.len() { 0 } else { width - cells(&text) + GAP };
        out.push_str(&format!("{style}{text}{style:#}{}", " ".repeat(pad)));
    }
    out.trim_end_matches(' ').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [Column::whole("ID"), Column::shrinking("TITLE", 6), Column::shrinking("WHERE", 5)];

    fn plain(rows: &[[&str; 3]], width: Option<usize>) -> String {
        let rows: Vec<_> = rows.iter().map(|row| row.map(Cell::new)).collect();
        anstream::adapter::strip_str(&render(COLUMNS, &rows, width)).to_string()
    }

    #[test]
    fn columns_stand_under_each_other() {
        let rows = [["1", "漢字", "a"], ["22", "a longer title", ""]];
        assert_eq!(plain(&rows, None), "ID  TITLE           WHERE\n1   漢字            a\n22  a longer title\n");
    }

    #[test]
    fn the_widest_shrinks_until_it_fits() {
        let rows = [["1", "a title of some length", "host-0001"]];
        assert_eq!(plain(&rows, Some(25)), "ID  TITLE       WHERE\n1   a title o…  host-0001\n");
        let lines = plain(&rows, Some(20));
        assert!(lines.lines().all(|line| cells(line) <= 20), "{lines}");
        // Below its least a column is not cut: a line that is too long says more than one that says nothing.
        assert_eq!(plain(&rows, Some(1)), "ID  TITLE   WHERE\n1   a tit…  host…\n");
    }

    #[test]
    fn hostile_text_stays_in_its_cell() {
        let rows = [["1", "a\nb\u{1b}[31m\u{202e}", "x"]];
        assert_eq!(plain(&rows, None), "ID  TITLE                   WHERE\n1   a\\nb\\u{1b}[31m\\u{202e}  x\n");
    }
}
