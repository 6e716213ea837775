//! From a rule file's text to its filters: every key checked, every fault told.

use super::codes;
use super::inline_tests::read_tests;
use super::limit::{self, Limit};
use super::model::{Filter, Mode};
use super::schedule::{self, Schedule};
use crate::alert::Severity;
use crate::clock::Timestamp;
use crate::diag::{Code, Diagnostic, Diagnostics, Span, closest};
use crate::id::RuleId;
use crate::matcher::{self, Placeholders, shown};
use crate::yaml::{self, Kind, Limits, MapEntry, Node};
use std::path::Path;
use std::sync::Arc;

pub(super) const KEYS: [&str; 15] = [
    "id",
    "title",
    "description",
    "reason",
    "owner",
    "ticket",
    "expires",
    "starts",
    "schedule",
    "limit",
    "mode",
    "allow",
    "match",
    "detection",
    "tests",
];

/// Compiles every document of one rule file, with the values that `expand` puts in. A document with errors gives no filter, and everything wrong with it goes to
/// `found`. That ids are unique in the set is the set's business.
pub fn compile_file(text: &str, file: &Arc<Path>, placeholders: &Placeholders, found: &mut Diagnostics) -> Vec<Filter> {
    let mut faults = Diagnostics::new();
    let mut documents = yaml::parse(text, file, Limits::RULE_FILE, &mut faults);
    documents.retain(|document| document.kind != Kind::Null);
    if documents.is_empty() && !faults.has_errors() {
        let fault = faults.error(file, Span::START, codes::EMPTY, "the file holds no filter");
        fault.help("write one, or remove the file");
    }
    let alone = documents.len() == 1;
    let filters = documents.iter().filter_map(|node| {
        let mut document = Document { node, file, placeholders, found: &mut faults, failed: false };
        document.compile(alone)
    });
    let filters = filters.collect();
    found.extend(faults);
    filters
}

/// One document while it is compiled.
struct Document<'d> {
    node: &'d Node,
    file: &'d Arc<Path>,
    placeholders: &'d Placeholders,
    found: &'d mut Diagnostics,
    failed: bool,
}

impl<'d> Document<'d> {
    fn compile(&mut self, alone: bool) -> Option<Filter> {
        let Some(map) = self.node.as_map() else {
            let message = format!("a filter is a map of keys, not {}", self.node.kind_name());
            self.error(self.node.span, codes::VALUE, message).help("it begins with `id:` or `title:`");
            return None;
        };
        for entry in map.iter().filter(|entry| !KEYS.contains(&entry.key.as_str())) {
            let fault =
                self.error(entry.key_span, codes::UNKNOWN_KEY, format!("a filter has no key `{}`", shown(&entry.key)));
            fault.help = closest(&entry.key, KEYS).map(|near| format!("did you mean `{near}`?"));
        }
        let id = self.id(alone);
        let title = self.text("title");
        let description = self.text("description");
        let reason = self.reason();
        let owner = self.owner();
        let ticket = self.text("ticket");
        let (starts, expires) = self.term();
        let schedule = self.schedule();
        let limit = self.limit();
        let mode = self.mode();
        let allow = self.allow();
        self.report_grave_for_ever(&allow);
        let condition = self.condition();
        self.report_kept(condition.as_ref(), &allow);
        let tests = self.tests();
        let (id, reason, condition) = (id?, reason?, condition?);
        if self.failed {
            return None;
        }
        let title = title.unwrap_or_else(|| id.as_str().to_owned());
        let (file, span) = (self.file.clone(), self.node.span);
        let condition = Arc::new(condition);
        #[rustfmt::skip]
        let filter = Filter {
            id, title, reason, owner, ticket, description, starts, expires, schedule, limit, mode, allow, condition, tests, file, span,
        };
        Some(filter)
    }

    fn error(&mut self, span: Span, code: Code, message: impl Into<String>) -> &mut Diagnostic {
        self.failed = true;
        self.found.error(self.file, span, code, message)
    }

