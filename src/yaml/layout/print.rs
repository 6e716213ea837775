//! Layout to lines.

use super::quote::token;
use super::shape::{Comment, Document, Part, Scalar, Shape, Style};

/// A list or map that stands on one line must end before this column.
const WIDTH: usize = 120;
/// Spaces of one level.
const STEP: usize = 2;

/// Writes documents, a blank line and `---` between two of them.
pub fn print(documents: &[Document]) -> String {
    let mut printer = Printer { out: String::new(), fresh: true };
    for (number, document) in documents.iter().enumerate() {
        if number > 0 {
            printer.gap(true);
            printer.line(0, "---");
        }
        printer.fresh = true;
        printer.document(document);
    }
    printer.out
}

struct Printer {
    out: String,
    /// Whether nothing was written yet that a blank line could set something apart from.
    fresh: bool,
}

impl Printer {
    fn line(&mut self, indent: usize, text: &str) {
        if !text.is_empty() {
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.out.push_str(text);
        }
        self.out.push('\n');
        self.fresh = false;
    }

    fn gap(&mut self, gap: bool) {
        if gap && !self.fresh {
            self.line(0, "");
        }
    }

    fn comments(&mut self, comments: &[Comment], indent: usize) {
        for Comment { gap, text } in comments {
            self.gap(*gap);
            self.line(indent, text);
        }
    }

    fn document(&mut self, document: &Document) {
        self.comments(&document.head, 0);
        self.gap(document.gap && !document.head.is_empty());
        match &document.value {
            None => {}
            Some(shape) => match inline(shape, 0) {
                Some(text) => self.line(0, &beside(text, document.beside.as_ref())),
                None => self.block(shape, 0, ""),
            },
        }
        self.comments(&document.tail, 0);
    }

    /// A list or a map on lines of its own; `lead` stands before its first line in place of the indent's last part.
    fn block(&mut self, shape: &Shape, indent: usize, lead: &str) {
        let (parts, tail) = match shape {
            Shape::List { items, tail, .. } => (items, tail),
            Shape::Map { entries, tail, .. } => (entries, tail),
            Shape::Scalar(scalar) => return self.block_scalar((lead, indent), indent, scalar, None),
        };
        for (number, part) in parts.iter().enumerate() {
            let lead = if number == 0 { lead } else { "" };
            if lead.is_empty() {
                // Nothing sets a first part apart from what it stands in.
                self.fresh |= number == 0;
                self.comments(&leading(part, indent), indent);
                self.gap(part.gap);
            }
            self.part(part, indent, lead);
        }
        self.comments(tail, indent);
    }

    fn part(&mut self, part: &Part, indent: usize, lead: &str) {
        let start = indent - lead.len();
        let mark = match &part.key {
            Some(key) => format!("{lead}{}:", token(key, false)),
            None => format!("{lead}-"),
        };
        if let Some(text) = inline(&part.value, start + mark.chars().count() + 1) {
            let space = if text.is_empty() { "" } else { " " };
            return self.line(start, &beside(format!("{mark}{space}{text}"), part.beside.as_ref()));
        }
        match &part.value {
            Shape::Scalar(scalar) => {
                self.block_scalar((&format!("{mark} "), start), indent, scalar, part.beside.as_ref())
            }
            // An element's first line stands beside its dash.
            block if part.key.is_none() => self.block(block, indent + STEP, &format!("{mark} ")),
            block => {
                self.line(start, &beside(mark, part.beside.as_ref()));
                self.block(block, indent + STEP, "");
            }
        }
    }

    /// A text of several lines, after what leads to it from column `start` on. `indent` is that of the list or map it
    /// stands in.
    fn block_scalar(&mut self, lead: (&str, usize), indent: usize, scalar: &Scalar, comment: Option<&String>) {
        let (header, lines) = match &scalar.style {
            Style::Folded(header, lines) => (format!(">{header}"), lines.clone()),
            _ => literal(&scalar.text),
        };
        let (lead, start) = lead;
        self.line(start, &beside(format!("{lead}{header}"), comment));
        lines.iter().for_each(|line| self.line(indent + STEP, line));
        // A blank line after a text that keeps those would be one more line of it.
        self.fresh |= header.ends_with('+');
    }
}

