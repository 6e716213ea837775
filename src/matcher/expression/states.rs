//! How many states a regular expression may be in at once: what it costs for each character of a text at worst.

use super::literals::plain;
use regex_syntax::hir::{Hir, HirKind};

/// At most so many: each of its classes, and each of its literals however long, as often as it is repeated.
pub fn states(source: &str) -> usize {
    regex_syntax::parse(source).map_or(0, |hir| of(&hir))
}

fn of(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(_) | HirKind::Class(_) => 1,
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Alternation(parts) => parts.iter().map(of).fold(0, usize::saturating_add),
        HirKind::Concat(parts) => {
            // Letters without regard to case stand one by one.
            let mut stretches = parts.chunk_by(|one, next| plain(one).is_some() && plain(next).is_some());
            stretches.try_fold(0_usize, |sum, stretch| sum.checked_add(of(&stretch[0]))).unwrap_or(usize::MAX)
        }
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
    fn what_is_repeated_counts_each_time_and_a_literal_once() {
        for (source, count) in [
            ("", 0),
            ("^powershell$", 1),
            ("(?i)powershell", 1),
            (r"(?i)powershell.*\d+-enc", 4),
            ("(foo|bar|ba[zr])", 4),
            ("[ab]*a[ab]{200}c", 203),
            (r"(?:\d{1,3}\.){3}x", 13),
            ("a{5,}b?", 6),
            ("(?:(?:x[^y]{1,100}){1,100}z){100}", 1_010_100),
            ("(", 0),
        ] {
            assert_eq!(states(source), count, "{source}");
        }
    }
}
