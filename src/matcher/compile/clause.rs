//! One line of a condition: a field with its modifiers, and the value or values it is compared with.

use super::super::codes;
use super::super::expr::{Block, Check, Clause, Expr, Reach};
use super::super::predicate::Predicate;
use super::compiler::Compiler;
use super::key::{BlockReach, Key, Modifiers, Operator};
use super::place::{inside, shown};
use crate::alert::field::{Field, FieldError, FieldType, resolve};
use crate::diag::Span;
use crate::yaml::{Kind, MapEntry, Node};

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
            let place = inside(entry.key_span, &entry.key, key.operator_range.clone());
            self.check_modifiers(&key.modifiers, &field, place)?;
            let check = self.check(&entry.value, &field, &key.modifiers, place)?;
            Expr::Clause(Clause { field, check })
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
                    let place = inside(entry.key_span, &entry.key, fault.range);
                    self.error(place, fault.code, fault.message).help = fault.help;
                }
                return None;
            }
        };
        let resolved = match element_of {
            None => resolve(&key.path),
            Some(field) => field.resolve_within(&key.path),
        };
        match resolved {
            Ok(field) => Some((key, field)),
            Err(error) => {
                self.unknown_field(entry, &key, &error, element_of);
                None
            }
        }
    }

    fn unknown_field(&mut self, entry: &MapEntry, key: &Key, error: &FieldError, element_of: Option<&Field>) {
        let code = match error {
            FieldError::UnknownField { .. } => codes::UNKNOWN_FIELD,
            FieldError::UnknownEntityType { .. } => codes::UNKNOWN_ENTITY_TYPE,
            FieldError::NotARecord { .. } => codes::IMPOSSIBLE,
        };
        let help = match (error.meant(), error) {
            (Some(meant), _) => Some(format!("did you mean `{meant}`?")),
            (None, FieldError::UnknownField { .. }) if element_of.is_none() && entry.value.as_map().is_some() => {
                Some("to name selections, add a `condition` beside them".to_owned())
            }
            (None, FieldError::UnknownField { segment: 0, .. }) if element_of.is_none() => {
                Some(format!("what the source itself sent is under `raw`: `raw.{}`", shown(&key.path.to_string())))
            }
            _ => None,
        };
        let place = inside(entry.key_span, &entry.key, key.path.segments[error.segment()].range.clone());
        self.error(place, code, error.to_string()).help = help;
    }

    /// A same-entity block: a map, or a list of maps of which one must hold for the element.
    fn block(&mut self, entry: &MapEntry, key: &Key, field: Field) -> Option<Expr> {
        let place = inside(entry.key_span, &entry.key, key.operator_range.clone());
        if !field.has_elements() {
            let message = format!("`{}` holds {}; it cannot be compared with a map", field.name, noun(&field));
            let fault = self.error(place, codes::IMPOSSIBLE, message);
            if field.field_type() == FieldType::Object {
                fault.help("name the entity type: `entities.process: {...}`");
            }
            return None;
        }
        let Modifiers { operator, cased, all, reach, .. } = key.modifiers;
        if operator != Operator::Equal || cased || all {
            let message = "a map takes no modifiers but `every`, `none` and `neq`";
            self.error(place, codes::MODIFIERS, message).help("put them on the lines inside the map");
            return None;
        }
        let (reach, negated) = reach.map_or((Reach::Some, false), BlockReach::evaluated);
        let body = Box::new(self.maps(&entry.value, &entry.key, Some(&field))?);
        let block = Expr::Block(Block { field, reach, body });
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
        let fits = match modifiers.operator {
            Operator::Equal | Operator::Exists => true,
            Operator::Contains | Operator::StartsWith | Operator::EndsWith | Operator::Regex(_) => {
                matches!(field_type, Text | Id | Ip | Any)
            }
            Operator::Network => matches!(field_type, Ip | Any),
            Operator::Order(_) => matches!(field_type, Number | Time | Severity | Any),
        };
        if !fits {
            let word = modifiers.operator.word();
            let message = format!("`{word}` cannot hold for `{}`, which holds {}", field.name, noun(field));
            let help = match modifiers.operator {
                Operator::Network => "use it on addresses, such as `entities.ip.address`",
                Operator::Order(_) => "numbers, times and severities have an order",
                _ => "compare it with plain values",
            };
            self.error(place, codes::IMPOSSIBLE, message).help(help);
            return None;
        }
        let of_text = matches!(
            modifiers.operator,
            Operator::Equal | Operator::Contains | Operator::StartsWith | Operator::EndsWith
        );
        if modifiers.cased && matches!(modifiers.operator, Operator::Regex(_)) {
            let fault = self.error(place, codes::MODIFIERS, "`re` and `cased` do not go together");
            fault.help("`re` is case-sensitive unless `i` follows it");
            return None;
        }
        if modifiers.cased && !(of_text && matches!(field_type, Text | Any)) {
            let message = format!("`cased` cannot hold for `{}`, which holds {}", field.name, noun(field));
            self.error(place, codes::IMPOSSIBLE, message).help("only text is compared with case");
            return None;
        }
        Some(())
    }

    fn check(&mut self, value: &Node, field: &Field, modifiers: &Modifiers, place: Span) -> Option<Check> {
        if modifiers.operator == Operator::Exists {
            return self.exists(value, modifiers, place);
        }
        let values = match &value.kind {
            Kind::Null if modifiers.operator == Operator::Equal && !modifiers.cased && !modifiers.all => {
                self.count_values(1, value.span);
                return Some(Check::Null);
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
        let test = |value| self.predicate(value, field, modifiers.operator, modifiers.cased);
        // Collected first, so that the faults of all values are told.
        let tests: Vec<Option<Predicate>> = values.iter().map(test).collect();
        let tests: Vec<Predicate> = tests.into_iter().collect::<Option<_>>()?;
        // `neq` asks that no value is met, with or without `all`: each of them is negated.
        Some(if modifiers.all && !modifiers.negated { Check::AllOf(tests) } else { Check::AnyOf(tests) })
    }

    fn exists(&mut self, value: &Node, modifiers: &Modifiers, place: Span) -> Option<Check> {
        if modifiers.all || modifiers.cased || modifiers.negated {
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
