//! Where keys lead: most keys of an alert are asked about by nobody, and of those that are there are few in one place.

use super::probe::RuleMap;
use crate::matcher::fold::fold_onto;

/// As many keys are looked through one after the other; among more one is looked up by its hash.
const FEW: usize = 8;

/// Keys and where each leads.
#[derive(Debug)]
pub struct Keys<T> {
    few: Vec<(Box<str>, T)>,
    many: RuleMap<Box<str>, T>,
    /// The lengths of all keys, those of 63 and more as one.
    lengths: u64,
}

impl<T> Default for Keys<T> {
    fn default() -> Self {
        Self { few: Vec::new(), many: RuleMap::default(), lengths: 0 }
    }
}

impl<T: Copy> Keys<T> {
    /// Where a key leads, or will from now on.
    pub fn get_or_insert(&mut self, key: &str, leads: T) -> T {
        if let Some(known) = self.get(key) {
            return known;
        }
        self.lengths |= length_bit(key);
        self.few.push((key.into(), leads));
        if self.len() > FEW {
            self.many.extend(self.few.drain(..));
        }
        leads
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lengths == 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.few.len() + self.many.len()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, T)> {
        let few = self.few.iter().map(|(key, leads)| (&**key, *leads));
        few.chain(self.many.iter().map(|(key, leads)| (&**key, *leads)))
    }

    /// Where a key leads.
    pub fn get(&self, key: &str) -> Option<T> {
        if self.lengths & length_bit(key) == 0 {
            return None;
        }
        match self.few.is_empty() {
            false => self.few.iter().find(|(known, _)| **known == *key).map(|(_, leads)| *leads),
            true => self.many.get(key).copied(),
        }
    }

    /// Where the folded form of a key leads. `room` is to work in.
    pub fn get_folded(&self, key: &str, room: &mut String) -> Option<T> {
        // Folding leaves the length of plain letters as it is.
        if self.lengths & length_bit(key) == 0 && key.is_ascii() {
            return None;
        }
        let folded = fold_onto(room, key);
        let leads = self.get(&room[folded.clone()]);
        room.truncate(folded.start);
        leads
    }
}

fn length_bit(key: &str) -> u64 {
    1 << key.len().min(63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_where_it_was_sent_however_many_there_are() {
        let words: Vec<String> = (0..FEW * 2).map(|number| "k".repeat(number * 5) + &number.to_string()).collect();
        let mut keys = Keys::default();
        for (number, word) in words.iter().enumerate() {
            assert_eq!(keys.get(word), None);
            assert_eq!((keys.get_or_insert(word, number), keys.get_or_insert(word, 99)), (number, number));
            assert_eq!(keys.len(), number + 1);
            assert_eq!(keys.iter().map(|(_, leads)| leads).max(), Some(number));
            for (number, word) in words.iter().enumerate().take(number + 1) {
                assert_eq!(keys.get(word), Some(number), "{word}");
                assert_eq!((keys.get(&format!("{word} ")), keys.get(&word[1..])), (None, None));
            }
        }
    }

    #[test]
    fn case_is_no_matter_even_where_it_changes_the_length() {
        let mut keys = Keys::default();
        keys.get_or_insert("kilo", 1);
        keys.get_or_insert("ümläut", 2);
        let mut room = "kept".to_owned();
        for (key, leads) in [("KILO", Some(1)), ("\u{212a}ilo", Some(1)), ("ÜMLÄUT", Some(2)), ("kil", None)] {
            assert_eq!(keys.get_folded(key, &mut room), leads, "{key}");
        }
        assert_eq!(room, "kept");
    }
}
