//! The way in: texts to filters, one for each rule, and what became of every object.

use super::detect::{self, Kind};
use super::draft::Draft;
use super::ids::Ids;
use super::object::{Refusal, text};
use super::sigma::{self, LogSources};
use super::{alertmanager, azure, codes, defender, read, sentinel, sigma_rule};
use crate::clock::Timestamp;
use crate::diag::{Diagnostic, Diagnostics, Level, Span};
use crate::filter;
use crate::id::RuleId;
use crate::matcher::Placeholders;
use crate::yaml::Node;
use std::path::Path;
use std::sync::Arc;

/// Objects of one import.
const MOST_OBJECTS: usize = 100_000;

/// A text that rules are read from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its file, as shown.
    pub path: Arc<Path>,
    /// What it says.
    pub text: String,
    /// Whether what no importer knows is told: it is where somebody named the file.
    pub named: bool,
}

/// What an import is told beside the texts.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who answers for filters whose original names nobody.
    pub owner: String,
    /// The path in an alert under which a Sigma rule's event stands.
    pub event: String,
    /// When filters end whose original has no end.
    pub expires: Option<Timestamp>,
    /// What a Sigma filter without a negation means.
    pub unnegated: Option<Unnegated>,
}

impl Default for Options {
    fn default() -> Self {
        Self { owner: "unassigned".to_owned(), event: "raw".to_owned(), expires: None, unnegated: None }
    }
}

/// What a Sigma filter whose condition is not negated does with what it selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unnegated {
    /// Keeps it and dismisses the rest, as Sigma's tools do.
    Keep,
    /// Dismisses it, as the specification's own examples mean.
    Dismiss,
}

/// What became of one object.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Its file.
    pub file: Arc<Path>,
    /// Where it stands there.
    pub span: Span,
    /// What it is; none for what no importer knows.
    pub kind: Option<Kind>,
    /// Its own name.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The filter, where one was written.
    pub filter: Option<Written>,
    /// What is not carried over, or why nothing was written, line by line.
    pub lost: Vec<String>,
}

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A filter says all it said.
    Carried,
    /// A filter dismisses no more than it did; something is left out, or somebody must decide something.
    Partly,
    /// No filter was written.
    Refused,
}

/// A filter that was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its id.
    pub id: RuleId,
    /// Its document.
    pub text: String,
}

/// Makes filters of every rule in these texts. What is to be said about them goes to `found`.
pub fn import(sources: &[Source], options: &Options, found: &mut Diagnostics) -> Vec<Imported> {
    let read: Vec<(&Source, Vec<Node>, Diagnostics)> = sources.iter().map(nodes).collect();
    let mut objects = Vec::new();
    for (source, nodes, faults) in &read {
        let mut of_file = Vec::new();
        nodes.iter().for_each(|node| detect::objects(node, &mut of_file));
        // In a folder stand other things as well; a file that is none of ours is passed over.
        if source.named || of_file.iter().any(|node| detect::kind(node).is_some()) {
            objects.extend(of_file.into_iter().map(|node| (*source, node)));
            found.extend(faults.clone());
        }
    }
    if objects.len() > MOST_OBJECTS {
        let message = format!("{} objects at once; the limit is {MOST_OBJECTS}", objects.len());
        let nowhere: Arc<Path> = Path::new("").into();
        let file = sources.first().map_or(&nowhere, |source| &source.path);
        found.error(file, Span::START, codes::LIMIT, message).help("import fewer files at once");
        return Vec::new();
    }
    let rules = log_sources(&objects);
    let mut ids = Ids::default();
    objects.into_iter().map(|(source, node)| one(source, node, &rules, options, &mut ids, found)).collect()
}

fn nodes(source: &Source) -> (&Source, Vec<Node>, Diagnostics) {
    let mut faults = Diagnostics::new();
    let nodes = read::read(&source.text, &source.path, &mut faults);
    (source, nodes, faults)
}

/// The log sources of all rules that are imported together, by every name a filter may call them.
fn log_sources(objects: &[(&Source, &Node)]) -> LogSources {
    let rules = objects.iter().filter(|(_, node)| detect::kind(node) == Some(Kind::SigmaRule));
    let named = rules.flat_map(|(_, node)| {
        let names = [text(node, &["id"]), text(node, &["name"])];
        let source = sigma::log_source(node);
        names.into_iter().flatten().filter_map(move |name| Some((name.to_owned(), source?.clone())))
    });
    named.collect()
}

