//! Text fitted to a terminal: its width in cells, cut and wrapped.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Cells a text takes.
pub(in crate::cli) fn cells(text: &str) -> usize {
    text.width()
}

/// The text in at most `width` cells; what is cut off is marked with `…`.
pub(in crate::cli) fn cut(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// The text in what is left of a line after `margin` cells, and not too little; without a `width`, all of it.
pub(in crate::cli) fn fitted(text: &str, width: Option<usize>, margin: usize) -> String {
    width.map_or_else(|| text.to_owned(), |width| cut(text, width.saturating_sub(margin).max(20)))
}

/// The text in lines of at most `width` cells, broken at spaces; a longer word stands alone.
pub(in crate::cli) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if cells(line) + 1 + cells(word) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// `1 error`, `2 errors`.
pub(in crate::cli) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_counts_cells_not_characters() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("漢字漢字", 6), "漢字…");
        assert_eq!(cells(&cut("漢字漢字", 6)), 5);
        assert_eq!(cut("abc", 1), "…");
    }

    #[test]
    fn wrapping_breaks_at_spaces() {
        assert_eq!(wrap("one two  three\nfour", 9), ["one two", "three", "four"]);
        assert_eq!(wrap("averyverylongword a", 5), ["averyverylongword", "a"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn counting_knows_one_from_many() {
        assert_eq!((count(0, "error"), count(1, "error")), ("0 errors".into(), "1 error".into()));
    }
}
