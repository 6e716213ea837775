//! What Sigma rules and filters decide by a reading of their own, against what their filters decide.

use super::{at, decide, files, imported, originals_of, set};
use quell::import::{Kind, Options, Unnegated};
use serde_json::{Map, Value, json};
use std::io::Write as _;

type Event = Map<String, Value>;

/// Whether a selection holds; none where this reading does not know a modifier.
fn selection(node: &Value, event: &Event) -> Option<bool> {
    match node {
        Value::Object(map) => {
            let lines: Option<Vec<bool>> = map.iter().map(|(key, value)| line(key, value, event)).collect();
            Some(lines?.into_iter().all(|holds| holds))
        }
        Value::Array(list) => {
            let parts: Option<Vec<bool>> = list.iter().map(|part| selection(part, event)).collect();
            Some(parts?.into_iter().any(|holds| holds))
        }
        _ => None,
    }
}

fn line(key: &str, value: &Value, event: &Event) -> Option<bool> {
    let mut words = key.split('|');
    let field = words.next()?;
    let modifiers: Vec<&str> = words.collect();
    if field.is_empty() || field.contains('.') {
        return None;
    }
    let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let given = event.get(field);
    let one = |value: &Value| -> Option<bool> {
        if value.is_null() {
            return Some(given.is_none_or(Value::is_null));
        }
        let wanted = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let Some(given) = given.and_then(Value::as_str) else { return Some(false) };
        let pattern = match modifiers.iter().find(|word| **word != "all").copied() {
            None => format!("^{}$", spelled(&wanted)),
            Some("contains") => spelled(&wanted),
            Some("startswith") => format!("^{}", spelled(&wanted)),
            Some("endswith") => format!("{}$", spelled(&wanted)),
            Some("re") => return regex::Regex::new(&wanted).ok().map(|regex| regex.is_match(given)),
            Some("cidr") => {
                let network: ipnet::IpNet = wanted.parse().ok()?;
                return Some(given.parse().is_ok_and(|address: std::net::IpAddr| network.contains(&address)));
            }
            Some(_) => return None,
        };
        let known = modifiers.iter().filter(|word| **word != "all").count() <= 1;
        known.then_some(())?;
        Some(is_match(pattern, given))
    };
    let held: Option<Vec<bool>> = values.iter().map(one).collect();
    let mut held = held?.into_iter();
    Some(if modifiers.contains(&"all") { held.all(|holds| holds) } else { held.any(|holds| holds) })
}

thread_local! {
    /// Values are compared again and again, and building an expression is slow.
    static BUILT: std::cell::RefCell<std::collections::HashMap<String, regex::Regex>> = std::cell::RefCell::default();
}

fn is_match(pattern: String, text: &str) -> bool {
    BUILT.with_borrow_mut(|built| {
        let build = || regex::RegexBuilder::new(&format!("(?is){pattern}")).build().unwrap();
        built.entry(pattern.clone()).or_insert_with(build).is_match(text)
    })
}

/// A plain value of Sigma as a regular expression.
fn spelled(value: &str) -> String {
    let mut out = String::new();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if matches!(chars.peek(), Some('*' | '?' | '\\')) => {
                out.push_str(&regex::escape(&chars.next().unwrap().to_string()));
            }
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            c => out.push_str(&regex::escape(&c.to_string())),
        }
    }
    out
}

/// A condition, evaluated as it is read; `not` can be taken for true, to ask what holds without the exclusions.
struct Condition<'c> {
    words: Vec<&'c str>,
    next: usize,
    selections: &'c Map<String, Value>,
    event: &'c Event,
    without_not: bool,
}

