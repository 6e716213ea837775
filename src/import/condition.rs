//! What a filter must match, built up by an importer and written as simply as it can be said.

use crate::yaml::layout::{Part, Shape};
use std::collections::BTreeSet;

/// A condition over alerts.
#[derive(Debug, Clone)]
pub(super) enum Cond {
    /// A key with its modifiers, and its value or values.
    Line(String, Shape),
    /// All of them hold.
    All(Vec<Cond>),
    /// At least one holds.
    Any(Vec<Cond>),
    /// It does not hold.
    Not(Box<Cond>),
    /// A selection of this name.
    Named(String, Box<Cond>),
    /// A selection written elsewhere.
    Written(Shape),
}

impl Cond {
    pub fn line(key: impl Into<String>, values: Vec<String>) -> Self {
        Self::Line(key.into(), values_of(values))
    }

    pub fn named(self, name: impl Into<String>) -> Self {
        Self::Named(name.into(), Box::new(self))
    }

    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// The value of `match`, and the parts of its condition in words where it has one.
    pub fn shape(&self) -> Shape {
        if let Some(shape) = self.plain() {
            return shape;
        }
        let mut writer = Writer { names: BTreeSet::new(), selections: Vec::new() };
        let condition = writer.expression(self, None, false);
        let mut entries = writer.selections;
        entries.push(("condition".to_owned(), Shape::text(condition)));
        Shape::map(entries)
    }

    /// As a map of lines, if that says it all.
    fn plain(&self) -> Option<Shape> {
        let mut lines = Vec::new();
        self.lines(&mut lines).then_some(())?;
        let keys: BTreeSet<&str> = lines.iter().map(|(key, _)| key.as_str()).collect();
        (keys.len() == lines.len() && !lines.is_empty()).then(|| Shape::map(lines.iter().cloned()))
    }

    /// Whether it is lines of which all must hold.
    fn lines(&self, out: &mut Vec<(String, Shape)>) -> bool {
        match self {
            Self::Line(key, value) => {
                out.push((key.clone(), value.clone()));
                true
            }
            Self::All(parts) => parts.iter().all(|part| part.lines(out)),
            Self::Named(_, inner) => inner.lines(out),
            Self::Any(_) | Self::Not(_) | Self::Written(_) => false,
        }
    }

    /// As what stands under a selection's name: a map, or a list of maps of which one must hold.
    fn selection(&self) -> Option<Shape> {
        match self {
            Self::Written(shape) => Some(shape.clone()),
            Self::Any(parts) if parts.len() > 1 => {
                let maps = parts.iter().map(Self::plain).collect::<Option<Vec<_>>>()?;
                let items = maps.into_iter().map(|map| Part::new(None, map)).collect();
                Some(Shape::List { items, flow: false, tail: Vec::new() })
            }
            other => other.plain(),
        }
    }
}

/// One value, or a list of them.
pub(super) fn values_of(mut values: Vec<String>) -> Shape {
    match values.len() {
        1 => Shape::text(values.remove(0)),
        _ => Shape::list(values.into_iter().map(Shape::text)),
    }
}

struct Writer {
    names: BTreeSet<String>,
    selections: Vec<(String, Shape)>,
}

impl Writer {
    /// The condition in Sigma's words; its selections are written beside it.
    fn expression(&mut self, cond: &Cond, name: Option<&str>, inside: bool) -> String {
        if let Cond::Named(name, inner) = cond {
            return self.expression(inner, Some(name), inside);
        }
        if let Some(selection) = cond.selection() {
            return self.name(name.unwrap_or("selection"), selection);
        }
        let (parts, link) = match cond {
            Cond::Not(inner) => return format!("not {}", self.expression(inner, name, true)),
            Cond::All(parts) => (parts, " and "),
            Cond::Any(parts) => (parts, " or "),
            Cond::Line(..) | Cond::Named(..) | Cond::Written(_) => (&Vec::new(), ""),
        };
        let one = parts.len() == 1;
        let said: Vec<String> = parts.iter().map(|part| self.expression(part, name, inside || !one)).collect();
        // `and` binds stronger than `or`, but nobody should have to know.
        if inside && !one { format!("({})", said.join(link)) } else { said.join(link) }
    }

    /// Gives a selection its name: that wanted, or one like it.
    fn name(&mut self, wanted: &str, selection: Shape) -> String {
        let known = self.selections.iter().find(|(name, known)| name == wanted && *known == selection);
        if let Some((name, _)) = known {
            return name.clone();
        }
        let reserved = matches!(wanted, "and" | "or" | "not" | "of" | "them" | "all" | "any" | "1" | "condition" | "");
        let mut name = if reserved { format!("s_{wanted}") } else { wanted.to_owned() };
        let mut number = 1;
        while !self.names.insert(name.clone()) {
            number += 1;
            name = format!("{wanted}_{number}");
        }
        self.selections.push((name.clone(), selection));
        name
    }
}

/// A text as a value that is compared with exactly this text: wildcards lose their meaning.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' | '?' => out.extend(['\\', c]),
            '\\' if matches!(chars.peek(), Some('*' | '?' | '\\')) => out.push_str("\\\\"),
            c => out.push(c),
        }
    }
    out
}

/// A key under `raw`, quoted where it must be.
pub(super) fn raw_key(parts: &[&str]) -> String {
    let quoted = |part: &&str| {
        let plain = !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '@' | '$'));
        if plain { (*part).to_owned() } else { format!("\"{}\"", part.replace('\\', "\\\\").replace('"', "\\\"")) }
    };
    std::iter::once("raw".to_owned()).chain(parts.iter().map(quoted)).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::layout::{Document, print};

    fn written(cond: &Cond) -> String {
        print(&[Document { value: Some(cond.shape()), ..Document::default() }])
    }

    fn line(key: &str) -> Cond {
        Cond::line(key, vec!["x".into()])
    }

    #[test]
    fn what_can_be_said_as_a_map_is() {
        let all = Cond::All(vec![line("a"), Cond::All(vec![line("b").named("n")])]);
        assert_eq!(written(&all), "a: x\nb: x\n");
        let twice = Cond::All(vec![line("a").named("one"), line("a").named("two"), line("b").named("one").negated()]);
        assert_eq!(
            written(&twice),
            "one:\n  a: x\ntwo:\n  a: x\none_2:\n  b: x\ncondition: one and two and not one_2\n"
        );
    }

    #[test]
    fn parentheses_stand_where_they_are_needed() {
        let either = Cond::Any(vec![line("a").named("a"), Cond::All(vec![line("b").named("b"), line("b").named("c")])]);
        let whole = Cond::All(vec![line("d").named("all"), either.negated()]);
        assert!(written(&whole).ends_with("condition: s_all and not (a or (b and c))\n"), "{}", written(&whole));
        let either = Cond::Any(vec![line("a"), line("b")]).named("either");
        assert_eq!(
            written(&Cond::All(vec![either, line("c").named("c")])),
            "either:\n  - a: x\n  - b: x\nc:\n  c: x\ncondition: either and c\n"
        );
    }

    #[test]
    fn wildcards_of_a_literal_mean_themselves() {
        for (text, value) in [("a*b?", r"a\*b\?"), (r"c:\x\", r"c:\x\"), (r"\\srv\*", r"\\\srv\\\*"), (r"a\\", r"a\\\")]
        {
            assert_eq!(literal(text), value);
        }
        assert_eq!(raw_key(&["labels", "a.b", "c"]), "raw.labels.\"a.b\".c");
    }
}
