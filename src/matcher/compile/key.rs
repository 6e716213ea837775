//! A key of a condition: the path, and the modifiers after it with what they make of the comparison.

use super::super::codes;
use super::super::expr::Reach;
use super::super::predicate::Order;
use super::place::shown;
use crate::alert::field::Path;
use crate::diag::{Code, closest};
use std::ops::Range;

/// A key read.
#[derive(Debug)]
pub struct Key {
    /// The path.
    pub path: Path,
    /// What the modifiers ask for.
    pub modifiers: Modifiers,
    /// Where the modifier that chose the operator stands in the key; the path where none did.
    pub operator_range: Range<usize>,
}

/// What the modifiers after a path ask for.
#[derive(Debug, Default)]
pub struct Modifiers {
    /// How values are compared.
    pub operator: Operator,
    /// Whether case counts.
    pub cased: bool,
    /// Whether all values of the list must be met.
    pub all: bool,
    /// Whether the whole is negated.
    pub negated: bool,
    /// How many elements must meet a block, where a modifier says so.
    pub reach: Option<BlockReach>,
}

/// How many elements must meet a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockReach {
    /// Every one.
    Every,
    /// Not one.
    None,
}

impl BlockReach {
    /// The modifier's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::None => "none",
        }
    }

    /// What is evaluated, and whether it is then negated.
    pub fn evaluated(self) -> (Reach, bool) {
        match self {
            Self::Every => (Reach::Every, false),
            Self::None => (Reach::Some, true),
        }
    }
}

/// How a field's value is compared with the rule's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Operator {
    /// Equality, with wildcards.
    #[default]
    Equal,
    /// The text holds the rule's.
    Contains,
    /// The text begins with the rule's.
    StartsWith,
    /// The text ends with the rule's.
    EndsWith,
    /// A regular expression finds something.
    Regex(RegexFlags),
    /// The address is in the network.
    Network,
    /// The value stands in this order to the rule's.
    Order(Order),
    /// The key is there.
    Exists,
}

impl Operator {
    /// The modifier's word; for equality, which has none, `=`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Equal | Self::Order(Order::Equal) => "=",
            Self::Contains => "contains",
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::Regex(_) => "re",
            Self::Network => "cidr",
            Self::Order(Order::Less) => "lt",
            Self::Order(Order::AtMost) => "lte",
            Self::Order(Order::Greater) => "gt",
            Self::Order(Order::AtLeast) => "gte",
            Self::Exists => "exists",
        }
    }
}

/// What the letters after `re` switch on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegexFlags {
    /// `i`: case does not count.
    pub ignore_case: bool,
    /// `m`: `^` and `$` also meet the ends of lines.
    pub multi_line: bool,
    /// `s`: `.` also meets the end of a line.
    pub dot_all: bool,
}

impl RegexFlags {
    /// What switches them on at the beginning of an expression.
    pub fn prefix(self) -> String {
        let flags = [(self.ignore_case, 'i'), (self.multi_line, 'm'), (self.dot_all, 's')];
        let letters: String = flags.into_iter().filter(|(on, _)| *on).map(|(_, letter)| letter).collect();
        if letters.is_empty() { letters } else { format!("(?{letters})") }
    }
}

