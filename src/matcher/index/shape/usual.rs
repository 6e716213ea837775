//! What stood at a stop lately: the names of a host, of users and programs stay the same for a while. To compare the text at hand
//! with the last one there takes less than to find out where it ends and what is remembered of it.

use super::super::atoms::AtomId;
use crate::alert::{AT_ONCE, alike};

/// What tells more atoms is looked up among what is remembered.
const MOST_TOLD: usize = 6;

/// The text that stood at a stop last, if it is short, and what it told. In a line of cache of its own.
#[derive(Debug, Default)]
#[repr(align(64))]
pub struct Usual {
    /// The text and the quote behind it.
    text: [u8; AT_ONCE],
    /// How long that is; nothing if none is known.
    length: u8,
    count: u8,
    told: [AtomId; MOST_TOLD],
}

impl Usual {
    /// How long the text is, with its quote, and what it told, if it stands here again.
    #[inline]
    pub fn stands(&self, here: &[u8]) -> Option<(usize, &[AtomId])> {
        let length = usize::from(self.length);
        if length == 0 || alike(here.first_chunk()?, &self.text) < length {
            return None;
        }
        Some((length, &self.told[..usize::from(self.count)]))
    }

    /// Another text stood there, with its quote, and told these and nothing else.
    #[inline]
    pub fn take(&mut self, text: &[u8], told: &[AtomId]) {
        if let (Some(room), Some(told_room)) = (self.text.get_mut(..text.len()), self.told.get_mut(..told.len())) {
            room.copy_from_slice(text);
            told_room.copy_from_slice(told);
            (self.length, self.count) = (text.len() as u8, told.len() as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_again_where_all_of_it_does_and_tells_what_it_told() {
        let mut usual = Usual::default();
        let json = |text: &str| format!("{text}\",\"next\":\"{}", "x".repeat(AT_ONCE));
        assert_eq!(usual.stands(json("").as_bytes()), None);
        for length in [0, 1, 20, AT_ONCE - 1] {
            let text = "a".repeat(length);
            usual.take(format!("{text}\"").as_bytes(), &[7, 8]);
            assert_eq!(usual.stands(json(&text).as_bytes()), Some((length + 1, &[7, 8][..])));
            let others = [format!("{text}a"), format!("b{text}"), text.replacen('a', "b", 1), "a".repeat(length / 2)];
            for other in others.iter().filter(|other| **other != text) {
                assert_eq!(usual.stands(json(other).as_bytes()), None, "{other} is not {text}");
            }
            assert_eq!(usual.stands(format!("{text}\"").as_bytes().get(..AT_ONCE - 1).unwrap_or_default()), None);
        }
        // What has no room is not known, and the one before still is.
        usual.take(b"web-1\"", &[]);
        usual.take(format!("{}\"", "a".repeat(AT_ONCE)).as_bytes(), &[7]);
        usual.take(b"web-2\"", &[1; MOST_TOLD + 1]);
        assert_eq!(usual.stands(json("web-1").as_bytes()), Some((6, &[][..])));
    }
}