impl Condition<'_> {
    fn either(&mut self) -> Option<bool> {
        let mut holds = self.both()?;
        while self.take("or") {
            holds |= self.both()?;
        }
        Some(holds)
    }

    fn both(&mut self) -> Option<bool> {
        let mut holds = self.one()?;
        while self.take("and") {
            holds &= self.one()?;
        }
        Some(holds)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.next) == Some(&word);
        self.next += usize::from(found);
        found
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("not") {
            let inner = self.one()?;
            return Some(self.without_not || !inner);
        }
        if self.take("(") {
            let inner = self.either()?;
            return self.take(")").then_some(inner);
        }
        let word = *self.words.get(self.next)?;
        self.next += 1;
        if self.take("of") {
            let pattern = *self.words.get(self.next)?;
            self.next += 1;
            let fits = |name: &str| pattern == "them" || name.starts_with(pattern.trim_end_matches('*'));
            let named =
                self.selections.iter().filter(|(name, _)| *name != "condition" && *name != "rules" && fits(name));
            let held: Option<Vec<bool>> = named.map(|(_, node)| selection(node, self.event)).collect();
            let held = held?;
            return Some(if word == "all" { held.iter().all(|h| *h) } else { held.iter().any(|h| *h) });
        }
        selection(self.selections.get(word)?, self.event)
    }
}

fn holds(detection: &Map<String, Value>, event: &Event, without_not: bool) -> Option<bool> {
    let spaced = detection["condition"].as_str()?.replace('(', " ( ").replace(')', " ) ");
    let words = spaced.split_whitespace().collect();
    let mut condition = Condition { words, next: 0, selections: detection, event, without_not };
    let holds = condition.either()?;
    (condition.next == condition.words.len()).then_some(holds)
}

/// A text that meets a value, more or less.
fn example(rng: &mut fastrand::Rng, modifiers: &[&str], values: &[Value]) -> String {
    let of = |value: &Value| -> String {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.replace("\\*", "*").replace("\\?", "?").replace('*', "any").replace('?', "y").replace("\\\\", "\\")
    };
    let has = |word| modifiers.contains(&word);
    let text = if has("all") {
        values.iter().map(of).collect::<Vec<_>>().join(" ")
    } else {
        let value = &values[rng.usize(..values.len())];
        if has("cidr") { of(value).split('/').next().unwrap_or_default().to_owned() } else { of(value) }
    };
    let (before, after) = (has("contains") || has("endswith"), has("contains") || has("startswith"));
    let text = format!("{}{text}{}", if before { "pre " } else { "" }, if after { " post" } else { "" });
    match rng.u8(0..12) {
        0 => text.to_uppercase(),
        1 => format!("{text}!"),
        2 => text.chars().skip(1).collect(),
        _ => text,
    }
}

/// Adds what a selection asks for to an event.
fn meet(rng: &mut fastrand::Rng, node: &Value, event: &mut Event) {
    match node {
        Value::Object(map) => {
            for (key, value) in map {
                let mut words = key.split('|');
                let field = words.next().unwrap();
                let modifiers: Vec<&str> = words.collect();
                let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                if values.iter().all(Value::is_null) {
                    event.remove(field);
                } else {
                    event.insert(field.to_owned(), example(rng, &modifiers, &values).into());
                }
            }
        }
        Value::Array(list) if !list.is_empty() => {
            let place = rng.usize(..list.len());
            meet(rng, &list[place], event);
        }
        _ => {}
    }
}

fn event(rng: &mut fastrand::Rng, detection: &Map<String, Value>) -> Event {
    let mut event = Event::new();
    let (excluding, selecting): (Vec<_>, Vec<_>) = detection
        .iter()
        .filter(|(name, _)| *name != "condition" && *name != "rules")
        .partition(|(name, _)| name.contains("filter") || name.contains("exclude"));
    if rng.bool() && !excluding.is_empty() {
        let (_, node) = excluding[rng.usize(..excluding.len())];
        meet(rng, node, &mut event);
    }
    for (_, node) in selecting {
        if rng.u8(0..10) > 0 {
            meet(rng, node, &mut event);
        }
    }
    if rng.u8(0..3) == 0 && !excluding.is_empty() {
        let (_, node) = excluding[rng.usize(..excluding.len())];
        meet(rng, node, &mut event);
    }
    event
}