/// The comments above a part. An element's first line stands beside its dash, so that what would stand between the two
/// stands above both.
fn leading(part: &Part, indent: usize) -> Vec<Comment> {
    let mut comments = part.before.clone();
    let is_element = part.key.is_none() && inline(&part.value, indent + STEP).is_none();
    if let (true, Shape::List { items: inner, .. } | Shape::Map { entries: inner, .. }) = (is_element, &part.value) {
        comments.extend(part.beside.iter().map(|text| Comment { gap: false, text: text.clone() }));
        comments.extend(inner.first().into_iter().flat_map(|first| leading(first, indent + STEP)));
    }
    comments
}

/// The header and lines of a text after `|`.
fn literal(text: &str) -> (String, Vec<String>) {
    let body = text.trim_end_matches('\n');
    let chomp = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    // The parser takes the first line's indent for that of all.
    let digit = if body.trim_start_matches('\n').starts_with(' ') { "2" } else { "" };
    let kept = if chomp == "+" { text.strip_suffix('\n').unwrap_or(text) } else { body };
    (format!("|{digit}{chomp}"), kept.split('\n').map(str::to_owned).collect())
}

fn beside(mut text: String, comment: Option<&String>) -> String {
    if let Some(comment) = comment {
        text.push_str(if text.is_empty() { "" } else { "  " });
        text.push_str(comment);
    }
    text
}

/// The value on one line, if it is to stand on one and fits; `column` is where it would begin.
fn inline(shape: &Shape, column: usize) -> Option<String> {
    match shape {
        Shape::Scalar(scalar) => match &scalar.style {
            Style::Folded(..) => None,
            Style::Literal if stays_literal(&scalar.text) => None,
            _ => Some(token(scalar, false)),
        },
        Shape::List { items, .. } if items.is_empty() => Some("[]".to_owned()),
        Shape::Map { entries, .. } if entries.is_empty() => Some("{}".to_owned()),
        Shape::List { .. } | Shape::Map { .. } => flow(shape).filter(|text| column + text.chars().count() <= WIDTH),
    }
}

fn stays_literal(text: &str) -> bool {
    let odd =
        |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || crate::diag::is_hidden(c) && c != '\n' && c != '\t';
    // A first line of spaces only would be read as indent.
    let blank_first = text.lines().find(|line| !line.is_empty()).is_some_and(|line| line.trim().is_empty());
    // And a last one would be taken for a gap.
    let blank_last = text.trim_end_matches('\n').lines().last().is_some_and(|line| line.trim().is_empty());
    !text.trim_matches('\n').is_empty() && !text.contains(odd) && !blank_first && !blank_last
}

/// The value between brackets or braces; none if anything in it wants lines of its own.
fn flow(shape: &Shape) -> Option<String> {
    match shape {
        Shape::Scalar(scalar) => match scalar.style {
            Style::Plain | Style::Quoted => Some(token(scalar, true)),
            _ => None,
        },
        Shape::List { items, flow: true, tail } if tail.is_empty() => Some(format!("[{}]", parts(items)?)),
        Shape::Map { entries, flow: true, tail } if tail.is_empty() => Some(format!("{{{}}}", parts(entries)?)),
        Shape::List { items, .. } if items.is_empty() => Some("[]".to_owned()),
        Shape::Map { entries, .. } if entries.is_empty() => Some("{}".to_owned()),
        Shape::List { .. } | Shape::Map { .. } => None,
    }
}

fn parts(parts: &[Part]) -> Option<String> {
    let one = |part: &Part| {
        if !part.before.is_empty() || part.beside.is_some() {
            return None;
        }
        let value = flow(&part.value)?;
        Some(match &part.key {
            Some(key) => format!("{}: {value}", token(key, true)),
            None => value,
        })
    };
    Some(parts.iter().map(one).collect::<Option<Vec<_>>>()?.join(", "))
}
