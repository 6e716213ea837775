//! Sources to a ruleset, or every fault of every file at once.

use super::bundle::Content;
use super::source::{strip_rhai, strip_yaml, tested};
use super::trial::case;
use super::{Ruleset, SourceFile, SourceKind, Sources, codes};
use crate::diag::{Diagnostic, Diagnostics, Position, Span, closest};
use crate::digest::Digest;
use crate::filter::{self, Filter};
use crate::id::RuleId;
use crate::matcher::Placeholders;
use crate::playbook::{self, Playbook};
use crate::yaml;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// The most filters a set may hold.
pub const MOST_FILTERS: usize = 100_000;

/// After this many findings the rest of the set is not looked at: nobody reads on, and memory has an end.
const MOST_FINDINGS: usize = 10_000;

/// A set that does not load.
#[derive(Debug)]
pub struct Refusal {
    /// Every finding of every file, warnings included, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// The filters that are sound by themselves.
    pub filters: Vec<Arc<Filter>>,
    /// The playbooks that are sound by themselves.
    pub playbooks: Vec<Arc<Playbook>>,
}

/// Compiles a whole set.
///
/// # Errors
/// If any finding of any file is an error.
pub fn build(sources: &Sources) -> Result<Ruleset, Refusal> {
    build_within(sources, MOST_FILTERS)
}

pub(super) fn build_within(sources: &Sources, most_filters: usize) -> Result<Ruleset, Refusal> {
    let mut builder = Builder::default();
    builder.compile(&sorted(&sources.files), most_filters);
    builder.report_orphans(&sources.files);
    let Builder { filters, playbooks, filter_ids, filter_texts, mut found, .. } = builder;
    report_duplicates(&mut found, "filter", filter_ids.iter().map(|(id, file, span)| (id, file, *span)));
    report_duplicates(&mut found, "playbook", playbooks.iter().map(|p| (&p.id, &p.file, Span::START)));
    if !found.has_errors() {
        report_unknown_playbooks(&mut found, &playbooks);
    }
    if found.has_errors() {
        return Err(Refusal { diagnostics: found.sorted(), filters, playbooks });
    }
    let files = sources.files.iter().filter(|file| file.kind.decides()).cloned().collect();
    let content = Content::new(sources.generation(), filters, playbooks, filter_texts, files, found);
    Ok(Ruleset::new(content, sources.revision.clone()))
}

