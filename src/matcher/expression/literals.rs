//! What a regular expression says of the texts it finds something in, before it is put to one: mostly literals that stand in
//! each of them, case folded, which an index can look for.

use crate::matcher::fold::fold;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// More alternatives than this narrow nothing down.
const MOST: usize = 16;
/// Literals shorter than this are found everywhere.
const SHORTEST: usize = 3;

/// Literals one of which must stand in the folded text; none if the expression asks for nothing of the kind.
pub fn required(source: &str) -> Option<Vec<String>> {
    let hir = ParserBuilder::new().build().parse(source).ok()?;
    of(&hir).filter(|literals| !literals.is_empty() && literals.iter().all(|text| text.len() >= SHORTEST))
}

/// Whether an expression that finds something in a text finds something wherever that text stands: it does not look at what is
/// around.
pub fn looks_inside_alone(source: &str) -> bool {
    ParserBuilder::new().build().parse(source).is_ok_and(|hir| hir.properties().look_set().is_empty())
}

fn of(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of(&repetition.sub),
        HirKind::Alternation(parts) => {
            let all: Option<Vec<Vec<String>>> = parts.iter().map(of).collect();
            all.map(|all| all.concat()).filter(|literals| literals.len() <= MOST)
        }
        HirKind::Concat(parts) => best_of(parts),
        HirKind::Literal(_) | HirKind::Class(_) => plain(hir).map(|text| vec![text]),
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// Of everything that must stand in the text, what is found least often: the set whose shortest literal is longest.
fn best_of(parts: &[Hir]) -> Option<Vec<String>> {
    let mut sets: Vec<Vec<String>> = Vec::new();
    let mut stretch = String::new();
    for part in parts {
        match plain(part) {
            Some(text) => stretch.push_str(&text),
            None => {
                sets.push(vec![std::mem::take(&mut stretch)]);
                sets.extend(of(part));
            }
        }
    }
    sets.push(vec![stretch]);
    let shortest = |set: &Vec<String>| set.iter().map(String::len).min().unwrap_or(0);
    sets.into_iter().max_by_key(|set| (shortest(set), std::cmp::Reverse(set.len()))).filter(|set| shortest(set) > 0)
}

/// The folded text a part stands for, if it is only one.
fn plain(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(|text| text.chars().map(fold).collect()),
        // Without regard to case, a character is the class of its spellings.
        HirKind::Class(Class::Unicode(class)) => {
            let mut spellings = class.iter().flat_map(|range| range.start()..=range.end()).take(MOST).map(fold);
            let first = spellings.next()?;
            let size: usize = class.iter().map(|range| range.len()).sum();
            (size < MOST && spellings.all(|other| other == first)).then(|| first.into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_expression_looks_at() {
        for (source, inside) in
            [("a[^b]{1,9}c", true), ("(?i)x|y*", true), ("^a", false), ("a$", false), (r"\ba", false), ("(", false)]
        {
            assert_eq!(looks_inside_alone(source), inside, "{source}");
        }
    }

    #[test]
    fn literals_are_what_must_stand_in_the_text() {
        for (source, literals) in [
            ("abc", Some(&["abc"][..])),
            ("(?i)PowerShell.{0,9}-Enc", Some(&["powershell"])),
            (r"\\(cmd|powershell)\.exe$", Some(&[".exe"])),
            ("^(curl|wget) ", Some(&["curl", "wget"])),
            ("(abc){2,}x", Some(&["abc"])),
            ("(abc)*x", None),
            ("abc|.*", None),
            (r"\d+", None),
            ("ab", None),
            ("Straße", Some(&["straße"])),
            ("(?i)ſystem", Some(&["system"])),
        ] {
            assert_eq!(
                required(source).as_deref(),
                literals.map(|l| l.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).as_deref(),
                "{source}"
            );
        }
    }
}
