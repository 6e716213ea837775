//! `quell fmt` as scripts and editors use it.

use crate::world::quell;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

const UNTIDY: &str = "match: {title: \"x\"} # what\nreason: noise\nowner:   me\nid: 'quiet'\n";
const TIDY: &str = "id: quiet\nreason: noise\nowner: me\nmatch: {title: x}  # what\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = quell(folder).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn files_are_formatted_in_place_and_only_those_that_need_it() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    write(folder.path(), "rules/a.yaml", UNTIDY);
    write(folder.path(), "rules/b.yml", TIDY);
    write(folder.path(), "rules/c.txt", UNTIDY);
    write(folder.path(), "playbooks/p.rhai", "//! title: x  \n\nfn on_alert(alert) {  \n}\n");
    write(folder.path(), "playbooks/p.test.yaml", "- expect: {run: done}\n  name: x\n  alert: {title: x}\n");
    let (code, out, err) = run(folder.path(), &["fmt", "--check"]);
    assert_eq!((code, out.as_str()), (1, "playbooks/p.rhai\nplaybooks/p.test.yaml\nrules/a.yaml\n"), "{err}");
    assert_eq!(err, "3 would be formatted, 1 left alone\n");
    assert_eq!(read("rules/a.yaml"), UNTIDY);
    let (code, out, _) = run(folder.path(), &["fmt"]);
    assert_eq!((code, out.lines().count()), (0, 3));
    assert_eq!((read("rules/a.yaml").as_str(), read("rules/c.txt").as_str()), (TIDY, UNTIDY));
    assert_eq!(read("playbooks/p.rhai"), "//! title: x\n\nfn on_alert(alert) {  \n}\n");
    assert_eq!(read("playbooks/p.test.yaml"), "- name: x\n  alert: {title: x}\n  expect: {run: done}\n");
    assert_eq!(run(folder.path(), &["fmt", "--check"]).0, 0);
    let left: Vec<_> = std::fs::read_dir(folder.path().join("rules")).unwrap().collect();
    assert_eq!(left.len(), 3, "nothing is left beside: {left:?}");
}

#[test]
fn a_broken_file_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "rules/a.yaml", UNTIDY);
    write(folder.path(), "rules/b.yaml", "id: [open\n");
    let (code, out, err) = run(folder.path(), &["fmt", "rules"]);
    assert_eq!((code, out.as_str()), (2, "rules/a.yaml\n"), "{err}");
    assert!(err.contains("rules/b.yaml:1:5: error[Y001]"), "{err}");
    assert_eq!(std::fs::read_to_string(folder.path().join("rules/b.yaml")).unwrap(), "id: [open\n");
    let (code, _, err) = run(folder.path(), &["fmt", "rules/none.yaml"]);
    assert!(code == 3 && err.contains("rules/none.yaml"), "{err}");
    write(folder.path(), "x.json", "{}");
    assert_eq!(run(folder.path(), &["fmt", "x.json"]).0, 3);
    let empty = tempfile::tempdir().unwrap();
    let (code, _, err) = run(empty.path(), &["fmt"]);
    assert!(code == 3 && err.contains("nothing to format"), "{err}");
}

#[test]
fn an_editor_pipes_a_file_through() {
    let folder = tempfile::tempdir().unwrap();
    let piped = |args: &[&str], text: &str| {
        let mut command = quell(folder.path());
        let mut child =
            command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(piped(&["fmt", "--stdin"], UNTIDY), (0, TIDY.to_owned()));
    assert_eq!(piped(&["fmt", "--stdin", "--check"], UNTIDY), (1, String::new()));
    assert_eq!(piped(&["fmt", "--stdin", "--check"], TIDY), (0, String::new()));
    assert_eq!(piped(&["fmt", "--stdin"], "a: [1\n"), (2, String::new()));
}

#[test]
fn the_rules_of_this_repository_are_in_their_form() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (code, out, err) = run(root, &["fmt", "--check", "rules", "playbooks"]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
}
