//! One thing shown whole: labelled lines, then headed sections.

use super::style::HEADING;
use super::text::wrap;
use crate::diag::visible;

/// Where values begin.
const INDENT: usize = 13;

/// Lines being put together. Every value is made safe to show.
#[derive(Debug, Default)]
pub(in crate::cli) struct Page {
    out: String,
}

impl Page {
    /// A line as it is; the caller has made it safe.
    pub fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// `label  value`.
    pub fn field(&mut self, label: &str, value: &str) {
        let value = visible(value);
        self.line(&format!("{HEADING}{label}{HEADING:#}{}{value}", " ".repeat(INDENT.saturating_sub(label.len()))));
    }

    /// `label  value`, unless there is no value.
    pub fn maybe(&mut self, label: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.field(label, value);
        }
    }

    /// An empty line and a heading.
    pub fn heading(&mut self, title: &str) {
        self.line(&format!("\n{HEADING}{title}{HEADING:#}"));
    }

    /// A paragraph below a heading, wrapped to the terminal.
    pub fn paragraph(&mut self, text: &str, width: Option<usize>) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            for line in wrap(line, width.unwrap_or(usize::MAX).saturating_sub(2)) {
                self.line(&format!("  {}", visible(&line)));
            }
        }
    }

    /// The page.
    pub fn finish(self) -> String {
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_paragraphs_line_up() {
        let mut page = Page::default();
        page.field("type", "a\u{1b}b");
        page.maybe("vendor", None);
        page.heading("Description");
        page.paragraph("one two\n\nthree", Some(6));
        let shown = anstream::adapter::strip_str(&page.finish()).to_string();
        assert_eq!(shown, "type         a\\u{1b}b\n\nDescription\n  one\n  two\n  three\n");
    }
}
