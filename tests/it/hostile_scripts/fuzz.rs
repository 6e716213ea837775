//! Scripts of the corpus changed at random: whatever they have become, they end by name.
//!
//! `QUELL_FUZZ` sets how many are tried, `QUELL_SEED` which.

use super::corpus::{self, Hostile};
use super::{checked, stepped};
use quell::playbook::Outcome;
use quell::sandbox::{Sandbox, Settings, WorkerCommand};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What scripts are made of.
const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "#{",
    "|x| ",
    "|| ",
    "; ",
    ", ",
    ": ",
    ".",
    "?.",
    "??",
    "::",
    "..",
    "..=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "**",
    "<<",
    ">>",
    "=",
    "==",
    "!=",
    "<",
    ">",
    "&&",
    "||",
    "!",
    "=>",
    "_",
    "in ",
    "this",
    "alert",
    "alert.raw",
    "log",
    "run.id",
    "let x = ",
    "const X = ",
    "fn f(x) { ",
    "if true { ",
    " else { ",
    "loop { ",
    "while true { ",
    "for i in 0..9 { ",
    "do { ",
    "until false",
    "switch x { ",
    "break;",
    "continue;",
    "return ",
    "throw ",
    "try { ",
    "} catch (e) { ",
    "import \"lib/a\" as a;",
    "export x as y;",
    "global::X",
    "f(1)",
    "x.f()",
    ".map(|x| x)",
    ".map(f)",
    ".sort(|a, b| a - b)",
    ".reduce(|a, b| a + b)",
    ".push(x)",
    ".pad(4000, x)",
    ".replace(\"a\", x)",
    ".split(\"\")",
    ".to_string()",
    ".call(x)",
    "Fn(\"f\")",
    "[x, x]",
    "#{ a: x }",
    "`${x}`",
    "\"text\"",
    "'c'",
    "0",
    "-1",
    "9223372036854775807",
    "1e300",
    "true",
    "()",
    "connection(\"a\").get(\"/\")",
    "tag(\"t\")",
    "sleep(\"1h\")",
    "exit(x)",
    "fail(\"f\")",
    "print(x)",
    "debug(x)",
    "json_encode(x)",
    "json_decode(x)",
    "random(0, 9)",
    "now()",
    "sha256(x)",
    "//",
    "/*",
    "*/",
    "\n",
    "\u{0}",
    "é",
    "\u{1d11e}",
];

/// The variables that lines of the corpus use, so that they find some wherever they come to stand.
const VARIABLES: &str =
    "    let a = [1, 2]; let s = \"text\"; let m = #{ k: 1 }; let f = |x| x; let n = 3; let b = [0];";

/// Kinds and limits that an error of a run may have.
const KINDS: [&str; 5] = ["script", "step", "limit", "fail", "diverged"];
const LIMITS: [&str; 10] =
    ["operations", "time", "memory", "steps", "call_depth", "size", "depth", "variables", "modules", "journal"];

fn changed(seeds: &[Hostile], random: &mut fastrand::Rng) -> Hostile {
    let mut script = seeds[random.usize(..seeds.len())].clone();
    script.text = script.text.replacen("fn on_alert(alert) {\n", &format!("fn on_alert(alert) {{\n{VARIABLES}\n"), 1);
    // Most get whole lines of others and still parse; the rest is cut anywhere.
    for _ in 0..random.usize(1..5) {
        script.text = match random.u8(..6) {
            0 => with_a_piece(&script.text, random),
            _ => with_a_line(&script.text, seeds, random),
        };
    }
    script
}

/// A line of another script's body is put in, or a line is repeated or taken out.
fn with_a_line(text: &str, seeds: &[Hostile], random: &mut fastrand::Rng) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|line| line.starts_with("fn ")).unwrap_or(0);
    let at = random.usize(first..lines.len()) + 1;
    let indented = |line: &&str| line.starts_with("    ");
    match random.u8(..4) {
        0 if at < lines.len() => drop(lines.remove(at)),
        1 if at < lines.len() => lines.insert(at, lines[at]),
        _ => {
            let others: Vec<&str> = seeds[random.usize(..seeds.len())].text.lines().filter(indented).collect();
            let other = if others.is_empty() { "" } else { others[random.usize(..others.len())] };
            lines.insert(at, other);
        }
    }
    // What stands before a line is ended, as a last line often is not.
    let before = lines[at - 1].trim_end();
    let ended = format!("{before};");
    if indented(&before) && !before.ends_with([';', '{', '}']) {
        lines[at - 1] = &ended;
    }
    lines.join("\n")
}

/// A few characters are taken out, doubled, or replaced by something that scripts are made of.
fn with_a_piece(text: &str, random: &mut fastrand::Rng) -> String {
    let mut text: Vec<char> = text.chars().collect();
    // Past the front matter, or hardly any would be looked at any further.
    let first = text.windows(2).position(|pair| pair == ['\n', '\n']).unwrap_or(0);
    let at = random.usize(first..=text.len());
    let end = (at + random.usize(..20)).min(text.len());
    let piece = PIECES[random.usize(..PIECES.len())].chars();
    match random.u8(..4) {
        0 => drop(text.drain(at..end)),
        1 => drop(text.splice(at..at, piece)),
        2 => drop(text.splice(at..end, piece)),
        _ => {
            let copy = text[at..end].to_vec();
            drop(text.splice(at..at, copy));
        }
    }
    text.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_hostile_scripts_end_by_name() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (scripts, seed) = (number("QUELL_FUZZ").unwrap_or(1500), number("QUELL_SEED").unwrap_or(1));
    let settings =
        Settings { workers: 3, operations: 20_000, step_deadline: Duration::from_millis(500), ..Settings::default() };
    let command = WorkerCommand { program: env!("CARGO_BIN_EXE_quell").into(), args: vec!["sandbox-worker".into()] };
    let sandbox = Sandbox::start(settings, command).await.unwrap();
    // Repetitions of thousands are the corpus's own to try; a change in them is hardly ever one.
    let seeds: Vec<Hostile> = corpus::all().into_iter().filter(|script| script.text.len() < 4096).collect();
    let parsed = AtomicU64::new(0);
    let try_one = async |at: u64| {
        let script = changed(&seeds, &mut fastrand::Rng::with_seed(seed.wrapping_mul(1_000_003) + at));
        let told = || format!("QUELL_SEED={seed}, script {at}, once {}:\n{}", script.name, script.text);
        let check = catch_unwind(AssertUnwindSafe(|| checked(&script)));
        let Ok(check) = check else { panic!("the check panicked: {}", told()) };
        if !check.is_err_and(|refused| refused.starts_with("refused P001")) {
            parsed.fetch_add(1, Ordering::Relaxed);
        }
        let program = script.unchecked();
        let ended = stepped(&sandbox, &program).await;
        let outcome = ended.unwrap_or_else(|fault| panic!("{fault}: {}", told())).0.outcome;
        let named = match &outcome {
            Outcome::Done { .. } | Outcome::Suspended => true,
            Outcome::Failed { error } => {
                let limit = error.limit.as_deref();
                KINDS.contains(&error.kind.as_str()) && limit.is_none_or(|limit| LIMITS.contains(&limit))
            }
        };
        assert!(named, "{outcome:?}: {}", told());
    };
    let share = async |first: u64| {
        for at in (first..scripts).step_by(3) {
            try_one(at).await;
        }
    };
    tokio::join!(share(0), share(1), share(2));
    let parsed = parsed.into_inner();
    assert!(parsed > scripts / 4, "only {parsed} of {scripts} were scripts at all");
}
