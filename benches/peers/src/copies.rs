//! Copies of rules with changed values, so that there can be many rules of the same shape.

use fastrand::Rng;
use serde_json::Value;

/// The share of values that are changed; the rest stay, as rules share values.
const CHANGED: f64 = 0.9;
/// Modifiers whose values would no longer be what they are.
const FIXED: [&str; 7] = ["cidr", "base64", "base64offset", "wide", "utf16", "fieldref", "expand"];

/// A copy of a rule with an id of its own and other texts in its selections, as JSON, which is YAML.
pub fn copy(rule: &Value, id: &str, random: &mut Rng) -> String {
    let mut copy = rule.clone();
    copy["id"] = id.into();
    if let Some(selections) = copy["detection"].as_object_mut() {
        for (name, selection) in selections {
            if name != "condition" {
                change(selection, "", random);
            }
        }
    }
    copy.to_string()
}

/// Changes the values below one, which stands under a field with these modifiers.
fn change(value: &mut Value, modifiers: &str, random: &mut Rng) {
    match value {
        Value::String(text) if !FIXED.iter().any(|fixed| modifiers.split('|').any(|modifier| modifier == *fixed)) => {
            let is_regex = modifiers.split('|').any(|modifier| modifier == "re");
            if random.f64() < CHANGED {
                infix(text, is_regex, random);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|element| change(element, modifiers, random)),
        Value::Object(map) => {
            for (key, value) in map {
                change(value, key.split_once('|').map_or("", |(_, modifiers)| modifiers), random);
            }
        }
        _ => {}
    }
}

/// Puts three hexadecimal digits inside a word of a text, where they can be no part of a wildcard or an escape.
fn infix(text: &mut String, is_regex: bool, random: &mut Rng) {
    let inside: fn(&str, usize) -> bool = if is_regex { inside_literal } else { inside_word };
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).filter(|at| inside(text, *at)).collect();
    if let Some(place) = random.choice(places) {
        text.insert_str(place, &format!("{:03x}", random.u16(..0x1000)));
    }
}

/// Whether both neighbours of a place are letters or digits, the first one not behind a backslash.
fn inside_word(text: &str, at: usize) -> bool {
    let mut before = text[..at].chars().rev();
    let after = text[at..].chars().next();
    before.next().is_some_and(char::is_alphanumeric)
        && before.next() != Some('\\')
        && after.is_some_and(char::is_alphanumeric)
}

/// Whether a place in a regular expression is inside a word that stands for itself.
fn inside_literal(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let open = |start: char, end: char| before.rfind(start) > before.rfind(end);
    // An escape such as `\x41` is four characters long, a flag such as `(?i` three.
    let near: Vec<char> = before.chars().rev().take(5).collect();
    inside_word(text, at) && !near.contains(&'\\') && !near.contains(&'?') && !open('[', ']') && !open('{', '}')
}
