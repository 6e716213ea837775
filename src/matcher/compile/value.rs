//! One value of a line: with the field's type and the operator it becomes a test, or an error that says what fits.

use super::super::codes;
use super::super::expression::{Otherwise, broken_at, said_otherwise, states};
use super::super::fold::fold;
use super::super::instant::{TimePart, read_instant};
use super::super::number::Number;
use super::super::pattern::{Anchor, Pattern, Reading, dash_spellings, plain_text};
use super::super::predicate::{Enumeration, Order, Predicate, TextTest, WordSet};
use super::super::subject::read_address;
use super::compiler::{Compiler, MAX_REGEX_STATES, MAX_REGEXES};
use super::encoding::encode;
use super::key::{Modifiers, Operator, RegexFlags};
use super::shown::shown;
use crate::alert::field::{Field, FieldType, Origin};
use crate::diag::{Code, closest};
use crate::yaml::{Kind, Node};
use ipnet::{IpNet, Ipv4Net};
use regex::RegexBuilder;
use std::net::IpAddr;

/// The most one compiled regular expression may take, in bytes.
pub const REGEX_BYTES: usize = 256 * 1024;
/// The deepest nesting inside a regular expression.
const REGEX_DEPTH: u32 = 64;
/// The most spellings of one value whose dashes may be any dash.
const DASH_SPELLINGS: usize = 625;

/// A fault of one value: its code, what is wrong, what to do.
type ValueFault = (Code, String, Option<String>);

