//! Keeps a connection's secrets out of everything recorded: a receiver may echo what it was sent.

use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// What is shown in a secret's place.
const STARS: &str = "***";

/// A part of a secret shorter than this is not looked for by itself: it would star out ordinary words.
const MIN_PART: usize = 8;

/// The texts to keep out.
#[derive(Debug, Clone, Default)]
pub(super) struct Redactor {
    /// Longest first, so that a secret within a secret leaves nothing behind.
    needles: Vec<Secret>,
}

impl Redactor {
    /// Looks for every secret, as it is, in base64 and percent-encoded; and for what follows a scheme word such as
    /// `Bearer` by itself.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles: Vec<String> = Vec::new();
        for secret in secrets {
            let part = secret.split_whitespace().next_back().filter(|part| part.len() >= MIN_PART);
            for text in std::iter::once(secret).chain(part).filter(|text| !text.is_empty()) {
                needles.push(text.to_owned());
                needles.push(STANDARD.encode(text));
                needles.push(url::form_urlencoded::byte_serialize(text.as_bytes()).collect());
            }
        }
        needles.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        needles.dedup();
        Self { needles: needles.into_iter().map(Secret::new).collect() }
    }

    /// The text without secrets.
    pub(super) fn text(&self, text: &str) -> String {
        let replace = |text: String, needle: &Secret| match text.contains(needle.expose()) {
            true => text.replace(needle.expose(), STARS),
            false => text,
        };
        self.needles.iter().fold(text.to_owned(), replace)
    }

    /// A text that was cut off somewhere, without secrets and without its end, which may be the first half of one.
    pub(super) fn cut_text(&self, text: &str) -> String {
        let mut text = self.text(text);
        let doubtful = self.needles.first().map_or(0, |longest| longest.expose().len() - 1);
        text.truncate(text.floor_char_boundary(text.len().saturating_sub(doubtful)));
        text
    }

    /// The value without secrets in any text or key.
    pub(super) fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(key, value)| (self.text(&key), self.value(value))).collect()
            }
            plain => plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_form_of_a_secret_is_left() {
        let redactor = Redactor::new(["Bearer s3cr3t+token/x", "s3cr3t+token/x&more"]);
        let answer = json!({
            "echo": "got Bearer s3cr3t+token/x",
            "alone": ["s3cr3t+token/x", "longer: s3cr3t+token/x&more."],
            "encoded": "s3cr3t%2Btoken%2Fx",
            "base64": STANDARD.encode("s3cr3t+token/x"),
            "key s3cr3t+token/x": 1,
        });
        let expected = json!({
            "echo": "got ***", "alone": ["***", "longer: ***."], "encoded": "***", "base64": "***", "key ***": 1,
        });
        assert_eq!(redactor.value(answer), expected);
    }

    #[test]
    fn a_cut_text_does_not_end_in_half_a_secret() {
        let redactor = Redactor::new(["0123456789abcdef"]);
        let cut = redactor.cut_text(&format!("{}0123456789abc", "é".repeat(50)));
        assert!(!cut.contains("0123"), "{cut}");
        assert!(cut.starts_with("éééé"));
    }
}
