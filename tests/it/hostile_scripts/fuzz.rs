//! Scripts of the corpus changed at random: whatever they have become, they end by name.
//!
//! `QUELL_FUZZ` sets how many are tried, `QUELL_SEED` which.

use super::corpus::{self, Hostile};
use super::{checked, input};
use quell::playbook::Outcome;
use quell::sandbox::{Sandbox, Settings, WorkerCommand};
use std::panic::{AssertUnwindSafe, catch_unwind};
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

/// Kinds and limits that an error of a run may have.
const KINDS: [&str; 5] = ["script", "step", "limit", "fail", "diverged"];
const LIMITS: [&str; 10] =
    ["operations", "time", "memory", "steps", "call_depth", "size", "depth", "variables", "modules", "journal"];

fn changed(seeds: &[Hostile], random: &mut fastrand::Rng) -> Hostile {
    let mut script = seeds[random.usize(..seeds.len())].clone();
    let mut text: Vec<char> = script.text.chars().collect();
    for _ in 0..random.usize(1..6) {
        // Past the front matter, or hardly any of them would be looked at any further.
        let first = script.text.find("\n\n").unwrap_or(0).min(text.len());
        let at = random.usize(first..=text.len());
        let end = (at + random.usize(..20)).min(text.len());
        let piece = PIECES[random.usize(..PIECES.len())].chars();
        match random.u8(..5) {
            0 => drop(text.drain(at..end)),
            1 => drop(text.splice(at..at, piece)),
            2 => drop(text.splice(at..end, piece)),
            3 => {
                let copy = text[at..end].to_vec();
                drop(text.splice(at..at, copy));
            }
            _ => {
                let other = seeds[random.usize(..seeds.len())].text.lines().nth(random.usize(5..9)).unwrap_or("");
                drop(text.splice(at..at, other.chars().take(200)));
            }
        }
    }
    script.text = text.into_iter().collect();
    script
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_hostile_scripts_end_by_name() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (scripts, seed) = (number("QUELL_FUZZ").unwrap_or(300), number("QUELL_SEED").unwrap_or(1));
    let settings =
        Settings { workers: 3, operations: 20_000, step_deadline: Duration::from_millis(500), ..Settings::default() };
    let command = WorkerCommand { program: env!("CARGO_BIN_EXE_quell").into(), args: vec!["sandbox-worker".into()] };
    let sandbox = Sandbox::start(settings, command).await.unwrap();
    // Repetitions of thousands are the corpus's own to try; a change in them is hardly ever one.
    let seeds: Vec<Hostile> = corpus::all().into_iter().filter(|script| script.text.len() < 4096).collect();
    let try_one = async |at: u64| {
        let script = changed(&seeds, &mut fastrand::Rng::with_seed(seed.wrapping_mul(1_000_003) + at));
        let told = || format!("QUELL_SEED={seed}, script {at}, once {}:\n{}", script.name, script.text);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(checked(&script)))).is_ok(), "the check panicked: {}", told());
        let program = script.unchecked();
        let stepped = sandbox.step(&program, program.digest(), input()).await;
        let outcome = stepped.unwrap_or_else(|fault| panic!("{fault}: {}", told())).outcome;
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
}