impl Compiler<'_> {
    /// The tests one value comes to, any of which it is enough to pass; none if it has a fault.
    pub(super) fn tests(&mut self, node: &Node, field: &Field, modifiers: &Modifiers) -> Option<Vec<Predicate>> {
        if !modifiers.expand {
            return self.encoded(node, field, modifiers);
        }
        match self.placeholders.expand(node) {
            Ok(nodes) => {
                self.count_values(nodes.len(), node.span).then_some(())?;
                let tests = nodes.iter().map(|node| self.encoded(node, field, modifiers));
                tests.collect::<Option<Vec<_>>>().map(|tests| tests.into_iter().flatten().collect())
            }
            Err((message, help)) => {
                self.error(node.span, codes::PLACEHOLDER, message).help = help;
                None
            }
        }
    }

    fn encoded(&mut self, node: &Node, field: &Field, modifiers: &Modifiers) -> Option<Vec<Predicate>> {
        let read = if modifiers.shape_text() {
            let tests = shaped(node, field, modifiers);
            // One value is counted already; each further form of it counts as well.
            let more = tests.as_ref().map_or(0, |tests| tests.len().saturating_sub(1));
            self.count_values(more, node.span).then_some(())?;
            tests
        } else {
            self.predicate(node, field, modifiers).map(|test| vec![test])
        };
        match read {
            Ok(tests) => self.count_patterns(&tests, node.span).then_some(tests),
            Err((code, message, help)) => {
                let place = match (code, node.written()) {
                    (codes::REGEX, Some(source)) => {
                        said_otherwise(source).map(|(at, _)| at).or_else(|| broken_at(source))
                    }
                    _ => None,
                };
                self.error(place.map_or(node.span, |at| node.part(at)), code, message).help = help;
                None
            }
        }
    }

    fn predicate(&mut self, node: &Node, field: &Field, modifiers: &Modifiers) -> Result<Predicate, ValueFault> {
        let cased = modifiers.cased;
        if let Some(part) = modifiers.part {
            return time_part(node, field, part, modifiers.operator);
        }
        match modifiers.operator {
            Operator::Contains => text(node, field, Anchor::Inside, cased),
            Operator::StartsWith => text(node, field, Anchor::Start, cased),
            Operator::EndsWith => text(node, field, Anchor::End, cased),
            Operator::Regex(flags) => self.regex(node, field, flags),
            Operator::Network => self.network(node),
            Operator::Order(order) => ordered(node, field, order),
            // Keywords are looked for inside of every text.
            Operator::Equal if field.origin == Origin::Everywhere => text(node, field, Anchor::Inside, cased),
            Operator::Equal | Operator::Exists | Operator::SameField => {
                self.warn_of_regex_look(node);
                self.warn_of_number_spelling(node, field);
                equal(node, field, cased)
            }
        }
    }

    fn regex(&mut self, node: &Node, field: &Field, flags: RegexFlags) -> Result<Predicate, ValueFault> {
        let source = written(node, field)?;
        self.counted.regexes += 1;
        if self.counted.regexes > MAX_REGEXES {
            let message = format!("more than {MAX_REGEXES} regular expressions in one condition");
            return Err((codes::REGEX_LIMIT, message, Some("most can be plain values with `contains`".to_owned())));
        }
        if let Some((at, otherwise)) = said_otherwise(source) {
            return Err(otherwise_fault(otherwise, &source[at]));
        }
        let flags = RegexFlags { ignore_case: flags.ignore_case || field.field_type() == FieldType::Id, ..flags };
        let built = RegexBuilder::new(&format!("{}{source}", flags.prefix()))
            .size_limit(REGEX_BYTES)
            .dfa_size_limit(REGEX_BYTES)
            .nest_limit(REGEX_DEPTH)
            .build();
        let regex = built.map_err(|error| regex_fault(&error, source))?;
        self.counted.regex_states = self.counted.regex_states.saturating_add(states(regex.as_str()));
        if self.counted.regex_states > MAX_REGEX_STATES {
            let message = format!("the regular expressions up to here come to more than {MAX_REGEX_STATES} states");
            let help = "each character, class, anchor and group is one, `\\b` ten, `x{100}` a hundred: shorten counted repetitions, or use plain values";
            return Err((codes::REGEX_LIMIT, message, Some(help.to_owned())));
        }
        Ok(Predicate::Regex(regex))
    }

    fn network(&mut self, node: &Node) -> Result<Predicate, ValueFault> {
        let source = node.as_text().unwrap_or_default();
        let parsed = source.parse::<IpNet>().ok();
        let Some(network) = parsed.or_else(|| source.parse::<IpAddr>().ok().map(IpNet::from)) else {
            let given = node.written().map_or_else(|| node.kind_name().to_owned(), |text| format!("`{}`", shown(text)));
            let message = format!("{given} is not a network");
            return Err((codes::NETWORK, message, Some("write it like `10.20.0.0/16` or `2001:db8::/32`".to_owned())));
        };
        let truncated = network.trunc();
        if truncated != network {
            let message = format!("`{source}` has bits set beyond its prefix; it means `{truncated}`");
            let fault = self.warning(node.span, codes::HOST_BITS, message);
            fault.help(format!("write `{truncated}`, or `{}` if one address is meant", network.addr()));
        }
        Ok(Predicate::Network(unmapped(truncated)))
    }

    /// A regular expression where a plain value is read is a slip that would silently match nothing.
    fn warn_of_regex_look(&mut self, node: &Node) {
        let Some(text) = node.as_text() else { return };
        if text.starts_with(".*") || text.len() > 2 && text.starts_with('^') && text.ends_with('$') {
            let message = format!("`{}` is compared as plain text, and looks like a regular expression", shown(text));
            self.warning(node.span, codes::LOOKS_LIKE_REGEX, message).help("add `|re` to the key if it is one");
        }
    }

    /// Where texts are compared, `1.10` without quotes is the number 1.1 and matches what spells it.
    fn warn_of_number_spelling(&mut self, node: &Node, field: &Field) {
        if !matches!(field.field_type(), FieldType::Text | FieldType::Id | FieldType::Any) {
            return;
        }
        let (number, written) = match &node.kind {
            Kind::Integer(whole, written) => (Number::Whole((*whole).into()), written),
            Kind::Float(float, written) => (Number::Float(*float), written),
            _ => return,
        };
        let read = number.to_string();
        if read != *written {
            let message = format!("`{}` is read as the number {read}, and matches it in any spelling", shown(written));
            let fault = self.warning(node.span, codes::NUMBER_SPELLING, message);
            fault.help(format!("quote this value to compare the text: `'{}'`", shown(written)));
        }
    }
}

