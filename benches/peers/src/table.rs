//! Figures as lines of fixed width.

use crate::measure::Figure;

/// Prints a title and the names of the columns.
pub fn heading(title: &str) {
    println!("\n{title}");
    println!(
        "{:>6}  {:<22} {:>7}  {:>10}  {:<23} {:>10}  {:>8}  {:>8}",
        "rules", "engine", "events", "ns/event", "(min to max)", "events/s", "matches", "x Quell"
    );
}

/// Prints one line a figure; the last column is the engine's time over that of the first.
pub fn lines(figures: &[Figure]) {
    let Some(first) = figures.first() else { return };
    for figure in figures {
        let (least, most) = (figure.nanos[0], figure.nanos[figure.nanos.len() - 1]);
        println!(
            "{:>6}  {:<22} {:>7}  {:>10.0}  {:<23} {:>10.0}  {:>8.3}  {:>8.2}",
            figure.rules,
            figure.engine,
            figure.events,
            figure.median(),
            format!("({least:.0} to {most:.0})"),
            1e9 / figure.median(),
            figure.matches,
            figure.median() / first.median()
        );
    }
}
