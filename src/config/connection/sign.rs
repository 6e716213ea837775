//! How a connection signs: a scheme, and one key or several, newest first.

use crate::config::environment::Surroundings;
use crate::config::section::Section;
use crate::config::tree::Shape;
use crate::config::{codes, secret_reference};
use crate::delivery::Scheme;
use crate::diag::Diagnostics;
use crate::secret::Secret;

pub(in crate::config) const KEYS: [&str; 2] = ["scheme", "secret"];

/// More keys than a change over needs.
const MOST_KEYS: usize = 8;

/// Reads the scheme and the keys; those with faults are left out.
pub(super) fn read(section: &Section<'_>, around: &Surroundings, found: &mut Diagnostics) -> (Scheme, Vec<Secret>) {
    section.allow_only(&KEYS, found);
    let scheme = section.word("scheme", &Scheme::ALL.map(Scheme::as_str), Scheme::from_word, found);
    let name = section.dotted("secret");
    let Some(value) = section.get("secret") else {
        section.place().error(found, codes::MISSING_KEY, format!("`{name}` is missing"));
        return (Scheme::default(), Vec::new());
    };
    let keys = match &value.shape {
        Shape::List(keys) if keys.is_empty() || keys.len() > MOST_KEYS => {
            let message = format!("`{name}` has {} keys, and takes 1 to {MOST_KEYS}, newest first", keys.len());
            value.place.error(found, codes::INVALID, message);
            return (Scheme::default(), Vec::new());
        }
        Shape::List(keys) => keys.as_slice(),
        _ => std::slice::from_ref(value),
    };
    let keys = keys.iter().filter_map(|key| secret_reference::read(key, &name, around, found)).collect();
    (scheme.unwrap_or_default(), keys)
}
