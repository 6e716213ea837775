//! Sigma's condition language: `and or not ( )`, `1 of x*`, `all of them`, over named selections.

use super::compiler::MAX_VALUES;
use crate::diag::closest;
use std::collections::HashMap;
use std::ops::Range;

/// The deepest nesting of parentheses and `not`.
pub const MAX_DEPTH: usize = 64;
/// The most unknown selections told of one condition, and the most names looked through for what was meant.
const MAX_TOLD: usize = 20;
const MAX_CANDIDATES: usize = 1000;

/// A condition over selections, named by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logic {
    /// All of them hold.
    All(Vec<Logic>),
    /// At least one holds.
    Any(Vec<Logic>),
    /// It does not hold.
    Not(Box<Logic>),
    /// A selection.
    Selection(usize),
}

impl Logic {
    /// Visits every selection it names, as often as it is named.
    pub fn visit(&self, seen: &mut impl FnMut(usize)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.visit(seen)),
            Self::Not(part) => part.visit(seen),
            Self::Selection(number) => seen(*number),
        }
    }
}

/// What is wrong with a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is not a sentence of the language.
    Syntax(String),
    /// It names a selection that does not exist; and what was probably meant.
    UnknownSelection(String, Option<String>),
    /// Parentheses and `not` are nested too deep.
    TooDeep,
    /// It names more selections than a condition has values.
    TooMany,
}

/// A `not 1 of x*` where it stands, and the selections it stands for: often written by who means `not all of x*`.
pub type Negated = (Range<usize>, Vec<usize>);

/// Reads a condition over these selections. Unknown selections are all reported, up to a limit; a break of the
/// grammar ends reading.
#[cfg(test)]
pub fn parse(text: &str, selections: &[&str]) -> Result<Logic, Vec<(Range<usize>, Fault)>> {
    parse_noting(text, selections, &mut Vec::new())
}

/// Reads a condition over these selections on its own, for a rule of another system.
///
/// # Errors
/// What is wrong with it, in one sentence.
pub fn read_condition(text: &str, selections: &[&str]) -> Result<Logic, String> {
    parse_noting(text, selections, &mut Vec::new()).map_err(|faults| match faults.into_iter().next() {
        Some((_, Fault::Syntax(message))) => message,
        Some((_, Fault::UnknownSelection(name, _))) => format!("there is no selection `{name}`"),
        Some((_, Fault::TooDeep)) => "it is nested too deep".to_owned(),
        Some((_, Fault::TooMany)) | None => "it names too many selections".to_owned(),
    })
}

/// The same, and every `not 1 of` that stands for several selections is noted.
pub fn parse_noting(
    text: &str,
    selections: &[&str],
    negated: &mut Vec<Negated>,
) -> Result<Logic, Vec<(Range<usize>, Fault)>> {
    let numbers = selections.iter().enumerate().map(|(number, name)| (*name, number)).collect();
    let tokens = tokens(text);
    let mut parser =
        Parser { text, tokens, next: 0, depth: 0, named: 0, selections, numbers, unknown: Vec::new(), negated };
    let logic = match parser.alternatives() {
        Ok(logic) => logic,
        Err(fault) => {
            parser.unknown.push(fault);
            return Err(parser.unknown);
        }
    };
    if let Some(rest) = parser.peek() {
        let word = &text[rest.clone()];
        let message = match word {
            ")" => "this parenthesis was never opened".to_owned(),
            "|" => "aggregations after `|` are not available".to_owned(),
            "AND" | "OR" | "NOT" => format!("write `{}`, in small letters", word.to_lowercase()),
            _ => format!("expected `and`, `or` or the end before `{word}`"),
        };
        parser.unknown.push((rest, Fault::Syntax(message)));
    }
    if parser.unknown.is_empty() { Ok(logic) } else { Err(parser.unknown) }
}

/// Words and single signs; spaces only separate.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut in_word = false;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let word = c.is_alphanumeric() || matches!(c, '_' | '-' | '*');
        match tokens.last_mut() {
            Some(last) if word && in_word => last.end = end,
            _ if c.is_whitespace() => {}
            _ => tokens.push(at..end),
        }
        in_word = word;
    }
    tokens
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Range<usize>>,
    next: usize,
    depth: usize,
    /// How many selections were named, those a pattern stands for included.
    named: usize,
    selections: &'t [&'t str],
    numbers: HashMap<&'t str, usize>,
    unknown: Vec<(Range<usize>, Fault)>,
    negated: &'t mut Vec<Negated>,
}

