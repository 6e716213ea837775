//! Atoms: what conditions ask of one field, each question once however many ask it.

use super::probe::ProbeBuilder;
use super::ready::Test;
use crate::alert::field::{Field, Origin, Step};
use crate::matcher::expr::{Block, SameAs};
use crate::matcher::fold::fold_text;
use crate::matcher::number::Number;
use crate::matcher::predicate::WordSet;
use ipnet::IpNet;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// The number of an atom; those that no table tells are counted apart, from [`LAZY`].
pub type AtomId = u32;
/// Where the numbers of atoms begin that no table tells.
pub const LAZY: AtomId = 1 << 31;
/// The number of a field.
pub type FieldId = u32;

/// The rate of what holds for every alert.
pub const ALWAYS: f32 = 1.0;
/// The highest rate of anything else.
const MOSTLY: f32 = 0.95;

/// Every atom of an index. While it is built, questions are looked up in the fields' tables, which then answer them.
#[derive(Debug, Default)]
pub struct Atoms {
    /// Of each atom that a table tells while values are walked, how often it holds, by estimate: from 0 to 1.
    rates: Vec<f32>,
    /// What is worked out when it is asked for.
    lazies: Vec<Lazy>,
    /// For each atom of a table the groups it brings about.
    pub groups_of: Vec<Vec<AtomId>>,
    fields: HashMap<(Origin, Box<[Step]>), FieldId>,
    /// The fields in the order of their numbers, with the tables that will answer for them.
    pub probes: Vec<(Field, ProbeBuilder)>,
    groups: HashMap<Vec<AtomId>, AtomId>,
    known_lazies: HashMap<String, AtomId>,
}

/// A question that is answered only when asked.
#[derive(Debug)]
pub enum Lazy {
    /// Some value of the field passes the test.
    Test(FieldId, Test),
    /// Some value of what the source said passes the test.
    Anywhere(Test),
    /// A keyword that leads to no condition: payloads are looked through for it only if all else of one holds. Its own atom
    /// is that of a table.
    Keyword(AtomId),
    /// A value is missing or null.
    Null(Field),
    /// Two fields have a value in common.
    SameAs(Field, Arc<SameAs>),
    /// Elements meet a condition of their own.
    Block(Arc<Block>),
}

impl Lazy {
    /// What it costs to answer, roughly, in nanoseconds.
    pub fn cost(&self) -> f32 {
        match self {
            Self::Test(_, Test::Regex { .. }) => 200.0,
            Self::Test(..) => 40.0,
            Self::Null(_) => 100.0,
            Self::SameAs(..) | Self::Block(_) => 500.0,
            // All keywords are looked for at once, and tests of them say nothing before.
            Self::Keyword(_) => 30.0,
            Self::Anywhere(_) => 5_000.0,
        }
    }

    /// Says the same if and only if the question is the same.
    fn key(&self) -> String {
        match self {
            Self::Test(field, test) => format!("{field} {test:?}"),
            Self::Anywhere(test) => format!("anywhere {test:?}"),
            Self::Keyword(atom) => format!("keyword {atom}"),
            Self::Null(field) => format!("null {:?} {:?}", field.origin, field.steps),
            Self::SameAs(field, same) => format!(
                "same {:?} {:?} {:?} {:?} {}",
                field.origin, field.steps, same.other.origin, same.other.steps, same.cased
            ),
            // Two blocks of the same text are two: finding out costs more than it saves.
            Self::Block(block) => format!("block {:p}", Arc::as_ptr(block)),
        }
    }
}

impl Atoms {
    /// How many a table tells.
    pub fn eager(&self) -> usize {
        self.rates.len()
    }

    /// How many are worked out when they are asked for.
    pub fn lazy(&self) -> usize {
        self.lazies.len()
    }

    /// The question of an atom that no table answers.
    pub fn as_lazy(&self, atom: AtomId) -> Option<&Lazy> {
        self.lazies.get(atom.checked_sub(LAZY)? as usize)
    }

    /// How often it holds, by estimate.
    pub fn rate(&self, atom: AtomId) -> f32 {
        let atom = if let Some(Lazy::Keyword(own)) = self.as_lazy(atom) { *own } else { atom };
        self.rates.get(atom as usize).copied().unwrap_or(0.5)
    }

    /// The number of a field, if any condition asks about it.
    pub fn known_field(&self, field: &Field) -> Option<FieldId> {
        self.fields.get(&(field.origin, field.steps.iter().map(folded).collect())).copied()
    }

    /// The number of a field.
    pub fn field(&mut self, field: &Field) -> FieldId {
        let key = (field.origin, field.steps.iter().map(folded).collect());
        if let Some(known) = self.fields.get(&key) {
            return *known;
        }
        let number = self.probes.len() as FieldId;
        self.probes.push((field.clone(), ProbeBuilder::default()));
        self.fields.insert(key, number);
        number
    }

    /// What is asked of every value.
    pub fn keywords(&self) -> Option<&ProbeBuilder> {
        self.probes.iter().find(|(field, _)| field.origin == Origin::Everywhere).map(|(_, probe)| probe)
    }

    fn push(&mut self, rate: f32) -> AtomId {
        self.rates.push(rate);
        self.groups_of.push(Vec::new());
        (self.rates.len() - 1) as AtomId
    }

