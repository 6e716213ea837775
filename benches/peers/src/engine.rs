//! What every engine can do here.

use crate::measure::{Runner, timed};
use std::ops::Range;

/// An engine with its rules loaded.
pub trait Engine {
    /// An event as the engine wants it.
    type Ready;
    /// Its name in the tables.
    const NAME: &'static str;

    /// How many rules it holds.
    fn rules(&self) -> usize;

    /// Makes an event of a text.
    fn read(&self, text: &str) -> Self::Ready;

    /// The places of the rules it holds, among all there are.
    fn held(&self) -> Vec<usize>;

    /// The places of the rules an event meets, sorted.
    fn places(&self, event: &Self::Ready) -> Vec<usize>;

    /// How many rules an event meets.
    fn count(&self, event: &Self::Ready) -> usize;

    /// Both together, as the engine would do it if it kept nothing of the event.
    fn count_text(&self, text: &str) -> usize {
        self.count(&self.read(text))
    }
}

/// So many events are made before the clock starts each time, as they come: one after the other, each put to the rules while
/// it is close to the processor.
const BATCH: usize = 32;

/// Runs an engine from the events' texts.
pub fn from_text<'a, E: Engine>(engine: &'a E, texts: &[&'a str]) -> Runner<'a> {
    let texts = texts.to_vec();
    let events = texts.len();
    let run = move |part: Range<usize>| timed(|| texts[part].iter().map(|text| engine.count_text(text)).sum());
    Runner { engine: E::NAME, rules: engine.rules(), events, run: Box::new(run) }
}

/// Runs an engine on events made before the clock starts.
pub fn from_ready<'a, E: Engine>(engine: &'a E, texts: &[&'a str]) -> Runner<'a> {
    let texts = texts.to_vec();
    let events = texts.len();
    let batch = |texts: &[&str]| {
        let ready: Vec<E::Ready> = texts.iter().map(|text| engine.read(text)).collect();
        timed(|| ready.iter().map(|event| engine.count(event)).sum())
    };
    let run = move |part: Range<usize>| texts[part].chunks(BATCH).map(batch).sum();
    Runner { engine: E::NAME, rules: engine.rules(), events, run: Box::new(run) }
}
