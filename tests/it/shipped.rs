//! The rules and playbooks of this repository keep what the tests beside them promise.

use quell::diag::{Diagnostics, render_text};
use quell::reload::{Settings, read_sources};
use quell::ruleset::trial::{self, Selection, Trial, Wish};
use quell::ruleset::{Sources, build};
use std::path::Path;

/// Scripts nest values deep, so they are stepped with the stack a worker has.
fn with_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(64 << 20).spawn(work).unwrap().join().unwrap()
}

fn shipped() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let settings = Settings { rules: root.join("rules"), playbooks: root.join("playbooks"), ..Settings::default() };
    let mut found = Diagnostics::new();
    let sources = read_sources(&settings, &mut found);
    assert!(found.is_empty(), "{found:?}");
    sources
}

fn trials(sources: &Sources) -> Vec<Trial> {
    let sources = sources.clone();
    with_stack(move || {
        let ruleset = build(&sources).expect("the shipped set compiles");
        let mut found = Diagnostics::new();
        let samples = |_: &Path, sample: &str| Err(format!("no shipped test names a file, such as {sample}"));
        let wish = Wish { only: Selection::all(), samples: &samples };
        let trials = trial::run(&ruleset, &sources, &wish, &mut found).trials;
        let found: Vec<_> = found.iter().map(|d| render_text(d, None)).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
        trials
    })
}

fn faults(trials: &[Trial]) -> Vec<String> {
    let fault = |t: &Trial| Some(format!("{}:{}: {}: {}", t.file.display(), t.place.line, t.name, t.fault.as_ref()?));
    trials.iter().filter_map(fault).collect()
}

#[test]
fn every_filter_and_playbook_has_tests_and_passes_them() {
    let sources = shipped();
    let ruleset = build(&sources).unwrap();
    assert!(ruleset.filters().len() >= 8 && ruleset.playbooks().len() >= 4);
    for filter in ruleset.filters() {
        assert!(!filter.tests.is_empty(), "{} has no tests", filter.id);
    }
    let trials = trials(&sources);
    for playbook in ruleset.playbooks() {
        let beside = playbook.file.with_extension("test.yaml");
        assert!(trials.iter().any(|trial| *trial.file == *beside), "{} has no tests", playbook.id);
    }
    assert!(faults(&trials).is_empty(), "{}", faults(&trials).join("\n"));
}

#[test]
fn a_test_that_does_not_hold_says_what_is_otherwise() {
    let mut sources = shipped();
    for file in &mut sources.files {
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        let text = match file.name.as_str() {
            "rules/containers/kubernetes-controllers.yaml" => text.replace("csi-*", "csx-*"),
            "playbooks/tell-the-team.rhai" => text.replace(
                "connection(\"chat\").post",
                "sleep(\"1h\"); connection(\"chat\").get(\"/x\"); connection(\"chat\").post",
            ),
            "playbooks/isolate-container.test.yaml" => text.replace("source: falco", "source: hawk"),
            _ => text,
        };
        file.bytes = text.into_bytes();
    }
    let said = faults(&trials(&sources)).join("\n");
    assert!(said.contains("a pod with a shell is isolated and the team told: the alert does not meet"), "{said}");
    assert!(said.contains("a storage driver: expected dismissed, is active"), "{said}");
    assert!(said.contains("the chat hears of it once: line 8 calls `chat`, which is not listed"), "{said}");
}