    /// Looks a question up in a field's tables, and gives it an atom if it is new there.
    fn of_table(
        &mut self,
        field: FieldId,
        rate: f32,
        place: impl Fn(&mut ProbeBuilder) -> &mut Option<AtomId>,
    ) -> AtomId {
        let next = self.rates.len() as AtomId;
        let slot = place(&mut self.probes[field as usize].1);
        match slot {
            Some(known) => *known,
            None => {
                *slot = Some(next);
                self.push(rate)
            }
        }
    }

    /// The key is there.
    pub fn exists(&mut self, field: FieldId) -> AtomId {
        let rate = if self.is_always_there(field) { ALWAYS } else { 0.8 };
        self.of_table(field, rate, |probe| &mut probe.exists)
    }

    /// The key is not there, or a null stands there.
    pub fn null(&mut self, field: FieldId) -> AtomId {
        self.of_table(field, 0.6, |probe| &mut probe.null)
    }

    /// Some value stands there that is neither null nor a map.
    pub fn present(&mut self, field: FieldId) -> AtomId {
        let rate = if self.is_always_there(field) { ALWAYS } else { 0.9 };
        self.of_table(field, rate, |probe| &mut probe.present)
    }

    fn is_always_there(&self, field: FieldId) -> bool {
        self.probes[field as usize].0.is_always_present()
    }

    /// A text is exactly this, or a number spells it or equals the number it spells.
    pub fn exactly(&mut self, field: FieldId, text: &str, number: Option<Number>) -> AtomId {
        let rate = 0.001;
        self.of_table(field, rate, |probe| match number {
            Some(number) => &mut probe.numeric_texts.entry(text.into()).or_insert((number, None)).1,
            None => probe.texts.entry(text.into()).or_default(),
        })
    }

    /// A text begins with this.
    pub fn starts(&mut self, field: FieldId, text: &str) -> AtomId {
        self.of_table(field, literal_rate(text), |probe| probe.starts.entry(text.into()).or_default())
    }

    /// A text ends with this.
    pub fn ends(&mut self, field: FieldId, text: &str) -> AtomId {
        self.of_table(field, literal_rate(text), |probe| probe.ends.entry(text.into()).or_default())
    }

    /// This stands in a text.
    pub fn contains(&mut self, field: FieldId, text: &str) -> AtomId {
        // A keyword may stand in any value.
        let values = if self.probes[field as usize].0.origin == Origin::Everywhere { 10.0 } else { 1.5 };
        self.of_table(field, values * literal_rate(text), |probe| probe.contains.entry(text.into()).or_default())
    }

    /// A number, or a number that a text spells, equals this.
    pub fn number(&mut self, field: FieldId, number: Number) -> AtomId {
        self.of_table(field, 0.003, |probe| probe.number(number))
    }

    /// An address.
    pub fn address(&mut self, field: FieldId, address: IpAddr) -> AtomId {
        self.of_table(field, 0.0005, |probe| probe.addresses.entry(address).or_default())
    }

    /// An address of this network.
    pub fn network(&mut self, field: FieldId, network: IpNet) -> AtomId {
        // Every bit of the prefix leaves out some; not half, since addresses crowd together.
        let rate = 0.5 * 0.8_f32.powi(network.prefix_len().into());
        self.of_table(field, rate.max(0.0005), |probe| probe.networks.entry(network).or_default())
    }

    /// One of these words.
    pub fn words(&mut self, field: FieldId, words: WordSet) -> AtomId {
        let rate = 0.2 * words.len() as f32;
        self.of_table(field, rate.min(0.9), |probe| probe.words.entry(words).or_default())
    }

    /// True, or false.
    pub fn bool(&mut self, field: FieldId, value: bool) -> AtomId {
        self.of_table(field, 0.5, |probe| &mut probe.bools[usize::from(value)])
    }

    /// Any of these.
    pub fn group(&mut self, mut members: Vec<AtomId>) -> AtomId {
        members.sort_unstable();
        members.dedup();
        if let Some(known) = self.groups.get(&members) {
            return *known;
        }
        let rate: f32 = members.iter().map(|member| self.rate(*member)).sum();
        let group = self.push(rate.min(0.9));
        for member in &members {
            self.groups_of[*member as usize].push(group);
        }
        self.groups.insert(members, group);
        group
    }

    /// A question that no table answers.
    pub fn worked_out(&mut self, lazy: Lazy) -> AtomId {
        let key = lazy.key();
        if let Some(known) = self.known_lazies.get(&key) {
            return *known;
        }
        if let Lazy::Test(field, _) = &lazy {
            self.probes[*field as usize].1.is_tested = true;
        }
        let atom = LAZY + self.lazies.len() as AtomId;
        self.lazies.push(lazy);
        self.known_lazies.insert(key, atom);
        atom
    }

    /// Sets estimates right by what the conditions themselves say: a value that many of them name is a common one.
    pub fn weigh(&mut self, uses: &[u32], conditions: usize) {
        for (rate, uses) in self.rates.iter_mut().zip(uses) {
            let named = *rate + 0.5 * *uses as f32 / conditions.max(1) as f32;
            *rate = rate.max(named.min(MOSTLY));
        }
    }

    /// Forgets what only building needs.
    pub fn finish(&mut self) {
        self.groups = HashMap::new();
        self.known_lazies = HashMap::new();
        self.groups_of = Vec::new();
    }
}

/// Steps that lead to the same value are the same.
fn folded(step: &Step) -> Step {
    match step {
        Step::Exact(_) => step.clone(),
        Step::Caseless(key) => Step::Caseless(fold_text(key).into()),
    }
}

/// Short texts are found more often than long ones.
fn literal_rate(text: &str) -> f32 {
    0.1 / (1.0 + text.len() as f32)
}
