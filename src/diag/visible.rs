//! Text from outside made safe to show: what would move the cursor, hide or reorder is written out instead of sent.

use std::borrow::Cow;

/// Whether a character controls the terminal, cannot be seen, or changes the order of those around it.
pub fn is_hidden(c: char) -> bool {
    match c {
        c if c.is_control() => true,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{3164}' => true,
        '\u{115f}' | '\u{1160}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

/// The text on one line, with every hidden character written as an escape such as `\n` or `\u{202e}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_are_written_out() {
        assert_eq!(visible("plain, even ünïcödé 漢字"), "plain, even ünïcödé 漢字");
        assert_eq!(visible("a\nb\tc\r"), "a\\nb\\tc\\r");
        assert_eq!(visible("\u{1b}[2J\u{7f}\u{9b}1m\0"), "\\u{1b}[2J\\u{7f}\\u{9b}1m\\u{0}");
        assert_eq!(visible("gpj\u{202e}exe\u{200b}\u{e0041}"), "gpj\\u{202e}exe\\u{200b}\\u{e0041}");
    }
}
