//! One alert through the index: its values walked once and put to the tables, then the conditions that may be met.

use super::Engine;
use super::atoms::{AtomId, FieldId, LAZY, Lazy};
use super::columns;
use super::kept::Kept;
use super::outcomes::Known;
use super::payload;
use super::ready::{Ready, Test};
use super::route::{NullQuestion, PlaceId};
use super::sample::Sample;
use super::scratch::Scratch;
use super::shape::Effect;
use super::table::Posting;
use super::together::Together;
use crate::alert::AlertText;
use crate::alert::field::{Column, Field, Origin};
use crate::matcher::expr::{Place, each_value};
use crate::matcher::value::{Map, Value};
use crate::matcher::view::{AlertView, canonical};

/// The numbers of the conditions an alert meets, in order.
pub fn matching(engine: &Engine, view: &AlertView<'_>, scratch: &mut Scratch) -> Vec<u32> {
    let mut walk = Walk { engine, kept: std::mem::take(&mut scratch.kept), scratch };
    walk.scratch.begin();
    walk.alert(view);
    let kept = walk.kept;
    let mut asked = Asked::new(engine, Rest::Read(view), scratch, kept);
    let met = met(&mut asked, usize::MAX);
    asked.scratch.kept = room_of(asked.kept);
    met
}

/// The numbers of the conditions an alert meets of which only the text is there; none if that is not enough to tell.
pub fn matching_text(engine: &Engine, alert: &AlertText<'_>, scratch: &mut Scratch) -> Option<Vec<u32>> {
    let mut walk = Walk { engine, kept: std::mem::take(&mut scratch.kept), scratch };
    walk.scratch.begin();
    columns::walk(&mut walk, alert)?;
    let kept = walk.kept;
    let mut asked = Asked::new(engine, Rest::Unread { missed: false }, scratch, kept);
    let met = met(&mut asked, usize::MAX);
    asked.scratch.kept = room_of(asked.kept);
    (!matches!(asked.rest, Rest::Unread { missed: true })).then_some(met)
}

