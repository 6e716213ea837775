//! Whether a regular expression finds something in every text, or in every one of a line with anything in it.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Whether it finds at least nothing in every text: where that begins, where it ends, or wherever one looks.
pub fn finds_in_every_text(source: &str) -> bool {
    parsed(source).is_some_and(|(anchors, parts)| anchors < 2 && parts.iter().all(may_be_nothing))
}

/// Whether it finds something in every text of one line that is not empty, as `^.+$` does.
pub fn finds_in_every_line(source: &str) -> bool {
    let Some((anchors, parts)) = parsed(source) else { return false };
    // What is never found has no length at all.
    let least = parts.iter().map(|part| part.properties().minimum_len());
    let Some(least) = least.sum::<Option<usize>>() else { return false };
    match anchors {
        2 => !parts.is_empty() && least <= 1 && parts.iter().all(is_any_stretch),
        _ => least <= 1 && parts.iter().all(|part| may_be_nothing(part) || is_any_stretch(part) || is_any_letter(part)),
    }
}

/// How many of a text's ends an expression begins and ends with, and what stands between.
fn parsed(source: &str) -> Option<(usize, Vec<Hir>)> {
    let parsed = regex_syntax::parse(source).ok()?;
    let mut parts = match parsed.kind() {
        HirKind::Concat(parts) => parts.clone(),
        HirKind::Empty => Vec::new(),
        _ => vec![parsed],
    };
    let all = parts.len();
    if parts.first().is_some_and(|part| *part.kind() == HirKind::Look(Look::Start)) {
        parts.remove(0);
    }
    if parts.last().is_some_and(|part| *part.kind() == HirKind::Look(Look::End)) {
        parts.pop();
    }
    Some((all - parts.len(), parts))
}

fn may_be_nothing(part: &Hir) -> bool {
    part.properties().minimum_len() == Some(0) && part.properties().look_set().is_empty()
}

/// `.*`, `.+` and what comes to the same.
fn is_any_stretch(part: &Hir) -> bool {
    match part.kind() {
        HirKind::Capture(capture) => is_any_stretch(&capture.sub),
        HirKind::Repetition(repetition) => repetition.max.is_none() && is_any_letter(&repetition.sub),
        _ => false,
    }
}

/// `.` and what comes to the same: anything but an end of a line.
fn is_any_letter(part: &Hir) -> bool {
    match part.kind() {
        HirKind::Capture(capture) => is_any_letter(&capture.sub),
        HirKind::Class(Class::Unicode(class)) => {
            let mut others = class.clone();
            others.negate();
            others.ranges().iter().all(|range| ('\n'..='\r').contains(&range.start()) && range.end() <= '\r')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_something_in_every_text_does() {
        for source in ["", ".*", "^", "$", "^.*", "x*$", "(a|b?)", "(?i)x?", "a{0,3}", "(?s).*", "^(x?)(.*)"] {
            assert!(finds_in_every_text(source), "{source}");
            let regex = regex::Regex::new(source).unwrap();
            assert!(["", "a", "\n", "x\ny", "é"].iter().all(|text| regex.is_match(text)), "{source}");
        }
        for source in [".", ".+", "^.*$", "^$", "x", "^x?$", "\\b", "(?m)^$", "^[^:]*$", "a*b*c", "\\Bx*"] {
            assert!(!finds_in_every_text(source), "{source}");
        }
    }

    #[test]
    fn what_finds_something_in_every_line_does() {
        for source in
            [".", ".+", "^.+$", "^.*$", "(?i)^.+$", "^(.+)$", "(.)", "[^\n]", "^.", "[\\s\\S]+", ".*x*", "^.*.*$"]
        {
            assert!(finds_in_every_line(source), "{source}");
            let regex = regex::Regex::new(source).unwrap();
            assert!(["a", "0", " ", "漢 x:y", "~"].iter().all(|text| regex.is_match(text)), "{source}");
        }
        for source in [
            "^.{1,10}$",
            "^[^:]+$",
            "^.$",
            "^(?:.|[a-z]{3})$",
            "^x?$",
            "..",
            "^.+.+$",
            "[A-Za-z0-9 ~漢]",
            "[a&&b].",
            "[a&&b]",
            "^$",
            "\\b.*",
        ] {
            assert!(!finds_in_every_line(source), "{source}");
        }
    }
}