type Parsed = Result<Logic, (Range<usize>, Fault)>;

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<Range<usize>> {
        self.tokens.get(self.next).cloned()
    }

    fn peek_word(&self) -> Option<&'t str> {
        self.peek().map(|range| &self.text[range])
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek_word() == Some(word);
        self.next += usize::from(found);
        found
    }

    fn alternatives(&mut self) -> Parsed {
        self.chain("or", Self::conjunction, Logic::Any)
    }

    fn conjunction(&mut self) -> Parsed {
        self.chain("and", Self::negation, Logic::All)
    }

    fn chain(&mut self, link: &str, part: fn(&mut Self) -> Parsed, join: fn(Vec<Logic>) -> Logic) -> Parsed {
        let first = part(self)?;
        if self.peek_word() != Some(link) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take(link) {
            parts.push(part(self)?);
        }
        Ok(join(parts))
    }

    fn negation(&mut self) -> Parsed {
        if !self.take("not") {
            return self.operand();
        }
        let began = self.next - 1;
        let logic = self.deeper(Self::negation)?;
        let is_group = self.tokens.get(began + 2).is_some_and(|token| &self.text[token.clone()] == "of");
        if let (true, Logic::Any(members)) = (is_group, &logic)
            && members.len() > 1
            && self.negated.len() < MAX_TOLD
        {
            let place = self.tokens[began].start..self.tokens[self.next - 1].end;
            let numbers = members.iter().filter_map(|member| match member {
                Logic::Selection(number) => Some(*number),
                _ => None,
            });
            self.negated.push((place, numbers.collect()));
        }
        Ok(Logic::Not(Box::new(logic)))
    }

    fn deeper(&mut self, part: fn(&mut Self) -> Parsed) -> Parsed {
        if self.depth == MAX_DEPTH {
            return Err((self.tokens[self.next - 1].clone(), Fault::TooDeep));
        }
        self.depth += 1;
        let logic = part(self);
        self.depth -= 1;
        logic
    }

    fn operand(&mut self) -> Parsed {
        let Some(place) = self.peek() else {
            let end = self.text.len();
            return Err((end..end, Fault::Syntax("the condition ends where a selection is expected".to_owned())));
        };
        self.next += 1;
        let word = &self.text[place.clone()];
        let syntax = |message: String| Err((place.clone(), Fault::Syntax(message)));
        if self.peek_word() == Some("of") {
            return match word {
                "1" | "any" => self.group().map(Logic::Any),
                "all" => self.group().map(Logic::All),
                _ => syntax(format!("`{word} of` is not available; there are `1 of`, `any of` and `all of`")),
            };
        }
        match word {
            "(" => {
                let logic = self.deeper(Self::alternatives)?;
                if self.take(")") { Ok(logic) } else { syntax("this parenthesis is not closed".to_owned()) }
            }
            "and" | "or" | "of" | ")" => syntax(format!("expected a selection before `{word}`")),
            _ if word.chars().any(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '*')) => self.one(word, place),
            _ => syntax(format!("`{word}` has no meaning in a condition")),
        }
    }

    /// A selection by its name.
    fn one(&mut self, word: &str, place: Range<usize>) -> Parsed {
        if let Some(number) = self.numbers.get(word).copied() {
            self.count(1, &place)?;
            return Ok(Logic::Selection(number));
        }
        let keyword = ["and", "or", "not"].into_iter().find(|keyword| word.eq_ignore_ascii_case(keyword));
        let meant = match (keyword, word.contains('*')) {
            (Some(keyword), _) => Some(keyword.to_owned()),
            (None, true) => Some(format!("1 of {word}")),
            (None, false) => self.nearest(word),
        };
        self.tell(place, word, meant);
        Ok(Logic::Any(Vec::new()))
    }

    /// What `of` counts: `them`, or the names a pattern fits.
    fn group(&mut self) -> Result<Vec<Logic>, (Range<usize>, Fault)> {
        self.next += 1;
        let Some(place) = self.peek() else {
            let end = self.text.len();
            return Err((end..end, Fault::Syntax("expected `them` or a pattern such as `filter_*`".to_owned())));
        };
        self.next += 1;
        let pattern = &self.text[place.clone()];
        let counts = |name: &str| if pattern == "them" { !name.starts_with('_') } else { fits(pattern, name) };
        let members = self.selections.iter().enumerate().filter(|(_, name)| counts(name));
        let members: Vec<Logic> = members.map(|(number, _)| Logic::Selection(number)).collect();
        self.count(members.len(), &place)?;
        if members.is_empty() {
            let meant = self.nearest(pattern.trim_matches('*'));
            self.tell(place, pattern, meant);
        }
        Ok(members)
    }

    fn count(&mut self, more: usize, place: &Range<usize>) -> Result<(), (Range<usize>, Fault)> {
        self.named += more;
        if self.named > MAX_VALUES { Err((place.clone(), Fault::TooMany)) } else { Ok(()) }
    }

    fn nearest(&self, word: &str) -> Option<String> {
        let told = self.unknown.len() < MAX_TOLD;
        let candidates = self.selections.iter().copied().take(if told { MAX_CANDIDATES } else { 0 });
        closest(word, candidates).map(str::to_owned)
    }

    fn tell(&mut self, place: Range<usize>, name: &str, meant: Option<String>) {
        if self.unknown.len() < MAX_TOLD {
            self.unknown.push((place, Fault::UnknownSelection(name.to_owned(), meant)));
        }
    }
}

