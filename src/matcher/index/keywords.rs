//! Whether a payload can hold any keyword at all, told from its text as it was received, in one pass at the speed of
//! memory: only then are its values put to the keywords' tables one by one.

use super::any_of::{AnyOf, SHORTEST};
use super::probe::ProbeBuilder;
use crate::matcher::fold::fold_onto;

/// Stretches one of which stands in the text of every payload that holds a keyword.
#[derive(Debug)]
pub struct KeywordFilter {
    stretches: AnyOf,
}

impl KeywordFilter {
    /// Of what is asked of every value; none where something is asked that a text does not show.
    pub fn new(asked: &ProbeBuilder) -> Option<Self> {
        let literals = asked.only_contains()?;
        let stretches = literals.map(|literal| shown_in_json(literal).map(Into::into)).collect::<Option<_>>()?;
        Some(Self { stretches: AnyOf::new(stretches)? })
    }

    /// Whether a payload may hold a keyword. `folded` is room to work in.
    pub fn may_stand_in(&self, payload: &str, folded: &mut String) -> bool {
        folded.clear();
        fold_onto(folded, payload);
        let may = self.stretches.may_stand_in(folded) || escapes_code_points(payload);
        folded.clear();
        may
    }
}

/// Whether any character is written by its code point: then a text holds what its bytes do not show.
fn escapes_code_points(payload: &str) -> bool {
    let bytes = payload.as_bytes();
    // A backslash that is itself escaped escapes nothing: an even number of them before it, and it does.
    memchr::memmem::find_iter(bytes, "\\u").any(|at| {
        let before = bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        before % 2 == 0
    })
}

/// The longest stretch of a literal that JSON writes as it is. None if that is too short, or if it could be of a number,
/// which JSON can write in several ways.
pub fn shown_in_json(literal: &str) -> Option<&str> {
    let is_escaped = |c: char| c.is_control() || matches!(c, '"' | '\\' | '/');
    let longest = literal.split(is_escaped).max_by_key(|stretch| stretch.len())?;
    let is_numeric = longest.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e'));
    (longest.len() >= SHORTEST && !is_numeric).then_some(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_what_json_writes_as_it_is() {
        for (literal, stretch) in [
            ("mimikatz", Some("mimikatz")),
            ("a\"b\\sekurlsa::", Some("sekurlsa::")),
            ("http://evil", Some("http:")),
            ("4625", None),
            ("-1.5e3", None),
            ("={", None),
            ("é\u{0}x", None),
            ("état", Some("état")),
        ] {
            assert_eq!(shown_in_json(literal), stretch, "{literal}");
        }
    }

    #[test]
    fn escapes_are_never_overlooked() {
        let mut asked = ProbeBuilder::default();
        asked.contains.insert("mimikatz".into(), Some(0));
        let filter = KeywordFilter::new(&asked).unwrap();
        let mut room = String::new();
        for (payload, may) in [
            (r#"{"a":"MimiKatz"}"#, true),
            (r#"{"a":"mimi\u006batz"}"#, true),
            (r#"{"a":"é MIMIKATZ"}"#, true),
            (r#"{"a":"mimi katz"}"#, false),
            (r#"{"a":"c:\\users\\mimi"}"#, false),
            (r#"{"a":"c:\\\u006d"}"#, true),
        ] {
            assert_eq!(filter.may_stand_in(payload, &mut room), may, "{payload}");
        }
        asked.contains.insert("'".into(), Some(1));
        assert!(KeywordFilter::new(&asked).is_none());
        asked.contains.remove("'");
        asked.present = Some(1);
        assert!(KeywordFilter::new(&asked).is_none());
    }
}
