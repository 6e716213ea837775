//! Paths as rules write them: parts joined by dots, a part with dots, bars or spaces in double quotes.

/// The longest path, in bytes.
const MAX_BYTES: usize = 1024;
/// The most parts of a path.
const MAX_PARTS: usize = 32;

/// One part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The key it names, quotes and escapes resolved.
    pub key: String,
    /// Byte range in the text it was read from, quotes included.
    pub range: std::ops::Range<usize>,
}

/// A path such as `entities.ip.address` or `raw.output_fields."proc.aname[2]"`; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Its parts, outermost first.
    pub segments: Vec<Segment>,
}

/// Why a text is not a path, and the byte where that shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct PathError {
    /// Byte offset in the text.
    pub at: usize,
    /// What is wrong, in one sentence without a full stop.
    pub reason: String,
}

impl Path {
    /// Reads the path a text begins with, up to its end or the first `|` outside quotes; gives the bytes read.
    ///
    /// # Errors
    /// An empty part, a quote that does not close, a bare part with a space, a path over the limits.
    pub fn parse_prefix(text: &str) -> Result<(Self, usize), PathError> {
        let mut segments = Vec::new();
        let mut at = 0;
        loop {
            let (key, end) = if text[at..].starts_with('"') { quoted(text, at)? } else { bare(text, at)? };
            segments.push(Segment { key, range: at..end });
            if end > MAX_BYTES || segments.len() > MAX_PARTS {
                let reason = format!("a path has at most {MAX_PARTS} parts and {MAX_BYTES} bytes");
                return Err(PathError { at, reason });
            }
            match text[end..].chars().next() {
                None | Some('|') => return Ok((Self { segments }, end)),
                Some('.') => at = end + 1,
                Some(_) => {
                    let reason = "a quoted part is followed by `.`, `|` or the end".to_owned();
                    return Err(PathError { at: end, reason });
                }
            }
        }
    }

    /// Reads a whole text as one path.
    ///
    /// # Errors
    /// As [`Path::parse_prefix`], or text left over after the path.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        match Self::parse_prefix(text)? {
            (path, end) if end == text.len() => Ok(path),
            (_, end) => Err(PathError { at: end, reason: "a path holds no `|` outside quotes".to_owned() }),
        }
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, segment) in self.segments.iter().enumerate() {
            let dot = if number == 0 { "" } else { "." };
            if segment.key.is_empty() || segment.key.contains(['.', '|', '"', ' ', '\t']) {
                write!(f, "{dot}\"{}\"", segment.key.replace('\\', "\\\\").replace('"', "\\\""))?;
            } else {
                write!(f, "{dot}{}", segment.key)?;
            }
        }
        Ok(())
    }
}

fn bare(text: &str, at: usize) -> Result<(String, usize), PathError> {
    let end = text[at..].find(['.', '|']).map_or(text.len(), |length| at + length);
    let key = &text[at..end];
    let fault = |reason: &str| Err(PathError { at, reason: reason.to_owned() });
    if key.is_empty() {
        return fault("a part of the path is empty");
    }
    if key.contains('"') {
        return fault("a quoted part begins with its quote");
    }
    if key.contains(char::is_whitespace) {
        return fault("a part with spaces must stand in double quotes");
    }
    Ok((key.to_owned(), end))
}

fn quoted(text: &str, at: usize) -> Result<(String, usize), PathError> {
    let mut key = String::new();
    let mut chars = text[at + 1..].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        match c {
            '"' => return Ok((key, at + 1 + offset + 1)),
            '\\' => match chars.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, escaped)) => key.push(escaped),
                None => key.push('\\'),
            },
            c => key.push(c),
        }
    }
    Err(PathError { at, reason: "the quote does not close".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Result<Vec<String>, String> {
        let path = Path::parse(text).map_err(|fault| format!("{}: {fault}", fault.at))?;
        Ok(path.segments.into_iter().map(|segment| segment.key).collect())
    }

    #[test]
    fn quotes_keep_dots_bars_and_spaces_together() {
        assert_eq!(keys("entities.ip.address").unwrap(), ["entities", "ip", "address"]);
        assert_eq!(keys(r#"raw.output_fields."proc.aname[2]""#).unwrap(), ["raw", "output_fields", "proc.aname[2]"]);
        assert_eq!(keys(r#"raw."a|b \"c\" \d\\".e"#).unwrap(), ["raw", r#"a|b "c" \d\"#, "e"]);
        assert_eq!(keys(r#"raw."""#).unwrap(), ["raw", ""]);
        let text = r#"raw."a.b"|contains|all"#;
        let (path, end) = Path::parse_prefix(text).unwrap();
        assert_eq!((path.to_string().as_str(), &text[end..]), (r#"raw."a.b""#, "|contains|all"));
    }

    #[test]
    fn what_is_not_a_path_is_told_where() {
        for (text, fault) in [
            ("", "0: a part of the path is empty"),
            ("a..b", "2: a part of the path is empty"),
            ("a.", "2: a part of the path is empty"),
            ("raw.a b", "4: a part with spaces must stand in double quotes"),
            ("raw.\"a", "4: the quote does not close"),
            ("raw.\"a\"b", "7: a quoted part is followed by `.`, `|` or the end"),
            ("raw.a\"b\"", "4: a quoted part begins with its quote"),
            ("a|b", "1: a path holds no `|` outside quotes"),
        ] {
            assert_eq!(keys(text).unwrap_err(), fault, "{text}");
        }
        assert!(keys(&"a.".repeat(100_000)).unwrap_err().contains("at most 32 parts and 1024 bytes"));
    }
}