fn one(
    source: &Source,
    node: &Node,
    rules: &LogSources,
    options: &Options,
    ids: &mut Ids,
    found: &mut Diagnostics,
) -> Imported {
    let kind = detect::kind(node);
    let drafted = match kind {
        None => Err(Refusal::new(node.span, codes::UNKNOWN, "this is no rule of a known kind").with(
            "rules of Defender for Cloud, Alertmanager, Azure Monitor, Sentinel and Sigma are known by their shape",
        )),
        Some(Kind::DefenderSuppressionRule) => defender::draft(node),
        Some(Kind::DefenderWorkflowAutomation) => Err(defender::automation(node.span)),
        Some(Kind::AlertmanagerSilence) => alertmanager::draft(node),
        Some(Kind::AzureAlertProcessingRule) => azure::draft(node),
        Some(Kind::SentinelAutomationRule) => sentinel::draft(node),
        Some(Kind::SigmaFilter) => sigma::draft(node, rules, options),
        Some(Kind::SigmaRule) => sigma_rule::draft(node, options),
    };
    let name = text(node, &["name", "title", "id"]).unwrap_or_default().to_owned();
    let written = drafted.and_then(|mut draft| {
        draft.expires = draft.expires.or(options.expires);
        if draft.expires.is_none() {
            let message = "alerts of severity high and critical, which a filter may dismiss only until it expires";
            draft.lose(node.span, message);
            draft.lost.last_mut().expect("one was just lost").help =
                Some("say `--expires DATE` for rules whose original has no end".to_owned());
        }
        let id = ids.take(&draft.name);
        let filter = write(source, node, kind, &draft, &id, options)?;
        Ok((draft, filter))
    });
    let (file, span) = (source.path.clone(), node.span);
    match written {
        Ok((draft, filter)) => {
            for remark in draft.lost.iter().chain(&draft.remarks) {
                let level = if remark.code == codes::OVER { Level::Note } else { Level::Warning };
                let (code, message, help) = (remark.code, remark.message.clone(), remark.help.clone());
                let message =
                    if remark.code == codes::NOT_CARRIED { format!("not carried over: {message}") } else { message };
                found.push(Diagnostic { file: file.clone(), span: remark.span, level, code, message, help });
            }
            let undecided = draft.remarks.iter().filter(|remark| remark.code == codes::POLARITY);
            let lost: Vec<String> = draft.lost.iter().chain(undecided).map(|lost| lost.message.clone()).collect();
            let outcome = if lost.is_empty() { Outcome::Carried } else { Outcome::Partly };
            Imported { file, span, kind, name, outcome, filter: Some(filter), lost }
        }
        Err(refusal) => {
            // What a rule does not do is no fault of it.
            let level = if refusal.code == codes::NO_SUPPRESSION { Level::Warning } else { Level::Error };
            let Refusal { span: place, code, message, help } = refusal;
            let lost = vec![message.clone()];
            let message = format!("not written: {message}");
            found.push(Diagnostic { file: file.clone(), span: place, level, code, message, help });
            Imported { file, span, kind, name, outcome: Outcome::Refused, filter: None, lost }
        }
    }
}

/// The filter's document, which compiles.
fn write(
    source: &Source,
    node: &Node,
    kind: Option<Kind>,
    draft: &Draft,
    id: &RuleId,
    options: &Options,
) -> Result<Written, Refusal> {
    let file = source.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let words = kind.map(Kind::words).unwrap_or_default();
    let name = text(node, &["name", "title", "id"]).unwrap_or("without a name");
    let heading = format!("Imported: {words} {name} ({file}:{})", node.span.start.line);
    let text = draft.write(id, &heading, &options.owner);
    let path: Arc<Path> = Path::new(&format!("{id}.yaml")).into();
    let mut faults = Diagnostics::new();
    let filters = filter::compile_file(&text, &path, &Placeholders::default(), &mut faults);
    if filters.len() == 1 && !faults.has_errors() {
        return Ok(Written { id: id.clone(), text });
    }
    let told = faults.sorted();
    let first = told.iter().find(|fault| fault.level == Level::Error);
    let why =
        first.map_or_else(|| "it does not compile".to_owned(), |fault| format!("{} [{}]", fault.message, fault.code));
    let message = format!("the filter it would become does not compile: {why}");
    let mut refusal = Refusal::new(node.span, codes::UNCOMPILED, message);
    refusal.help = first.and_then(|fault| fault.help.clone());
    Err(refusal)
}
