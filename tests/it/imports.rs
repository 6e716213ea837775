//! Rules of other systems become filters that pass the check and decide as the originals do, or it is said why not.

mod originals;
mod sigma;

use crate::world::quell;
use quell::clock::Timestamp;
use quell::decode;
use quell::diag::Diagnostics;
use quell::import::{Imported, Kind, Options, Outcome, Source, Unnegated, import};
use quell::ruleset::{self, Ruleset, SourceFile, SourceKind, Sources, Verdict};
use quell::yaml::{Limits, parse, to_json};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Every file of rules: the samples beside the tests, and the whole collection where it is at hand.
pub fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = root.join("../shared/data");
    let mut files = Vec::new();
    below(&root.join("tests/fixtures/import"), &mut files);
    if data.is_dir() {
        let names = [
            "alertmanager_silences.ndjson",
            "karma_silences.ndjson",
            "azure_alert_processing_rules.ndjson",
            "defender_for_cloud_suppression_rules.ndjson",
            "defender_for_cloud_suppression_rule_requests.ndjson",
            "defender_for_cloud_workflow_automations.ndjson",
            "sentinel_automation_rules.ndjson",
        ];
        files.extend(names.map(|name| data.join(name)));
        below(&data.join("sigma_filters"), &mut files);
        below(&data.join("sigma_rules_with_filters"), &mut files);
    } else {
        drop(writeln!(
            std::io::stderr(),
            "skipped: the whole collection of rules is not at hand; only samples were read"
        ));
    }
    files.retain(|path| !path.to_string_lossy().ends_with(".md") && !path.to_string_lossy().ends_with("schema.json"));
    files
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut inside: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inside.sort();
    for path in inside {
        if path.is_dir() { below(&path, files) } else { files.push(path) }
    }
}

pub fn imported(text: &str, name: &str, options: &Options) -> (Vec<Imported>, Diagnostics) {
    let mut found = Diagnostics::new();
    let source = Source { path: Path::new(name).into(), text: text.to_owned(), named: true };
    (import(&[source], options, &mut found), found)
}

/// The objects of a file as JSON, read by nothing that imports.
pub fn originals_of(text: &str) -> Vec<Value> {
    if text.trim_start().starts_with('{') {
        return text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
    }
    let documents = parse(text, &Path::new("x").into(), Limits::RULE_FILE, &mut Diagnostics::new());
    documents.iter().map(to_json).collect()
}

/// A set of one filter.
pub fn set(filter: &str) -> Ruleset {
    let path = Path::new("rules/imported.yaml");
    let file = SourceFile {
        path: path.into(),
        name: "rules/imported.yaml".into(),
        kind: SourceKind::Rule,
        bytes: filter.as_bytes().to_vec(),
    };
    ruleset::build(&Sources { files: vec![file], revision: None })
        .unwrap_or_else(|refusal| panic!("{refusal:?}\n{filter}"))
}

