//! Reading a front matter: every fault of it at once, with its place in the file.

use super::header::{Front, Header, RunLimits, Trigger};
use crate::diag::{Code, Diagnostics, Span, closest};
use crate::id::RuleId;
use crate::matcher::{self, FieldPath, Placeholders};
use crate::playbook::{codes, duration};
use crate::yaml::{self, MapEntry, Node};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const KEYS: [&str; 10] =
    ["id", "title", "description", "trigger", "match", "connections", "limits", "timeout", "owner", "mode"];

/// How long a run may take unless the playbook says otherwise, and the most it may say.
const TIMEOUT: Duration = Duration::from_secs(7 * 24 * 3600);
const LONGEST_TIMEOUT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Most connections a playbook declares.
const CONNECTIONS: usize = 64;

/// Bytes of a playbook that are front matter.
pub fn length(text: &str) -> usize {
    text.split_inclusive('\n').take_while(|line| line.starts_with("//!")).map(str::len).sum()
}

/// The front matter as YAML, with spaces in place of the comment marks, so that every line and column stays that of the
/// file; and the script behind it.
pub fn parts(text: &str) -> (String, &str) {
    let (front, script) = text.split_at(length(text));
    (front.split_inclusive('\n').map(|line| format!("   {}", &line[3..])).collect(), script)
}

/// Reads the front matter of a playbook.
pub fn read(text: &str, file: &Arc<Path>, placeholders: &Placeholders, found: &mut Diagnostics) -> Front {
    let (yaml_text, _) = parts(text);
    if yaml_text.is_empty() {
        let fault = found.error(file, Span::START, codes::FRONT_MATTER, "the playbook has no front matter");
        fault.help("begin the file with `//! title: …`, `//! match: …` and `//! owner: …`");
        return Front::default();
    }
    let mut own = Diagnostics::new();
    let documents = yaml::parse(&yaml_text, file, yaml::Limits::RULE_FILE, &mut own);
    let broken = own.has_errors();
    found.extend(own);
    let root = match documents.as_slice() {
        [root] if root.as_map().is_some() => root,
        _ if broken => return Front::default(),
        [] => {
            found.error(file, Span::START, codes::FRONT_MATTER, "the front matter is empty");
            return Front::default();
        }
        [root] => {
            let message = format!("the front matter is a map of keys, not {}", root.kind_name());
            found.error(file, root.span, codes::FRONT_MATTER, message);
            return Front::default();
        }
        [_, second, ..] => {
            found.error(file, second.span, codes::FRONT_MATTER, "the front matter is one document, not several");
            return Front::default();
        }
    };
    Reader { file, placeholders, found, sound: !broken }.front(root)
}

struct Reader<'a> {
    file: &'a Arc<Path>,
    placeholders: &'a Placeholders,
    found: &'a mut Diagnostics,
    sound: bool,
}