/// The test that a value equals the rule's.
fn equal(node: &Node, field: &Field, cased: bool) -> Result<Predicate, ValueFault> {
    match (field.field_type(), &node.kind) {
        (_, Kind::Null) => {
            let help = "write `null` alone, and combine it with a list of maps: `[{a: null}, {a: x}]`";
            Err((codes::VALUE, "null cannot stand in a list of values".to_owned(), Some(help.to_owned())))
        }
        (FieldType::Object, _) => {
            let help = if field.has_elements() {
                format!("compare one of its fields, or bind a map to it: `{}: {{...}}`", field.name)
            } else {
                format!("name the entity type and its field, such as `{}.ip.address`", field.name)
            };
            Err((codes::IMPOSSIBLE, format!("`{}` has fields of its own; it equals no value", field.name), Some(help)))
        }
        // With its case, `true` is a text like others: `TRUE` is another one.
        (FieldType::Any, Kind::Bool(value)) if !cased => Ok(Predicate::Bool(*value)),
        (FieldType::Any | FieldType::Text | FieldType::Id, Kind::Integer(..) | Kind::Float(..)) => {
            Ok(Predicate::Number(Order::Equal, number(node, field)?))
        }
        (FieldType::Any | FieldType::Text | FieldType::Id, _) => text(node, field, Anchor::Whole, cased),
        (FieldType::Ip, _) => address(node, field),
        (FieldType::Number, _) => Ok(Predicate::Number(Order::Equal, number(node, field)?)),
        (FieldType::Boolean, _) => boolean(node, field),
        (FieldType::Time, _) => Ok(Predicate::Time(Order::Equal, time(node, field)?)),
        (FieldType::Severity, _) => word(node, Enumeration::Severity, Order::Equal),
        (FieldType::Status, _) => word(node, Enumeration::Status, Order::Equal),
    }
}

/// The test that a value stands in an order to the rule's.
fn ordered(node: &Node, field: &Field, order: Order) -> Result<Predicate, ValueFault> {
    match field.field_type() {
        FieldType::Severity => word(node, Enumeration::Severity, order),
        FieldType::Time => Ok(Predicate::Time(order, time(node, field)?)),
        // What the source sent may be a number or a time; the rule's value says which is meant.
        FieldType::Any => match node.as_text().and_then(read_instant) {
            Some(at) => Ok(Predicate::Time(order, at)),
            None => Ok(Predicate::Number(order, number(node, field)?)),
        },
        _ => Ok(Predicate::Number(order, number(node, field)?)),
    }
}

fn text(node: &Node, field: &Field, anchor: Anchor, cased: bool) -> Result<Predicate, ValueFault> {
    text_read(written(node, field)?, field, anchor, Reading { prepare: preparing(cased), any_dash: false })
}

fn preparing(cased: bool) -> fn(char) -> char {
    if cased { |c| c } else { fold }
}

fn text_read(source: &str, field: &Field, anchor: Anchor, reading: Reading) -> Result<Predicate, ValueFault> {
    let pattern = Pattern::compile(source, anchor, reading).map_err(|fault| {
        (codes::PATTERN_LIMIT, fault.to_string(), Some("put a `*` between, or use a regular expression".to_owned()))
    })?;
    let cased = (reading.prepare)('A') == 'A';
    let number = Number::spelled(source).filter(|_| anchor == Anchor::Whole);
    let is_address = field.field_type() == FieldType::Ip;
    Ok(Predicate::Text(TextTest { pattern, cased, number, is_address }))
}

/// A text with its dashes, or its bytes, written otherwise.
fn shaped(node: &Node, field: &Field, modifiers: &Modifiers) -> Result<Vec<Predicate>, ValueFault> {
    let source = written(node, field)?;
    let anchor = match modifiers.operator {
        Operator::Contains => Anchor::Inside,
        Operator::StartsWith => Anchor::Start,
        Operator::EndsWith => Anchor::End,
        _ if field.origin == Origin::Everywhere => Anchor::Inside,
        _ => Anchor::Whole,
    };
    let prepare = preparing(modifiers.cased);
    if modifiers.encodings.is_empty() {
        let reading = Reading { prepare, any_dash: modifiers.windash };
        return text_read(source, field, anchor, reading).map(|test| vec![test]);
    }
    let fault = |reason: &str, help: &str| {
        let message = format!("`{}` cannot be encoded: {reason}", shown(source));
        (codes::ENCODING, message, Some(help.to_owned()))
    };
    let Some(plain) = plain_text(source) else {
        return Err(fault("it has wildcards", "`\\*` and `\\?` are taken literally"));
    };
    let spellings = if modifiers.windash { dash_spellings(&plain, DASH_SPELLINGS) } else { Some(vec![plain]) };
    let Some(spellings) = spellings else {
        return Err(fault("it has too many dashes", "at most four of them can be any dash"));
    };
    let mut tests = Vec::new();
    for spelling in spellings {
        let forms =
            encode(&spelling, &modifiers.encodings).map_err(|reason| fault(&reason.to_string(), reason.help()))?;
        tests.extend(forms.iter().map(|form| {
            let pattern = Pattern::literal(form, anchor, prepare);
            Predicate::Text(TextTest { pattern, cased: modifiers.cased, number: None, is_address: false })
        }));
    }
    Ok(tests)
}

