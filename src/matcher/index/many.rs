//! What an alert holds many of, as a list of a hundred thousand names, is looked through together: by itself a text of a few
//! bytes costs about as much as one of a few hundred.

use super::atoms::FieldId;
use super::probe::Probe;
use super::scratch::Marks;
use crate::alert::LOOK;
use crate::matcher::number::Number;
use std::collections::HashSet;

/// So many values of an alert are put to all tables as they come, not counting those that were remembered.
const FEW: usize = 200;
/// What stands behind each text: no text and no literal holds it.
const END: u8 = 0xff;

/// The texts of an alert that are yet to be put to tables.
#[derive(Debug, Default)]
pub struct Many {
    seen: usize,
    /// Of each field its texts, one behind the other.
    of_fields: Vec<Vec<u8>>,
    /// The fields that have any.
    fields: Vec<FieldId>,
    /// The flags that were put.
    flags: HashSet<(FieldId, bool), foldhash::fast::FixedState>,
}

impl Many {
    /// Forgets the last alert.
    pub fn begin(&mut self) {
        self.seen = 0;
        self.forget();
    }

    /// Forgets what is yet to be put, and what need not be put again.
    pub fn forget(&mut self) {
        self.flags.clear();
        for field in self.fields.drain(..) {
            // What took much memory once need not keep it.
            self.of_fields[field as usize] = Vec::new();
        }
    }

    /// Whether there were so many values that the next is one of many.
    #[inline]
    pub fn has_come(&self) -> bool {
        self.seen > FEW
    }

    /// Puts a text, as it was written and folded, to the tables of its field; if it is one of many, to some of them only at
    /// the end.
    #[inline]
    pub fn put(&mut self, (field, probe): (FieldId, &Probe), original: &str, folded: &str, marks: &mut Marks) {
        if !self.is_one_more() {
            return probe.text(original, folded, marks);
        }
        if !probe.wants_folded_only() {
            probe.text_as_a_whole(original, folded, marks);
        }
        self.put_off((field, probe), folded, marks);
    }

    /// Puts a number, as [`Many::put`] does a text. Whole ones spell as a payload writes them, if it does.
    pub fn put_number(
        &mut self,
        (field, probe): (FieldId, &Probe),
        number: Number,
        written: Option<&str>,
        marks: &mut Marks,
    ) {
        if !self.is_one_more() {
            return probe.number(number, marks);
        }
        probe.number_itself(number, marks);
        match (number, written) {
            (Number::Whole(_), Some(written)) => self.put_spelled((field, probe), written, marks),
            _ if probe.has_texts => self.put_spelled((field, probe), &number.to_string(), marks),
            _ => {}
        }
    }

    /// Puts a number, one of many, as the text it spells, where no table asks for numbers.
    pub fn put_spelled(&mut self, (field, probe): (FieldId, &Probe), spelled: &str, marks: &mut Marks) {
        if probe.has_texts && !probe.wants_folded_only() {
            probe.whole(spelled.as_bytes(), marks);
        }
        self.put_off((field, probe), spelled, marks);
    }

    /// Keeps a folded text for the end.
    fn put_off(&mut self, (field, probe): (FieldId, &Probe), folded: &str, marks: &mut Marks) {
        if !probe.has_texts {
            return probe.is_there(marks);
        }
        let texts = self.of_field(field);
        texts.extend_from_slice(folded.as_bytes());
        texts.push(END);
    }

    /// Puts a flag, of which there are no more than two.
    pub fn put_flag(&mut self, (field, probe): (FieldId, &Probe), value: bool, marks: &mut Marks) {
        if !self.is_one_more() || self.flags.insert((field, value)) {
            probe.bool(value, marks);
        }
    }

    #[inline]
    fn is_one_more(&mut self) -> bool {
        self.seen += 1;
        self.seen > FEW
    }

    /// Keeps a text for the end that stands folded in a look and has so many bytes there.
    #[inline]
    pub fn put_off_look(&mut self, field: FieldId, mut folded: [u8; LOOK], length: usize) {
        folded[length] = END;
        let texts = self.of_field(field);
        let end = texts.len() + length + 1;
        // As many are copied at once: how many it would be depends on the value, which a processor cannot foresee.
        texts.extend_from_slice(&folded);
        texts.truncate(end);
    }

    fn of_field(&mut self, field: FieldId) -> &mut Vec<u8> {
        let at = field as usize;
        if self.of_fields.len() <= at {
            self.of_fields.resize_with(at + 1, Vec::new);
        }
        let texts = &mut self.of_fields[at];
        if texts.is_empty() {
            self.fields.push(field);
        }
        texts
    }

    /// Puts all that are yet to be put to the tables.
    pub fn tell(&mut self, probes: &[Probe], marks: &mut Marks) {
        for field in &self.fields {
            probes[*field as usize].texts(&self.of_fields[*field as usize], END, marks);
        }
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::super::probe::ProbeBuilder;
    use super::*;
    use std::sync::Arc;

    #[test]
    fn texts_tell_the_same_put_one_by_one_or_together_and_nothing_across_two() {
        let mut asked = ProbeBuilder::default();
        asked.texts.extend([("web-1".into(), Some(0)), ("".into(), Some(1))]);
        asked.starts.insert("we".into(), Some(2));
        asked.ends.insert("-9".into(), Some(3));
        asked.contains.extend([("b-7".into(), Some(4)), ("\u{e9}t".into(), Some(5)), ("9web".into(), Some(6))]);
        asked.present = Some(7);
        let probes = [asked.finish(&mut 0)];
        let text = |number: usize| match number % 100 {
            99 => "\u{e9}tat".to_owned(),
            98 => String::new(),
            number => format!("web-{number}"),
        };
        for others in [0, FEW] {
            let marks = || Marks::new(8, 0, Arc::default());
            let (mut many, mut together, mut alone) = (Many::default(), marks(), marks());
            (0..others).for_each(|_| many.put((0, &probes[0]), "x", "x", &mut together));
            for text in (0..2 * FEW).map(text) {
                probes[0].text(&text, &text, &mut alone);
                if many.has_come() && text.is_ascii() && text.len().is_multiple_of(2) {
                    let mut look = [b'?'; LOOK];
                    look[..text.len()].copy_from_slice(text.as_bytes());
                    many.put_off_look(0, look, text.len());
                } else {
                    many.put((0, &probes[0]), &text, &text, &mut together);
                }
            }
            many.tell(&probes, &mut together);
            for atom in 0..8 {
                assert_eq!((together.holds(atom), alone.holds(atom)), (atom != 6, atom != 6), "{atom} {others}");
            }
        }
    }

    #[test]
    fn what_is_yet_to_be_put_is_forgotten_with_its_alert() {
        let mut asked = ProbeBuilder::default();
        asked.contains.insert("web".into(), Some(0));
        let probes = [asked.finish(&mut 0)];
        let (mut many, mut marks) = (Many::default(), Marks::new(1, 0, Arc::default()));
        for text in ["x"; FEW].into_iter().chain(["web-1"]) {
            many.put((0, &probes[0]), text, text, &mut marks);
        }
        assert!(many.has_come());
        many.begin();
        many.tell(&probes, &mut marks);
        assert!(!many.has_come() && !marks.holds(0));
    }
}