impl Reader<'_> {
    fn front(mut self, root: &Node) -> Front {
        let connections = self.connections(root);
        Front { connections, header: self.header(root) }
    }

    fn header(&mut self, root: &Node) -> Option<Header> {
        for entry in root.as_map().into_iter().flatten() {
            if !KEYS.contains(&entry.key.as_str()) && entry.key != "detection" {
                self.unknown(entry, "the front matter", &KEYS);
            }
        }
        let id = self.id(root.get("id"));
        let title = self.line(root.get("title"));
        if root.get("title").is_none() {
            let start = Span { end: root.span.start.offset, ..root.span };
            self.error(start, codes::MISSING_KEY, "the front matter has no `title`").help("say what the playbook does");
        }
        let owner = self.line(root.get("owner"));
        if root.get("owner").is_none() {
            let start = Span { end: root.span.start.offset, ..root.span };
            let fault = self.found.warning(self.file, start, codes::OWNERLESS, "the playbook names no `owner`");
            fault.help("name somebody to ask, such as `owner: soc@example.com`");
        }
        let trigger = self.word(root.get("trigger"), &Trigger::ALL.map(Trigger::as_str));
        let trigger = trigger.and_then(|word| Trigger::from_word(&word)).unwrap_or_default();
        let audit = self.word(root.get("mode"), &["enforce", "audit"]).is_some_and(|mode| mode == "audit");
        let condition = self.condition(root);
        let description = self.line(root.get("description"));
        let limits = self.limits(root.get("limits"));
        let timeout = self.timeout(root.get("timeout"));
        let (id, title) = (id?, title?);
        let header = Header { id, title, description, trigger, condition, limits, timeout, owner, audit };
        self.sound.then_some(header)
    }

    fn error(&mut self, span: Span, code: Code, message: impl Into<String>) -> &mut crate::diag::Diagnostic {
        self.sound = false;
        self.found.error(self.file, span, code, message)
    }

    fn unknown(&mut self, entry: &MapEntry, place: &str, known: &[&'static str]) {
        let near = closest(&entry.key, known.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", known.join(", ")),
        };
        self.error(entry.key_span, codes::UNKNOWN_KEY, format!("{place} has no key `{}`", entry.key)).help(help);
    }

    fn misfit(&mut self, entry: &MapEntry, wants: &str) {
        let message = format!("`{}` is {wants}, not {}", entry.key, entry.value.kind_name());
        self.error(entry.value.span, codes::BAD_VALUE, message);
    }

    /// A text that is not empty.
    fn line(&mut self, entry: Option<&MapEntry>) -> Option<String> {
        let entry = entry?;
        match entry.value.written() {
            Some(text) if !text.trim().is_empty() => Some(text.to_owned()),
            Some(_) => {
                self.error(entry.value.span, codes::BAD_VALUE, format!("`{}` is empty", entry.key));
                None
            }
            None => {
                self.misfit(entry, "a text");
                None
            }
        }
    }

    fn word(&mut self, entry: Option<&MapEntry>, words: &[&'static str]) -> Option<String> {
        let word = self.line(entry)?;
        if words.contains(&word.as_str()) {
            return Some(word);
        }
        let entry = entry?;
        let help = match closest(&word, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("leave `{}` out for `{}`", entry.key, words[0]),
        };
        let message = format!("`{}` is one of {}, not `{word}`", entry.key, words.join(", "));
        self.error(entry.value.span, codes::BAD_VALUE, message).help(help);
        None
    }

    fn id(&mut self, entry: Option<&MapEntry>) -> Option<RuleId> {
        if let Some(entry) = entry {
            let text = self.line(Some(entry))?;
            let id = RuleId::new(&text);
            if id.is_none() {
                let message = format!("`{text}` is not an id: {}", RuleId::SHAPE);
                self.error(entry.value.span, codes::BAD_VALUE, message);
            }
            return id;
        }
        let stem = self.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or("").to_owned();
        let id = RuleId::new(&stem);
        if id.is_none() {
            let message = format!("the file's name gives no id: `{stem}` is not {}", RuleId::SHAPE);
            self.error(Span::START, codes::BAD_VALUE, message).help("rename the file, or write `//! id: …`");
        }
        id
    }

    fn condition(&mut self, root: &Node) -> Option<Arc<matcher::Condition>> {
        let entry = match (root.get("match"), root.get("detection")) {
            (Some(_), Some(second)) => {
                let message = "`match` and `detection` are two names of one key";
                self.error(second.key_span, codes::BAD_VALUE, message).help("keep one of them");
                return None;
            }
            (first, second) => first.or(second)?,
        };
        let condition = matcher::compile_with(&entry.value, self.placeholders, self.file, self.found);
        self.sound &= condition.is_some();
        condition.map(Arc::new)
    }

    /// What is declared, names that cannot be included; none if it is not known what was meant.
    fn connections(&mut self, root: &Node) -> Option<Vec<(String, Span)>> {
        let Some(entry) = root.get("connections") else {
            let is_misspelt = |entry: &MapEntry| {
                !KEYS.contains(&entry.key.as_str()) && closest(&entry.key, KEYS) == Some("connections")
            };
            return (!root.as_map().into_iter().flatten().any(is_misspelt)).then(Vec::new);
        };
        let Some(list) = entry.value.as_list() else {
            self.misfit(entry, "a list of names");
            return None;
        };
        let mut names: Vec<(String, Span)> = Vec::new();
        for node in list {
            match node.written() {
                Some(name) if !is_connection_name(name) => {
                    let message = format!("`{name}` is not a connection's name: letters, digits, `_` and `-`");
                    self.error(node.span, codes::BAD_VALUE, message);
                    names.push((name.to_owned(), node.span));
                }
                Some(name) if names.iter().any(|(known, _)| known == name) => {
                    self.error(node.span, codes::BAD_VALUE, format!("`{name}` stands twice in `connections`"));
                }
                Some(name) => names.push((name.to_owned(), node.span)),
                None => {
                    let message = format!("a connection's name is a text, not {}", node.kind_name());
                    self.error(node.span, codes::BAD_VALUE, message);
                }
            }
        }
        if names.len() > CONNECTIONS {
            self.error(
                entry.key_span,
                codes::BAD_VALUE,
                format!("a playbook declares at most {CONNECTIONS} connections"),
            );
        }
        Some(names)
    }

    fn field(&mut self, entry: &MapEntry) -> Option<FieldPath> {
        let path = self.line(Some(entry))?;
        match FieldPath::parse(&path) {
            Ok(field) => Some(field),
            Err(unknown) => {
                let fault = self.error(entry.value.span, codes::BAD_VALUE, unknown.message);
                fault.help = unknown.meant.map(|meant| format!("did you mean `{meant}`?"));
                None
            }
        }
    }

    fn limits(&mut self, entry: Option<&MapEntry>) -> Option<RunLimits> {
        let entry = entry?;
        let Some(map) = entry.value.as_map() else {
            self.misfit(entry, "a map such as `{runs: 20/h, per: entities.ip.address}`");
            return None;
        };
        for inner in map.iter().filter(|inner| inner.key != "runs" && inner.key != "per") {
            self.unknown(inner, "`limits`", &["runs", "per"]);
        }
        let per = entry.value.get("per").and_then(|per| self.field(per));
        let Some(runs) = entry.value.get("runs") else {
            let message = "`limits` has no `runs`";
            self.error(entry.value.span, codes::MISSING_KEY, message).help("such as `runs: 20/h`");
            return None;
        };
        let Some((count, window)) = runs.value.written().and_then(rate) else {
            let message = "`runs` is a number of runs in a time";
            self.error(runs.value.span, codes::BAD_VALUE, message).help("such as `20/h` or `5/10m`");
            return None;
        };
        Some(RunLimits { runs: count, window, per })
    }

    fn timeout(&mut self, entry: Option<&MapEntry>) -> Duration {
        let Some(entry) = entry else { return TIMEOUT };
        match entry.value.written().and_then(duration::parse) {
            Some(timeout) if timeout <= LONGEST_TIMEOUT => timeout,
            Some(_) => {
                self.error(entry.value.span, codes::BAD_VALUE, "`timeout` is at most `30d`")
                    .help("leave it out for `7d`");
                TIMEOUT
            }
            None => {
                self.error(entry.value.span, codes::BAD_VALUE, format!("`timeout` is {}", duration::SHAPE))
                    .help("leave it out for `7d`");
                TIMEOUT
            }
        }
    }
}

fn is_connection_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Reads `20/h` or `5/10m`.
fn rate(text: &str) -> Option<(u32, Duration)> {
    let (runs, window) = text.split_once('/')?;
    let runs = runs.trim().parse::<u32>().ok().filter(|runs| *runs > 0)?;
    let window = window.trim();
    let unit = || duration::milliseconds(window).map(Duration::from_millis);
    Some((runs, duration::parse(window).or_else(unit)?))
}