/// A part of a time against a number.
fn time_part(node: &Node, field: &Field, part: TimePart, operator: Operator) -> Result<Predicate, ValueFault> {
    let order = if let Operator::Order(order) = operator { order } else { Order::Equal };
    let (least, most) = part.range().into_inner();
    let fault = |code| {
        let given = node.written().unwrap_or_else(|| node.kind_name());
        let message = format!("`{}` is no {} of `{}`", shown(given), part.word(), field.name);
        (code, message, Some(format!("it is a whole number from {least} to {most}")))
    };
    let number = node.written().and_then(|text| text.parse().ok()).ok_or_else(|| fault(codes::VALUE))?;
    if part.range().contains(&number) {
        Ok(Predicate::TimePart(part, order, number))
    } else {
        Err(fault(codes::IMPOSSIBLE))
    }
}

fn address(node: &Node, field: &Field) -> Result<Predicate, ValueFault> {
    let source = written(node, field)?;
    if let Some(address) = read_address(source) {
        return Ok(Predicate::Address(address));
    }
    if source.contains(['*', '?']) {
        return text(node, field, Anchor::Whole, false);
    }
    let help = if source.parse::<IpNet>().is_ok() {
        format!("it is a network: write `{}|cidr`", field.name)
    } else {
        "write an address like `10.20.3.4`, with `*` for a part of it, or use `cidr`".to_owned()
    };
    Err((codes::VALUE, format!("`{}` is not an address", shown(source)), Some(help)))
}

fn boolean(node: &Node, field: &Field) -> Result<Predicate, ValueFault> {
    match (&node.kind, node.as_text()) {
        (Kind::Bool(value), _) => Ok(Predicate::Bool(*value)),
        (_, Some(text)) if text.eq_ignore_ascii_case("true") => Ok(Predicate::Bool(true)),
        (_, Some(text)) if text.eq_ignore_ascii_case("false") => Ok(Predicate::Bool(false)),
        _ => Err(wrong_kind(node, field, FieldType::Boolean, "write `true` or `false`")),
    }
}

fn number(node: &Node, field: &Field) -> Result<Number, ValueFault> {
    match &node.kind {
        Kind::Integer(whole, _) => Ok(Number::Whole((*whole).into())),
        Kind::Float(float, _) => Ok(Number::Float(*float)),
        Kind::Text(text) => Number::spelled(text).ok_or_else(|| match text.contains(['*', '?']) {
            true => {
                let is = if field.field_type() == FieldType::Number { "holds" } else { "is compared with" };
                let message = format!("a wildcard cannot hold for `{}`, which {is} a number", field.name);
                (codes::IMPOSSIBLE, message, Some("compare with `lt lte gt gte`".to_owned()))
            }
            false => wrong_kind(node, field, FieldType::Number, "write a number"),
        }),
        _ => Err(wrong_kind(node, field, FieldType::Number, "write a number")),
    }
}

fn time(node: &Node, field: &Field) -> Result<crate::clock::Timestamp, ValueFault> {
    let help = "write a date like `2027-03-31`, or a time like `2027-03-31T12:00:00Z`";
    node.as_text().and_then(read_instant).ok_or_else(|| wrong_kind(node, field, FieldType::Time, help))
}

fn word(node: &Node, enumeration: Enumeration, order: Order) -> Result<Predicate, ValueFault> {
    let words = enumeration.words();
    let noun = match enumeration {
        Enumeration::Severity => "a severity",
        Enumeration::Status => "a status",
    };
    let given = node.written().unwrap_or_default();
    let Some(place) = words.iter().position(|word| word.eq_ignore_ascii_case(given)) else {
        let given = if given.is_empty() { node.kind_name().to_owned() } else { format!("`{}`", shown(given)) };
        let help = match closest(node.written().unwrap_or_default(), words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", words.join(", ")),
        };
        return Err((codes::UNKNOWN_WORD, format!("{given} is not {noun}"), Some(help)));
    };
    let set = WordSet::new(enumeration, order, place);
    if set.is_empty() {
        let side = if order == Order::Less { "below" } else { "above" };
        return Err((codes::IMPOSSIBLE, format!("no severity is {side} `{}`", words[place]), None));
    }
    Ok(Predicate::Word(set))
}