/// Whether a name fits a pattern in which `*` is any stretch.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    let middle = parts.all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    });
    middle && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &["sel_a", "sel_b", "filter", "_hidden"];

    fn show(logic: &Logic) -> String {
        let list = |parts: &[Logic], link| format!("({})", parts.iter().map(show).collect::<Vec<_>>().join(link));
        match logic {
            Logic::All(parts) => list(parts, " & "),
            Logic::Any(parts) => list(parts, " | "),
            Logic::Not(part) => format!("!{}", show(part)),
            Logic::Selection(number) => NAMES[*number].to_owned(),
        }
    }

    #[test]
    fn precedence_is_sigmas() {
        for (text, read) in [
            ("filter", "filter"),
            ("sel_a or sel_b and not filter", "(sel_a | (sel_b & !filter))"),
            ("(sel_a or sel_b) and not filter", "((sel_a | sel_b) & !filter)"),
            ("not not filter", "!!filter"),
            ("1 of sel_*", "(sel_a | sel_b)"),
            ("any of *el_*", "(sel_a | sel_b)"),
            ("all of them", "(sel_a & sel_b & filter)"),
            ("not 1 of sel_* and filter", "(!(sel_a | sel_b) & filter)"),
            ("1 of _*", "(_hidden)"),
            ("1 of filter", "(filter)"),
            ("sel_a\n  and(filter)", "(sel_a & filter)"),
        ] {
            assert_eq!(parse(text, NAMES).map(|logic| show(&logic)), Ok(read.to_owned()), "{text}");
        }
    }

    #[test]
    fn faults_stand_where_they_are() {
        for (text, place, fault) in [
            ("", 0..0, "Syntax(\"the condition ends where a selection is expected\")"),
            ("sel_a and", 9..9, "Syntax(\"the condition ends where a selection is expected\")"),
            ("sel_a sel_b", 6..11, "Syntax(\"expected `and`, `or` or the end before `sel_b`\")"),
            ("(sel_a", 0..1, "Syntax(\"this parenthesis is not closed\")"),
            ("sel_a)", 5..6, "Syntax(\"this parenthesis was never opened\")"),
            ("or sel_a", 0..2, "Syntax(\"expected a selection before `or`\")"),
            ("2 of sel_*", 0..1, "Syntax(\"`2 of` is not available; there are `1 of`, `any of` and `all of`\")"),
            ("1 of", 4..4, "Syntax(\"expected `them` or a pattern such as `filter_*`\")"),
            ("sel_a | count() > 5", 6..7, "Syntax(\"aggregations after `|` are not available\")"),
            ("sel_a AND sel_b", 6..9, "Syntax(\"write `and`, in small letters\")"),
            ("sel_a & sel_b", 6..7, "Syntax(\"expected `and`, `or` or the end before `&`\")"),
            ("& sel_b", 0..1, "Syntax(\"`&` has no meaning in a condition\")"),
            ("filtre", 0..6, "UnknownSelection(\"filtre\", Some(\"filter\"))"),
            ("sel_*", 0..5, "UnknownSelection(\"sel_*\", Some(\"1 of sel_*\"))"),
            ("1 of other_*", 5..12, "UnknownSelection(\"other_*\", None)"),
        ] {
            let faults = parse(text, NAMES).unwrap_err();
            assert_eq!((faults[0].0.clone(), format!("{:?}", faults[0].1).as_str()), (place, fault), "{text}");
        }
        assert_eq!(parse("xx and yy", NAMES).unwrap_err().len(), 2);
        assert_eq!(parse(&"xx or ".repeat(30_000), NAMES).unwrap_err().len(), 21);
    }

    #[test]
    fn what_patterns_stand_for_has_a_limit() {
        let names: Vec<String> = (0..1000).map(|number| format!("s{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let condition = |count: usize| vec!["1 of s*"; count].join(" or ");
        assert!(parse(&condition(100), &names).is_ok());
        assert_eq!(parse(&condition(10_000), &names).unwrap_err()[0].1, Fault::TooMany);
    }

    #[test]
    fn what_none_of_several_stands_for_is_noted() {
        let noted = |text: &str| {
            let mut negated = Vec::new();
            parse_noting(text, NAMES, &mut negated).map(|_| negated).unwrap_or_default()
        };
        assert_eq!(noted("filter and not 1 of sel_* or sel_a"), [(11..25, vec![0, 1])]);
        assert_eq!(noted("not any of them"), [(0..15, vec![0, 1, 2])]);
        for plain in ["not all of sel_*", "1 of sel_*", "not 1 of filter", "not (1 of sel_*)", "not sel_a"] {
            assert_eq!(noted(plain), [], "{plain}");
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth: usize| format!("{}filter{}", "(".repeat(depth), ")".repeat(depth));
        assert!(parse(&nested(64), NAMES).is_ok());
        assert_eq!(parse(&nested(65), NAMES).unwrap_err()[0].1, Fault::TooDeep);
        assert_eq!(parse(&nested(100_000), NAMES).unwrap_err(), [(64..65, Fault::TooDeep)]);
        assert_eq!(parse(&format!("{}filter", "not ".repeat(30_000)), NAMES).unwrap_err()[0].1, Fault::TooDeep);
    }
}
