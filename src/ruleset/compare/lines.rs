//! Which lines of a text changed, with a little of what stands around them.

use similar::{ChangeTag, TextDiff};

/// Lines shown around those that changed.
const AROUND: usize = 2;
/// Texts of more lines are not compared line by line: finding what moved takes long, and nobody would read it.
const MOST_LINES: usize = 2_000;

/// The lines that changed, ` `, `-` or `+` before each; `…` where something is left out.
pub fn changed(old: &str, new: &str) -> Vec<String> {
    let marked = |mark: char, text: &str| format!("{mark} {}", text.trim_end());
    if old.lines().count().max(new.lines().count()) > MOST_LINES {
        let all = |mark, text: &str| text.lines().map(|line| marked(mark, line)).collect::<Vec<_>>();
        return [all('-', old), all('+', new)].concat();
    }
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(AROUND) {
        if !lines.is_empty() {
            lines.push("…".to_owned());
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mark = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            lines.push(marked(mark, change.value()));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_changed_and_a_little_around_it() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\n";
        let new = old.replace("d\n", "D\n").replace("i\n", "i\nj\n").replace('a', "");
        assert_eq!(
            changed(old, &new),
            ["- a", "+ ", "  b", "  c", "- d", "+ D", "  e", "  f", "…", "  h", "  i", "+ j"]
        );
        let (old, new) = ("x\n".repeat(5_000), "y\n".repeat(3));
        assert_eq!(changed(&old, &new).len(), 5_003, "whole, and at once");
    }
}
