//! Inputs by the thousand, made by changing good ones: the properties of `fuzz/`, for a bounded time. `QUELL_FUZZ` sets
//! how many inputs each is tried with; cargo-fuzz goes further, guided by the code that an input reaches.

#[path = "../../fuzz/properties.rs"]
mod properties;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Conditions and payloads of the specification, and what breaks readers.
fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let page = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut condition = "";
        for block in page.split("```").skip(1).step_by(2) {
            let (word, text) = block.split_once('\n').unwrap_or((block, ""));
            match word {
                "yaml" => {
                    condition = text;
                    seeds.push(text.as_bytes().to_vec());
                }
                "alerts" => seeds.extend(text.lines().filter_map(|line| {
                    let (_, payload) = line.split_once('{')?;
                    Some([condition.as_bytes(), b"\0{", payload.as_bytes()].concat())
                })),
                _ => {}
            }
        }
    }
    assert!(seeds.len() > 150, "{} seeds", seeds.len());
    seeds
}

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ": ",
    ", ",
    "|",
    "*",
    "?",
    "\\",
    "\"",
    "'",
    "\n",
    "  ",
    "---\n",
    "not ",
    " and ",
    " or ",
    "1 of ",
    "all of them",
    "(",
    ")",
    "|re",
    "|contains",
    "|all",
    "|neq",
    "|cidr",
    "|gte",
    "|windash",
    "|base64offset",
    "|wide",
    "|fieldref",
    "|hour",
    "|every",
    "|none",
    "|expand",
    "raw.a",
    "raw.\"b c\"",
    "entities.process",
    "title",
    "null",
    "1e9",
    "10.0.0.0/8",
    "::1",
    "&a",
    "*a",
    "!!x",
    "<<",
    "\u{fe0f}",
    "\u{0}",
    "é",
    "\u{1d11e}",
    "condition: ",
    "{a: {title: x}}",
    "\\u00e9",
    "\"a\": ",
    "{\"$serde_json::private::RawValue\": \"1\"}",
    "{\"a\": 1}",
    "-0",
    "18446744073709551616",
];

fn mutated(seeds: &[Vec<u8>], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut input = seeds[random.usize(..seeds.len())].clone();
    for _ in 0..random.usize(1..6) {
        let at = random.usize(..=input.len());
        let end = (at + random.usize(..20)).min(input.len());
        match random.u8(..6) {
            0 => drop(input.drain(at..end)),
            1 => drop(input.splice(at..at, PIECES[random.usize(..PIECES.len())].bytes())),
            2 => drop(input.splice(at..end, PIECES[random.usize(..PIECES.len())].bytes())),
            3 => {
                let other = &seeds[random.usize(..seeds.len())];
                let from = random.usize(..=other.len());
                drop(input.splice(at..end, other[from..].iter().copied()));
            }
            4 => {
                let copy = input[at..end].to_vec();
                drop(input.splice(at..at, copy));
            }
            _ => input.iter_mut().skip(at).take(1).for_each(|byte| *byte = random.u8(..)),
        }
    }
    input.truncate(4096);
    input
}

fn holds_for_changed_seeds(property: fn(&[u8])) {
    let inputs: u64 = std::env::var("QUELL_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let seed: u64 = std::env::var("QUELL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let seeds = seeds();
    for number in 0..inputs {
        let input = mutated(&seeds, &mut fastrand::Rng::with_seed(seed.wrapping_mul(1_000_003) + number));
        if catch_unwind(AssertUnwindSafe(|| property(&input))).is_err() {
            panic!("QUELL_SEED={seed}, input {number}: {:?}", String::from_utf8_lossy(&input));
        }
    }
}

#[test]
fn yaml_is_read_or_refused() {
    holds_for_changed_seeds(properties::yaml);
}

#[test]
fn conditions_compile_or_are_refused() {
    holds_for_changed_seeds(properties::condition);
}

#[test]
fn the_index_says_what_the_plain_evaluator_says() {
    holds_for_changed_seeds(properties::index);
}
