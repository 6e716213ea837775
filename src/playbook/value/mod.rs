//! Values on both sides of the border between Rust and scripts: frozen records, severities, JSON in and out.

mod from_json;
mod record;
mod severity;
mod to_json;

pub(super) use from_json::{alert, answer, freeze, thaw};
pub(super) use record::Record;
pub(super) use severity::Rank;
pub(super) use to_json::{NotJson, VALUE_BYTES, describe, to_json};

/// Registers the types and their operators.
pub(super) fn register(module: &mut rhai::Module) {
    record::register(module);
    severity::register(module);
}
