//! What a ruleset promises: whole or not at all, the same wherever it is built, and a decision that explains itself.

use super::build::build_within;
use super::*;
use crate::alert::{Alert, Status};
use crate::clock::Timestamp;
use crate::diag::Diagnostic;
use std::path::Path;

fn file(name: &str, text: impl AsRef<[u8]>) -> SourceFile {
    let kind = match name.split_once('/') {
        Some(("rules", below)) => SourceKind::in_rules(below),
        Some(("playbooks", below)) => SourceKind::in_playbooks(below),
        _ => None,
    };
    let kind = kind.expect("a test names files that count");
    SourceFile { path: Path::new(name).into(), name: name.to_owned(), kind, bytes: text.as_ref().to_vec() }
}

fn sources<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Sources {
    Sources { files: files.into_iter().map(|(name, text)| file(name, text)).collect(), revision: None }
}

fn set<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Ruleset {
    build(&sources(files)).unwrap()
}

fn headlines(found: &[Diagnostic]) -> Vec<String> {
    found.iter().map(Diagnostic::headline).collect()
}

fn alert(alert_type: &str, severity: &str) -> Alert {
    let text = format!(
        r#"{{"id":"al_00000000000000000000000000","source":"native","source_id":"1","alert_type":"{alert_type}",
            "severity":"{severity}","status":"active","received_time":"2026-11-22T10:00:00Z","raw":{{}}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn names(ids: &[crate::id::RuleId]) -> Vec<&str> {
    ids.iter().map(|id| id.as_str()).collect()
}

/// A filter on one alert type, with `more` lines of its own.
fn filter(id: &str, alert_type: &str, more: &str) -> String {
    let head = format!("id: {id}\ntitle: Nightly scan\nreason: noise\nowner: secops@example.com\n");
    let more = if more.is_empty() { String::new() } else { format!("{more}\n") };
    // A reason of its own takes the place of the common one.
    let head = if more.contains("reason:") { head.replace("reason: noise\n", "") } else { head };
    format!("{head}{more}match: {{alert_type: {alert_type}}}\n")
}

fn playbook(front: &str) -> String {
    format!("//! title: Tell somebody\n//! owner: soc@example.com\n{front}fn on_alert(alert) {{ return 1; }}\n")
}

#[test]
fn reports_every_fault_of_every_file_at_once() {
    let unknown_field = filter("two", "x", "").replace("alert_type", "alert_typ");
    let mut all = sources([
        ("rules/a.yaml", &*format!("{}---\n{unknown_field}", filter("one", "x", ""))),
        ("rules/c.yaml", &filter("one", "x", "")),
        ("playbooks/p.rhai", &playbook("").replace("on_alert", "on_allert")),
        ("playbooks/q.test.yaml", "[]"),
    ]);
    all.files.push(file("rules/b.yaml", b"id: one\nmatch: {alert_type: \xff}\n"));
    let found = headlines(&build(&all).unwrap_err().diagnostics);
    for expected in [
        "playbooks/p.rhai:",
        "playbooks/q.test.yaml:1:1: warning[R003]: there is no `playbooks/q.rhai` to test",
        "rules/a.yaml:11:9: error[M",
        "rules/b.yaml:2:21: error[Y009]: the file is not UTF-8 text",
        "rules/c.yaml:1:1: error[R001]: duplicate filter id `one`, also at rules/a.yaml:1",
    ] {
        assert!(found.iter().any(|line| line.starts_with(expected)), "{expected} is not among {found:#?}");
    }
}

#[test]
fn a_test_that_cannot_be_read_is_reported_like_any_fault() {
    let faults = |name: &str, text: &str| {
        let all = [("rules/a.yaml", &*filter("one", "x", "")), ("playbooks/pp.rhai", &playbook("")), (name, text)];
        build(&sources(all)).map_or_else(|refusal| headlines(&refusal.diagnostics), |_| Vec::new())
    };
    let test = |expect: &str| format!("- name: n\n  alert: {{alert_type: x}}\n  expect: {expect}\n");
    let misspelt = faults("rules/a.test.yaml", &test("dismised"));
    let expected = "rules/a.test.yaml:3:11: error[F011]: `expect` is `dismissed` or `active`, not `dismised`";
    assert_eq!(misspelt, [expected]);
    let case = "- name: n\n  alert: {alert_type: x}\n  expect: {run: done}\n";
    assert_eq!(faults("playbooks/pp.test.yaml", &case.replace("expect", "expct")).len(), 1);
    for name in ["rules/a.test.yaml", "playbooks/pp.test.yaml"] {
        assert!(faults(name, "- name: [\n")[0].starts_with(&format!("{name}:")), "broken YAML in {name}");
        assert_eq!(faults(name, "# to be written\n"), Vec::<String>::new());
    }
    assert_eq!(faults("rules/a.test.yaml", &test("dismissed")), Vec::<String>::new());
    assert_eq!(faults("playbooks/pp.test.yaml", case), Vec::<String>::new());
}

#[test]
fn an_id_may_stand_once_among_filters_and_once_among_playbooks() {
    let script = playbook("");
    let apart = set([("rules/a.yaml", &*filter("same", "x", "")), ("playbooks/same.rhai", &script)]);
    assert_eq!((apart.filters().len(), apart.playbooks().len()), (1, 1));
    let twice = [("playbooks/same.rhai", &*script), ("playbooks/x/same.rhai", &script)];
    let found = headlines(&build(&sources(twice)).unwrap_err().diagnostics);
    let expected =
        "playbooks/x/same.rhai:1:1: error[R001]: duplicate playbook id `same`, also at playbooks/same.rhai:1";
    assert!(found.iter().any(|line| line == expected), "{found:#?}");
}

#[test]
fn a_duplicate_id_is_reported_also_where_something_else_is_wrong() {
    let faulty = filter("same", "x", "mode: enforced");
    let both = [("rules/a.yaml", &*faulty), ("rules/b.yaml", &filter("same", "x", ""))];
    let found = headlines(&build(&sources(both)).unwrap_err().diagnostics);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[1], "rules/b.yaml:1:1: error[R001]: duplicate filter id `same`, also at rules/a.yaml:1");
}

#[test]
fn an_empty_set_is_fine_and_leaves_every_alert_active() {
    let empty = set([]);
    assert_eq!(empty.generation(), Ruleset::empty().generation());
    assert!(empty.warnings().is_empty());
    assert_eq!(empty.decide(&alert("x", "low"), now()).verdict.status, Status::Active);
}

#[test]
fn the_generation_is_the_content_of_what_decides() {
    let (on_x, on_y, script) = (filter("one", "x", ""), filter("one", "y", ""), playbook(""));
    let rule = ("rules/a.yaml", &*on_x);
    let playbook = ("playbooks/on_it.rhai", &*script);
    let one = set([rule, playbook]).generation();
    assert_eq!(set([playbook, rule]).generation(), one, "the order of listing does not count");
    assert_eq!(set([rule, playbook, ("rules/a.test.yaml", "[]")]).generation(), one, "tests decide nothing");
    assert_ne!(set([("rules/a.yaml", &*on_y), playbook]).generation(), one);
    assert_ne!(set([("rules/b.yaml", rule.1), playbook]).generation(), one, "names count: ids come from them");
    assert_ne!(set([rule, playbook, ("playbooks/lib/x.rhai", "fn one() { 1 }")]).generation(), one);
    let mut elsewhere = sources([rule, playbook]);
    elsewhere.files[0].path = Path::new("/srv/checkout/rules/a.yaml").into();
    assert_eq!(build(&elsewhere).unwrap().generation(), one, "where the folder lies does not count");
}

#[test]
fn a_verdict_names_every_filter_that_matched_and_what_it_did() {
    let two = format!("{}---\n{}", filter("a1", "x", "reason: test"), filter("a2", "x", "mode: audit"));
    let ruleset = set([
        ("rules/b.yaml", &*filter("b1", "x", "")),
        ("rules/a.yaml", &two),
        ("rules/expired.yaml", &filter("expired", "x", "expires: 2026-11-22T10:00:00Z")),
        ("rules/later.yaml", &filter("later", "x", "starts: 2026-11-22T10:00:01Z")),
        ("rules/other.yaml", &filter("other", "y", "")),
        ("rules/grave.yaml", &filter("grave", "x", "allow: [high]\nexpires: 2030-01-01\nreason: duplicate")),
    ]);
    assert_eq!(ruleset.filters().len(), 7);
    let low = ruleset.decide(&alert("x", "low"), now()).verdict;
    assert_eq!(low.status, Status::Dismissed);
    assert_eq!(names(&low.dismissed_by), ["a1", "b1", "grave"]);
    assert_eq!(names(&low.would_dismiss), ["a2"]);
    assert_eq!(low.reason.as_deref(), Some("test"), "the first dismissing filter's");
    assert_eq!((low.generation, low.decided_time), (ruleset.generation(), now()));
    let high = ruleset.decide(&alert("x", "high"), now()).verdict;
    assert_eq!(names(&high.dismissed_by), ["grave"]);
    assert_eq!(names(&high.would_dismiss), ["a1", "a2", "b1"]);
    let critical = ruleset.decide(&alert("x", "critical"), now()).verdict;
    assert_eq!((critical.status, critical.reason), (Status::Active, None));
}

#[test]
fn a_playbook_runs_for_the_status_its_trigger_names() {
    let ruleset = set([
        ("rules/quiet.yaml", &*filter("quiet", "noise", "")),
        ("playbooks/always.rhai", &playbook("")),
        ("playbooks/by_hand.rhai", &playbook("//! trigger: manual\n")),
        ("playbooks/on_brute.rhai", &playbook("//! match: {alert_type: brute}\n")),
        ("playbooks/zz_last.rhai", &playbook("")),
        ("playbooks/on_quiet.rhai", &playbook("//! trigger: dismissed\n//! match: {alert_type: noise}\n")),
    ]);
    let triggered = |alert_type| {
        let decision = ruleset.decide(&alert(alert_type, "low"), now());
        let runs: Vec<_> = decision.runs.iter().map(|playbook| playbook.id.clone()).collect();
        assert_eq!(runs, decision.verdict.triggered);
        names(&runs).join(" ")
    };
    assert_eq!(triggered("brute"), "always on_brute zz_last");
    assert_eq!(triggered("other"), "always zz_last");
    assert_eq!(triggered("noise"), "on_quiet");
}

#[test]
fn a_verdict_names_the_commit_and_whether_the_files_are_that_commits() {
    let mut files = sources([("rules/one.yaml", &*filter("one", "x", ""))]);
    files.revision = Some(Revision { commit: "c0ffee".into(), author: None, commit_time: None, dirty: true });
    let stamped = build(&files).unwrap();
    let verdict = stamped.decide(&alert("x", "low"), now()).verdict;
    assert_eq!((verdict.commit.as_deref(), verdict.dirty), (Some("c0ffee"), true));
    let bare = stamped.at_revision(None).decide(&alert("x", "low"), now()).verdict;
    assert_eq!((bare.commit, bare.dirty), (None, false));
    assert_eq!(bare.generation, verdict.generation);
}

#[test]
fn a_diff_names_what_came_went_and_changed() {
    let two = |second| format!("{}---\n{}", filter("f1", "x", ""), filter("f2", second, ""));
    let uses = playbook("").replace("fn on", "import \"lib/m\" as m;\nfn on").replace("return 1", "return m::one()");
    let old = set([
        ("rules/two.yaml", &*two("x")),
        ("rules/gone.yaml", &filter("gone", "x", "")),
        ("playbooks/uses.rhai", &uses),
        ("playbooks/plain.rhai", &playbook("")),
        ("playbooks/lib/m.rhai", "fn one() { 1 }"),
    ]);
    let new = set([
        ("rules/two.yaml", &*two("y")),
        ("rules/new.yaml", &filter("new", "x", "")),
        ("playbooks/uses.rhai", &uses),
        ("playbooks/plain.rhai", &playbook("")),
        ("playbooks/lib/m.rhai", "fn one() { 2 }"),
    ]);
    let diff = new.diff_from(&old);
    assert_eq!(names(&diff.filters.added), ["new"]);
    assert_eq!(names(&diff.filters.removed), ["gone"]);
    assert_eq!(names(&diff.filters.changed), ["f2"]);
    assert_eq!(names(&diff.playbooks.changed), ["uses"]);
    assert_eq!(diff.filters.to_string(), "+1 -1 ~1");
    assert!(new.diff_from(&new).is_empty());
}

#[test]
fn a_snapshot_stays_whole_when_another_set_takes_its_place() {
    let live = Live::new(set([("rules/one.yaml", &*filter("one", "x", ""))]));
    let before = live.snapshot();
    let replaced = live.swap(Ruleset::empty());
    assert_eq!(replaced.generation(), before.generation());
    assert_eq!(before.filters().len(), 1);
    assert_eq!(live.snapshot().filters().len(), 0);
}

#[test]
fn a_flood_of_faults_has_an_end() {
    let flood = "- 1\n---\n".repeat(4_000);
    let files: Vec<_> = (0..10).map(|n| file(&format!("rules/f{n}.yaml"), &flood)).collect();
    let found = build(&Sources { files, revision: None }).unwrap_err().diagnostics;
    assert!((10_000..20_000).contains(&found.len()), "{}", found.len());
    assert!(found.iter().any(|d| d.code == codes::TOO_MANY_FAULTS));
}

#[test]
fn a_set_of_too_many_filters_is_refused() {
    let three = ["f1", "f2", "f3"].map(|id| filter(id, "x", ""));
    let sources = sources([("rules/a.yaml", &*three[..2].join("---\n")), ("rules/b.yaml", &three[2])]);
    assert_eq!(build_within(&sources, 3).unwrap().filters().len(), 3);
    let found = headlines(&build_within(&sources, 2).unwrap_err().diagnostics);
    let expected = "rules/b.yaml:1:1: error[R002]: the set holds more than 2 filters";
    assert!(found.iter().any(|line| line == expected), "{found:#?}");
}

#[test]
fn filters_that_another_one_makes_idle_are_told_once() {
    let narrow =
        "match:\n  alert_type: VM_Login\n  entities.ip.address|cidr: 10.1.2.0/24\n  title|contains: nightly scan\n";
    let with = |id: &str, rest: &str| format!("id: {id}\nreason: noise\nowner: secops@example.com\n{rest}");
    let told = |broad: &str| -> Vec<String> {
        let (narrow, broad) = (with("narrow", narrow), with("broad", broad));
        headlines(set([("rules/a.yaml", &*narrow), ("rules/b.yaml", &*broad)]).warnings())
    };
    let shadowed = "rules/a.yaml:1:1: warning[R008]: `broad` dismisses every alert that `narrow` would";
    for broad in [
        "match: {alert_type|startswith: VM_}",
        "match: {title|contains: scan, entities.ip.address|cidr: [10.1.0.0/16, 10.9.0.0/16]}",
        "match: {a: {alert_type: [VM_Login, VM_Other]}, b: {vendor: x}, condition: a or b}",
        "match: [{alert_type: VM_Login}, {simulated: true}]",
    ] {
        assert_eq!(told(broad), [shadowed], "{broad}");
    }
    for other in [
        "match: {alert_type|startswith: VM_, severity|lt: high}",
        "mode: audit\nmatch: {alert_type|startswith: VM_}",
        "expires: 2027-01-01\nmatch: {alert_type|startswith: VM_}",
        "match: {entities.ip.address|cidr: 10.1.2.0/25}",
        "match: {alert_type|startswith: VM_, title|neq: x}",
    ] {
        assert_eq!(told(other), Vec::<String>::new(), "{other}");
    }
    // Only one of them fits the number.
    let dashed =
        |id: &str, value: &str| with(id, &format!("match: {{alert_type: vm_login, raw.x|windash: '{value}'}}\n"));
    let two = set([("rules/a.yaml", &*dashed("one", "/5")), ("rules/b.yaml", &*dashed("two", "-5"))]);
    let found = headlines(two.warnings());
    assert!(found.len() == 1 && found[0].contains("R008") && found[0].contains("`one`"), "{found:?}");
    let same =
        "match:\n  title|contains: NIGHTLY scan\n  entities.ip.address|cidr: 10.1.2.0/24\n  alert_type: [vm_login]\n";
    assert_eq!(told(same), ["rules/b.yaml:1:1: warning[R007]: `broad` says the same as `narrow`"]);
    let blocks = |id: &str| with(id, "match: {entities.process: {command_line|contains: x, image_file.name: y}}\n");
    let twice = set([("rules/a.yaml", &*blocks("one")), ("rules/b.yaml", &*blocks("two"))]);
    assert_eq!(headlines(twice.warnings()), ["rules/b.yaml:1:1: warning[R007]: `two` says the same as `one`"]);
}

#[test]
fn a_filter_that_its_twin_makes_idle_is_told_in_either_order() {
    let twin = |id: &str, rest: &str| filter(id, "VM_Login", rest);
    let told = |texts: &[String]| headlines(set([("rules/a.yaml", &*texts.join("---\n"))]).warnings());
    for rest in [
        "schedule: {days: [sun], from: \"02:00\", to: \"04:00\"}",
        "limit: {max: 1, per: 1h}",
        "mode: audit",
        "expires: 2027-01-01",
    ] {
        let (less, whole) = (twin("less", rest), twin("whole", ""));
        let is_told = |found: Vec<String>| {
            found.len() == 1 && found[0].ends_with("warning[R007]: `less` says the same as `whole`")
        };
        for order in [[&less, &whole], [&whole, &less]] {
            let found = told(&order.map(Clone::clone));
            assert!(is_told(found.clone()), "{rest}: {found:?}");
        }
    }
    let (sunday, monday) = ["sun", "mon"].map(|day| format!("schedule: {{days: [{day}]}}")).into();
    let three = [twin("sunday", &sunday), twin("monday", &monday), twin("monday-too", &monday)];
    let found = told(&three);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with("`monday-too` says the same as `monday`"), "{found:?}");
    let limited = filter("narrow", "VM_Login", "limit: {max: 1, per: 1h}");
    let broad = filter("broad", "VM_*", "");
    for order in [[&limited, &broad], [&broad, &limited]] {
        let found = told(&order.map(Clone::clone));
        assert!(found.len() == 1 && found[0].contains("R008") && found[0].contains("`narrow`"), "{found:?}");
    }
}

