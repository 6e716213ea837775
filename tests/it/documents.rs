//! What the documents show is true: every filter and playbook in them compiles, every command in them runs.

use crate::world::{World, quell};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn documents() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("README.md")];
    paths.extend(std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    paths.retain(|path| path.extension().is_some_and(|e| e == "md"));
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// The fenced blocks of one language, indentation removed.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        if line.trim() == format!("```{language}") {
            let inside = lines.by_ref().take_while(|line| line.trim() != "```");
            found.push(inside.map(|line| line.get(indent..).unwrap_or("").to_owned() + "\n").collect());
        }
    }
    found
}

#[test]
fn filters_and_playbooks_in_the_documents_compile() {
    let mut world = World::new();
    let mut count = 0;
    for (path, text) in documents() {
        let stem = path.file_stem().unwrap().to_string_lossy().to_lowercase();
        for (at, block) in blocks(&text, "yaml").iter().enumerate().filter(|(_, block)| block.contains("match:")) {
            // One id may be shown in several documents.
            let block = block.replacen("id: ", &format!("id: {stem}-{at}-"), 1);
            world = world.filter(&format!("{stem}-{at}.yaml"), &block);
            count += 1;
        }
        for (at, block) in blocks(&text, "rhai").iter().enumerate() {
            world = world.playbook(&format!("{stem}-{at}.rhai"), block);
            count += 1;
        }
    }
    assert!(count >= 5, "only {count} examples were found");
    let output = quell(&world.path("")).args(["check", "--fail-level", "warning"]).output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Makes a folder a repository with one commit; false where there is no git.
fn is_repository(folder: &Path) -> bool {
    let git = |line: &str| {
        let who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
        let mut git = Command::new("git");
        git.args(who).args(line.split(' ')).current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null");
        git.status().is_ok_and(|status| status.success())
    };
    git("init -q") && git("add rules") && git("-c commit.gpgsign=false commit -q -m first")
}

/// What a command of the documents is run as. `None` for those that this very run stands for.
fn runnable(line: &str, address: &str, alert: &str) -> Option<String> {
    let line = line.replace("127.0.0.1:8642", address).replace("al_06dvzq1jm8q3x9k2n4r5t6v7w8", alert);
    match line.as_str() {
        // Run by its own test, and by whoever runs this one.
        "cargo run --release -- demo" | "cargo test" | "cargo install --path . --locked" => None,
        line if line.starts_with("cargo bench")
            || line.contains("benches/peers")
            || line.starts_with("quell serve") =>
        {
            None
        }
        _ => Some(line),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_in_the_documents_run() {
    let world = World::new().filter(
        "quiet.yaml",
        "id: quiet\ntitle: Quiet\nreason: test\nowner: a@example.com\nmatch: {alert_type: Quiet}\n",
    );
    std::fs::create_dir_all(world.path("rules/containers")).unwrap();
    let world = world.filter(
        "containers/kubernetes-controllers.yaml",
        "id: kubernetes-controllers\ntitle: Known\nreason: test\nowner: a@example.com\nmatch: {title: Known}\n",
    );
    std::fs::write(world.path("alerts.ndjson"), "{\"title\": \"Any\", \"severity\": \"low\"}\n").unwrap();
    let has_git = is_repository(&world.path(""));
    world.write("silences.json", include_str!("../fixtures/import/alertmanager_silences.ndjson"));
    let daemon = world.start();
    // So that there is a set to go back to.
    daemon.world.write(
        "rules/quieter.yaml",
        "id: quieter\ntitle: Quieter\nreason: test\nowner: a@example.com\nmatch: {title: Q}\n",
    );
    assert_eq!(daemon.post("/-/reload", "application/json", "").await.0, 200);
    let stored = daemon.post_alert(serde_json::json!({"title": "Any", "severity": "low"})).await;
    let alert = stored["id"].as_str().expect("it was stored").to_owned();
    let has_curl = Command::new("curl").arg("--version").output().is_ok();
    let mut ran = 0;
    for (path, text) in documents() {
        for line in
            blocks(&text, "sh").concat().lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        {
            let Some(line) = runnable(line.trim(), &daemon.address, &alert) else { continue };
            assert!(line.starts_with("quell ") || line.starts_with("curl "), "{}: who runs `{line}`?", path.display());
            if [" HEAD", " main"].iter().any(|name| line.contains(name)) && !has_git {
                drop(writeln!(std::io::stderr(), "skipped: git is not installed: {line}"));
                continue;
            }
            if line.starts_with("curl ") && !has_curl {
                drop(writeln!(std::io::stderr(), "skipped: curl is not installed: {line}"));
                continue;
            }
            let binary = env!("CARGO_BIN_EXE_quell");
            let script = format!("quell() {{ '{binary}' \"$@\"; }}\n{line}");
            let mut shell = Command::new("sh");
            shell
                .arg("-ec")
                .arg(script)
                .current_dir(daemon.world.path(""))
                .env("QUELL_URL", daemon.url(""))
                .env("NO_COLOR", "1");
            let output = shell.output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            let complained = String::from_utf8_lossy(&output.stderr);
            // Two sets that differ are no fault.
            let is_fine = output.status.success() || line.starts_with("quell diff ") && output.status.code() == Some(1);
            assert!(is_fine, "{}: `{line}`: {said}{complained}", path.display());
            assert!(!said.contains("application/problem"), "{}: `{line}`: {said}", path.display());
            ran += 1;
        }
    }
    assert!(ran >= 8, "only {ran} commands were run");
}

/// What a heading is linked by.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

#[test]
fn links_in_the_documents_lead_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)\s#]*)(?:#([^)\s]+))?\)").unwrap();
    let (mut checked, mut broken) = (0, Vec::new());
    for (path, text) in documents() {
        for found in link.captures_iter(&text).filter(|found| !found[1].contains("://")) {
            let target = if found[1].is_empty() { path.clone() } else { path.parent().unwrap().join(&found[1]) };
            let headings = std::fs::read_to_string(&target).unwrap_or_default();
            let mut anchors =
                headings.lines().filter(|line| line.starts_with('#')).map(|line| anchor(line.trim_start_matches('#')));
            let leads =
                target.exists() && found.get(2).is_none_or(|wanted| anchors.any(|known| known == wanted.as_str()));
            checked += 1;
            if !leads {
                broken.push(format!("{}: {}", path.display(), &found[0]));
            }
        }
    }
    assert!(checked > 20, "only {checked} links are seen");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
