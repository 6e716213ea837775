//! Keywords, which may stand anywhere in what the source said. Its values are put to the keywords' tables one by one only if
//! a look through all of its texts says that one may stand there.

use super::atoms::FieldId;
use super::payload;
use super::run::Walk;
use super::scratch::Gathered;
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
    pub fn may_lead(&mut self, json: &[u8]) -> bool {
        let room = &mut self.scratch.gathered.0;
        self.engine.keywords.as_ref().is_some_and(|keywords| keywords.leading.may_stand_in_json(json, room))
    }

    /// Looks for the keywords that lead to a condition, the payload's texts being gathered if it `is_plain`.
    pub fn leading_keywords(&mut self, view: &'v AlertView<'_>, everywhere: FieldId, is_plain: bool) {
        let may_stand_anywhere = match &self.engine.keywords {
            Some(keywords) if is_plain => {
                self.gathers() && {
                    gather_columns(view, &mut self.scratch.gathered);
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
            self.scratch.gathered.0.clear();
            keywords.others.may_stand_in_json(payload, &mut self.scratch.gathered.0) || {
                gather_columns(view, &mut self.scratch.gathered);
                keywords.others.may_stand_in(&mut self.scratch.gathered.0)
            }
        });
        if may_stand_anywhere {
            self.everywhere(view, everywhere, true);
        }
    }

    /// Puts every value of what the source said to the keywords' tables.
    fn everywhere(&mut self, view: &'v AlertView<'_>, everywhere: FieldId, is_plain: bool) {
        self.scratch.knows_keywords = true;
        self.scratch.tell_many(self.engine);
        let (told, before) = (self.scratch.marks.so_far(), self.kept.len());
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

/// Gathers the texts of the columns in which a keyword may stand.
fn gather_columns(view: &AlertView<'_>, gathered: &mut Gathered) {
    let alert = view.alert();
    // One behind the other rather than each by what column it is: to ask that costs more than most of them hold.
    let (entity, key) = (alert.compromised_entity.as_ref(), alert.correlation_key.as_ref());
    let (description, product, vendor) = (alert.description.as_ref(), alert.product.as_ref(), alert.vendor.as_ref());
    let texts = [Some(&alert.alert_type), Some(&alert.title), entity, key, description, product, vendor];
    texts.into_iter().flatten().for_each(|text| gathered.add_text(text));
    [&alert.recommendations, &alert.remediation_steps].into_iter().flatten().for_each(|text| gathered.add_text(text));
    for column in [Column::Entities, Column::ExtendedProperties, Column::Links, Column::Resources] {
        canonical(alert, column).into_iter().for_each(|value| {
            each_leaf(value, &mut |leaf| match leaf {
                Value::Text(text) => gathered.add_text(text),
                Value::Bool(value) => gathered.add_text(if value { "true" } else { "false" }),
                // Keywords that a number could spell are looked for in every value.
                _ => {}
            });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_every_column_in_which_a_keyword_may_stand_all_texts_are_gathered() {
        let all = serde_json::json!({
            "id": "al_00000000000000000000000000", "source": "native", "source_id": "1", "alert_type": "Type",
            "title": "Title", "severity": "medium", "status": "active", "received_time": "2026-06-01T12:00:00Z",
            "compromised_entity": "host", "correlation_key": "key", "description": "Description", "product": "Product",
            "vendor": "Vendor", "recommendations": ["first", "second"], "remediation_steps": ["step"],
            "entities": [{"type": "ip", "address": "10.0.0.1", "seen": [true, false, 7, null]}],
            "extended_properties": {"a": {"b": ["deep"]}}, "links": [{"href": "https://a.example", "label": "Label"}],
            "resources": [{"id": "/r/1", "type": "vm", "name": "web", "tags": {"env": "prod"}}],
            "tags": ["mine"], "assignee": "somebody", "raw": {"not": "here"},
        });
        let alert = serde_json::from_str(&all.to_string()).unwrap();
        let view = AlertView::new(&alert);
        for column in Column::FROM_SOURCE {
            assert!(view.column(column).is_some(), "{column:?} is not told");
        }
        let mut said = Vec::new();
        each_said(&view, &mut |leaf| match leaf {
            Value::Text(text) => said.push(text.to_owned()),
            Value::Bool(value) => said.push(value.to_string()),
            _ => {}
        });
        let mut gathered = Gathered::default();
        gather_columns(&view, &mut gathered);
        let gathered = String::from_utf8(gathered.0).unwrap();
        let mut gathered: Vec<&str> = gathered.split_terminator('"').collect();
        said.sort();
        gathered.sort_unstable();
        assert_eq!(gathered, said);
    }
}
