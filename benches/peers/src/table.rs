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

/// Prints one line a figure; the last column is how many times the first one's time the engine took.
pub fn lines(figures: &[Figure]) {
    let Some(first) = figures.first() else { return };
    for figure in figures {
        let [least, median, most] = figure.range();
        println!(
            "{:>6}  {:<22} {:>7}  {:>10.0}  {:<23} {:>10.0}  {:>8.3}  {:>8.2}",
            figure.rules,
            figure.engine,
            figure.events,
            median,
            format!("({least:.0} to {most:.0})"),
            1e9 / median,
            figure.matches,
            figure.times(first)
        );
    }
}
