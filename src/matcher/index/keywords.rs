//! Whether a payload can hold any keyword at all, told from the texts in it that are not known to hold none, in one pass at the
//! speed of memory: only then are its values put to the keywords' tables one by one. Only keywords that lead to a condition are
//! looked for in every payload, the others once one is asked for.

use super::any_of::{AnyOf, SHORTEST};
use super::atoms::AtomId;
use super::probe::ProbeBuilder;
use super::shape::Word;
use crate::alert::spell_out;

/// The keywords of an index.
#[derive(Debug)]
pub struct Keywords {
    /// Those that lead to a condition.
    pub leading: KeywordFilter,
    /// Those that are only asked for on the way through one.
    pub others: KeywordFilter,
    /// The atoms of those.
    pub other_atoms: Vec<AtomId>,
    /// In which words one of the leading may stand.
    pub words_that_lead: [bool; Word::ALL.len()],
}

impl Keywords {
    /// Of what is asked of every value; none where something is asked that a text does not show.
    pub fn new(asked: &ProbeBuilder, leads: impl Fn(AtomId) -> bool) -> Option<Self> {
        let (leading, others): (Vec<_>, Vec<_>) = asked.only_contains()?.partition(|(_, atom)| leads(*atom));
        let leading = KeywordFilter::new(&leading)?;
        Some(Self {
            words_that_lead: Word::ALL.map(|word| leading.may_stand_in(&mut word.as_str().as_bytes().to_vec())),
            leading,
            others: KeywordFilter::new(&others)?,
            other_atoms: others.iter().map(|(_, atom)| *atom).collect(),
        })
    }
}

/// Stretches one of which stands in the text of every payload that holds one of some keywords.
#[derive(Debug)]
pub struct KeywordFilter(AnyOf);

impl KeywordFilter {
    fn new(keywords: &[(&str, AtomId)]) -> Option<Self> {
        let shown = |(keyword, _): &(&str, AtomId)| shown_in_json(keyword).map(Into::into);
        Some(Self(AnyOf::new(keywords.iter().map(shown).collect::<Option<_>>()?)?))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them may stand in a text that is JSON. There is room to spell it out.
    pub fn may_stand_in_json(&self, json: &[u8], room: &mut Vec<u8>) -> bool {
        let start = room.len();
        spell_out(json, room);
        let may_stand = self.may_stand_in(&mut room[start..]);
        room.truncate(start);
        may_stand
    }

    /// As [`KeywordFilter::may_stand_in_json`], where no character is written by its code point. What stands there may be lost.
    pub fn may_stand_in(&self, json: &mut [u8]) -> bool {
        self.0.may_stand_in(&self.0.loosened(json))
    }
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
    fn case_is_no_matter_whatever_stands_around() {
        let filter = KeywordFilter::new(&[("mimikatz", 0)]).unwrap();
        for (json, may) in [
            ("\"MimiKatz\"", true),
            ("\"mimi\u{212a}atz\"", true),
            ("\"é MIMIKATZ\"", true),
            ("\"é mimi katz\"", false),
            ("\"mimi katz\"", false),
            (r#""\u004dimi\u212aatz""#, true),
            (r#""\\u004dimi\u212aatz""#, false),
        ] {
            assert_eq!(filter.may_stand_in_json(json.as_bytes(), &mut Vec::new()), may, "{json}");
        }
        assert!(!KeywordFilter::new(&[]).unwrap().may_stand_in_json(b"\"mimikatz\"", &mut Vec::new()));
    }

    #[test]
    fn what_a_text_does_not_show_cannot_be_looked_for_in_it() {
        let mut asked = ProbeBuilder::default();
        asked.contains.extend([("mimikatz".into(), Some(0)), ("sekurlsa::".into(), Some(1))]);
        let keywords = Keywords::new(&asked, |atom| atom == 1).unwrap();
        for (json, leads, other) in [("\"Mimikatz\"", false, true), ("\"SEKURLSA::x\"", true, false)] {
            assert_eq!(keywords.leading.may_stand_in_json(json.as_bytes(), &mut Vec::new()), leads, "{json}");
            assert_eq!(keywords.others.may_stand_in_json(json.as_bytes(), &mut Vec::new()), other, "{json}");
        }
        assert_eq!((keywords.other_atoms, keywords.words_that_lead), (vec![0], [false; 3]));
        asked.contains.insert("als".into(), Some(3));
        assert_eq!(Keywords::new(&asked, |_| true).unwrap().words_that_lead, [false, true, false]);
        asked.contains.insert("'".into(), Some(2));
        assert!(Keywords::new(&asked, |_| true).is_none());
        asked.contains.remove("'");
        asked.present = Some(2);
        assert!(Keywords::new(&asked, |_| true).is_none());
    }
}
