//! Plain scalars in YAML 1.2's core schema, with the text kept beside the value.

use super::Kind;

/// Reads an unquoted scalar. `yes`, `no`, `on`, `0o17`, `12:30` and `1_000` are texts.
pub fn plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let first = digits.bytes().next().unwrap_or(b' ');
    if !(first.is_ascii_digit() || first == b'.') {
        return Kind::Text(text.to_owned());
    }
    // A leading zero means an identifier (`012`), never an octal number.
    let padded = digits.len() > 1 && first == b'0' && digits.as_bytes()[1].is_ascii_digit();
    if !padded && digits.bytes().all(|b| b.is_ascii_digit()) {
        return match text.parse::<i64>() {
            Ok(number) => Kind::Integer(number, text.to_owned()),
            Err(_) => Kind::Text(text.to_owned()),
        };
    }
    let float_shaped = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    match text.parse::<f64>() {
        Ok(number) if float_shaped && !padded && number.is_finite() => Kind::Float(number, text.to_owned()),
        _ => Kind::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_stay_texts() {
        for text in ["no", "012", "0o17", "12:30", "1_000", "1.2.3", "10.0.0.0/8", "0x10", "."] {
            assert_eq!(plain(text), Kind::Text(text.into()));
        }
        assert_eq!(plain("-7"), Kind::Integer(-7, "-7".into()));
        assert_eq!(plain("1.10"), Kind::Float(1.1, "1.10".into()));
        assert_eq!(plain("1e999"), Kind::Text("1e999".into()));
    }
}
