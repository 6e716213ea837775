//! A native payload, read by its types: a value of another type is refused, and the refusal names the field.

use super::codes;
use super::fault::DecodeError;
use serde_json::{Map, Value};

/// Why a payload cannot be taken as a native alert.
pub(super) enum Misfit {
    /// A field has a value of another type: a native alert with a mistake, or an alert that never was native.
    WrongType { field: String, expected: &'static str, found: &'static str },
    /// It would be refused whatever it is.
    Refused(DecodeError),
}

impl From<Misfit> for DecodeError {
    fn from(misfit: Misfit) -> Self {
        match misfit {
            Misfit::WrongType { field, expected, found } => {
                Self::new(codes::WRONG_TYPE, format!("`{field}` must be {expected}, not {found}"))
            }
            Misfit::Refused(fault) => fault,
        }
    }
}

/// The fields of an object of a native alert; taking one moves it out. Null is as good as absent.
pub(super) struct Typed {
    fields: Map<String, Value>,
    /// Where the object stands, such as `links[2].`; empty for the alert itself.
    path: String,
    /// The most values of a list.
    limit: usize,
}

impl Typed {
    /// The fields of the alert itself.
    pub(super) fn new(fields: Map<String, Value>, limit: usize) -> Self {
        Self { fields, path: String::new(), limit }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Misfit> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(name, "a text", &other)),
        }
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, name: &str) -> Result<String, Misfit> {
        self.text(name)?.ok_or_else(|| self.wrong(name, "a text", &Value::Null))
    }

    /// Absent is false.
    pub(super) fn truth(&mut self, name: &str) -> Result<bool, Misfit> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(truth)) => Ok(truth),
            Some(other) => Err(self.wrong(name, "true or false", &other)),
        }
    }

    /// Absent is empty.
    pub(super) fn object(&mut self, name: &str) -> Result<Map<String, Value>, Misfit> {
        match self.take(name) {
            None => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(other) => Err(self.wrong(name, "an object", &other)),
        }
    }

    /// A list of texts, or one text; absent is empty.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, Misfit> {
        if let Some(Value::String(_)) = self.fields.get(name) {
            return Ok(self.text(name)?.into_iter().collect());
        }
        let mut texts = Vec::new();
        for (place, value) in self.list(name)?.into_iter().enumerate() {
            match value {
                Value::String(text) => texts.push(text),
                other => return Err(self.wrong(&format!("{name}[{place}]"), "a text", &other)),
            }
        }
        Ok(texts)
    }

    /// A list of objects; absent is empty.
    pub(super) fn objects(&mut self, name: &str) -> Result<Vec<Self>, Misfit> {
        let mut objects = Vec::new();
        for (place, value) in self.list(name)?.into_iter().enumerate() {
            let Value::Object(fields) = value else {
                return Err(self.wrong(&format!("{name}[{place}]"), "an object", &value));
            };
            objects.push(Self { fields, path: format!("{}{name}[{place}].", self.path), limit: self.limit });
        }
        Ok(objects)
    }

    /// What has not been taken.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.fields
    }

    fn list(&mut self, name: &str) -> Result<Vec<Value>, Misfit> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) if list.len() > self.limit => {
                let code = if name == "entities" { codes::TOO_MANY_ENTITIES } else { codes::TOO_MANY_VALUES };
                let message = format!("`{}{name}` has {} values; the limit is {}", self.path, list.len(), self.limit);
                Err(Misfit::Refused(DecodeError::new(code, message)))
            }
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(self.wrong(name, "a list", &other)),
        }
    }

    fn wrong(&self, name: &str, expected: &'static str, found: &Value) -> Misfit {
        let found = match found {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Misfit::WrongType { field: format!("{}{name}", self.path), expected, found }
    }
}