/// A scalar as it was written; lists and maps have no text.
fn written<'n>(node: &'n Node, field: &Field) -> Result<&'n str, ValueFault> {
    node.written().ok_or_else(|| wrong_kind(node, field, FieldType::Text, "write a text"))
}

/// `wanted` is what the comparison takes: what it is of a field that may hold anything.
fn wrong_kind(node: &Node, field: &Field, wanted: FieldType, help: &str) -> ValueFault {
    let noun = field.field_type().noun();
    let message = match node.written() {
        Some(text) if field.field_type() == FieldType::Any => {
            format!("`{}` is compared with {} here; `{}` is not one", field.name, wanted.noun(), shown(text))
        }
        Some(text) => format!("`{}` holds {noun}; `{}` is not one", field.name, shown(text)),
        None => format!("`{}` holds {noun}, and cannot be compared with {}", field.name, node.kind_name()),
    };
    (codes::VALUE, message, Some(help.to_owned()))
}

/// A network of IPv4-mapped addresses is a network of IPv4 addresses.
fn unmapped(network: IpNet) -> IpNet {
    const MAPPED_BITS: u8 = 96;
    let IpNet::V6(v6) = network else { return network };
    match (v6.network().to_ipv4_mapped(), v6.prefix_len().checked_sub(MAPPED_BITS)) {
        (Some(address), Some(length)) => Ipv4Net::new(address, length).map_or(network, IpNet::V4),
        _ => network,
    }
}

/// What is written says one thing here and another one in the engines that rules are mostly written for.
fn otherwise_fault(otherwise: Otherwise, written: &str) -> ValueFault {
    let (message, help) = match otherwise {
        Otherwise::SetOperator(operator) => (
            format!("`{operator}` in a class is an operator on sets here, and letters in other engines"),
            format!("write the letter itself as `\\{}`", &operator[..1]),
        ),
        Otherwise::NestedClass => (
            format!("`{written}` in a class is a class within it here, and letters in other engines"),
            "write the bracket itself as `\\[`".to_owned(),
        ),
        Otherwise::WordEdge(bracket) => (
            format!("`{written}` is the edge of a word here, and a letter in other engines"),
            format!("write the letter itself as `{bracket}`, the edge of a word as `\\b`"),
        ),
        Otherwise::RepeatedAgain => (
            format!("`{written}` repeats what is repeated here, and gives nothing back in other engines"),
            "write it once, or put what is repeated in a group: `(?:a+)+`".to_owned(),
        ),
        Otherwise::LineEndFlag => (
            "the flag `R` says how lines end here, and `(?R)` repeats the whole expression in other engines".to_owned(),
            "write the ends of lines out: `\\r?\\n`; what nests cannot be told by an expression".to_owned(),
        ),
        Otherwise::VerticalTab => (
            "`\\v` is one control character here, and any that ends a line in other engines".to_owned(),
            "write the character as `\\x0b`, the ends of lines as `[\\n\\x0b\\f\\r]`".to_owned(),
        ),
    };
    (codes::REGEX, message, Some(help))
}

fn regex_fault(error: &regex::Error, source: &str) -> ValueFault {
    let text = match error {
        regex::Error::CompiledTooBig(limit) => {
            let message = format!("the regular expression is too large (limit {} KiB)", limit / 1024);
            let help = "shorten counted repetitions such as `{1000}`, or use plain values".to_owned();
            return (codes::REGEX_LIMIT, message, Some(help));
        }
        error => error.to_string(),
    };
    // The last line says what is wrong; the lines before it draw the expression once more.
    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    if reason.contains("nested parentheses") || reason.contains("nest limit") {
        let message = format!("the regular expression is nested deeper than {REGEX_DEPTH} levels");
        return (codes::REGEX_LIMIT, message, None);
    }
    let unsupported = if reason.contains("backreferences") {
        Some(("a backreference", "compare two fields, or write the alternatives out"))
    } else if reason.contains("look-around") {
        Some(("look-around", "say it with two lines, one of them in a selection after `not`"))
    } else {
        None
    };
    if let Some((what, help)) = unsupported {
        return (codes::REGEX, format!("{what} is not supported by this regex engine"), Some(help.to_owned()));
    }
    let help = source.starts_with(['*', '?']).then(|| "`*` and `?` alone are wildcards; leave `re` out".to_owned());
    (codes::REGEX, format!("the regular expression does not compile: {}", shown(&reason)), help)
}
