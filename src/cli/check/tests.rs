//! Codes: people search for them and code-scanning services keep books by them, so one code means one thing.

use crate::config;
use crate::filter;
use crate::import;
use crate::matcher;
use crate::playbook;
use crate::reload;
use crate::ruleset;
use crate::yaml;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn one_code_means_one_thing() {
    let mut seen = BTreeSet::new();
    let all = [
        yaml::codes::ALL,
        matcher::codes::ALL,
        filter::codes::ALL,
        playbook::codes::ALL,
        ruleset::codes::ALL,
        import::codes::ALL,
        ruleset::trial::codes::ALL,
        reload::codes::ALL,
        config::codes::ALL,
    ];
    for code in all.concat() {
        assert!(seen.insert(code.id), "{} means two things", code.id);
    }
    // A code that is not in its module's list would escape the check above.
    let mut declared = 0;
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap_or_default();
        let here = product.matches("Code::new(\"").count();
        assert!(here == 0 || file.ends_with("codes.rs"), "{} declares a code of its own", file.display());
        declared += here;
    }
    assert_eq!(declared, seen.len(), "a code is missing in its module's `ALL`");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let inside = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = inside.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    files.filter(|path| !path.ends_with("tests.rs")).collect()
}
