//! A key of a condition: the path, and the modifiers after it with what they make of the comparison.

use super::super::codes;
use super::super::expr::Reach;
use super::super::instant::TimePart;
use super::super::predicate::Order;
use super::encoding::Encoding;
use super::shown::shown;
use crate::alert::field::Path;
use crate::diag::{Code, closest};
use std::ops::Range;

/// A key read.
#[derive(Debug)]
pub struct Key {
    /// The path; none for keywords, which are looked for everywhere.
    pub path: Option<Path>,
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
    /// Whether `%name%` stands for a placeholder's values.
    pub expand: bool,
    /// Whether a dash before a word stands for every spelling of a dash.
    pub windash: bool,
    /// What the values are put through before they are compared, in this order.
    pub encodings: Vec<Encoding>,
    /// The part of a time that is compared.
    pub part: Option<TimePart>,
}

impl Modifiers {
    /// Whether any of them asks for the value to be a text.
    pub fn shape_text(&self) -> bool {
        self.windash || !self.encodings.is_empty()
    }

    /// The modifier that most narrows what can be compared, for a message.
    pub fn word(&self) -> &'static str {
        match (self.part, self.encodings.first()) {
            (Some(part), _) => part.word(),
            (None, Some(encoding)) => encoding.word(),
            (None, None) if self.windash => "windash",
            (None, None) => self.operator.word(),
        }
    }
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
    /// The value equals another field's, which the rule's value names.
    SameField,
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
            Self::SameField => "fieldref",
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

/// Every modifier there is.
pub const MODIFIERS: &[&str] = &[
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
        let (path, end) = if text.starts_with('|') { (None, 0) } else { path(text)? };
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
            "fieldref" => Operator::SameField,
            _ => return self.apply_adverb(word, range),
        };
        if self.modifiers.operator != Operator::Equal {
            let message = format!("`{}` and `{word}` do not go together", self.modifiers.operator.word());
            return Err((codes::MODIFIERS, message, Some("each of them says how values are compared".to_owned())));
        }
        self.modifiers.operator = operator;
        self.operator_range = range;
        Ok(())
    }

    fn apply_adverb(&mut self, word: &str, range: Range<usize>) -> Result<(), ModifierFault> {
        let modifiers = &mut self.modifiers;
        match word {
            "all" => modifiers.all = true,
            "cased" => modifiers.cased = true,
            "neq" => modifiers.negated = true,
            "expand" => modifiers.expand = true,
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
            _ => return self.apply_transform(word, range),
        }
        Ok(())
    }

    /// What is done to the rule's value, or to the alert's, before the two are compared.
    fn apply_transform(&mut self, word: &str, range: Range<usize>) -> Result<(), ModifierFault> {
        let modifiers = &mut self.modifiers;
        let belongs_before = |what: &str| {
            let message = format!("`{word}` belongs before `{what}`");
            Err((codes::MODIFIERS, message, Some("modifiers are applied from left to right".to_owned())))
        };
        if word == "windash" {
            if let Some(encoding) = modifiers.encodings.first() {
                return belongs_before(encoding.word());
            }
            modifiers.windash = true;
        } else if let Some(encoding) = Encoding::from_word(word) {
            if modifiers.operator != Operator::Equal {
                return belongs_before(modifiers.operator.word());
            }
            // Base64 of two bytes a character is what is met with, never the other way round.
            if let (false, Some(before)) =
                (encoding.is_base64(), modifiers.encodings.iter().find(|one| one.is_base64()))
            {
                return belongs_before(before.word());
            }
            modifiers.encodings.push(encoding);
        } else if let Some(part) = TimePart::ALL.into_iter().find(|part| part.word() == word) {
            if let Some(other) = modifiers.part.replace(part) {
                let message = format!("`{}` and `{word}` do not go together", other.word());
                return Err((codes::MODIFIERS, message, None));
            }
        } else {
            let message = format!("unknown modifier `{}`", shown(word));
            let near = closest(word, MODIFIERS.iter().copied().filter(|known| known.len() > 1));
            let help = match near.or_else(|| elsewhere(word)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "such as `contains`, `startswith`, `endswith`, `re`, `cidr`, `gte`, `neq`".to_owned(),
            };
            return Err((codes::UNKNOWN_MODIFIER, message, Some(help)));
        }
        if modifiers.operator == Operator::Equal {
            self.operator_range = range;
        }
        Ok(())
    }
}

/// What other languages call a modifier.
fn elsewhere(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "regex" | "regexp" | "match" | "matches" => "re",
        "beginswith" | "begins" | "prefix" | "hasprefix" => "startswith",
        "suffix" | "hassuffix" => "endswith",
        "substring" | "includes" | "has" => "contains",
        "not" | "ne" => "neq",
        "min" | "from" => "gte",
        "max" | "to" => "lte",
        "network" | "subnet" | "in_network" => "cidr",
        _ => return None,
    })
}

/// The path a key begins with, and where it ends.
fn path(text: &str) -> Result<(Option<Path>, usize), Vec<KeyFault>> {
    match Path::parse_prefix(text) {
        Ok((path, end)) => Ok((Some(path), end)),
        Err(fault) => {
            let help = "write the path with dots, and quote parts that hold dots or spaces: `raw.a.\"b.c\"`".to_owned();
            let range = fault.at..text.len();
            Err(vec![KeyFault { range, code: codes::PATH, message: fault.to_string(), help: Some(help) }])
        }
    }
}
