//! A frozen record: an object from outside, such as the alert or an answer's body. Shared, never written to.

use super::to_json::{VALUE_BYTES, to_json};
use rhai::{Array, Dynamic, EvalAltResult, FUNC_TO_DEBUG, FUNC_TO_STRING, FuncRegistration, ImmutableString, Module};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An object whose fields scripts read as `record.field` or `record["field"]`; a missing field is `()`.
///
/// It is immutable by construction: a script cannot change the alert and so make a replay differ.
#[derive(Debug, Clone, Default)]
pub struct Record(Arc<BTreeMap<ImmutableString, Dynamic>>);

impl Record {
    /// Freezes fields.
    pub fn new(fields: BTreeMap<ImmutableString, Dynamic>) -> Self {
        Self(Arc::new(fields))
    }

    /// The fields in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&ImmutableString, &Dynamic)> {
        self.0.iter()
    }

    fn get(&self, name: &str) -> Dynamic {
        self.0.get(name).cloned().unwrap_or(Dynamic::UNIT)
    }

    /// The record as JSON text, for printing and comparing.
    fn text(&self) -> ImmutableString {
        let value = to_json(&Dynamic::from(self.clone()), VALUE_BYTES);
        value.map_or_else(|fault| fault.to_string(), |value| value.to_string()).into()
    }
}

type Fault = Box<EvalAltResult>;

/// Registers what scripts can do with a record.
pub(super) fn register(module: &mut Module) {
    module.set_custom_type::<Record>("record");
    module.set_indexer_get_fn(|record: &mut Record, name: &str| Ok::<_, Fault>(record.get(name)));
    module.set_native_fn("get", |record: &mut Record, name: &str| Ok(record.get(name)));
    module.set_native_fn("contains", |record: &mut Record, name: &str| Ok(record.0.contains_key(name)));
    module.set_native_fn("keys", |record: &mut Record| {
        Ok(record.0.keys().map(|name| Dynamic::from(name.clone())).collect::<Array>())
    });
    module.set_native_fn("values", |record: &mut Record| Ok(record.0.values().cloned().collect::<Array>()));
    module.set_native_fn("len", |record: &mut Record| Ok(i64::try_from(record.0.len()).unwrap_or(i64::MAX)));
    module.set_native_fn("is_empty", |record: &mut Record| Ok(record.0.is_empty()));
    module.set_native_fn("==", |one: Record, other: Record| Ok(one.text() == other.text()));
    module.set_native_fn("!=", |one: Record, other: Record| Ok(one.text() != other.text()));
    for name in [FUNC_TO_STRING, FUNC_TO_DEBUG] {
        let print = |record: &mut Record| Ok::<_, Fault>(record.text());
        FuncRegistration::new(name).in_global_namespace().set_into_module(module, print);
    }
    // Without this, reading on from a missing field names a getter on type `()`; authors need the field.
    module.set_indexer_get_fn(|_missing: &mut (), name: &str| {
        Err::<Dynamic, Fault>(
            format!("`{name}` of a missing value: write `?.{name}` or give a default with `??`").into(),
        )
    });
}