    /// A key's entry, if it is there and holds something.
    fn entry(&self, key: &str) -> Option<&'d MapEntry> {
        self.node.get(key).filter(|entry| entry.value.kind != Kind::Null)
    }

    /// A key's text, without spaces around it; `None` where it is missing or empty.
    fn text(&mut self, key: &str) -> Option<String> {
        let entry = self.entry(key)?;
        match entry.value.written() {
            Some(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            None => {
                let message = format!("`{key}` is a text, not {}", entry.value.kind_name());
                self.error(entry.value.span, codes::VALUE, message);
                None
            }
        }
    }

    fn id(&mut self, alone: bool) -> Option<RuleId> {
        if let Some(entry) = self.entry("id") {
            let given = self.text("id").unwrap_or_default();
            let id = RuleId::new(&given);
            if id.is_none() && entry.value.written().is_some() {
                let message = format!("`{}` is not an id", shown(&given));
                self.error(entry.value.span, codes::ID, message).help(RuleId::SHAPE);
            }
            return id;
        }
        if !alone {
            let fault = self.error(self.node.span, codes::ID, "a filter in a file of several needs an `id`");
            fault.help("the file's name is the id only where the filter stands alone");
            return None;
        }
        let stem = self.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let id = RuleId::new(stem);
        if id.is_none() {
            let message = format!("the file's name `{stem}` is not an id");
            self.error(self.node.span, codes::ID, message).help(format!("add an `id`: {}", RuleId::SHAPE));
        }
        id
    }

    fn reason(&mut self) -> Option<String> {
        let reasons = Filter::REASONS.join(", ");
        if self.entry("reason").is_none() {
            let fault = self.error(self.node.span, codes::MISSING_KEY, "the filter has no `reason`");
            fault.help(format!("say why its alerts are dismissed: {reasons}"));
            return None;
        }
        self.one_of("reason", &Filter::REASONS).map(|place| Filter::REASONS[place].to_owned())
    }

    fn owner(&mut self) -> Option<String> {
        let before = self.failed;
        let owner = self.text("owner");
        if owner.is_none() && self.failed == before {
            let place = self.node.get("owner").map_or(self.node.span, |entry| entry.key_span);
            let fault = self.found.warning(self.file, place, codes::OWNERLESS, "nobody owns this filter");
            fault.help("add `owner`: a person or a team that answers for it");
        }
        owner
    }

    fn term(&mut self) -> (Option<Timestamp>, Option<Timestamp>) {
        let [starts, expires] = ["starts", "expires"].map(|key| self.time(key));
        if let (Some(starts), Some(expires), Some(entry)) = (starts, expires, self.entry("expires"))
            && expires <= starts
        {
            let message = "the filter is never in force: it expires before it starts";
            let fault = self.error(entry.value.span, codes::NEVER_IN_FORCE, message);
            fault.help("write an `expires` that is later than `starts`");
        }
        (starts, expires)
    }

    fn time(&mut self, key: &str) -> Option<Timestamp> {
        let entry = self.entry(key)?;
        let given = entry.value.written().unwrap_or_else(|| entry.value.kind_name());
        let time = matcher::read_instant(given);
        if time.is_none() {
            let fault = self.error(
                entry.value.span,
                codes::TIME,
                format!("`{key}` is a date or a time, not `{}`", shown(given)),
            );
            fault.help("write it like `2027-03-31` (the first moment of that day in UTC) or `2027-03-31T12:00:00Z`");
        }
        time
    }

    fn schedule(&mut self) -> Option<Schedule> {
        let entry = self.entry("schedule")?;
        let schedule = schedule::read(&entry.value, self.file, self.found);
        self.failed |= schedule.is_none();
        schedule
    }

    fn limit(&mut self) -> Option<Limit> {
        let entry = self.entry("limit")?;
        let limit = limit::read(&entry.value, self.file, self.found);
        self.failed |= limit.is_none();
        limit
    }

    fn mode(&mut self) -> Mode {
        match self.one_of("mode", &["enforce", "audit"]) {
            Some(1) => Mode::Audit,
            _ => Mode::Enforce,
        }
    }

    fn allow(&mut self) -> Vec<Severity> {
        let Some(entry) = self.entry("allow") else { return Vec::new() };
        let words = entry.value.as_list().unwrap_or(std::slice::from_ref(&entry.value));
        let mut allowed = Vec::with_capacity(words.len());
        for word in words {
            let Some(place) = self.word(word, "allow", &Severity::WORDS) else { continue };
            let severity = Severity::from_word(Severity::WORDS[place]);
            if !severity.is_guarded() {
                let message = format!("`{severity}` needs no `allow`: only high and critical do");
                let fault = self.found.warning(self.file, word.span, codes::NEEDLESS_ALLOW, message);
                fault.help("leave it out; to dismiss some severities only, say so in `match`: `severity|lte: medium`");
            }
            allowed.push(severity);
        }
        allowed
    }

    /// Somebody must come back to what keeps grave alerts from being seen.
    fn report_grave_for_ever(&mut self, allow: &[Severity]) {
        if let (true, Some(entry), None) =
            (allow.iter().any(Severity::is_guarded), self.entry("allow"), self.entry("expires"))
        {
            let message = "a filter that may dismiss alerts of severity high or critical needs an `expires`";
            let fault = self.error(entry.key_span, codes::GRAVE_FOR_EVER, message);
            fault.help("add `expires`, such as a day in three months; or leave `allow` out");
        }
    }

    /// A condition that is met by guarded alerts only wants an `allow`, or nothing comes of it.
    fn report_kept(&mut self, condition: Option<&matcher::Condition>, allow: &[Severity]) {
        let severities = condition.map(matcher::Condition::severities).unwrap_or_default();
        let is_kept = |severity: &Severity| severity.is_guarded() && !allow.contains(severity);
        let (false, true, Some(entry)) =
            (severities.is_empty(), severities.iter().all(is_kept), self.entry("match").or(self.entry("detection")))
        else {
            return;
        };
        let words: Vec<&str> = severities.iter().map(Severity::as_str).collect();
        let message = format!(
            "only alerts of severity {} meet this, and the filter may dismiss none of them",
            words.join(" or ")
        );
        let fault = self.found.warning(self.file, entry.key_span, codes::DISMISSES_NOTHING, message);
        fault.help(format!("add `allow: [{}]` and an `expires`", words.join(", ")));
    }

    /// The place of a key's word among those it may have.
    fn one_of(&mut self, key: &str, words: &[&str]) -> Option<usize> {
        self.word(&self.entry(key)?.value, key, words)
    }

    fn word(&mut self, node: &Node, key: &str, words: &[&str]) -> Option<usize> {
        let place = node.as_text().and_then(|given| words.iter().position(|word| *word == given));
        if place.is_none() {
            let given = node.written().map_or_else(|| node.kind_name().to_owned(), |text| format!("`{}`", shown(text)));
            let near = node.written().and_then(|text| closest(text, words.iter().copied()));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", words.join(", ")),
            };
            self.error(node.span, codes::UNKNOWN_WORD, format!("`{key}` cannot be {given}")).help(help);
        }
        place
    }

    fn condition(&mut self) -> Option<matcher::Condition> {
        let [matched, detected] = ["match", "detection"].map(|key| self.node.get(key));
        if let (Some(_), Some(detection)) = (matched, detected) {
            let message = "`detection` is another name of `match`; a filter has one of them";
            self.error(detection.key_span, codes::VALUE, message);
        }
        let Some(entry) = matched.or(detected) else {
            let fault = self.error(self.node.span, codes::MISSING_KEY, "the filter has no `match`");
            fault.help("say which alerts it is about: `match: {alert_type: ...}`");
            return None;
        };
        let condition = matcher::compile_with(&entry.value, self.placeholders, self.file, self.found);
        if condition.as_ref().is_some_and(matcher::Condition::is_met_by_every_example) {
            let within = entry.value.span.start.offset..=entry.value.span.end;
            // What a condition costs that is refused anyway is no news.
            self.found
                .retain(|fault| fault.code != matcher::codes::NO_WITNESS || !within.contains(&fault.span.start.offset));
            let message = "alerts that have nothing in common all meet this condition: it would dismiss everything";
            let fault = self.error(entry.value.span, matcher::codes::MEETS_EXAMPLES, message);
            fault.help("say what it is about: an alert type, an entity, a resource");
            return None;
        }
        condition
    }

    fn tests(&mut self) -> Vec<super::FilterTest> {
        let Some(entry) = self.entry("tests") else { return Vec::new() };
        let mut faults = Diagnostics::new();
        let tests = read_tests(&entry.value, self.file, &mut faults);
        self.failed |= faults.has_errors();
        self.found.extend(faults);
        tests
    }
}
