//! Whether the engines say the same, event by event and rule by rule.

use crate::data::Event;
use crate::engine::Engine;
use crate::ours::{Quell, plain_places};
use crate::rules::Rule;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The most differences shown.
const SHOWN: usize = 10;

/// Where an engine differs from Quell on one rule.
struct Difference<'a> {
    first: &'a Event,
    only_quell: usize,
    only_other: usize,
}

/// Puts every event to Quell and to another engine and prints where their matches differ, for the rules that both hold.
pub fn with_other<E: Engine>(rules: &[Arc<Rule>], quell: &Quell, other: &E, events: &[&Event]) {
    let held: HashSet<usize> = other.held().into_iter().collect();
    let mut differences: BTreeMap<usize, Difference<'_>> = BTreeMap::new();
    let (mut pairs, mut matches) = (0, 0);
    for event in events {
        let mut ours = quell.places(&quell.read(&event.text));
        ours.retain(|place| held.contains(place));
        let theirs = other.places(&other.read(&event.text));
        matches += ours.len();
        for (places, others, is_ours) in [(&ours, &theirs, true), (&theirs, &ours, false)] {
            for place in places.iter().filter(|place| !others.contains(place)) {
                let fresh = Difference { first: event, only_quell: 0, only_other: 0 };
                let difference = differences.entry(*place).or_insert(fresh);
                difference.only_quell += usize::from(is_ours);
                difference.only_other += usize::from(!is_ours);
                pairs += 1;
            }
        }
    }
    println!(
        "match sets, {} rules x {} events: Quell has {matches} matches; {} differs in {pairs}, of {} rules",
        held.len(),
        events.len(),
        E::NAME,
        differences.len()
    );
    for (place, difference) in differences.iter().take(SHOWN) {
        let Difference { first, only_quell, only_other } = difference;
        println!(
            "  {} ({}): only Quell {only_quell} events, only {} {only_other}; first {} line {}",
            rules[*place].name,
            rules[*place].id,
            E::NAME,
            first.stream,
            first.line
        );
    }
}

/// Puts some events to Quell's index and to each of its conditions, and prints where they differ.
pub fn with_plain(rules: &[Arc<Rule>], quell: &Quell, events: &[&Event]) {
    let mut differing = 0;
    for event in events {
        let event_read = quell.read(&event.text);
        let (indexed, plain) = (quell.places(&event_read), plain_places(rules, &quell.alert(&event_read)));
        if indexed != plain {
            differing += 1;
            if differing <= SHOWN {
                let names =
                    |places: &[usize]| places.iter().map(|place| &*rules[*place].id).collect::<Vec<_>>().join(" ");
                println!(
                    "  {} line {}: index [{}], plain [{}]",
                    event.stream,
                    event.line,
                    names(&indexed),
                    names(&plain)
                );
            }
        }
    }
    println!(
        "Quell's index against its plain evaluator, {} rules x {} events: {differing} events differ",
        rules.len(),
        events.len()
    );
}