#[test]
fn the_exclusions_of_rules_are_what_their_filters_dismiss() {
    let now = at("2026-06-01T00:00:00Z");
    let (mut rules, mut unread, mut quiet, mut loud) = (0, 0, 0, 0);
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let (all, _) = imported(&text, "x.yml", &Options::default());
        for (one, rule) in all.iter().zip(originals_of(&text)).filter(|(one, _)| one.kind == Some(Kind::SigmaRule)) {
            let Some(filter) = &one.filter else { continue };
            let detection = rule["detection"].as_object().unwrap();
            let set = set(&filter.text);
            rules += 1;
            let mut rng = fastrand::Rng::with_seed(3);
            for _ in 0..12 {
                let event = event(&mut rng, detection);
                let (Some(found), Some(fires)) = (holds(detection, &event, true), holds(detection, &event, false))
                else {
                    unread += 1;
                    break;
                };
                // An alert of the rule is about an event that its selections found.
                if !found {
                    continue;
                }
                let of = |id: &str| json!({"alert_type": id, "title": "x", "severity": "low", "raw": event});
                let verdict = decide(&set, &of(rule["id"].as_str().unwrap()), now);
                let dismissed = !verdict.dismissed_by.is_empty();
                // Where an exclusion could not be carried over, less is dismissed, and never more.
                let partial = one.lost.iter().any(|lost| lost.contains("depends on which"));
                assert!(dismissed != fires || partial && !dismissed, "{event:?}\n{}", filter.text);
                *if fires { &mut loud } else { &mut quiet } += 1;
                let other = decide(&set, &of("another-rule"), now);
                assert!(other.dismissed_by.is_empty(), "an alert of another rule: {}", filter.text);
            }
        }
    }
    assert!(rules >= 1 && quiet >= 5 && loud >= 5, "{rules} rules, {quiet} dismissed, {loud} kept");
    drop(writeln!(std::io::stderr(), "{rules} Sigma rules ({unread} not read here), {quiet} dismissed, {loud} kept"));
}

#[test]
fn filters_dismiss_what_sigmas_tools_drop() {
    let now = at("2026-06-01T00:00:00Z");
    let options = Options { unnegated: Some(Unnegated::Keep), ..Options::default() };
    let (mut filters, mut quiet, mut loud) = (0, 0, 0);
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let (all, _) = imported(&text, "x.yml", &options);
        for (one, original) in
            all.iter().zip(originals_of(&text)).filter(|(one, _)| one.kind == Some(Kind::SigmaFilter))
        {
            let filter = one.filter.as_ref().unwrap();
            let set = set(&filter.text);
            let detection = original["filter"].as_object().unwrap();
            filters += 1;
            for _ in 0..200 {
                let mut rng = fastrand::Rng::with_seed(filters * 1000 + quiet + loud);
                let mut event = event(&mut rng, detection);
                let kept = match event.contains_key("dns.question.name") {
                    // A key with dots is a path in this taxonomy.
                    true => {
                        let name = event.remove("dns.question.name").unwrap();
                        let kept = name.as_str().unwrap().to_lowercase().starts_with("www.google.");
                        event.insert("dns".into(), json!({"question": {"name": name}}));
                        kept
                    }
                    false if detection["selection"].to_string().contains("dns.") => false,
                    false => holds(detection, &event, false).unwrap(),
                };
                let rule = detection["rules"][rng.usize(..detection["rules"].as_array().unwrap().len())].clone();
                let verdict =
                    decide(&set, &json!({"alert_type": rule, "title": "x", "severity": "low", "raw": event}), now);
                assert_eq!(verdict.dismissed_by.is_empty(), kept, "{event:?}\n{}", filter.text);
                *if kept { &mut loud } else { &mut quiet } += 1;
            }
        }
    }
    assert!(filters >= 3 && quiet > 20 && loud > 20, "{filters} filters, {quiet} dismissed, {loud} kept");
}
