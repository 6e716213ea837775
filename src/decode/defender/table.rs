//! Shape B, a row of the Log Analytics table `SecurityAlert`: Pascal case, JSON within strings, times without a zone.

use super::mapping::{self, Names};
use crate::decode::draft::Draft;
use crate::decode::fault::DecodeError;
use serde_json::{Map, Value};

/// The export's columns but for one: the table tells the product by its provider.
const NAMES: Names = Names { product: &["ProductName", "ProviderName"], ..super::export::NAMES };

/// Maps a row. Strings that hold JSON are unfolded by the shared mapping.
pub(in crate::decode) fn map<'l>(fields: Map<String, Value>, draft: Draft<'l>) -> Result<Draft<'l>, DecodeError> {
    mapping::map(fields, &NAMES, draft)
}