/// The room of values that are no longer needed, for those of another alert: collecting into a list of the same make takes it.
fn room_of(kept: Vec<Kept<'_>>) -> Vec<Kept<'static>> {
    const MOST_KEPT: usize = 1 << 10;
    let mut room: Vec<Kept<'static>> = kept.into_iter().map_while(|_| None).collect();
    // An alert that took much once need not keep it.
    room.shrink_to(MOST_KEPT);
    room
}

/// The numbers of the conditions that may be met if fields hold these values and nothing else is known, of as many as
/// are to be tried at most.
pub fn matching_samples(
    engine: &Engine,
    samples: &[(&Field, Sample)],
    most_tried: usize,
    scratch: &mut Scratch,
) -> Vec<u32> {
    let mut walk = Walk { engine, scratch, kept: Vec::new() };
    walk.scratch.begin();
    for (field, sample) in samples {
        let Some(field) = engine.atoms.known_field(field) else { continue };
        walk.scratch.marks.mark(engine.probes[field as usize].exists);
        walk.scalar(
            field,
            match sample {
                Sample::Text(text) => Value::Text(text),
                Sample::Number(number) => Value::Number(*number),
                Sample::Bool(value) => Value::Bool(*value),
                Sample::Time(at) => Value::Time(*at),
            },
        );
    }
    met(&mut Asked::new(engine, Rest::Supposed, scratch, Vec::new()), most_tried)
}

fn met(asked: &mut Asked<'_, '_, '_>, most_tried: usize) -> Vec<u32> {
    asked.scratch.tell_many(asked.engine);
    let is_told = asked.is_told_by_tables();
    let Scratch { marks, outcomes, .. } = &mut *asked.scratch;
    let place = match if is_told { outcomes.recall(marks.all_as_told()) } else { Known::New } {
        Known::Met(met) => return met.to_vec(),
        Known::Again(place) => Some(place),
        Known::New => None,
    };
    let met = try_all(asked, most_tried);
    if let Some(place) = place
        && !asked.has_worked
    {
        let Scratch { marks, outcomes, .. } = &mut *asked.scratch;
        outcomes.remember(place, marks.again(), &met);
    }
    met
}

/// Tries the conditions that what was told leads to. Of most alerts it is remembered what they met, and what is run for each of
/// them stays the shorter.
#[inline(never)]
fn try_all(asked: &mut Asked<'_, '_, '_>, most_tried: usize) -> Vec<u32> {
    let engine = asked.engine;
    asked.scratch.marks.settle();
    asked.nulls();
    // Together by field, for the tests that no table answers.
    asked.kept.sort_by_key(|kept| kept.field);
    let mut met: Vec<u32> = Vec::new();
    let (mut known, mut tried) = (0, 0);
    let mut leading = std::mem::take(&mut asked.scratch.leading);
    // Trying a condition may tell more atoms.
    while known < asked.scratch.marks.told.len() {
        let told = &asked.scratch.marks.told[known..];
        known += told.len();
        engine.table.leading(told, &mut leading);
        for atom in &leading {
            let postings = engine.table.postings(*atom);
            for posting in &postings[..postings.len().min(most_tried - tried)] {
                asked.try_one(posting, &mut met);
            }
            tried += postings.len().min(most_tried - tried);
        }
    }
    asked.scratch.leading = leading;
    engine.always.iter().take(most_tried).for_each(|posting| asked.try_one(posting, &mut met));
    // A condition may have been led to more than once.
    met.sort_unstable();
    met.dedup();
    met
}

/// The walk over an alert's values.
pub(super) struct Walk<'w, 'v> {
    pub engine: &'w Engine,
    pub scratch: &'w mut Scratch,
    pub kept: Vec<Kept<'v>>,
}

impl<'v> Walk<'_, 'v> {
    fn alert(&mut self, view: &'v AlertView<'_>) {
        let routes = &self.engine.routes;
        // First, since a payload that is out of the ordinary is begun anew.
        let is_plain = (routes.raw.is_none() && routes.everywhere.is_none()) || self.raw(view);
        for (column, place) in routes.columns() {
            if let Some(value) = canonical(view.alert(), *column) {
                self.exists(*place);
                self.value(*place, value);
            }
        }
        if let Some(everywhere) = routes.everywhere {
            self.leading_keywords(view, everywhere, is_plain);
        }
    }

    /// Walks the payload in its text, or as a value where it is out of the ordinary: whether it is not.
    fn raw(&mut self, view: &'v AlertView<'_>) -> bool {
        if payload::walk(self, view.alert().raw.text()).is_some() {
            return true;
        }
        self.scratch.begin();
        self.kept.clear();
        if let Some(place) = self.engine.routes.raw
            && let Some(value) = view.column(Column::Raw)
        {
            self.exists(place);
            self.value(place, value);
        }
        false
    }

    /// The key that leads to a place is there.
    pub fn exists(&mut self, place: PlaceId) {
        if let Some(field) = self.engine.routes.place(place).field
            && let Some(exists) = self.engine.probes[field as usize].exists
        {
            let Scratch { marks, trace, .. } = &mut *self.scratch;
            marks.mark(Some(exists));
            trace.effect(Effect::Mark(exists));
            let table = &self.engine.table;
            table.groups(exists).for_each(|group| trace.effect(Effect::Mark(table.group(group))));
        }
    }

    /// Puts a value to the field of a place and those below it.
    pub fn value(&mut self, place: PlaceId, value: Value<'v>) {
        match value {
            Value::List(elements) => {
                elements.any(|element| {
                    self.value(place, element);
                    false
                });
            }
            Value::Map(map) => self.map(place, map),
            scalar => {
                if let Some(field) = self.engine.routes.place(place).field {
                    self.scalar(field, scalar);
                }
            }
        }
    }

    fn map(&mut self, place: PlaceId, map: Map<'v>) {
        let here = self.engine.routes.place(place);
        match map {
            Map::Entities(entities) => {
                for entity in entities {
                    if let Some(next) = here.exact.get(&entity.kind) {
                        self.exists(next);
                        self.map(next, Map::Json(&entity.fields));
                    }
                }
            }
            // Many ways on: each key is looked up among them.
            Map::Json(fields) if here.exact.len() > fields.len() => {
                for (key, value) in fields {
                    if let Some(next) = here.exact.get(key) {
                        self.exists(next);
                        self.value(next, value.into());
                    }
                }
            }
            map => {
                for (key, next) in here.exact.iter() {
                    if let Some(value) = map.get_exactly(key) {
                        self.exists(next);
                        self.value(next, value);
                    }
                }
            }
        }
        if !here.caseless.is_empty() {
            self.scratch.object += 1;
            let object = self.scratch.object;
            map.each(&mut |key, value| {
                // Of keys that differ only in case the first counts.
                if let Some(next) = here.caseless.get_folded(key, &mut self.scratch.texts)
                    && std::mem::replace(&mut self.scratch.found_in[next as usize], object) != object
                {
                    self.exists(next);
                    self.value(next, value);
                }
            });
        }
    }
}

