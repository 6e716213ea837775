//! The specification of conditions holds: every example of `tests/spec` is put to the engine, to the plain evaluator and
//! to the explanation.

use quell::clock::Timestamp;
use quell::decode::{Format, Limits, decode};
use quell::diag::Diagnostic;
use quell::matcher::AlertView;
use quell::ruleset::{SourceFile, SourceKind, Sources, build};
use std::path::Path;

/// A fenced block: its word, its text, and the line it begins on.
struct Block {
    word: String,
    text: String,
    line: usize,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in page.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(word) if !open => {
                blocks.push(Block { word: word.to_owned(), text: String::new(), line: number + 1 });
                open = true;
            }
            Some(_) => open = false,
            None if open => {
                let last = blocks.last_mut().expect("a block is open");
                last.text.push_str(line);
                last.text.push('\n');
            }
            None => {}
        }
    }
    assert!(!open, "a block does not close");
    blocks
}

/// One condition as a whole set: a filter, and what placeholders stand for.
fn sources(condition: &str, placeholders: &str) -> Sources {
    let indented: String = condition.lines().map(|line| format!("  {line}\n")).collect();
    let filter = format!("id: example\nreason: test\nowner: spec@example.com\nmatch:\n{indented}");
    let file = |name: &str, kind: SourceKind, text: String| SourceFile {
        path: Path::new(name).into(),
        name: name.to_owned(),
        kind,
        bytes: text.into_bytes(),
    };
    let files = vec![
        file("rules/example.yaml", SourceKind::Rule, filter),
        file("rules/placeholders.yaml", SourceKind::Placeholders, placeholders.to_owned()),
    ];
    Sources { files, revision: None }
}

fn told(found: &[Diagnostic]) -> Vec<String> {
    found.iter().filter_map(|found| found.headline().splitn(4, ':').nth(3).map(|text| text.trim().to_owned())).collect()
}

fn check_alerts(page: &str, condition: &str, placeholders: &str, block: &Block) {
    let set = build(&sources(condition, placeholders))
        .unwrap_or_else(|refused| panic!("{page}:{}: {:?}", block.line, told(&refused.diagnostics)));
    for (number, line) in block.text.lines().enumerate() {
        let place = format!("{page}:{}", block.line + 1 + number);
        let (verdict, alert) = line.split_once(' ').unwrap_or_else(|| panic!("{place}: a verdict, then an alert"));
        let expected = match verdict {
            "dismissed" => true,
            "active" => false,
            _ => panic!("{place}: `{verdict}` is no verdict"),
        };
        let decoded =
            decode(alert.trim().as_bytes(), Format::Json, Some("native"), &Limits::default(), Timestamp::UNIX_EPOCH);
        let alert =
            decoded.expect("it is one alert").remove(0).unwrap_or_else(|fault| panic!("{place}: {fault}")).alert;
        let decided = set.decide(&alert, Timestamp::UNIX_EPOCH).verdict;
        assert_eq!(decided.dismissed_by.len() == 1, expected, "{place}: the engine, on `{condition}`");
        let filter = &set.filters()[0];
        assert_eq!(filter.condition.matches(&AlertView::new(&alert)), expected, "{place}: the plain evaluator");
        assert_eq!(filter.condition.explain(&AlertView::new(&alert)).holds, expected, "{place}: the explanation");
    }
}

fn check_refused(page: &str, condition: &str, placeholders: &str, block: &Block) {
    let found = match build(&sources(condition, placeholders)) {
        Ok(set) => told(set.warnings()),
        Err(refused) => told(&refused.diagnostics),
    };
    let expected: Vec<&str> = block.text.lines().collect();
    assert_eq!(found, expected, "{page}:{}: `{condition}`", block.line);
}

#[test]
fn every_example_of_the_specification_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let mut pages: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let mut examples = 0;
    for path in pages {
        let page = path.file_name().unwrap().to_string_lossy().into_owned();
        let (mut condition, mut placeholders) = (String::new(), String::new());
        for block in blocks(&std::fs::read_to_string(&path).unwrap()) {
            match block.word.as_str() {
                "yaml" => condition.clone_from(&block.text),
                "placeholders" => placeholders.clone_from(&block.text),
                "alerts" => check_alerts(&page, &condition, &placeholders, &block),
                "refused" => check_refused(&page, &condition, &placeholders, &block),
                word => panic!("{page}:{}: `{word}` is no kind of block", block.line),
            }
            examples += block.text.lines().count();
        }
    }
    assert!(examples > 200, "{examples} lines of examples");
}
