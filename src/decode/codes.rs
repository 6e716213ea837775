//! The stable codes of decoding errors, as they appear in HTTP answers.

/// Not JSON, or something after it.
pub const INVALID_JSON: &str = "invalid_json";
/// Bytes that are not UTF-8, or an escape for half a character.
pub const INVALID_UTF8: &str = "invalid_utf8";
/// Lists and objects nested deeper than the limit.
pub const JSON_TOO_DEEP: &str = "json_too_deep";
/// One object has the same key twice.
pub const DUPLICATE_FIELD: &str = "duplicate_field";
/// One alert larger than the limit.
pub const ALERT_TOO_LARGE: &str = "alert_too_large";
/// The whole body larger than the limit.
pub const BODY_TOO_LARGE: &str = "body_too_large";
/// More alerts in one body than the limit.
pub const TOO_MANY_ALERTS: &str = "too_many_alerts";
/// More entities in one alert than the limit.
pub const TOO_MANY_ENTITIES: &str = "too_many_entities";
/// A list of a native alert longer than the limit.
pub const TOO_MANY_VALUES: &str = "too_many_values";
/// An item that is a number, a text, a list: anything but an object.
pub const NOT_AN_OBJECT: &str = "not_an_object";
/// `?source=` names no source.
pub const UNKNOWN_SOURCE: &str = "unknown_source";
/// The item does not have the shape of the source asked for.
pub const SHAPE_MISMATCH: &str = "shape_mismatch";
/// A source's id, or a source's name, that cannot be kept as one.
pub const ID_INVALID: &str = "id_invalid";
/// A field of a native alert has a value of the wrong type.
pub const WRONG_TYPE: &str = "wrong_type";
