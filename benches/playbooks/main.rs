//! What playbooks cost: complete runs a second besides the network, a hundred thousand waiting runs, a restart with a
//! hundred thousand pending steps, and what bad neighbours cost a healthy connection.
//! Run: `cargo bench --bench playbooks`; one part alone: `cargo bench --bench playbooks -- runs`.
//!
//! Processor time is that of this process and its workers together. The machine's clock drifts: trust the ratios.

#![expect(clippy::disallowed_methods, reason = "a bench measures")]

mod daemon;
mod neighbours;
mod runs;
mod waiting;

/// The one of the command itself.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // `cargo test --benches` runs this file too: then it only proves that it still works.
    let trial = !std::env::args().any(|argument| argument == "--bench");
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    runtime.block_on(async {
        if wanted("runs") {
            runs::measure(if trial { 20 } else { 4_000 }, if trial { 1 } else { 5 }).await;
        }
        if wanted("waiting") {
            waiting::measure(if trial { 200 } else { 100_000 }).await;
        }
        if wanted("neighbours") {
            neighbours::measure(if trial { 10 } else { 1_000 }, if trial { 10 } else { 400 }).await;
        }
    });
}

/// A figure's median and spread.
pub fn spread(mut figures: Vec<f64>) -> String {
    figures.sort_by(f64::total_cmp);
    format!("{:.0} ({:.0} to {:.0})", figures[figures.len() / 2], figures[0], figures[figures.len() - 1])
}
