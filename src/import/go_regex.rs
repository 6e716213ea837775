//! Go's regular expressions in the spelling of this engine: anchored, and with Go's narrower classes.

use regex::RegexBuilder;

/// Bytes of an expression that are looked at.
const MOST_BYTES: usize = 4096;

/// An expression that matches whole values, as Alertmanager asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    pub source: String,
    /// Whether it matches an empty value.
    pub matches_nothing: bool,
}

/// The same expression for this engine, or what keeps it from being one.
pub(super) fn translate(go: &str) -> Result<Pattern, String> {
    if go.len() > MOST_BYTES {
        return Err(format!("is longer than {MOST_BYTES} bytes"));
    }
    let source = format!("^(?:{})$", respell(go)?);
    let built = RegexBuilder::new(&source).size_limit(256 * 1024).nest_limit(64).build();
    let regex = built.map_err(|_| "cannot be read by this regex engine".to_owned())?;
    let matches_nothing = regex.is_match("");
    Ok(Pattern { source, matches_nothing })
}

/// In Go, `\d \w \s \b` are about ASCII only, and a bracket inside of brackets is a plain sign.
fn respell(go: &str) -> Result<String, String> {
    let mut out = String::with_capacity(go.len() + 8);
    let mut chars = go.chars().peekable();
    let mut class: Option<usize> = None;
    while let Some(c) = chars.next() {
        let first_in_class = class == Some(0);
        class = class.map(|at| at + 1);
        match (c, class.is_some()) {
            ('\\', in_class) => {
                let escaped = chars.next().ok_or("ends in a backslash")?;
                match (escaped, in_class) {
                    ('d', true) => out.push_str("0-9"),
                    ('w', true) => out.push_str("0-9A-Za-z_"),
                    ('s', true) => out.push_str("\\t\\n\\f\\r "),
                    ('d', false) => out.push_str("[0-9]"),
                    ('w', false) => out.push_str("[0-9A-Za-z_]"),
                    ('s', false) => out.push_str("[\\t\\n\\f\\r ]"),
                    ('D', _) => out.push_str("[^0-9]"),
                    ('W', _) => out.push_str("[^0-9A-Za-z_]"),
                    ('S', _) => out.push_str("[^\\t\\n\\f\\r ]"),
                    ('b', false) => out.push_str("(?-u:\\b)"),
                    ('B' | 'Q' | 'E' | 'C', _) => return Err(format!("uses `\\{escaped}`")),
                    (other, _) => out.extend(['\\', other]),
                }
            }
            ('[', false) => {
                class = Some(0);
                out.push('[');
                if chars.peek() == Some(&'^') {
                    out.extend(chars.next());
                }
                // A bracket that stands first is a plain sign in both.
                if chars.peek() == Some(&']') {
                    chars.next();
                    out.push_str("\\]");
                    class = Some(1);
                }
            }
            ('[', true) if chars.peek() == Some(&':') => {
                // A class of this kind has the same name and members in both.
                out.push('[');
                for c in chars.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            ('[' | '&' | '~', true) => out.extend(['\\', c]),
            ('-', true) if chars.peek() == Some(&'-') && !first_in_class => {
                return Err("has two hyphens inside of brackets".to_owned());
            }
            (']', true) => {
                class = None;
                out.push(']');
            }
            (c, _) => out.push(c),
        }
    }
    Ok(out)
}

/// The values of an expression that is nothing but plain values with `|` between them.
pub(super) fn plain_alternatives(go: &str) -> Option<Vec<String>> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '/' | ':' | '@' | ',' | '|');
    go.chars().all(plain).then(|| go.split('|').map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gos_spelling_keeps_its_meaning() {
        for (go, yes, no) in [
            ("server(1|3)", &["server1", "server3"][..], &["server13", "xserver1", "server1\n"][..]),
            ("a|b", &["a", "b"], &["ab", "ax"]),
            (r"\d+", &["12"], &["١٢", ""]),
            (r"\w+", &["a_1"], &["é"]),
            (r"[\w.-]+", &["a.b-c"], &["é", "a&b"]),
            ("[[a]", &["[", "a"], &["b"]),
            ("[]a]", &["]", "a"], &["b"]),
            ("[^]a]", &["b"], &["]", "a"]),
            ("[a&&b]", &["a", "&", "b"], &["c"]),
            ("[[:digit:]x]+", &["1x"], &["y"]),
            ("(?i)web", &["WEB"], &["xweb"]),
            (".*", &["", "x y"], &["x\ny"]),
            ("", &[""], &["x"]),
            (r"\Qa.b\E|x", &[], &[]),
            ("(?=x)", &[], &[]),
            ("[+--]", &[], &[]),
        ] {
            let Ok(pattern) = translate(go) else {
                assert!(yes.is_empty(), "{go}: {:?}", translate(go));
                continue;
            };
            assert!(!yes.is_empty(), "{go} is not refused: {pattern:?}");
            let regex = regex::Regex::new(&pattern.source).unwrap();
            yes.iter().for_each(|text| assert!(regex.is_match(text), "{go} {text:?}: {pattern:?}"));
            no.iter().for_each(|text| assert!(!regex.is_match(text), "{go} {text:?}: {pattern:?}"));
            assert_eq!(pattern.matches_nothing, yes.contains(&""), "{go}");
        }
        assert_eq!(plain_alternatives("web1|web-2"), Some(vec!["web1".into(), "web-2".into()]));
        assert_eq!(plain_alternatives("web.1"), None);
    }
}