/// Names decide the order, so that one set is one set in whatever order a folder lists it.
fn sorted(files: &[SourceFile]) -> Vec<&SourceFile> {
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

#[derive(Default)]
struct Builder {
    filters: Vec<Arc<Filter>>,
    playbooks: Vec<Arc<Playbook>>,
    /// Where each filter's id stands, also of those that have another fault.
    filter_ids: Vec<(RuleId, Arc<Path>, Span)>,
    /// Digest of each filter's own text, to tell later which of a file's filters changed.
    filter_texts: HashMap<RuleId, Digest>,
    placeholders: Placeholders,
    /// As they are written.
    placeholder_text: Vec<u8>,
    found: Diagnostics,
}

impl Builder {
    fn compile(&mut self, files: &[&SourceFile], most_filters: usize) {
        let modules = self.modules(files);
        self.placeholders(files);
        for file in files {
            match file.kind {
                SourceKind::Rule => self.rule_file(file),
                SourceKind::Playbook => self.playbook(file, &modules),
                SourceKind::Module { .. } => self.module(file, &modules),
                // Read before all others, which may name what it holds.
                SourceKind::Placeholders => {}
                SourceKind::RuleTest => self.test_file(file, |text, found| {
                    filter::compile_tests(text, &file.path, found);
                }),
                SourceKind::PlaybookTest => self.test_file(file, |text, found| {
                    case::read(text, &file.path, found);
                }),
            }
            if self.filters.len() > most_filters {
                let message = format!("the set holds more than {most_filters} filters");
                self.found.error(&file.path, Span::START, codes::TOO_MANY_FILTERS, message);
                return;
            }
            if self.found.iter().count() > MOST_FINDINGS {
                let message = format!("more than {MOST_FINDINGS} findings; the files after this one were not read");
                self.found.error(&file.path, Span::START, codes::TOO_MANY_FAULTS, message);
                return;
            }
        }
    }

    fn modules(&mut self, files: &[&SourceFile]) -> BTreeMap<String, Arc<str>> {
        let mut modules = BTreeMap::new();
        for file in files {
            if let SourceKind::Module { import } = &file.kind
                && let Some(text) = self.text(file)
            {
                modules.insert(import.clone(), text.into());
            }
        }
        modules
    }

    /// There is one file of them; its name in another spelling, `.yml`, would be a second.
    fn placeholders(&mut self, files: &[&SourceFile]) {
        for file in files.iter().filter(|file| file.kind == SourceKind::Placeholders) {
            if let Some(text) = self.text(file) {
                let read = Placeholders::read(text, &file.path, &mut self.found);
                self.placeholders.extend(read);
                self.placeholder_text.extend_from_slice(&file.bytes);
            }
        }
    }

    fn rule_file(&mut self, file: &SourceFile) {
        let Some(text) = self.text(file) else { return };
        let mut own = Diagnostics::new();
        let filters = filter::compile_file(text, &file.path, &self.placeholders, &mut own);
        if own.has_errors() {
            self.filter_ids.extend(written_ids(text, &file.path));
        } else {
            self.filter_ids.extend(filters.iter().map(|filter| (filter.id.clone(), file.path.clone(), filter.span)));
        }
        self.found.extend(own);
        // A filter's text reaches to the next one's, so that a comment belongs to somebody.
        let mut ends = filters.iter().skip(1).map(|next| next.span.start.offset).collect::<Vec<_>>().into_iter();
        let mut start = 0;
        for filter in filters {
            let end = ends.next().unwrap_or(text.len());
            let own = own_text(text.get(start..end).unwrap_or_default());
            // What placeholders stand for is part of what a filter says.
            let expanded = if own.contains("expand") { self.placeholder_text.as_slice() } else { &[] };
            self.filter_texts.insert(filter.id.clone(), Digest::of_parts([own.as_bytes(), expanded]));
            self.filters.push(Arc::new(filter));
            start = end;
        }
    }

    fn playbook(&mut self, file: &SourceFile, modules: &BTreeMap<String, Arc<str>>) {
        let Some(text) = self.text(file) else { return };
        let compiled = playbook::compile(text, &file.path, modules, &self.placeholders, &mut self.found);
        self.playbooks.extend(compiled.map(Arc::new));
    }

    /// A module is checked for itself, since nobody may import it yet.
    fn module(&mut self, file: &SourceFile, modules: &BTreeMap<String, Arc<str>>) {
        // What is not text was reported when the modules were gathered.
        if let Ok(text) = std::str::from_utf8(&file.bytes) {
            playbook::check_module(text, &file.path, modules, &mut self.found);
        }
    }

    /// Tests are read and not run: one that cannot be read protects nothing, and its author thinks otherwise.
    fn test_file(&mut self, file: &SourceFile, read: impl Fn(&str, &mut Diagnostics)) {
        if let Some(text) = self.text(file) {
            read(text, &mut self.found);
        }
    }

    /// The file as text; anything but UTF-8 is reported.
    fn text<'a>(&mut self, file: &'a SourceFile) -> Option<&'a str> {
        let fault = match std::str::from_utf8(&file.bytes) {
            Ok(text) => return Some(text),
            Err(fault) => fault,
        };
        let start = Position::from(std::str::from_utf8(&file.bytes[..fault.valid_up_to()]).unwrap_or_default());
        let is_utf16 = file.bytes.starts_with(&[0xff, 0xfe]) || file.bytes.starts_with(&[0xfe, 0xff]);
        let help = if is_utf16 { "this looks like UTF-16; save it as UTF-8" } else { "save it as UTF-8" };
        let message = "the file is not UTF-8 text";
        self.found.error(&file.path, Span::at(start), yaml::codes::ENCODING, message).help(help);
        None
    }

    /// A test file whose subject is gone, or misspelt, tests nothing; its author thinks otherwise.
    fn report_orphans(&mut self, files: &[SourceFile]) {
        let subjects = |kind: SourceKind, stem: fn(&str) -> Option<&str>| -> HashSet<&str> {
            files.iter().filter(|file| file.kind == kind).filter_map(|file| stem(&file.name)).collect()
        };
        let (rules, playbooks) = (subjects(SourceKind::Rule, strip_yaml), subjects(SourceKind::Playbook, strip_rhai));
        for file in files {
            let (known, suffix) = match file.kind {
                SourceKind::RuleTest => (&rules, "yaml"),
                SourceKind::PlaybookTest => (&playbooks, "rhai"),
                _ => continue,
            };
            let Some(subject) = tested(&file.name).filter(|subject| !known.contains(subject)) else { continue };
            let message = format!("there is no `{subject}.{suffix}` to test");
            self.found
                .warning(&file.path, Span::START, codes::ORPHAN_TEST, message)
                .help("name the test file after the file it stands beside, or remove it");
        }
    }
}

