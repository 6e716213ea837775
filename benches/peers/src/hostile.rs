//! Payloads of a megabyte made to cost much: what Quell takes for each of their bytes.

use crate::clock::cpu_nanos;
use crate::engine::Engine;
use crate::measure::range;
use crate::ours::Quell;

/// Their size, in bytes.
const SIZE: usize = 1 << 20;

/// How often each is put to the rules, in turns: a machine's speed changes within a second, and one takes some milliseconds.
const ROUNDS: usize = 9;

/// Prints a line for each: the median, the least and the most.
pub fn table(quell: &Quell) {
    let list = |one: &dyn Fn(usize) -> String| (0..).map(one).scan(0, up_to_size).collect::<Vec<_>>().join(",");
    let texts = list(&|number| format!("\"k{number}\":\"v{number}\""));
    let payloads = [
        ("a field that is asked much, a list of tiny texts", {
            format!("{{\"Image\":[{}]}}", list(&|number| format!("\"a{number}\"")))
        }),
        ("the same, each text twice", {
            format!("{{\"CommandLine\":[{}]}}", list(&|number| format!("\"a{number}\",\"a{number}\"")))
        }),
        ("a list of tiny texts with escapes", {
            format!("{{\"Image\":[{}]}}", list(&|number| format!("\"\\\\{number}\"")))
        }),
        ("a list of tiny texts that are not ASCII", {
            format!("{{\"Image\":[{}]}}", list(&|number| format!("\"\u{e4}{number}\"")))
        }),
        ("a list of numbers", format!("{{\"EventID\":[{}]}}", list(&|number| number.to_string()))),
        ("a list of words", format!("{{\"Image\":[{}]}}", list(&|_| "true".to_owned()))),
        ("tiny numbers that nobody asks about", format!("{{{}}}", list(&|number| format!("\"k{number}\":1")))),
        ("tiny texts that nobody asks about", format!("{{{texts}}}")),
        ("one text that nearly holds keywords", {
            format!("{{\"m\":\"{}\"}}", "tcp scp-sftp_rsyncp sekurlsa:misc::skeletox".repeat(SIZE / 43))
        }),
        ("a keyword and tiny texts", format!("{{\"m\":\"mimidrv.sys\",{texts}}}")),
        ("a keyword and numbers", {
            format!("{{\"m\":\"mimidrv.sys\",\"x\":[{}]}}", list(&|number| number.to_string()))
        }),
        ("a keyword and a text that is not ASCII", {
            format!("{{\"m\":\"{}\"}}", "\u{17f}cp \u{e4}-\u{f6} sekurl ".repeat(SIZE / 18))
        }),
        ("a keyword that is asked for late, and tiny texts", {
            format!("{{\"cs-method\":\"GET\",\"m\":\"={{{{x\",{texts}}}")
        }),
        ("a keyword, tiny texts and a key that stands twice", {
            format!("{{\"m\":\"mimidrv.sys\",{texts},\"z\":{{\"a\":1,\"a\":2}}}}")
        }),
        ("a character by its code point, and tiny texts", format!("{{\"m\":\"\\u0041\",{texts}}}")),
    ];
    let mut rounds: Vec<Vec<f64>> = vec![Vec::new(); payloads.len()];
    for _ in 0..ROUNDS {
        for ((_, text), nanos) in payloads.iter().zip(&mut rounds) {
            nanos.push(nanos_a_byte(quell, text));
        }
    }
    for ((name, _), nanos) in payloads.iter().zip(rounds) {
        let [least, median, most] = range(nanos.into_iter());
        println!("{name:<52} {median:>6.1} ns a byte ({least:.1} to {most:.1})");
    }
}

/// A text, unless those before it have the size already.
fn up_to_size(size: &mut usize, text: String) -> Option<String> {
    let has_room = *size < SIZE;
    *size += text.len() + 1;
    has_room.then_some(text)
}

fn nanos_a_byte(quell: &Quell, text: &str) -> f64 {
    let event = quell.read(text);
    let began = cpu_nanos();
    std::hint::black_box(quell.count(&event));
    (cpu_nanos() - began) as f64 / text.len() as f64
}
