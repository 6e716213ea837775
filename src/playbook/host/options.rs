//! Maps of options: known names only, each of its kind.

use crate::diag::closest;
use crate::playbook::duration;
use crate::playbook::step::Fault;
use serde_json::{Map, Value};
use std::time::Duration;

/// The options of one call.
#[derive(Debug)]
pub struct Options<'v> {
    of: &'static str,
    given: &'v Map<String, Value>,
}

impl<'v> Options<'v> {
    /// The map a call was given, refused if it is none or holds a name that is not `known`.
    pub fn read(given: &'v Value, of: &'static str, known: &[&str]) -> Result<Self, Fault> {
        let Value::Object(given) = given else {
            return Err(refused(format!("`{of}` takes a map of {}", known.join(", "))));
        };
        if let Some(name) = given.keys().find(|name| !known.contains(&name.as_str())) {
            let hint = match closest(name, known.iter().copied()) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => format!("; it has {}", known.join(", ")),
            };
            return Err(refused(format!("`{of}` has no option `{}`{hint}", name.escape_debug())));
        }
        Ok(Self { of, given })
    }

    /// The option as it was given; none where it is missing or `()`.
    pub fn get(&self, name: &str) -> Option<&'v Value> {
        self.given.get(name).filter(|value| !value.is_null())
    }

    /// A text of at most `most` bytes that is not blank.
    pub fn text(&self, name: &str, most: usize) -> Result<Option<String>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() > most => {
                Err(refused(format!("`{name}` has at most {most} bytes; this one has {}", text.len())))
            }
            Some(Value::String(text)) if text.trim().is_empty() => Err(refused(format!("`{name}` is empty"))),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(refused(format!("`{name}` of `{}` is a text", self.of))),
        }
    }

    /// A duration.
    pub fn duration(&self, name: &str) -> Result<Option<Duration>, Fault> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let read = value.as_str().and_then(duration::parse);
        read.map(Some).ok_or_else(|| refused(format!("`{name}` is {}", duration::SHAPE)))
    }
}

/// A complaint as something a script can catch.
pub fn refused(message: impl Into<String>) -> Fault {
    message.into().into()
}
