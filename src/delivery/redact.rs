//! Keeps a connection's secrets out of everything recorded: a receiver may echo what it was sent.

use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
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
    /// Looks for every secret, as it is, in hexadecimal, in base64 and in any percent-encoding; and for what follows a
    /// scheme word such as `Bearer` by itself.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles: Vec<String> = Vec::new();
        for secret in secrets {
            let part = secret.split_whitespace().next_back().filter(|part| part.len() >= MIN_PART);
            for text in std::iter::once(secret).chain(part).filter(|text| !text.is_empty()) {
                needles.extend(forms(text));
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
        let text = self.needles.iter().fold(text.to_owned(), replace);
        if text.contains('%') { self.percent_encoded_text(&text) } else { text }
    }

    /// Whether the text holds a secret, as it is or percent-encoded. One that is too short to be told from an ordinary
    /// word is not looked for.
    pub(super) fn finds(&self, text: &str) -> bool {
        let meant = percent_decoded(text).0;
        let holds = |bytes: &[u8], needle: &str| bytes.windows(needle.len()).any(|part| part == needle.as_bytes());
        let mut long = self.needles.iter().map(Secret::expose).filter(|needle| needle.len() >= MIN_PART);
        long.any(|needle| holds(text.as_bytes(), needle) || holds(&meant, needle))
    }

    /// The text without secrets some characters of which, whichever they are, are percent-encoded.
    fn percent_encoded_text(&self, text: &str) -> String {
        let (bytes, places) = percent_decoded(text);
        let (mut shown, mut read_to, mut at) = (String::new(), 0, 0);
        while at < bytes.len() {
            let begins_here = |needle: &&Secret| bytes[at..].starts_with(needle.expose().as_bytes());
            let Some(needle) = self.needles.iter().find(begins_here) else {
                at += 1;
                continue;
            };
            shown.push_str(&text[read_to..places[at]]);
            shown.push_str(STARS);
            at += needle.expose().len();
            read_to = places[at];
        }
        shown + &text[read_to..]
    }

    /// A text that was cut off somewhere, without secrets and without its end, which may be the first half of one.
    pub(super) fn cut_text(&self, text: &str) -> String {
        let mut text = self.text(text);
        // The longest needle is hexadecimal, twice its secret; percent-encoding makes three of one, and of base64 four.
        let doubtful = self.needles.first().map_or(0, |longest| 2 * longest.expose().len());
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

/// The ways a secret is written by those who repeat it.
fn forms(text: &str) -> Vec<String> {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![text.to_owned(), text.replace(' ', "+"), hex.to_uppercase(), hex];
    // The path of an address may be percent-encoded itself, and come back as what it means.
    forms.extend(String::from_utf8(percent_decoded(text).0));
    for encoded in [STANDARD.encode(text), URL_SAFE.encode(text)] {
        forms.push(encoded.trim_end_matches('=').to_owned());
        forms.push(encoded);
    }
    // Within something longer, such as `user:secret`, base64 depends on how many bytes of a group of three come first.
    for before in 0..3 {
        let whole = [&[0; 2][..before], text.as_bytes()].concat();
        // A character stands for six bits: one that shares bits with a neighbour can be any.
        let own = (before * 8).div_ceil(6)..whole.len() * 8 / 6;
        if own.len() >= MIN_PART {
            forms.extend([STANDARD, URL_SAFE].map(|base64| base64.encode(&whole)[own.clone()].to_owned()));
        }
    }
    forms
}

/// The bytes a percent-encoded text means and where in the text each begins, followed by where the last one ends.
fn percent_decoded(text: &str) -> (Vec<u8>, Vec<usize>) {
    let (mut bytes, mut places) = (Vec::new(), Vec::new());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        places.push(text.len() - rest.len());
        let escaped = match rest {
            [b'%', high, low, ..] => hex_digit(*high).zip(hex_digit(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &rest["%00".len()..] } else { after };
    }
    places.push(text.len());
    (bytes, places)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
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
    fn no_encoding_of_a_secret_is_left() {
        let secret = "s3cr3t+t~ken/ü?>x";
        let redactor = Redactor::new([secret]);
        let hex: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
        let all: String = secret.bytes().map(|b| format!("%{b:02x}")).collect();
        let url_encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let base64 = STANDARD.encode(secret);
        let forms = [
            hex.clone(),
            hex.to_uppercase(),
            base64.trim_end_matches('=').to_owned(),
            base64.replace('+', "-").replace('/', "_"),
            all.to_uppercase(),
            all,
            url_encoded.to_lowercase(),
            url_encoded,
            format!("%73{}", &secret[1..]),
            base64.bytes().map(|b| format!("%{b:X}")).collect(),
        ];
        for form in &forms {
            assert_eq!(redactor.text(&format!("100%, %zz: {form}%")), "100%, %zz: ***%", "{form}");
        }
        assert_eq!(Redactor::new(["Token a+b/c d=e"]).text("Token+a%2Bb%2fc+d%3De"), STARS);
    }

    #[test]
    fn base64_of_something_around_a_secret_does_not_give_it_away() {
        for secret in ["s3cr3t?token>xyz~~", "s3cr3t?token>xyz~", "s3cr3t?token>xyz"] {
            let redactor = Redactor::new([secret]);
            for (before, after) in [("", "a"), ("u", ""), ("u:", "ab"), ("us:", "~"), ("user:", "?>")] {
                for base64 in [STANDARD, URL_SAFE] {
                    let shown = redactor.text(&base64.encode(format!("{before}{secret}{after}")));
                    let around = shown.replacen(STARS, "", 1);
                    // What stands for the text around it, and one character at each edge.
                    let most = (before.len() + after.len()) * 8 / 6 + 2 + "==".len();
                    assert!(shown.contains(STARS) && around.len() <= most, "{before}{secret}{after}: {shown}");
                }
            }
        }
    }

    #[test]
    fn a_secret_that_is_itself_encoded_is_known_in_clear() {
        let redactor = Redactor::new(["/hook/%7Bab%2Fcd%7D"]);
        for echo in ["/hook/%7Bab%2Fcd%7D", "/hook/{ab/cd}", "%2fhook/%7bab%2fcd%7d", "/hook/%257Bab%252Fcd%257D"] {
            assert_eq!(redactor.text(echo), STARS, "{echo}");
        }
    }

    #[test]
    fn a_short_secret_does_not_star_out_ordinary_words() {
        let text = "YWJj, c2FiY2Q= and 100%";
        assert_eq!(Redactor::new(["abcd"]).text(text), text);
    }

    #[test]
    fn a_cut_text_does_not_end_in_half_a_secret() {
        let redactor = Redactor::new(["0123456789abcdef"]);
        let cut = redactor.cut_text(&format!("{}0123456789abc", "é".repeat(50)));
        assert!(!cut.contains("0123"), "{cut}");
        assert!(cut.starts_with("éééé"));
        let escaped: String = "0123456789abcde".bytes().map(|b| format!("%{b:x}")).collect();
        let cut = redactor.cut_text(&format!("{}{escaped}", "é".repeat(100)));
        assert!(!cut.contains("%30%31"), "{cut}");
    }
}
