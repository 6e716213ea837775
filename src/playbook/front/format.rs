//! The front matter's lines without blanks at their ends. The script itself is left alone.

/// The script with its leading `//!` lines trimmed. One with a text of several lines, in which such blanks count, is
/// left as it is.
pub fn format_front_matter(text: &str) -> String {
    let header = |line: &str| ["|", ">", "|-", ">-", "|+", ">+"].iter().any(|end| line.trim_end().ends_with(end));
    if text.lines().take_while(|line| line.starts_with("//!")).any(header) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut leading = true;
    for line in text.split_inclusive('\n') {
        leading &= line.starts_with("//!");
        if leading {
            let end = if line.ends_with('\n') { "\n" } else { "" };
            out.push_str(line.trim_end());
            out.push_str(end);
        } else {
            out.push_str(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ends_of_leading_lines_are_trimmed() {
        let text = "//! title: x  \n//!\t\r\n//!   deep: y\n\nfn on_alert(a) {  \n    //! not front matter  \n}";
        assert_eq!(
            format_front_matter(text),
            "//! title: x\n//!\n//!   deep: y\n\nfn on_alert(a) {  \n    //! not front matter  \n}"
        );
        let lines = "//! title: |\n//!   a  \n";
        assert_eq!(format_front_matter(lines), lines);
        assert_eq!(format_front_matter(""), "");
    }
}
