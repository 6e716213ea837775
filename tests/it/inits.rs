//! What `quell init` writes is whole: it passes its own checks and tests, and its workflows run.

use crate::world::quell;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = quell(folder).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_new_repository_passes_its_checks_and_tests_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(folder.path(), &["init", "new/rules-repo"]);
    assert_eq!((code, out.lines().count()), (0, 9), "{err}");
    let inside = folder.path().join("new/rules-repo");
    assert!(out.lines().all(|line| folder.path().join(line).is_file()), "{out}");
    let (code, out, err) = run(&inside, &["check", "--fail-level", "warning"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.starts_with("ok: 1 filter, 1 playbook"), "{out}");
    let (code, out, err) = run(&inside, &["test"]);
    assert!(code == 0 && out.starts_with("5 passed, 0 failed\n"), "{out}{err}");
    let (code, out, _) = run(&inside, &["fmt", "--check"]);
    assert_eq!((code, out.as_str()), (0, ""));
    // The policy is in force: a filter without tests would not pass.
    std::fs::write(
        inside.join("rules/bare.yaml"),
        "id: bare\ntitle: Bare\nreason: noise\nowner: me@example.com\nmatch: {title: x}\n",
    )
    .unwrap();
    let (code, _, err) = run(&inside, &["check"]);
    assert!(code == 2 && err.contains("F014") && err.contains("F013"), "{err}");

    std::fs::remove_file(inside.join("README.md")).unwrap();
    std::fs::write(inside.join("quell.yaml"), "# mine\n").unwrap();
    let (code, out, err) = run(&inside, &["init"]);
    assert!(code == 3 && out.is_empty() && err.contains("quell.yaml") && err.contains("nothing was written"), "{err}");
    assert!(!inside.join("README.md").exists());
    assert_eq!(std::fs::read_to_string(inside.join("quell.yaml")).unwrap(), "# mine\n");
}

#[test]
fn the_commands_of_the_workflows_run() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["init"]).0, 0);
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(args).current_dir(folder.path());
        command.output().is_ok_and(|output| output.status.success())
    };
    if !(git(&["init", "-q"]) && git(&["add", "-A"]) && git(&["commit", "-qm", "begin"])) {
        drop(writeln!(std::io::stderr(), "skipped: git is not installed"));
        return;
    }
    let mut ran = 0;
    for file in [".github/workflows/quell.yml", ".gitlab-ci.yml"] {
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        let commands = text.lines().filter_map(|line| {
            let line = line.trim().trim_start_matches("- ").trim_start_matches("run: ");
            line.starts_with("quell ").then_some(line)
        });
        for command in commands {
            let binary = env!("CARGO_BIN_EXE_quell");
            let script = format!("quell() {{ '{binary}' \"$@\"; }}\n{command}");
            let mut shell = Command::new("bash");
            shell.args(["-eo", "pipefail", "-c", &script]).current_dir(folder.path()).env("BASE", "HEAD");
            let output = shell.output().unwrap();
            assert!(output.status.success(), "`{command}`: {}", String::from_utf8_lossy(&output.stderr));
            ran += 1;
        }
    }
    assert!(ran >= 6, "only {ran} commands were run");
}
