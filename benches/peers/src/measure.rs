//! The same events put to several engines in turns, and what each took.

use crate::clock::cpu_nanos;
use std::ops::Range;

/// Rounds that count; one more before them does not.
pub const ROUNDS: usize = 5;

/// In so many parts engines get the events of a round, in turns: a machine's speed changes within a second, which one engine takes
/// for a round and another for the hundredth of one.
const PARTS: usize = 8;
/// So many events before each part are put to an engine outside the measurement, so that what it needs is as close to the
/// processor as if the other engines had not run since.
const BEFORE: usize = 250;

/// One engine with its events, ready to be run.
pub struct Runner<'a> {
    /// The engine.
    pub engine: &'static str,
    /// How many rules it holds.
    pub rules: usize,
    /// How many events a round puts to it.
    pub events: usize,
    /// Puts some of the events to it.
    pub run: Box<dyn FnMut(Range<usize>) -> Took + 'a>,
}

impl Runner<'_> {
    fn part(&mut self, number: usize) -> Took {
        let [from, to] = [number, number + 1].map(|number| self.events * number / PARTS);
        // Before the first of a round come the last of the one before.
        let before = if from > 0 { from } else { self.events };
        (self.run)(before.saturating_sub(BEFORE.min(to - from))..before);
        (self.run)(from..to)
    }
}

/// What a round took.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    /// The matches of all events.
    matches: usize,
    /// The processor time.
    nanos: u64,
}

impl std::iter::Sum for Took {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self { matches: 0, nanos: 0 }, |sum, took| Self {
            matches: sum.matches + took.matches,
            nanos: sum.nanos + took.nanos,
        })
    }
}

/// What it takes to count matches.
pub fn timed(count: impl FnOnce() -> usize) -> Took {
    let began = cpu_nanos();
    let matches = std::hint::black_box(count());
    Took { matches, nanos: cpu_nanos() - began }
}

/// What an engine took.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The engine.
    pub engine: &'static str,
    /// How many rules it held.
    pub rules: usize,
    /// How many events each round had.
    pub events: usize,
    /// Matches an event.
    pub matches: f64,
    /// Nanoseconds an event took in each round.
    pub nanos: Vec<f64>,
}

impl Figure {
    /// The least, the median and the most of the rounds.
    pub fn range(&self) -> [f64; 3] {
        range(self.nanos.iter().copied())
    }

    /// The median of how many times another's time this one's was, round by round: what slows a round slows both.
    pub fn times(&self, other: &Self) -> f64 {
        range(self.nanos.iter().zip(&other.nanos).map(|(own, other)| own / other))[1]
    }
}

/// The least, the median and the most of some values.
pub fn range(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    [sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1]]
}

/// Runs all in turns: each once to warm up, then once a round, part by part.
pub fn in_turns(mut runners: Vec<Runner<'_>>) -> Vec<Figure> {
    let figure = |runner: &mut Runner<'_>| {
        let matches = (runner.run)(0..runner.events).matches as f64 / runner.events as f64;
        Figure { engine: runner.engine, rules: runner.rules, events: runner.events, matches, nanos: Vec::new() }
    };
    let mut figures: Vec<Figure> = runners.iter_mut().map(figure).collect();
    for _ in 0..ROUNDS {
        let mut took = vec![0; runners.len()];
        for part in 0..PARTS {
            took.iter_mut().zip(&mut runners).for_each(|(took, runner)| *took += runner.part(part).nanos);
        }
        for (figure, took) in figures.iter_mut().zip(took) {
            figure.nanos.push(took as f64 / figure.events as f64);
        }
    }
    figures
}

/// How many events fit into a budget, told by some of them; never fewer than the fewest that tell anything.
pub fn affordable(texts: &[&str], budget_nanos: u64, mut one: impl FnMut(&str) -> usize) -> usize {
    const FEWEST: usize = 24;
    const PILOT: usize = 500;
    let pilot = crate::data::spread(texts.len(), PILOT).into_iter().map(|place| texts[place]);
    let began = cpu_nanos();
    let (mut events, mut nanos) = (0, 0);
    for text in pilot {
        std::hint::black_box(one(text));
        events += 1;
        nanos = cpu_nanos() - began;
        if events >= FEWEST && nanos > budget_nanos / 4 {
            break;
        }
    }
    let affordable = u128::from(budget_nanos) * events as u128 / u128::from(nanos.max(1));
    usize::try_from(affordable).unwrap_or(usize::MAX).clamp(FEWEST.min(texts.len()), texts.len())
}