#[test]
fn an_alert_is_explained_by_the_filters_it_meets_and_those_that_came_nearest() {
    let rules = set([
        ("rules/met.yaml", &*filter("met", "A", "")),
        ("rules/old.yaml", &*filter("old", "[A, C]", "expires: 2020-01-01")),
        ("rules/audit.yaml", &*filter("audit", "A*", "mode: audit")),
        ("rules/far.yaml", "id: far\nreason: noise\nowner: o\nmatch: {alert_type: B, vendor: x, title: y}\n"),
        ("rules/near.yaml", "id: near\nreason: noise\nowner: o\nmatch: {severity: low, alert_type: B}\n"),
        (
            "rules/nearer.yaml",
            "id: nearer\nreason: noise\nowner: o\nmatch: {severity: low, source: native, alert_type: B}\n",
        ),
    ]);
    let explained = rules.explain(&alert("A", "low"), now(), None, &|_| false).unwrap();
    let effects: Vec<_> = explained.met.iter().map(|one| (one.filter.as_str(), one.effect, one.misses)).collect();
    assert_eq!(effects, [("audit", Effect::Audits, 0), ("met", Effect::Dismisses, 0), ("old", Effect::NotInForce, 0)]);
    let nearest: Vec<_> = explained.nearest.iter().map(|one| (one.filter.as_str(), one.misses)).collect();
    assert_eq!(nearest, [("nearer", 1), ("near", 1)], "what has nothing in common is not near");
    let guarded = rules.explain(&alert("A", "high"), now(), None, &|_| false).unwrap();
    assert_eq!(guarded.met[1].effect, Effect::Guarded);
    let near = crate::id::RuleId::new("near").unwrap();
    let one = rules.explain(&alert("A", "low"), now(), Some(&near), &|_| false).unwrap();
    assert_eq!((one.met.len(), one.nearest.len(), one.nearest[0].effect), (0, 1, Effect::NotMet));
    assert!(rules.explain(&alert("A", "low"), now(), crate::id::RuleId::new("gone").as_ref(), &|_| false).is_none());
}

#[test]
fn a_filter_is_another_text_if_what_it_says_is_another_and_not_by_its_neighbours() {
    let one = filter("one", "x", "");
    let text = |rules: &str, placeholders: &str| {
        let files = [("rules/a.yaml", rules), ("rules/placeholders.yaml", placeholders)];
        set(files).filter_texts()[&crate::id::RuleId::new("one").unwrap()]
    };
    let (alice, all) = ("admins: [alice]\n", "admins: ['*']\n");
    let alone = text(&one, alice);
    let two = filter("two", "y", "");
    assert_eq!(text(&format!("{one}---\n{two}"), alice), alone, "what follows it is not its own");
    assert_eq!(text(&format!("{one}\n\n# About two.\n---\n{two}"), alice), alone, "nor the comments before that");
    assert_eq!(text(&one, all), alone, "it asks for no placeholder");
    assert_ne!(text(&format!("{one}# It is so.\n{}", "ticket: T-1\n"), alice), alone);
    let expands = one.replace("match: {", "match: {assignee|expand: '%admins%', ");
    assert_ne!(expands, one);
    assert_ne!(text(&expands, alice), text(&expands, all), "what a placeholder stands for is what the filter says");
}
