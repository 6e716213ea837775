//! How many states a regular expression has: it may be in all of them at once, and then each costs a step for each character
//! of a text.

use regex_syntax::hir::{Hir, HirKind, LookSet};

/// What a word's boundary is told by: characters on both sides, whatever their script.
const BOUNDARY: usize = 10;

/// Each character, class, anchor, group and empty part is one, as often as it is repeated; a word's boundary costs more.
pub fn states(source: &str) -> usize {
    regex_syntax::parse(source).map_or(0, |hir| of(&hir))
}

fn of(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Class(_) => 1,
        HirKind::Look(look) if LookSet::singleton(*look).contains_word_unicode() => BOUNDARY,
        HirKind::Look(_) => 1,
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).map_or(literal.0.len(), |text| text.chars().count())
        }
        HirKind::Capture(capture) => of(&capture.sub).saturating_add(1),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(of).fold(0, usize::saturating_add),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            of(&repetition.sub).saturating_mul(times as usize)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_repeated_counts_each_time() {
        for (source, count) in [
            ("", 1),
            ("^powershell$", 12),
            (r"(?i)pówershell.*\d+-enc", 16),
            ("(foo|bar|ba[zr])", 10),
            (r"\bx\b(?:x|\B)(?-u:\b)", 33),
            ("(?:x|){5}", 10),
            ("((((x))))", 5),
            ("[ab]*a[ab]{200}c", 203),
            ("[ab]*a(?:aaaaaaaaaaaa|[ab]){490}c", 6_373),
            (r"(?:\d{1,3}\.){3}x", 13),
            ("a{5,}b?", 6),
            ("(?:(?:x[^y]{1,100}){1,100}z){100}", 1_010_100),
            ("(", 0),
        ] {
            assert_eq!(states(source), count, "{source}");
        }
    }
}
