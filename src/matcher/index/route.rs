//! The ways from the alert to every field that conditions ask about, as one tree: a value is visited once for all of them.

use super::atoms::{AtomId, FieldId};
use super::keys::Keys;
use crate::alert::field::{Column, Field, Origin, Step};
use crate::matcher::fold::fold_text;

/// The number of a place on the way.
pub type PlaceId = u32;

/// The tree of paths.
#[derive(Debug, Default)]
pub struct Routes {
    places: Vec<Place>,
    /// Where each column leads that is asked about, but for `raw`.
    columns: [Option<PlaceId>; Column::COUNT],
    /// The columns that are asked about, but for `raw`, and where they lead.
    asked: Vec<(Column, PlaceId)>,
    /// Where `raw` leads, if it is asked about.
    pub raw: Option<PlaceId>,
    /// The field of keywords, which are put to every value.
    pub everywhere: Option<FieldId>,
    /// The fields that are asked for null, which a walk does not come by where they are missing.
    pub nulls: Vec<NullQuestion>,
}

/// Whether a field is missing or null.
#[derive(Debug)]
pub struct NullQuestion {
    /// The field; most walks need not look at it.
    pub field: Box<Field>,
    /// It is there.
    pub exists: Option<AtomId>,
    /// It is missing or null.
    pub null: AtomId,
}

/// A place on the way.
#[derive(Debug, Default)]
pub struct Place {
    /// The field that stands here.
    pub field: Option<FieldId>,
    /// What leads on, by key.
    pub exact: Keys<PlaceId>,
    /// What leads on, by folded key.
    pub caseless: Keys<PlaceId>,
}

impl Routes {
    /// Adds the way to a field.
    pub fn add(&mut self, field: &Field, number: FieldId) {
        let mut at = match field.origin {
            Origin::Everywhere => {
                self.everywhere = Some(number);
                return;
            }
            // Lines of blocks are asked of the alert as a whole: none begins at an element.
            Origin::Element => return,
            Origin::Alert(Column::Raw) => *self.raw.get_or_insert(self.places.len() as PlaceId),
            Origin::Alert(column) => *self.columns[column as usize].get_or_insert_with(|| {
                let next = self.places.len() as PlaceId;
                self.asked.push((column, next));
                next
            }),
        };
        if at as usize == self.places.len() {
            self.places.push(Place::default());
        }
        for step in &field.steps {
            let next = self.places.len() as PlaceId;
            let place = &mut self.places[at as usize];
            at = match step {
                Step::Exact(key) => place.exact.get_or_insert(key, next),
                Step::Caseless(key) => place.caseless.get_or_insert(&fold_text(key), next),
            };
            if at == next {
                self.places.push(Place::default());
            }
        }
        self.places[at as usize].field = Some(number);
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Where a column leads that is not `raw`, if it is asked about.
    pub fn column(&self, column: Column) -> Option<PlaceId> {
        self.columns[column as usize]
    }

    /// The columns asked about but for `raw`, and where they lead.
    pub fn columns(&self) -> &[(Column, PlaceId)] {
        &self.asked
    }

    /// A place.
    pub fn place(&self, place: PlaceId) -> &Place {
        &self.places[place as usize]
    }
}

impl Place {
    /// Where a key leads. From one place keys lead on exactly or without regard to case, never both: the schema says which.
    pub fn next(&self, key: &str, room: &mut String) -> Option<PlaceId> {
        match self.caseless.is_empty() {
            true => self.exact.get(key),
            false => self.caseless.get_folded(key, room),
        }
    }
}