pub fn decide(set: &Ruleset, alert: &Value, now: Timestamp) -> Verdict {
    let body = alert.to_string();
    let limits = decode::Limits::default();
    let mut read = decode::decode(body.as_bytes(), decode::Format::Json, None, &limits, now).unwrap();
    let alert = read.remove(0).unwrap_or_else(|fault| panic!("{fault:?}: {body}")).alert;
    set.decide(&alert, now).verdict
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn every_rule_in_reach_becomes_a_filter_that_passes_the_check_or_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { expires: Some(at("2063-01-01T00:00:00Z")), ..Options::default() };
    let mut sources = Vec::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        sources.push(Source { path: path.as_path().into(), text, named: true });
    }
    let mut found = Diagnostics::new();
    let all = import(&sources, &options, &mut found);
    let mut again = Diagnostics::new();
    let twice = import(&sources, &options, &mut again);
    let texts = |all: &[Imported]| -> Vec<String> {
        all.iter().filter_map(|one| Some(one.filter.as_ref()?.text.clone())).collect()
    };
    assert_eq!((texts(&all), &found), (texts(&twice), &again), "the same files become the same filters");

    for name in ["rules", "playbooks"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let (mut written, mut refused) = (0, 0);
    for one in &all {
        assert!(one.kind.is_some(), "{}:{} is not known", one.file.display(), one.span.start.line);
        match &one.filter {
            Some(filter) => {
                std::fs::write(folder.path().join(format!("rules/{}.yaml", filter.id)), &filter.text).unwrap();
                for lost in &one.lost {
                    let words: String = lost.split_whitespace().collect::<Vec<_>>().join(" ");
                    let said = filter.text.contains(&format!("# not carried over: {words}"));
                    assert!(said || filter.text.contains("mode: audit"), "{lost} is not said in\n{}", filter.text);
                }
                written += 1;
            }
            None => {
                assert!(one.outcome == Outcome::Refused && !one.lost.is_empty() && one.lost[0].len() > 10, "{one:?}");
                refused += 1;
            }
        }
    }
    assert_eq!(written, std::fs::read_dir(folder.path().join("rules")).unwrap().count(), "two filters share an id");
    let output = quell(folder.path()).args(["check", "--format", "json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors: Vec<_> = report["diagnostics"].as_array().unwrap().iter().filter(|d| d["level"] == "error").collect();
    assert!(errors.is_empty() && output.status.code() == Some(0), "{errors:#?}");
    assert_eq!(report["filters"], written);
    // What was written is in the form that `quell fmt` gives it.
    let output = quell(folder.path()).args(["fmt", "--check", "rules"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    // Fifteen of the samples say what can be said.
    assert!(written >= 15 && refused >= 3, "{written} written, {refused} refused");
    drop(writeln!(std::io::stderr(), "{written} filters written, {refused} rules refused"));
}

#[test]
fn what_dismisses_nothing_and_what_would_dismiss_more_is_not_written() {
    let samples = include_str!("../fixtures/import/made_here.ndjson");
    let (all, found) = imported(samples, "made_here.ndjson", &Options::default());
    let last = all.last().unwrap();
    assert_eq!((last.kind, last.outcome), (Some(Kind::SentinelAutomationRule), Outcome::Refused));
    let told: Vec<String> = found.sorted().iter().map(quell::diag::Diagnostic::headline).collect();
    assert!(
        told.iter().any(|line| line.starts_with("made_here.ndjson:5:")
            && line.contains("error[I005]: not written: an incident as it comes in does not hold `HostName`")),
        "{told:#?}"
    );
    for (object, why) in [
        (
            json!({"matchers": [{"name": "a", "value": "b", "isRegex": false}], "createdBy": "x"}),
            "does not say when it ends",
        ),
        (json!({"matchers": [], "endsAt": "2030-01-01T00:00:00Z"}), "has no matchers"),
        (
            json!({"matchers": [{"name": "a", "value": ".*", "isRegex": true}], "endsAt": "2030-01-01T00:00:00Z"}),
            "and so for every alert",
        ),
        (
            json!({"properties": {"alertType": "x", "reason": "Noise", "suppressionAlertsScope": {"allOf": [{"field": "entities.ip.address"}]}}}),
            "has 0 operators",
        ),
        (
            json!({"properties": {"alertType": "x", "reason": "Noise", "suppressionAlertsScope": {"allOf": [{"field": "entities.ip.address", "startsWith": "10."}]}}}),
            "the operator `startsWith`",
        ),
        (
            json!({"properties": {"alertType": "x", "reason": "Noise", "suppressionAlertsScope": {"anyOf": []}}}),
            "of which only `allOf` is known",
        ),
        (
            json!({"properties": {"alertType": "[parameters('type')]", "reason": "Noise", "expirationDateUtc": "2030-01-01T00:00:00Z"}}),
            "a template's expression",
        ),
        (
            json!({"properties": {"scopes": ["/subscriptions/a"], "conditions": [{"field": "AlertContext", "operator": "Contains", "values": ["x"]}], "actions": [{"actionType": "RemoveAllActionGroups"}]}}),
            "do not hold `AlertContext`",
        ),
        (
            json!({"properties": {"scopes": ["/subscriptions/a"], "conditions": [{"field": "MonitorService", "operator": "NotEquals", "values": ["Platform"]}], "actions": [{"actionType": "RemoveAllActionGroups"}]}}),
            "by different names",
        ),
        (
            json!({"properties": {"scopes": ["/subscriptions/a"], "schedule": {"recurrences": [{"recurrenceType": "Monthly", "daysOfMonth": [1]}]}, "actions": [{"actionType": "RemoveAllActionGroups"}]}}),
            "recurs `Monthly`",
        ),
        (
            json!({"title": "t", "logsource": {}, "filter": {"rules": "any", "selection": {"a": "b"}, "condition": "not selection"}}),
            "any rule of its log source",
        ),
        (
            json!({"title": "t", "logsource": {}, "filter": {"rules": ["r"], "words": ["a", "b"], "condition": "not words"}}),
            "keywords are looked for",
        ),
    ] {
        let (all, found) = imported(&object.to_string(), "x.json", &Options::default());
        assert!(all.len() == 1 && all[0].filter.is_none(), "{object}: {all:?}");
        assert!(all[0].lost[0].contains(why), "{object}: {:?}", all[0].lost);
        assert!(found.iter().any(|found| found.message.contains(why)), "{object}");
    }
}

#[test]
fn a_sigma_filter_that_is_not_negated_dismisses_nothing_until_somebody_decides() {
    let text = include_str!("../fixtures/import/filter_1.yml");
    let rule = RULE;
    let now = at("2026-06-01T00:00:00Z");
    let alert = |user: &str| json!({"alert_type": rule, "title": "x", "severity": "low", "raw": {"User": user}});
    let decided = |unnegated| {
        let (all, _) = imported(text, "filter_1.yml", &Options { unnegated, ..Options::default() });
        let filter = all[0].filter.as_ref().unwrap().text.clone();
        let set = set(&filter);
        let of = |user: &str| {
            let verdict = decide(&set, &alert(user), now);
            (!verdict.dismissed_by.is_empty(), !verdict.would_dismiss.is_empty())
        };
        (all[0].outcome, of("adm_jo"), of("jo"), filter)
    };
    let (outcome, admin, other, filter) = decided(None);
    assert_eq!((outcome, admin, other), (Outcome::Partly, (false, false), (false, true)));
    assert!(filter.contains("mode: audit") && filter.contains("`not (selection)`"), "{filter}");
    let (_, admin, other, _) = decided(Some(Unnegated::Keep));
    assert_eq!((admin, other), ((false, false), (true, false)));
    let (_, admin, other, filter) = decided(Some(Unnegated::Dismiss));
    assert_eq!((admin, other), ((true, false), (false, false)), "{filter}");
    // Rules that are imported along are told by their log source.
    let of_rule = |source: &str| {
        let rule = json!({"title": "r", "id": rule, "logsource": {"product": source, "category": "process_creation"}, "detection": {"a": {"b": "c"}, "condition": "a"}});
        let mut found = Diagnostics::new();
        let sources = [("r.json", rule.to_string()), ("f.yml", text.to_owned())].map(|(name, text)| Source {
            path: Path::new(name).into(),
            text,
            named: true,
        });
        import(&sources, &Options::default(), &mut found)[1]
            .filter
            .as_ref()
            .unwrap()
            .text
            .contains(&format!("[{RULE}, "))
    };
    assert!(of_rule("windows") && !of_rule("linux"));
}

const RULE: &str = "6f3e2987-db24-4c78-a860-b4f4095a7095";

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = quell(folder).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_writes_reports_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("in/silences.json", include_str!("../fixtures/import/alertmanager_silences.ndjson"));
    write("in/alerts.json", "{\"title\": \"no rule\"}");
    write("in/notes.yaml", ": : not yaml [");
    let (code, out, err) = run(folder.path(), &["import", "in/silences.json"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(err, "2 rules: 2 carried over, 0 in part, 0 not written\n");
    assert!(
        out.starts_with("# Imported: Alertmanager silence eed53a66-999e-432b-9580-d6385ff7135a (silences.json:1)\n"),
        "{out}"
    );
    assert_eq!(out.matches("\n\n---\n").count(), 1);
    assert!(out.contains("  raw.labels.alertname|cased: Host_Down\n  raw.labels.cluster|cased: dev\n"), "{out}");

    // A folder is looked through; what is no rule is passed over there, and told where it is named.
    let (code, whole, err) = run(folder.path(), &["import", "in"]);
    assert_eq!((code, &whole), (0, &out), "{err}");
    let (code, _, err) = run(folder.path(), &["import", "in/alerts.json"]);
    assert!(code == 1 && err.contains("in/alerts.json:1:1: error[I001]"), "{err}");
    let (code, _, err) = run(folder.path(), &["import", "in/none.json"]);
    assert!(code == 3 && err.contains("in/none.json"), "{err}");
    let (code, _, _) = run(folder.path(), &["import", "in", "--sigma-event", "title"]);
    assert_eq!(code, 3);

    let (code, out, err) = run(folder.path(), &["import", "in", "--out", "rules/imported"]);
    assert_eq!((code, out.lines().count()), (0, 2), "{err}");
    let first = folder.path().join("rules/imported/silence-eed53a66-999e-432b-9580-d6385ff7135a.yaml");
    let before = std::fs::read_to_string(&first).unwrap();
    std::fs::write(&first, "# mine\n").unwrap();
    let (code, _, err) = run(folder.path(), &["import", "in", "--out", "rules/imported"]);
    assert!(code == 3 && err.contains("and 1 more are there already; nothing was written"), "{err}");
    assert_eq!(std::fs::read_to_string(&first).unwrap(), "# mine\n");
    assert_eq!(run(folder.path(), &["import", "in", "--out", "rules/imported", "--force"]).0, 0);
    assert_eq!(std::fs::read_to_string(&first).unwrap(), before);

    write("in/rule.json", include_str!("../fixtures/import/sentinel_automation_rules.ndjson"));
    let (code, out, err) = run(folder.path(), &["import", "in", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!((code, &report["carried"], &report["refused"]), (1, &json!(2), &json!(1)));
    let refused = report["objects"].as_array().unwrap().iter().find(|one| one["outcome"] == "refused").unwrap();
    assert_eq!(
        (&refused["kind"], &refused["id"], &refused["line"]),
        (&json!("sentinel_automation_rule"), &Value::Null, &json!(1))
    );
    assert!(refused["not_carried_over"][0].as_str().unwrap().contains("dismisses nothing"), "{refused}");
    assert_eq!(report["diagnostics"][0]["code"], "I006");
}
