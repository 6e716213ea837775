//! Keywords, which may stand anywhere in what the source said. Its values are put to the keywords' tables one by one only if
//! a look through all of its texts says that one may stand there.

use super::atoms::FieldId;
use super::payload;
use super::run::Walk;
use super::shape::Word;
use crate::alert::field::Column;
use crate::matcher::expr::any_leaf;
use crate::matcher::value::Value;
use crate::matcher::view::{AlertView, canonical};

impl<'v> Walk<'_, 'v> {
    /// Whether texts are gathered in which keywords are to be looked for.
    pub fn gathers(&self) -> bool {
        self.engine.keywords.as_ref().is_some_and(|keywords| !keywords.leading.is_empty())
    }

    /// Whether a keyword that leads to a condition may stand in a word.
    pub fn may_word_lead(&self, word: Word) -> bool {
        self.engine.keywords.as_ref().is_some_and(|keywords| keywords.words_that_lead[word as usize])
    }

    /// Whether a keyword that leads to a condition may stand in a text, as it is written in JSON.
    pub fn may_lead(&self, json: &[u8]) -> bool {
        self.engine.keywords.as_ref().is_some_and(|keywords| keywords.leading.may_stand_in_json(json))
    }

    /// Looks for the keywords that lead to a condition, the payload's texts being gathered if it `is_plain`.
    pub fn leading_keywords(&mut self, view: &'v AlertView<'_>, everywhere: FieldId, is_plain: bool) {
        let may_stand_anywhere = match &self.engine.keywords {
            Some(keywords) if is_plain => {
                self.gathers() && {
                    self.gather_columns(view);
                    keywords.leading.may_stand_in(&mut self.scratch.gathered.0)
                }
            }
            _ => true,
        };
        if may_stand_anywhere {
            self.everywhere(view, everywhere, is_plain);
        }
    }

    /// Looks for the keywords that are only asked for on the way through a condition.
    pub fn other_keywords(&mut self, view: &'v AlertView<'_>, everywhere: FieldId) {
        let may_stand_anywhere = self.engine.keywords.as_ref().is_none_or(|keywords| {
            let payload = view.alert().raw.text().as_bytes();
            keywords.others.may_stand_in_json(payload) || {
                self.scratch.gathered.0.clear();
                self.gather_columns(view);
                keywords.others.may_stand_in(&mut self.scratch.gathered.0)
            }
        });
        if may_stand_anywhere {
            self.everywhere(view, everywhere, true);
        }
    }

    /// Gathers the texts of columns in which a keyword may stand.
    fn gather_columns(&mut self, view: &AlertView<'_>) {
        let gathered = &mut self.scratch.gathered.0;
        each_said(view, &mut |leaf| match leaf {
            Value::Text(text) => {
                gathered.extend_from_slice(text.as_bytes());
                gathered.push(b'"');
            }
            Value::Bool(value) => gathered.extend_from_slice(if value { b"true\"" } else { b"false\"" }),
            // Keywords that a number could spell are looked for in every value.
            _ => {}
        });
    }

    /// Puts every value of what the source said to the keywords' tables.
    fn everywhere(&mut self, view: &'v AlertView<'_>, everywhere: FieldId, is_plain: bool) {
        self.scratch.knows_keywords = true;
        self.scratch.tell_many(self.engine);
        let (told, before) = (self.scratch.marks.told.len(), self.kept.len());
        let walked = if is_plain { payload::walk_values(self, view.alert().raw.text(), everywhere) } else { None };
        if walked.is_none() {
            // It may have put a value that does not count, since its key stands twice.
            self.scratch.marks.forget_from(told);
            self.scratch.many.forget();
            self.kept.truncate(before);
            let raw = view.column(Column::Raw);
            raw.into_iter().for_each(|value| {
                each_leaf(value, &mut |leaf| {
                    self.scalar(everywhere, leaf);
                });
            });
        }
        each_said(view, &mut |leaf| {
            self.scalar(everywhere, leaf);
        });
    }
}

/// Does something with every value of the columns that hold what the source said.
fn each_said<'v>(view: &'v AlertView<'_>, with: &mut impl FnMut(Value<'v>)) {
    for column in Column::FROM_SOURCE {
        if let Some(value) = canonical(view.alert(), column) {
            each_leaf(value, with);
        }
    }
}

fn each_leaf<'v>(value: Value<'v>, with: &mut impl FnMut(Value<'v>)) {
    any_leaf(value, &mut |leaf| {
        leaf.into_iter().for_each(&mut *with);
        false
    });
}