/// What is wrong with a key, and where in it.
#[derive(Debug)]
pub struct KeyFault {
    /// The bytes of the key.
    pub range: Range<usize>,
    /// The code.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// What is wrong with one modifier: its code, what is wrong, what to do.
type ModifierFault = (Code, String, Option<String>);

const MODIFIERS: &[&str] = &[
    "contains",
    "startswith",
    "endswith",
    "all",
    "cased",
    "re",
    "i",
    "m",
    "s",
    "ignorecase",
    "multiline",
    "dotall",
    "cidr",
    "lt",
    "lte",
    "gt",
    "gte",
    "exists",
    "neq",
    "every",
    "none",
];

/// Sigma's modifiers that this version does not have.
const NOT_AVAILABLE: &[&str] = &[
    "windash",
    "base64",
    "base64offset",
    "utf16le",
    "utf16be",
    "utf16",
    "wide",
    "expand",
    "fieldref",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
];

impl Key {
    /// Reads a key; every fault of its modifiers is told.
    pub fn parse(text: &str) -> Result<Self, Vec<KeyFault>> {
        let (path, end) = Path::parse_prefix(text).map_err(|fault| {
            let help = "write the path with dots, and quote parts that hold dots or spaces: `raw.a.\"b.c\"`".to_owned();
            let range = fault.at..text.len();
            vec![KeyFault { range, code: codes::PATH, message: fault.to_string(), help: Some(help) }]
        })?;
        let mut key = Self { path, modifiers: Modifiers::default(), operator_range: 0..end };
        let mut faults = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        let mut at = end;
        while at < text.len() {
            let start = at + 1;
            at = text[start..].find('|').map_or(text.len(), |length| start + length);
            let word = &text[start..at];
            if seen.contains(&word) {
                let message = format!("the modifier `{}` stands twice", shown(word));
                faults.push(KeyFault { range: start..at, code: codes::MODIFIERS, message, help: None });
            } else if let Err((code, message, help)) = key.apply(word, start..at) {
                faults.push(KeyFault { range: start..at, code, message, help });
            }
            seen.push(word);
        }
        if faults.is_empty() { Ok(key) } else { Err(faults) }
    }

    fn apply(&mut self, word: &str, range: Range<usize>) -> Result<(), ModifierFault> {
        let operator = match word {
            "contains" => Operator::Contains,
            "startswith" => Operator::StartsWith,
            "endswith" => Operator::EndsWith,
            "re" => Operator::Regex(RegexFlags::default()),
            "cidr" => Operator::Network,
            "lt" => Operator::Order(Order::Less),
            "lte" => Operator::Order(Order::AtMost),
            "gt" => Operator::Order(Order::Greater),
            "gte" => Operator::Order(Order::AtLeast),
            "exists" => Operator::Exists,
            _ => return self.apply_adverb(word),
        };
        if self.modifiers.operator != Operator::Equal {
            let message = format!("`{}` and `{word}` do not go together", self.modifiers.operator.word());
            return Err((codes::MODIFIERS, message, Some("each of them says how values are compared".to_owned())));
        }
        self.modifiers.operator = operator;
        self.operator_range = range;
        Ok(())
    }

    fn apply_adverb(&mut self, word: &str) -> Result<(), ModifierFault> {
        let modifiers = &mut self.modifiers;
        match word {
            "all" => modifiers.all = true,
            "cased" => modifiers.cased = true,
            "neq" => modifiers.negated = true,
            "every" | "none" if modifiers.reach.is_some() => {
                return Err((codes::MODIFIERS, "`every` and `none` do not go together".to_owned(), None));
            }
            "every" => modifiers.reach = Some(BlockReach::Every),
            "none" => modifiers.reach = Some(BlockReach::None),
            "i" | "ignorecase" | "m" | "multiline" | "s" | "dotall" => {
                let Operator::Regex(flags) = &mut modifiers.operator else {
                    let message = format!("`{word}` belongs after `re`");
                    return Err((codes::MODIFIERS, message, None));
                };
                match word {
                    "i" | "ignorecase" => flags.ignore_case = true,
                    "m" | "multiline" => flags.multi_line = true,
                    _ => flags.dot_all = true,
                }
            }
            _ if NOT_AVAILABLE.contains(&word) => {
                let message = format!("the modifier `{word}` is not available");
                return Err((codes::MODIFIER_NOT_AVAILABLE, message, Some(instead_of(word).to_owned())));
            }
            _ => {
                let message = format!("unknown modifier `{}`", shown(word));
                let near = closest(word, MODIFIERS.iter().copied().filter(|known| known.len() > 1));
                return Err((codes::UNKNOWN_MODIFIER, message, near.map(|near| format!("did you mean `{near}`?"))));
            }
        }
        Ok(())
    }
}

/// What to write where a modifier of Sigma is not available.
fn instead_of(modifier: &str) -> &'static str {
    match modifier {
        "windash" => "write the value with each dash, as a list",
        "expand" => "write the values out",
        "fieldref" => "a field is compared with the rule's own values only",
        "minute" | "hour" | "day" | "week" | "month" | "year" => "times are compared whole, with `lt lte gt gte`",
        _ => "write the encoded text itself",
    }
}
