//! What an operator asks of filters beyond what makes them sound: how long they live, which keys they have, which values
//! they may not hold. It is asked of the text, so that it is told beside whatever else is wrong with a file.

use super::codes;
use crate::clock::Timestamp;
use crate::diag::{Diagnostics, Level, Span};
use crate::matcher::{read_instant, shown};
use crate::yaml::{self, Kind, Limits, Node};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What is asked, and how grave a breach of it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand<T> {
    /// What is asked.
    pub what: T,
    /// A warning, or an error that keeps the set from loading.
    pub level: Level,
}

/// What is asked of every filter; nothing unless the operator says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The longest time from now to `expires`. A filter that never expires breaks it.
    pub longest_life: Option<Demand<Duration>>,
    /// Keys that every filter has: some of [`Policy::KEYS`].
    pub required: Option<Demand<Vec<String>>>,
    /// Values that no condition holds, as they are written; `*` stands for every value of nothing but wildcards.
    pub banned_values: Option<Demand<Vec<String>>>,
}

impl Policy {
    /// Keys that can be asked for.
    pub const KEYS: [&'static str; 9] =
        ["id", "title", "description", "reason", "owner", "ticket", "starts", "expires", "tests"];

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Reports every breach in a rule file. What is not YAML is left to the compiler to tell.
    pub fn check_file(&self, text: &str, file: &Arc<Path>, now: Timestamp, found: &mut Diagnostics) {
        if self.is_empty() {
            return;
        }
        let documents = yaml::parse(text, file, Limits::RULE_FILE, &mut Diagnostics::new());
        for document in documents.iter().filter(|document| document.as_map().is_some()) {
            self.check_keys(document, file, found);
            self.check_life(document, file, now, found);
            self.check_values(document, file, found);
        }
    }

    fn check_keys(&self, document: &Node, file: &Arc<Path>, found: &mut Diagnostics) {
        let Some(Demand { what: keys, level }) = &self.required else { return };
        for key in keys.iter().filter(|key| !is_there(document, key)) {
            let place = document.get(key).map_or(start(document.span), |entry| entry.key_span);
            let message = format!("the policy asks for `{key}`, and the filter has none");
            found.report(file, place, *level, codes::REQUIRED, message).help(format!("add `{key}`"));
        }
    }

    fn check_life(&self, document: &Node, file: &Arc<Path>, now: Timestamp, found: &mut Diagnostics) {
        let Some(Demand { what: longest, level }) = &self.longest_life else { return };
        let longest_words = in_words(*longest);
        let Some(entry) = document.get("expires").filter(|entry| entry.value.kind != Kind::Null) else {
            let message = format!("the filter never expires; the policy allows {longest_words}");
            let fault = found.report(file, start(document.span), *level, codes::LONG_LIFE, message);
            fault.help("add `expires`: a date until when somebody answers for it");
            return;
        };
        // What is no time is told by the compiler.
        let Some(expires) = entry.value.written().and_then(read_instant) else { return };
        let latest = now.saturating_add(*longest).unwrap_or(Timestamp::MAX);
        if expires > latest {
            let message = format!("the filter lives longer than the {longest_words} that the policy allows");
            let fault = found.report(file, entry.value.span, *level, codes::LONG_LIFE, message);
            fault.help(format!("today the latest is `{}`", latest.strftime("%Y-%m-%d")));
        }
    }

    fn check_values(&self, document: &Node, file: &Arc<Path>, found: &mut Diagnostics) {
        let Some(Demand { what: banned, level }) = &self.banned_values else { return };
        let condition = document.get("match").or_else(|| document.get("detection"));
        let Some(condition) = condition.map(|entry| &entry.value) else { return };
        let mut places = Vec::new();
        if condition.get("condition").is_some() {
            let selections = condition.as_map().into_iter().flatten().filter(|entry| entry.key != "condition");
            selections.for_each(|entry| values(&entry.value, &mut places));
        } else {
            values(condition, &mut places);
        }
        for (value, span) in places.into_iter().filter(|(value, _)| is_banned(value, banned)) {
            let message = format!("the policy bans the value `{}`", shown(value));
            let fault = found.report(file, span, *level, codes::BANNED, message);
            fault.help("say what the filter is about; that a key is there is asked with `exists: true`");
        }
    }
}

/// Whether a key is there and says something.
fn is_there(document: &Node, key: &str) -> bool {
    document.get(key).is_some_and(|entry| match &entry.value.kind {
        Kind::Null => false,
        Kind::List(list) => !list.is_empty(),
        _ => entry.value.written().is_none_or(|text| !text.trim().is_empty()),
    })
}

/// Every value of a condition and where it stands.
fn values<'n>(node: &'n Node, places: &mut Vec<(&'n str, Span)>) {
    match &node.kind {
        Kind::List(list) => list.iter().for_each(|node| values(node, places)),
        Kind::Map(map) => map.iter().for_each(|entry| values(&entry.value, places)),
        _ => places.extend(node.written().map(|text| (text, node.span))),
    }
}

fn is_banned(value: &str, banned: &[String]) -> bool {
    let value = value.trim();
    let only_wildcards = !value.is_empty() && value.bytes().all(|byte| matches!(byte, b'*' | b'?'));
    banned.iter().any(|banned| (banned == "*" && only_wildcards) || banned.eq_ignore_ascii_case(value))
}

/// The first character of a document.
fn start(span: Span) -> Span {
    Span::at(span.start)
}

fn in_words(span: Duration) -> String {
    match (span.as_secs(), span.as_secs() / 86_400) {
        (seconds, days) if days > 0 && seconds % 86_400 == 0 => format!("{days} days"),
        (seconds, _) => format!("{} hours", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "id: one\nreason: test\nowner: a\nticket: T-1\nexpires: 2026-03-01\nmatch: {title: x}\n";

    fn told(policy: &Policy, text: &str) -> Vec<String> {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut found = Diagnostics::new();
        policy.check_file(text, &Path::new("r.yaml").into(), now, &mut found);
        found.sorted().iter().map(|diagnostic| diagnostic.headline()).collect()
    }

    fn demand<T>(what: T) -> Option<Demand<T>> {
        Some(Demand { what, level: Level::Error })
    }

    fn texts(texts: &[&str]) -> Option<Demand<Vec<String>>> {
        demand(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn nothing_is_asked_unless_said() {
        assert_eq!(told(&Policy::default(), "match: {title: '*'}\n"), [""; 0]);
    }

    #[test]
    fn a_life_ends_and_not_too_late() {
        let days = |days: u64| Policy { longest_life: demand(Duration::from_secs(days * 86_400)), ..Policy::default() };
        assert_eq!(told(&days(59), WHOLE), [""; 0]);
        assert_eq!(
            told(&days(58), WHOLE),
            ["r.yaml:5:10: error[F013]: the filter lives longer than the 58 days that the policy allows"]
        );
        let endless = WHOLE.replace("expires: 2026-03-01\n", "");
        assert_eq!(
            told(&days(58), &endless),
            ["r.yaml:1:1: error[F013]: the filter never expires; the policy allows 58 days"]
        );
        let two = format!("{WHOLE}---\n{endless}");
        assert_eq!(
            told(&days(59), &two),
            ["r.yaml:8:1: error[F013]: the filter never expires; the policy allows 59 days"]
        );
        assert_eq!(told(&days(58), &WHOLE.replace("2026-03-01", "soon")), [""; 0], "the compiler tells of it");
        assert_eq!(told(&days(u64::MAX / 86_400), WHOLE), [""; 0]);
    }

    #[test]
    fn keys_that_are_asked_for_are_there_and_say_something() {
        let policy = Policy { required: texts(&["ticket", "tests"]), ..Policy::default() };
        let tests = "tests: [{name: a, alert: {}, expect: active}]\n";
        assert_eq!(told(&policy, &format!("{WHOLE}{tests}")), [""; 0]);
        let missing = |place: &str, key: &str| {
            format!("r.yaml:{place}: error[F014]: the policy asks for `{key}`, and the filter has none")
        };
        assert_eq!(told(&policy, WHOLE), [missing("1:1", "tests")]);
        assert_eq!(
            told(&policy, &format!("{}tests: []\n", WHOLE.replace("T-1", "' '"))),
            [missing("4:1", "ticket"), missing("7:1", "tests")]
        );
    }

    #[test]
    fn banned_values_are_found_wherever_a_condition_holds_them() {
        let policy = Policy { banned_values: texts(&["*", "Any"]), ..Policy::default() };
        let places = |condition: &str| -> Vec<String> {
            let told = told(&policy, &format!("match: {condition}\n"));
            told.iter()
                .map(|line| line.replace("r.yaml:1:", "").replace(" error[F015]: the policy bans the value", ""))
                .collect()
        };
        assert_eq!(places("{title: '*', vendor: [a, '?*'], raw.x: any}"), ["16: `*`", "33: `?*`", "47: `any`"]);
        assert_eq!(places("{a: {title: 'x*'}, b: [{title: '**'}], condition: any}"), ["39: `**`"]);
        assert_eq!(places("{entities.file|every: {name: '*'}}"), ["37: `*`"]);
    }
}
