//! A Sigma rule as a tree of plain tests, for the engines that do not read Sigma.

use rsigma_parser::{
    ConditionExpr, Detection, DetectionItem, Modifier, Quantifier, SelectorPattern, SigmaRule, SigmaString, SigmaValue,
    SpecialChar, StringPart,
};
use std::collections::BTreeMap;

/// What a rule asks.
#[derive(Debug, Clone)]
pub enum Tree {
    /// All of these.
    All(Vec<Self>),
    /// One of these.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// Tests of one field.
    Item(Item),
}

/// Tests of one field, one or all of which must hold.
#[derive(Debug, Clone)]
pub struct Item {
    /// The field.
    pub field: String,
    /// Whether all must hold.
    pub all: bool,
    /// The tests.
    pub tests: Vec<Test>,
}

/// A test of a value.
#[derive(Debug, Clone)]
pub enum Test {
    /// A text stands in the value.
    Text {
        /// Where.
        place: Place,
        /// The text.
        text: String,
        /// Whether case counts.
        cased: bool,
    },
    /// A regular expression, its flags in it, finds something.
    Regex(String),
    /// The number stands so to another.
    Number(Order, i64),
    /// It is true, or false.
    Bool(bool),
    /// It is null or missing.
    Null,
}

/// Where a text stands in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is the value.
    Whole,
    /// At its start.
    Start,
    /// At its end.
    End,
    /// Anywhere.
    Inside,
}

/// How a value stands to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Equal.
    Equal,
    /// Less.
    Less,
    /// Less or equal.
    AtMost,
    /// Greater.
    Greater,
    /// Greater or equal.
    AtLeast,
}

/// What a rule asks; none if it asks for something there is no plain test for.
pub fn tree(rule: &SigmaRule) -> Option<Tree> {
    let named = rule.detection.named.iter().map(|(name, detection)| Some((&**name, selection(detection)?)));
    let named: BTreeMap<&str, Tree> = named.collect::<Option<_>>()?;
    let conditions = rule.detection.conditions.iter().map(|condition| expression(condition, &named));
    Some(Tree::Any(conditions.collect::<Option<_>>()?).simplified())
}

impl Tree {
    /// Without groups of one.
    fn simplified(self) -> Self {
        match self {
            Self::All(mut list) | Self::Any(mut list) if list.len() == 1 => list.remove(0).simplified(),
            Self::All(list) => Self::All(list.into_iter().map(Self::simplified).collect()),
            Self::Any(list) => Self::Any(list.into_iter().map(Self::simplified).collect()),
            Self::Not(inner) => Self::Not(Box::new(inner.simplified())),
            Self::Item(item) => Self::Item(item),
        }
    }
}

fn expression(condition: &ConditionExpr, named: &BTreeMap<&str, Tree>) -> Option<Tree> {
    let list = |parts: &[ConditionExpr]| parts.iter().map(|part| expression(part, named)).collect::<Option<Vec<_>>>();
    Some(match condition {
        ConditionExpr::And(parts) => Tree::All(list(parts)?),
        ConditionExpr::Or(parts) => Tree::Any(list(parts)?),
        ConditionExpr::Not(part) => Tree::Not(Box::new(expression(part, named)?)),
        ConditionExpr::Identifier(name) => named.get(&**name)?.clone(),
        ConditionExpr::Selector { quantifier, pattern } => {
            let selected =
                named.iter().filter(|(name, _)| selects(pattern, name)).map(|(_, tree)| tree.clone()).collect();
            match quantifier {
                Quantifier::All => Tree::All(selected),
                Quantifier::Any | Quantifier::Count(1) => Tree::Any(selected),
                Quantifier::Count(_) => return None,
            }
        }
    })
}

fn selects(pattern: &SelectorPattern, name: &str) -> bool {
    pattern.matches_detection_name(name)
}

fn selection(detection: &Detection) -> Option<Tree> {
    let list = |parts: &[Detection]| parts.iter().map(selection).collect::<Option<Vec<_>>>();
    match detection {
        Detection::AllOf(items) => items.iter().map(item).collect::<Option<_>>().map(Tree::All),
        Detection::AnyOf(parts) => list(parts).map(Tree::Any),
        Detection::And(parts) => list(parts).map(Tree::All),
        Detection::Keywords(_) | Detection::ArrayMatch { .. } | Detection::Conditional { .. } => None,
    }
}

fn item(item: &DetectionItem) -> Option<Tree> {
    let modifiers = &item.field.modifiers;
    let tests = item.values.iter().map(|value| test(value, modifiers)).collect::<Option<Vec<_>>>()?;
    let tests = Item { field: item.field.name.clone()?, all: modifiers.contains(&Modifier::All), tests };
    let negated = modifiers.contains(&Modifier::Neq);
    Some(if negated { Tree::Not(Box::new(Tree::Item(tests))) } else { Tree::Item(tests) })
}