/// An alert whose values were walked, while conditions are put to it.
struct Asked<'w, 'v, 'a> {
    engine: &'w Engine,
    rest: Rest<'v, 'a>,
    scratch: &'w mut Scratch,
    kept: Vec<Kept<'v>>,
    /// The fields whose values were made ready for tests.
    ready: Vec<Ready>,
    /// Whether anything was asked that tables do not answer.
    has_worked: bool,
    /// Whether a part of the payload was read by itself.
    has_read_part: bool,
    /// Every value of what the source said, once a test asked for them.
    everywhere: Option<Box<(Vec<Value<'v>>, Together)>>,
}

/// What answers that neither tables nor the values that were kept answer.
enum Rest<'v, 'a> {
    /// The alert.
    Read(&'v AlertView<'a>),
    /// Nothing: whether anything was asked is noted.
    Unread { missed: bool },
    /// Nothing: all of it is taken to hold, also what values would tell, but for keywords.
    Supposed,
}

impl<'w, 'v, 'a> Asked<'w, 'v, 'a> {
    fn new(engine: &'w Engine, rest: Rest<'v, 'a>, scratch: &'w mut Scratch, kept: Vec<Kept<'v>>) -> Self {
        Self {
            engine,
            rest,
            scratch,
            kept,
            ready: Vec::new(),
            everywhere: None,
            has_worked: false,
            has_read_part: false,
        }
    }

    /// Whether what tables told is all there is to tell but for what is asked on the way through conditions: of a payload that is
    /// a list they do not tell what is missing.
    fn is_told_by_tables(&self) -> bool {
        match &self.rest {
            Rest::Read(view) => self.engine.routes.nulls.is_empty() || !is_list(view),
            Rest::Unread { .. } => true,
            Rest::Supposed => false,
        }
    }

    /// Marks what is missing: fields right below a map are there or not, only a payload that is a list can lack them
    /// more than once.
    fn nulls(&mut self) {
        for NullQuestion { field, exists, null } in &self.engine.routes.nulls {
            let marks = &mut self.scratch.marks;
            let is_missing = match &self.rest {
                Rest::Read(view) if field.origin == Origin::Alert(Column::Raw) && is_list(view) => {
                    Place::of(view).any(field, &mut |value| matches!(value, None | Some(Value::Null)))
                }
                Rest::Read(_) | Rest::Unread { .. } => !exists.is_some_and(|atom| marks.holds(atom)),
                Rest::Supposed => false,
            };
            if is_missing {
                marks.mark(Some(*null));
            }
        }
    }

    fn try_one(&mut self, posting: &Posting, met: &mut Vec<u32>) {
        let engine = self.engine;
        if engine.code.run(posting.code, |atom| self.holds(atom)) {
            met.push(posting.condition);
        }
    }

