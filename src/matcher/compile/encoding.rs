//! Sigma's encodings: what a rule's plain text looks like where an alert holds it encoded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A change of the rule's value before it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Base64 of the whole value.
    Base64,
    /// The three forms the value takes inside a longer Base64 text, by where it begins.
    Base64Offset,
    /// Two bytes a character, low byte first; `wide` is another name.
    Utf16Le,
    /// Two bytes a character, high byte first.
    Utf16Be,
    /// As [`Encoding::Utf16Le`], after a byte-order mark.
    Utf16,
}

/// Why a value cannot be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// An encoding of texts behind one that leaves none.
    #[error("the value is no text any more")]
    NoTextToEncode,
    /// What is left is no text.
    #[error("its bytes are no text unless `base64` follows")]
    NoText,
    /// Nothing of it stands alone.
    #[error("it is too short: a single byte has no form of its own in Base64")]
    TooShort,
}

impl Reason {
    /// What to do.
    pub fn help(self) -> &'static str {
        match self {
            Self::NoTextToEncode => "put `utf16` in front of `base64`",
            Self::NoText => "add `|base64offset|contains` after it",
            Self::TooShort => "write a longer value",
        }
    }
}

impl Encoding {
    /// The encoding a modifier names.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "base64" => Self::Base64,
            "base64offset" => Self::Base64Offset,
            "utf16le" | "wide" => Self::Utf16Le,
            "utf16be" => Self::Utf16Be,
            "utf16" => Self::Utf16,
            _ => return None,
        })
    }

    /// Whether it makes text of bytes.
    pub fn is_base64(self) -> bool {
        matches!(self, Self::Base64 | Self::Base64Offset)
    }

    /// The modifier's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Base64Offset => "base64offset",
            Self::Utf16Le => "utf16le",
            Self::Utf16Be => "utf16be",
            Self::Utf16 => "utf16",
        }
    }

    fn apply(self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Reason> {
        let utf16 = |prefix: &[u8], unit: fn(u16) -> [u8; 2]| {
            let text = std::str::from_utf8(bytes).map_err(|_| Reason::NoTextToEncode)?;
            Ok(vec![prefix.iter().copied().chain(text.encode_utf16().flat_map(unit)).collect()])
        };
        match self {
            Self::Base64 => Ok(vec![STANDARD.encode(bytes).into_bytes()]),
            Self::Base64Offset => base64_at_each_offset(bytes),
            Self::Utf16Le => utf16(&[], u16::to_le_bytes),
            Self::Utf16Be => utf16(&[], u16::to_be_bytes),
            Self::Utf16 => utf16(&[0xff, 0xfe], u16::to_le_bytes),
        }
    }
}

/// Puts a text through encodings in turn; one text can come out as several.
///
/// # Errors
/// A value too short to be found, or one whose last encoding leaves no text.
pub fn encode(text: &str, encodings: &[Encoding]) -> Result<Vec<String>, Reason> {
    let mut forms = vec![text.as_bytes().to_vec()];
    for encoding in encodings {
        let applied: Result<Vec<_>, Reason> = forms.iter().map(|bytes| encoding.apply(bytes)).collect();
        forms = applied?.into_iter().flatten().collect();
    }
    let read = |bytes| String::from_utf8(bytes).map_err(|_| Reason::NoText);
    forms.into_iter().map(read).collect()
}

/// A character of Base64 counts only if the value alone decides it: at either end up to three are cut.
fn base64_at_each_offset(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Reason> {
    if bytes.len() < 2 {
        return Err(Reason::TooShort);
    }
    let form = |offset: usize| {
        let padded = [&[b' '; 2][..offset], bytes].concat();
        let encoded = STANDARD.encode(&padded);
        let start = [0, 2, 3][offset];
        let end = encoded.len() - [0, 3, 2][padded.len() % 3];
        encoded.as_bytes()[start..end].to_vec()
    };
    Ok((0..3).map(form).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Encoding::{Base64, Base64Offset, Utf16, Utf16Be, Utf16Le};

    #[test]
    fn encodings_are_sigmas() {
        for (text, encodings, forms) in [
            ("foobar", &[Base64][..], &["Zm9vYmFy"][..]),
            ("foobar", &[Base64Offset], &["Zm9vYmFy", "Zvb2Jhc", "mb29iYX"]),
            ("/bin/sh", &[Base64Offset], &["L2Jpbi9za", "9iaW4vc2", "vYmluL3No"]),
            ("ab", &[Utf16Le, Base64], &["YQBiAA=="]),
            ("ab", &[Utf16Be, Base64], &["AGEAYg=="]),
            ("ab", &[Utf16, Base64], &["//5hAGIA"]),
            ("ab", &[Utf16Le], &["a\0b\0"]),
            ("ab", &[Base64, Base64], &["WVdJPQ=="]),
        ] {
            assert_eq!(encode(text, encodings).unwrap(), forms, "{text} {encodings:?}");
        }
        assert!(encode("a", &[Base64Offset]).is_err());
        assert!(encode("ab", &[Utf16]).is_err());
        assert!(encode("ä", &[Utf16Le]).is_err());
        assert!(encode("ä", &[Utf16Le, Utf16Be]).is_err());
        assert!(encode("ä", &[Utf16Le, Base64]).is_ok());
    }

    /// Whatever stands before and after the value, one of its three forms stands in the Base64 of the whole.
    #[test]
    fn a_value_is_found_at_every_offset() {
        for value in ["ab", "cmd", "powershell", "IEX (New-Object"] {
            let forms = encode(value, &[Base64Offset]).unwrap();
            for (before, after) in (0..7).flat_map(|before| (0..4).map(move |after| (before, after))) {
                let whole = STANDARD.encode(format!("{}{value}{}", "~".repeat(before), "~".repeat(after)));
                assert!(forms.iter().any(|form| whole.contains(form.as_str())), "{value} {before} {after} {whole}");
            }
        }
    }
}