fn test(value: &SigmaValue, modifiers: &[Modifier]) -> Option<Test> {
    use Modifier::{
        All, Cased, Contains, DotAll, EndsWith, Gt, Gte, IgnoreCase, Lt, Lte, Multiline, Neq, Re, StartsWith, WindAsh,
    };
    let known = |modifier: &Modifier| {
        let texts = matches!(modifier, Contains | StartsWith | EndsWith | Cased | WindAsh);
        let regexes = matches!(modifier, Re | IgnoreCase | Multiline | DotAll);
        texts || regexes || matches!(modifier, All | Neq | Gt | Gte | Lt | Lte)
    };
    let has = |modifier: Modifier| modifiers.contains(&modifier);
    if !modifiers.iter().all(known) {
        return None;
    }
    let order = [(Lt, Order::Less), (Lte, Order::AtMost), (Gt, Order::Greater), (Gte, Order::AtLeast)];
    let order = order.into_iter().find(|(modifier, _)| has(*modifier)).map(|(_, order)| order);
    match value {
        SigmaValue::Integer(number) if has(Contains) || has(StartsWith) || has(EndsWith) => {
            Some(pattern(&SigmaString::new(&number.to_string()), modifiers))
        }
        SigmaValue::Integer(number) => Some(Test::Number(order.unwrap_or(Order::Equal), *number)),
        SigmaValue::String(text) if has(Re) => {
            let flags = [(IgnoreCase, "(?i)"), (Multiline, "(?m)"), (DotAll, "(?s)")];
            let flags: String = flags.into_iter().filter(|(flag, _)| has(*flag)).map(|(_, flag)| flag).collect();
            Some(Test::Regex(format!("{flags}{}", text.original)))
        }
        SigmaValue::String(text) if order.is_none() => Some(pattern(text, modifiers)),
        SigmaValue::Bool(value) => Some(Test::Bool(*value)),
        SigmaValue::Null => Some(Test::Null),
        SigmaValue::String(_) | SigmaValue::Float(_) => None,
    }
}

/// A text with wildcards: a plain text at some place if it can be, else a regular expression.
fn pattern(text: &SigmaString, modifiers: &[Modifier]) -> Test {
    let star = StringPart::Special(SpecialChar::WildcardMulti);
    let has = |modifier| modifiers.contains(&modifier);
    let mut parts = &*text.parts;
    let mut loose_start = has(Modifier::Contains) || has(Modifier::EndsWith);
    let mut loose_end = has(Modifier::Contains) || has(Modifier::StartsWith);
    while let Some(rest) = parts.strip_prefix(std::slice::from_ref(&star)) {
        (parts, loose_start) = (rest, true);
    }
    while let Some(rest) = parts.strip_suffix(std::slice::from_ref(&star)) {
        (parts, loose_end) = (rest, true);
    }
    let cased = has(Modifier::Cased);
    let place = match (loose_start, loose_end) {
        (false, false) => Place::Whole,
        (false, true) => Place::Start,
        (true, false) => Place::End,
        (true, true) => Place::Inside,
    };
    match parts {
        [] => Test::Text { place, text: String::new(), cased },
        [StringPart::Plain(text)] if !has(Modifier::WindAsh) => Test::Text { place, text: text.clone(), cased },
        parts => {
            let flags = if cased { "(?s)" } else { "(?is)" };
            let (start, end) = (if loose_start { "" } else { "^" }, if loose_end { "" } else { "$" });
            let inner: String = parts.iter().map(|part| source(part, has(Modifier::WindAsh))).collect();
            Test::Regex(format!("{flags}{start}{inner}{end}"))
        }
    }
}

/// A part of a pattern as a regular expression; with `dashes`, a dash or slash before a word stands for all of them.
fn source(part: &StringPart, dashes: bool) -> String {
    match part {
        StringPart::Special(SpecialChar::WildcardMulti) => ".*".to_owned(),
        StringPart::Special(SpecialChar::WildcardSingle) => ".".to_owned(),
        StringPart::Plain(text) if !dashes => regex::escape(text),
        StringPart::Plain(text) => {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let mut source = String::new();
            let mut before = None;
            for (at, c) in text.char_indices() {
                let after = text[at + c.len_utf8()..].chars().next();
                if matches!(c, '-' | '/') && !before.is_some_and(is_word) && after.is_some_and(is_word) {
                    source.push_str("[-/\u{2013}\u{2014}\u{2015}]");
                } else {
                    source.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
                }
                before = Some(c);
            }
            source
        }
    }
}
