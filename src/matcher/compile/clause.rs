//! One line of a condition: a field with its modifiers, and the value or values it is compared with.

use super::super::codes;
use super::super::expr::{Block, Check, Clause, Expr, Line, Reach, SameAs};
use super::super::predicate::Predicate;
use super::compiler::{Compiler, MAX_BLOCK_VALUES, MAX_FIELDREFS};
use super::encoding::Encoding;
use super::key::{BlockReach, Key, Modifiers, Operator};
use super::shown::shown;
use crate::alert::field::{Field, FieldError, FieldType, Origin, Path, resolve};
use crate::diag::Span;
use crate::yaml::{Kind, MapEntry, Node};
use std::sync::Arc;

impl Compiler<'_> {
    /// Compiles one line; `element_of` is the field whose element a block is bound to.
    pub(super) fn clause(&mut self, entry: &MapEntry, element_of: Option<&Field>) -> Option<Expr> {
        let (key, field) = self.key(entry, element_of)?;
        let holds_maps = match &entry.value.kind {
            Kind::Map(_) => true,
            Kind::List(list) => list.iter().any(|element| element.as_map().is_some()),
            _ => false,
        };
        let negated = key.modifiers.negated;
        let expr = if holds_maps {
            self.block(entry, &key, field)?
        } else {
            let place = entry.key_part(key.operator_range.clone());
            self.check_modifiers(&key.modifiers, &field, place)?;
            self.line(entry, field, &key.modifiers, place, element_of)?
        };
        // `exists: false` is the negation of `exists: true`, and a negation of that is the thing itself.
        let absent = key.modifiers.operator == Operator::Exists && entry.value.kind == Kind::Bool(false);
        Some(if negated != absent { Expr::Not(Box::new(expr)) } else { expr })
    }

    fn key(&mut self, entry: &MapEntry, element_of: Option<&Field>) -> Option<(Key, Field)> {
        let key = match Key::parse(&entry.key) {
            Ok(key) => key,
            Err(faults) => {
                for fault in faults {
                    let place = entry.key_part(fault.range);
                    self.error(place, fault.code, fault.message).help = fault.help;
                }
                return None;
            }
        };
        let Some(path) = &key.path else {
            return self.keywords_key(entry, element_of).map(|field| (key, field));
        };
        match resolve_at(path, element_of) {
            Ok(field) => Some((key, field)),
            Err(error) => {
                let place = entry.key_part(path.segments[error.segment()].range.clone());
                let is_map = entry.value.as_map().is_some();
                self.unknown_field(place, path, is_map, &error, element_of);
                None
            }
        }
    }

    /// A key that is nothing but modifiers asks for keywords: `'|all': [a, b]`.
    fn keywords_key(&mut self, entry: &MapEntry, element_of: Option<&Field>) -> Option<Field> {
        if element_of.is_some() {
            let message = "keywords are looked for in the whole alert, not in one element";
            self.error(entry.key_span, codes::KEYWORDS, message).help("name a field of the element");
            return None;
        }
        Some(Field::everywhere())
    }

    /// Values without a field: each is looked for everywhere.
    pub(super) fn keywords(&mut self, values: &[&Node]) -> Option<Expr> {
        let (field, modifiers) = (Field::everywhere(), Modifiers::default());
        self.count_values(values.len(), values.first()?.span).then_some(())?;
        let tests: Vec<_> = values.iter().map(|value| self.tests(value, &field, &modifiers)).collect();
        let tests = tests.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
        let line =
            Line { key: "(keywords)".to_owned(), values: values.iter().map(|value| as_written(value)).collect() };
        Some(Expr::Clause(Clause { field, check: Check::AnyOf(tests), line: line.into() }))
    }

    fn unknown_field(
        &mut self,
        place: Span,
        path: &Path,
        is_map: bool,
        error: &FieldError,
        element_of: Option<&Field>,
    ) {
        let code = match error {
            FieldError::UnknownField { .. } => codes::UNKNOWN_FIELD,
            FieldError::UnknownEntityType { .. } => codes::UNKNOWN_ENTITY_TYPE,
            FieldError::NotARecord { .. } => codes::IMPOSSIBLE,
        };
        let help = match (error.meant(), error) {
            (Some(meant), _) => Some(format!("did you mean `{meant}`?")),
            (None, FieldError::UnknownField { known, segment, .. }) if *segment > 0 || element_of.is_some() => {
                Some(format!("there are {}", known.join(", ")))
            }
            (None, FieldError::UnknownField { .. }) if element_of.is_none() && is_map => {
                Some("to name selections, add a `condition` beside them".to_owned())
            }
            (None, FieldError::UnknownField { segment: 0, .. }) if element_of.is_none() => {
                Some(format!("what the source itself sent is under `raw`: `raw.{}`", shown(&path.to_string())))
            }
            _ => None,
        };
        self.error(place, code, error.to_string()).help = help;
    }

    /// A same-entity block: a map, or a list of maps of which one must hold for the element.
    fn block(&mut self, entry: &MapEntry, key: &Key, field: Field) -> Option<Expr> {
        let place = entry.key_part(key.operator_range.clone());
        if !field.has_elements() {
            let message = format!("`{}` holds {}; it cannot be compared with a map", field.name, noun(&field));
            let fault = self.error(place, codes::IMPOSSIBLE, message);
            if field.field_type() == FieldType::Object {
                fault.help("name the entity type: `entities.process: {...}`");
            }
            return None;
        }
        let Modifiers { operator, cased, all, reach, expand, part, .. } = key.modifiers;
        if operator != Operator::Equal || cased || all || expand || part.is_some() || key.modifiers.shape_text() {
            let message = "a map takes no modifiers but `every`, `none` and `neq`";
            self.error(place, codes::MODIFIERS, message).help("put them on the lines inside the map");
            return None;
        }
        let (reach, negated) = reach.map_or((Reach::Some, false), BlockReach::evaluated);
        let before = self.counted.values;
        let body = Box::new(self.maps(&entry.value, &entry.key, Some(&field))?);
        // What is inside is worked out for every element, without tables.
        // Those of a block within another are among its own.
        if !matches!(field.origin, Origin::Element) {
            self.counted.block_values += (self.counted.values - before).max(1);
        }
        if self.counted.block_values > MAX_BLOCK_VALUES {
            let message = format!("more than {MAX_BLOCK_VALUES} values inside of blocks in one condition");
            let fault = self.error(entry.key_span, codes::TOO_MANY, message);
            fault.help("put the long list on a line of its own, beside the block");
            return None;
        }
        let block = Expr::Block(Arc::new(Block { field, reach, body, key: entry.key.clone() }));
        Some(if negated { Expr::Not(Box::new(block)) } else { block })
    }

    /// Whether the modifiers make sense for the field, whatever the values.
    fn check_modifiers(&mut self, modifiers: &Modifiers, field: &Field, place: Span) -> Option<()> {
        use FieldType::{Any, Id, Ip, Number, Severity, Text, Time};
        let field_type = field.field_type();
        if let Some(reach) = modifiers.reach {
            let message = format!("`{}` is for a map of lines about one element", reach.word());
            let fault = self.error(place, codes::MODIFIERS, message);
            fault.help("such as `entities.file|every: {directory|startswith: /usr}`");
            return None;
        }
        let order = matches!(modifiers.operator, Operator::Equal | Operator::Order(_));
        let fits = match modifiers.operator {
            _ if modifiers.part.is_some() => order && matches!(field_type, Time | Any),
            _ if modifiers.shape_text() => matches!(field_type, Text | Id | Any),
            _ if field.origin == Origin::Everywhere => {
                matches!(modifiers.operator, Operator::Equal | Operator::Contains | Operator::Regex(_))
            }
            Operator::Equal | Operator::Exists => true,
            Operator::SameField => field_type != FieldType::Object,
            Operator::Contains | Operator::StartsWith | Operator::EndsWith | Operator::Regex(_) => {
                matches!(field_type, Text | Id | Ip | Any)
            }
            Operator::Network => matches!(field_type, Ip | Any),
            Operator::Order(_) => matches!(field_type, Number | Time | Severity | Any),
        };
        if !fits {
            let word = modifiers.word();
            let message = format!("`{word}` cannot hold for `{}`, which holds {}", field.name, noun(field));
            let help = match modifiers.operator {
                _ if modifiers.part.is_some() && order => "only times have minutes, hours, days…",
                _ if modifiers.part.is_some() => "a part of a time is compared with a number: `=` or `lt lte gt gte`",
                _ if modifiers.shape_text() => "only text can be encoded",
                _ if field.origin == Origin::Everywhere => "keywords are plain values or regular expressions",
                Operator::Network => "use it on addresses, such as `entities.ip.address`",
                Operator::Order(_) => "numbers, times and severities have an order",
                Operator::SameField => "name one of its fields",
                _ => "compare it with plain values",
            };
            self.error(place, codes::IMPOSSIBLE, message).help(help);
            return None;
        }
        self.check_text_modifiers(modifiers, field, place)
    }

    /// Whether the modifiers about texts go with the operator.
    fn check_text_modifiers(&mut self, modifiers: &Modifiers, field: &Field, place: Span) -> Option<()> {
        let plain = matches!(
            modifiers.operator,
            Operator::Equal | Operator::Contains | Operator::StartsWith | Operator::EndsWith
        );
        let word = modifiers.operator.word();
        if modifiers.shape_text() && !plain {
            let message = format!("`{word}` and `{}` do not go together", modifiers.word());
            let help = "dashes and encodings are for plain values, `contains`, `startswith` and `endswith`";
            self.error(place, codes::MODIFIERS, message).help(help);
            return None;
        }
        if modifiers.operator == Operator::Equal && modifiers.encodings.contains(&Encoding::Base64Offset) {
            let message = "`base64offset` makes pieces of a longer text, which a whole value never equals";
            self.warning(place, codes::WHOLE_OFFSET, message).help("add `|contains` after it");
        }
        if modifiers.expand && matches!(modifiers.operator, Operator::Exists | Operator::SameField) {
            let message = format!("`{word}` and `expand` do not go together");
            self.error(place, codes::MODIFIERS, message);
            return None;
        }
        if modifiers.cased && matches!(modifiers.operator, Operator::Regex(_)) {
            let fault = self.error(place, codes::MODIFIERS, "`re` and `cased` do not go together");
            fault.help("`re` is case-sensitive unless `i` follows it");
            return None;
        }
        if let (true, Some(part)) = (modifiers.cased, modifiers.part) {
            let message = format!("`{}` and `cased` do not go together", part.word());
            self.error(place, codes::MODIFIERS, message).help("leave `cased` out; only text is compared with case");
            return None;
        }
        let compares_text = (plain || modifiers.operator == Operator::SameField) && modifiers.part.is_none();
        if modifiers.cased && !(compares_text && matches!(field.field_type(), FieldType::Text | FieldType::Any)) {
            let message = format!("`cased` cannot hold for `{}`, which holds {}", field.name, noun(field));
            self.error(place, codes::IMPOSSIBLE, message).help("only text is compared with case");
            return None;
        }
        Some(())
    }

    fn line(
        &mut self,
        entry: &MapEntry,
        field: Field,
        modifiers: &Modifiers,
        place: Span,
        element_of: Option<&Field>,
    ) -> Option<Expr> {
        let values = entry.value.as_list().unwrap_or(std::slice::from_ref(&entry.value));
        let values = values.iter().map(as_written).collect();
        let line = Arc::new(Line { key: entry.key.clone(), values });
        let value = &entry.value;
        let check = match modifiers.operator {
            Operator::Exists => self.exists(value, modifiers, place)?,
            Operator::SameField => return self.same_field(value, &field, modifiers, &line, element_of),
            _ => match self.tests_of(value, &field, modifiers, place)? {
                Tests::Null => Check::Null,
                // `neq` asks that no value is met, with or without `all`: each of them is negated.
                Tests::Each(tests) if !modifiers.all || modifiers.negated => {
                    Check::AnyOf(tests.into_iter().flatten().collect())
                }
                Tests::Each(tests) if tests.iter().all(|forms| forms.len() == 1) => {
                    Check::AllOf(tests.into_iter().flatten().collect())
                }
                // One value in several forms is met in any of them.
                Tests::Each(tests) => {
                    let part = |forms| {
                        Expr::Clause(Clause { field: field.clone(), check: Check::AnyOf(forms), line: line.clone() })
                    };
                    return Some(Expr::All(tests.into_iter().map(part).collect()));
                }
            },
        };
        Some(Expr::Clause(Clause { field, check, line }))
    }

    /// The tests of each value of a line.
    fn tests_of(&mut self, value: &Node, field: &Field, modifiers: &Modifiers, place: Span) -> Option<Tests> {
        let plain = modifiers.operator == Operator::Equal && modifiers.part.is_none() && !modifiers.shape_text();
        let values = match &value.kind {
            Kind::Null if plain && !modifiers.cased && !modifiers.all && field.origin != Origin::Everywhere => {
                self.count_values(1, value.span);
                return Some(Tests::Null);
            }
            Kind::List(list) if list.is_empty() => {
                let message = format!("the list for `{}` is empty", field.name);
                self.error(value.span, codes::EMPTY_LIST, message)
                    .help("an empty list matches nothing; remove the line");
                return None;
            }
            Kind::List(list) => list.as_slice(),
            _ => std::slice::from_ref(value),
        };
        if modifiers.all && value.as_list().is_none() {
            let fault = self.error(place, codes::ALL_ON_ONE, "`all` needs a list of values");
            fault.help("remove `all`, or write the values as a list");
            return None;
        }
        if !self.count_values(values.len(), value.span) {
            return None;
        }
        // Collected first, so that the faults of all values are told.
        let tests: Vec<Option<_>> = values.iter().map(|value| self.tests(value, field, modifiers)).collect();
        tests.into_iter().collect::<Option<_>>().map(Tests::Each)
    }

    /// A line whose values are other fields. A list of them is an OR, or with `all` an AND.
    fn same_field(
        &mut self,
        value: &Node,
        field: &Field,
        modifiers: &Modifiers,
        line: &Arc<Line>,
        element_of: Option<&Field>,
    ) -> Option<Expr> {
        let names = value.as_list().unwrap_or(std::slice::from_ref(value));
        if !self.count_values(names.len(), value.span) {
            return None;
        }
        if names.is_empty() {
            let message = format!("the list for `{}` is empty", field.name);
            self.error(value.span, codes::EMPTY_LIST, message).help("name the field to compare with");
            return None;
        }
        self.counted.fieldrefs += names.len();
        if self.counted.fieldrefs > MAX_FIELDREFS {
            let message = format!("more than {MAX_FIELDREFS} other fields in one condition");
            self.error(value.span, codes::TOO_MANY, message).help("split the rule");
            return None;
        }
        let clauses: Vec<_> = names
            .iter()
            .map(|name| {
                let other = self.other_field(name, field, element_of)?;
                let check = Check::SameAs(Arc::new(SameAs { other, cased: modifiers.cased }));
                Some(Expr::Clause(Clause { field: field.clone(), check, line: line.clone() }))
            })
            .collect();
        let mut clauses = clauses.into_iter().collect::<Option<Vec<_>>>()?;
        Some(match clauses.len() {
            1 => clauses.remove(0),
            _ if modifiers.all && !modifiers.negated => Expr::All(clauses),
            _ => Expr::Any(clauses),
        })
    }

    fn other_field(&mut self, name: &Node, field: &Field, element_of: Option<&Field>) -> Option<Field> {
        let Some(text) = name.as_text() else {
            let message = format!("`fieldref` takes the name of a field, not {}", name.kind_name());
            self.error(name.span, codes::VALUE, message);
            return None;
        };
        let path = match Path::parse(text) {
            Ok(path) => path,
            Err(fault) => {
                let place = name.part(fault.at..text.len());
                self.error(place, codes::PATH, fault.to_string());
                return None;
            }
        };
        match resolve_at(&path, element_of) {
            Err(error) => {
                let place = name.part(path.segments[error.segment()].range.clone());
                self.unknown_field(place, &path, false, &error, element_of);
                None
            }
            Ok(other) if !comparable(field.field_type(), other.field_type()) => {
                let message = format!(
                    "`{}` holds {} and `{}` {}; they are never the same",
                    field.name,
                    noun(field),
                    other.name,
                    noun(&other)
                );
                self.error(name.span, codes::IMPOSSIBLE, message)
                    .help("compare fields that hold the same kind of value");
                None
            }
            Ok(other) => Some(other),
        }
    }

    fn exists(&mut self, value: &Node, modifiers: &Modifiers, place: Span) -> Option<Check> {
        if modifiers.all || modifiers.cased || modifiers.negated || modifiers.part.is_some() {
            self.error(place, codes::MODIFIERS, "`exists` takes no other modifier").help("write `exists: false`");
            return None;
        }
        let Kind::Bool(_) = value.kind else {
            let message = format!("`exists` takes true or false, not {}", value.kind_name());
            self.error(value.span, codes::VALUE, message);
            return None;
        };
        self.count_values(1, value.span);
        Some(Check::Exists)
    }
}

fn noun(field: &Field) -> &'static str {
    field.field_type().noun()
}

/// The tests of a line's values.
enum Tests {
    /// The value is `null`, alone.
    Null,
    /// For each value the forms it takes.
    Each(Vec<Vec<Predicate>>),
}

fn resolve_at(path: &Path, element_of: Option<&Field>) -> Result<Field, FieldError> {
    match element_of {
        None => resolve(path),
        Some(field) => field.resolve_within(path),
    }
}

/// Whether values of two types can be the same.
fn comparable(one: FieldType, other: FieldType) -> bool {
    use FieldType::{Any, Id, Ip, Number, Object, Severity, Status, Text};
    let of_text = |field_type| matches!(field_type, Text | Id | Ip | Severity | Status);
    match (one, other) {
        (Object, _) | (_, Object) => false,
        (Any, _) | (_, Any) => true,
        (Text, Number) | (Number, Text) => true,
        (one, other) => one == other || of_text(one) && of_text(other),
    }
}

/// A value as people read it.
fn as_written(node: &Node) -> String {
    node.written().map_or_else(|| node.kind_name().to_owned(), shown)
}