    #[inline(always)]
    fn holds(&mut self, atom: AtomId) -> bool {
        // What a table would have told and did not does not hold.
        if atom < LAZY { self.scratch.marks.holds(atom) } else { self.holds_by_work(atom) }
    }

    #[inline(never)]
    fn holds_by_work(&mut self, atom: AtomId) -> bool {
        self.has_worked = true;
        let Some(lazy) = self.engine.atoms.as_lazy(atom) else { return false };
        if let Some(known) = self.scratch.marks.remembered(atom) {
            return known;
        }
        let holds = self.work_out(lazy);
        self.scratch.marks.remember(atom, holds);
        holds
    }

    fn work_out(&mut self, lazy: &Lazy) -> bool {
        match (&mut self.rest, lazy) {
            (Rest::Supposed, Lazy::Keyword(atom)) => self.scratch.marks.holds(*atom),
            (Rest::Supposed, _) => true,
            (_, Lazy::Test(field, test)) => {
                if self.engine.routes.everywhere == Some(*field) {
                    self.look_for_keywords();
                }
                self.test(*field, test)
            }
            (_, Lazy::Keyword(atom)) => {
                if !self.scratch.marks.holds(*atom) {
                    self.look_for_keywords();
                }
                self.scratch.marks.holds(*atom)
            }
            (Rest::Unread { missed }, _) => {
                *missed = true;
                false
            }
            (Rest::Read(view), Lazy::Anywhere(test)) => {
                let asked = self.everywhere.get_or_insert_with(|| Box::new((said(view), Together::default())));
                let (values, together) = &mut **asked;
                together.any_passes(test, values.iter().copied())
            }
            (Rest::Read(view), Lazy::Null(field)) => {
                Place::of(view).any(field, &mut |value| matches!(value, None | Some(Value::Null)))
            }
            (Rest::Read(view), Lazy::SameAs(field, same)) => {
                // To read little of a payload again and again would take longer than to read it once.
                let is_first = !std::mem::replace(&mut self.has_read_part, true);
                let part = is_first.then(|| view.part_for([field, &same.other])).flatten();
                same.holds(field, Place::of(part.as_ref().unwrap_or(view)))
            }
            (Rest::Read(view), Lazy::Block(block)) => block.holds(Place::of(view)),
        }
    }

    /// Looks for all keywords, unless that was done.
    fn look_for_keywords(&mut self) {
        let (Rest::Read(view), Some(everywhere)) = (&self.rest, self.engine.routes.everywhere) else { return };
        if std::mem::replace(&mut self.scratch.knows_keywords, true) {
            return;
        }
        let kept = std::mem::take(&mut self.kept);
        let before = kept.len();
        let mut walk = Walk { engine: self.engine, scratch: &mut *self.scratch, kept };
        walk.other_keywords(view, everywhere);
        self.kept = walk.kept;
        self.scratch.tell_many(self.engine);
        self.scratch.marks.settle();
        if self.kept.len() > before {
            self.kept.sort_by_key(|kept| kept.field);
            // The others stand elsewhere now.
            self.ready.clear();
        }
    }

    fn test(&mut self, field: FieldId, test: &Test) -> bool {
        let at = self.ready(field);
        self.ready[at].any_passes(test, &mut self.kept, &mut self.scratch.texts)
    }

    /// The number of a field among those whose values are ready, unescaped.
    fn ready(&mut self, field: FieldId) -> usize {
        match self.ready.iter().position(|ready| ready.field == field) {
            Some(at) => at,
            None => {
                self.ready.push(Ready::new(field, &mut self.kept, &mut self.scratch.texts));
                self.ready.len() - 1
            }
        }
    }
}

/// Whether the payload is a list.
fn is_list(view: &AlertView<'_>) -> bool {
    view.alert().raw.text().starts_with('[')
}

/// Every value of what the source said.
fn said<'v>(view: &'v AlertView<'_>) -> Vec<Value<'v>> {
    let mut said = Vec::new();
    each_value(Place::of(view), &Field::everywhere(), &mut |value| said.push(value));
    said
}
