//! Named selections and the condition that combines them; maps and lists of maps.

use super::super::analysis::{exclude, place};
use super::super::codes;
use super::super::expr::{self, Check, Clause, Expr};
use super::super::predicate::Predicate;
use super::compiler::{Compiler, MAX_VALUES};
use super::grammar::{self, Fault, Logic};
use super::shown::shown;
use crate::alert::field::{Field, Path, resolve};
use crate::diag::Span;
use crate::yaml::{Kind, Map, MapEntry, Node};
use std::sync::Arc;

/// A selection compiled; `None` where it had errors.
struct Selection<'n> {
    entry: &'n MapEntry,
    expr: Option<Arc<expr::Selection>>,
    values: usize,
    used: bool,
}

impl Compiler<'_> {
    /// A map with a `condition`: every other key names a selection.
    pub(super) fn selections(&mut self, map: &Map) -> Option<Expr> {
        let mut selections: Vec<Selection<'_>> = Vec::new();
        let mut condition = None;
        for entry in map {
            if entry.key == "condition" {
                condition = Some(&entry.value);
                continue;
            }
            let named = self.selection_name(entry);
            let before = self.counted.values;
            // Under a key that names no selection stand values of a field: one fault is enough.
            let expr = if named || holds_maps(&entry.value) { self.maps(&entry.value, &entry.key, None) } else { None };
            let expr = expr.map(|expr| Arc::new(expr::Selection { name: entry.key.clone(), expr }));
            selections.push(Selection { entry, expr, values: self.counted.values - before, used: !named });
        }
        // From here on values count where they are used.
        self.counted.values = 0;
        let whole = self.combine(condition?, &mut selections);
        for selection in selections.iter().filter(|selection| !selection.used) {
            // What a broken condition would have named is not known.
            if whole.is_some() {
                let message = format!("nothing uses the selection `{}`", shown(&selection.entry.key));
                let fault = self.warning(selection.entry.key_span, codes::UNUSED_SELECTION, message);
                fault.help("name it in the `condition`, or remove it");
            }
        }
        whole.flatten()
    }

    /// Whether a condition can name it.
    fn selection_name(&mut self, entry: &MapEntry) -> bool {
        let keyword = matches!(&*entry.key, "and" | "or" | "not" | "of" | "them" | "all" | "any" | "1");
        let plain = entry.key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        let good = plain && !keyword && !entry.key.is_empty();
        if !good {
            let message = format!("`{}` cannot name a selection", shown(&entry.key));
            let fault = self.error(entry.key_span, codes::CONDITION, message);
            fault.help("beside `condition`, every key names a selection: letters, digits, `_` and `-`, not a keyword");
        }
        good
    }

    /// The outer `None` means that the condition itself could not be read.
    fn combine(&mut self, node: &Node, selections: &mut [Selection<'_>]) -> Option<Option<Expr>> {
        let texts = match &node.kind {
            Kind::List(list) if list.is_empty() => {
                self.error(node.span, codes::EMPTY_LIST, "the list of conditions is empty");
                return None;
            }
            Kind::List(list) => list.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let names: Vec<&str> = selections.iter().map(|selection| selection.entry.key.as_str()).collect();
        let read: Vec<Option<Logic>> = texts.iter().map(|text| self.read_condition(text, &names)).collect();
        let logic = Logic::Any(read.into_iter().collect::<Option<_>>()?);
        let mut values = 0_usize;
        logic.visit(&mut |number| {
            selections[number].used = true;
            values = values.saturating_add(selections[number].values);
        });
        if !self.count_values(values, node.span) {
            return Some(None);
        }
        Some(expr(&logic, selections))
    }

    fn read_condition(&mut self, node: &Node, names: &[&str]) -> Option<Logic> {
        let Some(text) = node.as_text() else {
            let message = format!("a condition is a text, not {}", node.kind_name());
            self.error(node.span, codes::CONDITION, message).help("such as `selection and not 1 of filter_*`");
            return None;
        };
        let mut negated = Vec::new();
        let faults = match grammar::parse_noting(text, names, &mut negated) {
            Ok(logic) => {
                negated.into_iter().for_each(|(range, members)| self.expand(node.part(range), &members, names));
                return Some(logic);
            }
            Err(faults) => faults,
        };
        for (range, fault) in faults {
            let place = node.part(range);
            match fault {
                Fault::Syntax(message) => _ = self.error(place, codes::CONDITION, shown(&message)),
                Fault::UnknownSelection(name, meant) => {
                    let message = match name.contains('*') {
                        true => format!("no selection fits `{}`", shown(&name)),
                        false => format!("the condition names the selection `{}`, which does not exist", shown(&name)),
                    };
                    let fault = self.error(place, codes::UNKNOWN_SELECTION, message);
                    fault.help(match meant {
                        Some(meant) => format!("did you mean `{}`?", shown(&meant)),
                        None => there_are(names),
                    });
                }
                Fault::TooMany => {
                    let message = format!("the condition names more than {MAX_VALUES} selections");
                    self.error(place, codes::TOO_MANY, message).help("a pattern counts as every selection it fits");
                }
                Fault::TooDeep => {
                    let message = format!("the condition is nested deeper than {} levels", grammar::MAX_DEPTH);
                    self.error(place, codes::TOO_DEEP, message).help("split it into selections of their own");
                }
            }
        }
        None
    }

    /// Says what a `not 1 of x*` stands for, since it is often written where `not all of x*` is meant.
    fn expand(&mut self, place: Span, members: &[usize], names: &[&str]) {
        const SHOWN: usize = 5;
        let mut listed: Vec<String> = members.iter().take(SHOWN).map(|number| names[*number].to_owned()).collect();
        if members.len() > SHOWN {
            listed.push(format!("… ({} in all)", members.len()));
        }
        let message = format!("this reads `not ({})`: none of them may hold", listed.join(" or "));
        let note = self.note(place, codes::EXPANDED, message);
        note.help("if one of them may hold as long as another does not, write `not all of`");
    }

    /// A map, or a list of maps of which one must hold: the whole of `match`, a selection, or a block's body.
    pub(super) fn maps(&mut self, node: &Node, name: &str, element_of: Option<&Field>) -> Option<Expr> {
        match &node.kind {
            Kind::Map(map) => self.conjunction(map, node.span, element_of),
            Kind::List(list) if list.is_empty() => {
                self.error(node.span, codes::EMPTY_LIST, format!("the list under `{}` is empty", shown(name)));
                None
            }
            Kind::List(list) => self.alternatives(list, name, element_of),
            _ => {
                let message = format!("`{}` is a map of fields, not {}", shown(name), node.kind_name());
                let fault = self.error(node.span, codes::SHAPE, message);
                fault.help(
                    "beside `condition`, every key names a selection: put fields into one, such as `a: {title: x}`",
                );
                None
            }
        }
    }

    /// Maps, of which one must hold, and keywords, of which one must be found.
    fn alternatives(&mut self, list: &[Node], name: &str, element_of: Option<&Field>) -> Option<Expr> {
        let keywords: Vec<&Node> = list.iter().filter(|node| node.written().is_some()).collect();
        let mut parts: Vec<Option<Expr>> = Vec::new();
        match keywords.first() {
            Some(first) if element_of.is_some() => {
                let message = "keywords are looked for in the whole alert, not in one element";
                self.error(first.span, codes::KEYWORDS, message).help("name a field of the element");
                return None;
            }
            // Most probably a field whose `condition` was not meant to stand beside it.
            Some(first) if Path::parse(name).is_ok_and(|path| resolve(&path).is_ok()) => {
                let message = format!("`{}` names a field and holds keywords", shown(name));
                let help =
                    "put the field into a selection, such as `a: {title: [x, y]}`, or give the keywords another name";
                self.error(first.span, codes::KEYWORDS, message).help(help);
                return None;
            }
            Some(_) => parts.push(self.keywords(&keywords)),
            None => {}
        }
        for node in list.iter().filter(|node| node.written().is_none()) {
            parts.push(self.alternative(node, name, element_of));
        }
        let mut parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
        Some(if parts.len() == 1 { parts.remove(0) } else { Expr::Any(parts) })
    }

    fn alternative(&mut self, node: &Node, name: &str, element_of: Option<&Field>) -> Option<Expr> {
        if let Some(map) = node.as_map() {
            return self.conjunction(map, node.span, element_of);
        }
        let message = format!("the list under `{}` holds maps, not {}", shown(name), node.kind_name());
        self.error(node.span, codes::SHAPE, message).help("such as `- title: x`");
        None
    }

    /// A map without lines, unless its lines had faults.
    fn empty(&mut self, span: Span, element_of: Option<&Field>) {
        if self.is_broken_in(span) {
            return;
        }
        match element_of {
            None => {
                let fault = self.error(span, codes::MATCHES_EVERYTHING, "this condition matches every alert");
                fault.help("it is empty; say what must be there, such as an `alert_type`");
            }
            Some(field) => {
                let message = format!("nothing is asked of an element of `{}`", field.name);
                let fault = self.error(span, codes::SHAPE, message);
                fault.help(format!("say what it must hold, or `{}|exists: true` if it need only be there", field.name));
            }
        }
    }

    fn conjunction(&mut self, map: &Map, span: Span, element_of: Option<&Field>) -> Option<Expr> {
        if map.is_empty() {
            self.empty(span, element_of);
            return None;
        }
        let parts: Vec<Option<Expr>> = map.iter().map(|entry| self.clause(entry, element_of)).collect();
        let parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
        self.report_empty_ranges(map, &parts);
        Some(Expr::All(parts))
    }

    /// `count|gt: 5` beside `count|lt: 3`: both hold only where the field has several values.
    fn report_empty_ranges(&mut self, map: &Map, parts: &[Expr]) {
        // Nobody writes more lines of ranges, and each is compared with all others.
        const MOST_LINES: usize = 64;
        let lines = || map.iter().zip(parts).take(MOST_LINES).filter_map(|(entry, part)| Some((entry, tests(part)?)));
        for (number, (entry, (field, tests))) in lines().enumerate() {
            let against = lines().take(number).find(|(_, (same, others))| {
                place(field) == place(same) && tests.iter().all(|one| others.iter().all(|other| exclude(one, other)))
            });
            if let Some((other, _)) = against {
                let message = format!("no one value meets this line and `{}`", shown(&other.key));
                let fault = self.warning(entry.key_span, codes::EMPTY_RANGE, message);
                fault.help("turn one of them round; for values outside of a range write a list of two maps");
            }
        }
    }
}

/// The few tests of one field of which a value has to pass one.
fn tests(part: &Expr) -> Option<(&Field, &[Predicate])> {
    match part {
        Expr::Clause(Clause { field, check: Check::AnyOf(tests), .. }) if tests.len() <= 8 => Some((field, tests)),
        _ => None,
    }
}

fn holds_maps(node: &Node) -> bool {
    let elements = node.as_list().unwrap_or(std::slice::from_ref(node));
    elements.iter().any(|element| element.as_map().is_some())
}

/// The selections a condition can name, the first few of them.
fn there_are(names: &[&str]) -> String {
    const MOST: usize = 5;
    if names.is_empty() {
        return "write it beside `condition`, as a map of fields".to_owned();
    }
    let listed: Vec<String> = names.iter().take(MOST).map(|name| format!("`{}`", shown(name))).collect();
    let more = if names.len() > MOST { ", …" } else { "" };
    format!("there are {}{more}", listed.join(", "))
}

fn expr(logic: &Logic, selections: &[Selection<'_>]) -> Option<Expr> {
    let list = |parts: &[Logic]| parts.iter().map(|part| expr(part, selections)).collect::<Option<Vec<_>>>();
    match logic {
        Logic::All(parts) => list(parts).map(Expr::All),
        Logic::Any(parts) => list(parts).map(Expr::Any),
        Logic::Not(part) => expr(part, selections).map(|part| Expr::Not(Box::new(part))),
        Logic::Selection(number) => selections[*number].expr.clone().map(Expr::Selection),
    }
}
