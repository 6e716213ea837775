//! The page of every code is there, says what the code means, and shows an example that is true.

use crate::checked::{Finding, check, check_config, folder, for_each};
use crate::world::quell;
use quell::diag::{Code, Diagnostic, Diagnostics, PAGES};
use quell::{config, filter, import, matcher, playbook, reload, ruleset, yaml};
use std::collections::BTreeSet;
use std::path::Path;

/// Codes whose fault no text of a rule, a playbook or a configuration shows: of files and folders, of sizes, of the day
/// it is, of characters that cannot be seen in a page.
const WITHOUT_EXAMPLE: [&str; 28] = [
    "C001", "C007", "C008", "C011", "I009", "L001", "L002", "L003", "L004", "L005", "L006", "L007", "L008", "L010",
    "L011", "L012", "M020", "M027", "P017", "P018", "R002", "R004", "R010", "T001", "Y007", "Y008", "Y009", "Y010",
];

fn declared() -> Vec<Code> {
    let mut all = [
        yaml::codes::ALL,
        matcher::codes::ALL,
        filter::codes::ALL,
        playbook::codes::ALL,
        ruleset::codes::ALL,
        import::codes::ALL,
        ruleset::trial::codes::ALL,
        reload::codes::ALL,
        config::codes::ALL,
    ]
    .concat();
    all.sort();
    all
}

/// The part of a page below a heading, up to the next one.
fn part<'p>(page: &'p str, heading: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n"))?;
    Some(rest.split("\n## ").next().unwrap_or(rest))
}

/// The files that a part of a page shows. A block's first line, or the line before it, says which file it is; else it is
/// a rule file or a playbook.
fn files(part: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut named = None;
    let mut lines = part.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("In `").and_then(|rest| rest.strip_suffix("`:")) {
            named = Some(name.to_owned());
        }
        let Some(language) = line.strip_prefix("```") else { continue };
        let text: String = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        let first = text.lines().next().unwrap_or("");
        let label = first.strip_prefix("# ").or_else(|| first.strip_prefix("// "));
        let label = label.filter(|label| {
            *label == "quell.yaml" || ["rules/", "playbooks/"].iter().any(|folder| label.starts_with(folder))
        });
        let usual = match language {
            "yaml" => "rules/example.yaml",
            "rhai" => "playbooks/example.rhai",
            "json" => "rule.json",
            other => panic!("a block of `{other}`"),
        };
        files.push((named.take().unwrap_or_else(|| label.unwrap_or(usual).to_owned()), text));
    }
    files
}

fn found(code: &str, part: &str) -> Vec<Finding> {
    let files = files(part);
    assert!(!files.is_empty(), "{code} shows no file");
    let folder = folder(&files);
    if code.starts_with('I') {
        return imported(&files);
    }
    if code.starts_with('C') { check_config(folder.path()) } else { check(folder.path(), None) }
}

/// What importing files finds.
fn imported(files: &[(String, String)]) -> Vec<Finding> {
    let source = |(name, text): &(String, String)| import::Source {
        path: Path::new(name).into(),
        text: text.clone(),
        named: true,
    };
    let sources: Vec<_> = files.iter().map(source).collect();
    let mut found = Diagnostics::new();
    import::import(&sources, &import::Options::default(), &mut found);
    let finding = |found: &Diagnostic| Finding {
        code: found.code.id.to_owned(),
        line: found.span.start.line.into(),
        column: found.span.start.column.into(),
        level: found.level.word().to_owned(),
        message: found.message.clone(),
    };
    found.iter().map(finding).collect()
}

#[test]
fn every_code_has_a_page_that_begins_with_its_meaning() {
    let codes: Vec<String> = declared().iter().map(|code| format!("# {}: {}", code.id, code.meaning)).collect();
    let titles: Vec<&str> = PAGES.iter().map(|page| page.text.lines().next().unwrap_or("")).collect();
    assert_eq!(titles, codes);
    for (page, code) in PAGES.iter().zip(declared()) {
        assert_eq!(page.id, code.id);
        assert!(part(page.text, "Why").is_some_and(|why| why.trim().len() > 20), "{}: why?", page.id);
    }
    let listed: BTreeSet<String> = PAGES.iter().map(|page| format!("{}.md", page.id)).collect();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/codes");
    let present = std::fs::read_dir(docs).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(present.collect::<BTreeSet<_>>(), listed, "a page that is not compiled in, or a code without one");
}

#[test]
fn the_example_of_a_page_gives_the_code_and_the_mended_one_does_not() {
    let faults = for_each(PAGES, |page| {
        let id = page.id;
        let (Some(example), Some(mended)) = (part(page.text, "Example"), part(page.text, "Mended")) else {
            let known = WITHOUT_EXAMPLE.contains(&id);
            return (!known).then(|| format!("{id} has no example"));
        };
        let gives = |found: &[Finding]| found.iter().any(|finding| finding.code == id);
        let (bad, good) = (found(id, example), found(id, mended));
        match () {
            () if WITHOUT_EXAMPLE.contains(&id) => Some(format!("{id} has an example")),
            () if !gives(&bad) => Some(format!("{id}: the example gives {bad:?}")),
            () if gives(&good) || good.iter().any(|finding| finding.level == "error") => {
                Some(format!("{id}: the mended example gives {good:?}"))
            }
            () => None,
        }
    });
    let faults: Vec<String> = faults.into_iter().flatten().collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn explain_prints_the_page_of_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = quell(folder.path()).args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let page = PAGES.iter().find(|page| page.id == "F001").unwrap().text;
    for asked in ["F001", "f001"] {
        assert_eq!(run(&["explain", asked]), (0, page.to_owned(), String::new()));
    }
    let (code, out, _) = run(&["explain", "F001", "--format", "json"]);
    let said: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, said["code"].as_str(), said["markdown"].as_str()), (0, Some("F001"), Some(page)));
    let (code, out, err) = run(&["explain", "F01"]);
    assert!(code == 3 && out.is_empty() && err.contains("did you mean F001?"), "{err}");
    let (code, _, err) = run(&["explain", "F001", "--filter", "a-filter"]);
    assert!(code == 3 && err.contains("--filter is for an alert"), "{err}");
}
