//! JSON that is passed on as text. Arguments and results travel between store and sandbox at every activation, and only
//! the script at the end of the way reads them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// One JSON value, known to be well-formed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonText(Box<RawValue>);

impl JsonText {
    /// Takes a text that is JSON.
    ///
    /// # Errors
    /// It is not.
    pub fn new(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text).map(Self)
    }

    /// A value's text.
    pub fn of(value: &Value) -> Self {
        Self(to_raw_value(value).expect("a JSON value is data with text keys"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The value, read anew each time.
    ///
    /// # Errors
    /// It is nested too deeply to be read.
    pub fn read(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_str(self.as_str())
    }
}

/// The one text of a value: keys in order, no spaces.
impl From<Value> for JsonText {
    fn from(value: Value) -> Self {
        Self::of(&value)
    }
}

impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}