/// A filter's own text: without what separates it from the next one, and the comments before that.
fn own_text(text: &str) -> &str {
    let mut own = text.trim_end();
    loop {
        let (before, last) = own.rsplit_once('\n').unwrap_or(("", own));
        let last = last.trim();
        if own.is_empty() || !(last.is_empty() || last == "---" || last == "..." || last.starts_with('#')) {
            return own;
        }
        own = before.trim_end();
    }
}

/// The ids of a file's filters as they are written, whatever else is wrong with them.
fn written_ids(text: &str, file: &Arc<Path>) -> Vec<(RuleId, Arc<Path>, Span)> {
    // Its faults were reported when it was compiled.
    let documents = yaml::parse(text, file, yaml::Limits::RULE_FILE, &mut Diagnostics::new());
    let id = |document: &yaml::Node| RuleId::new(document.get("id")?.value.written()?.trim());
    documents.iter().filter_map(|document| Some((id(document)?, file.clone(), document.span))).collect()
}

/// A playbook with a fault of its own is not among these, so this is asked of a set that is otherwise sound.
fn report_unknown_playbooks(found: &mut Diagnostics, playbooks: &[Arc<Playbook>]) {
    let known = || playbooks.iter().map(|playbook| playbook.id.as_str());
    for playbook in playbooks {
        for (name, span) in playbook.children.iter().filter(|(name, _)| !known().any(|known| known == name)) {
            let message = format!("there is no playbook `{name}` to run");
            let near = closest(name, known());
            found.error(&playbook.file, *span, codes::UNKNOWN_PLAYBOOK, message).help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "it is named by its id: its file's stem, unless `id` says otherwise".to_owned(),
            });
        }
    }
}

fn report_duplicates<'a>(
    found: &mut Diagnostics,
    what: &str,
    all: impl Iterator<Item = (&'a RuleId, &'a Arc<Path>, Span)>,
) {
    let mut first: HashMap<&RuleId, (&Arc<Path>, Span)> = HashMap::new();
    for (id, file, span) in all {
        match first.entry(id) {
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert((file, span));
            }
            std::collections::hash_map::Entry::Occupied(taken) => {
                let (other, place) = taken.get();
                let message = format!("duplicate {what} id `{id}`, also at {}:{}", other.display(), place.start.line);
                found.error(file, span, codes::DUPLICATE_ID, message).help("give one of them another `id`");
            }
        }
    }
}
