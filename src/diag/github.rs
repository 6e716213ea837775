//! Diagnostics as workflow commands, which GitHub shows as annotations on the changed lines of a pull request.

use super::{Diagnostic, Level};

/// Renders one finding as `::error file=…,line=…,col=…,title=CODE::message`, on one line.
pub fn render_github(diagnostic: &Diagnostic) -> String {
    let command = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let file = property(&diagnostic.file.display().to_string());
    let (line, column) = (diagnostic.span.start.line, diagnostic.span.start.column);
    let title = property(diagnostic.code.id);
    let mut message = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    format!("::{command} file={file},line={line},col={column},title={title}::{}", data(&message))
}

/// A command ends with its line, so line ends are escaped, and with them the escape character itself.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property ends at a comma, and the list of them at a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Diagnostics, Span};
    use super::*;
    use std::path::Path;

    #[test]
    fn what_would_end_the_command_is_escaped() {
        let mut found = Diagnostics::new();
        let code = Code::new("M003", "unknown field");
        found.error(&Path::new("rules/a,b:c.yaml").into(), Span::START, code, "50% of\n::error::x").help("try `a, b`");
        assert_eq!(
            render_github(found.iter().next().unwrap()),
            "::error file=rules/a%2Cb%3Ac.yaml,line=1,col=1,title=M003::50%25 of%0A::error::x%0Ahelp: try `a, b`"
        );
    }

    #[test]
    fn levels_have_their_own_command() {
        let mut found = Diagnostics::new();
        found.warning(&Path::new("a").into(), Span::START, Code::new("L001", "x"), "m");
        let mut note = found.iter().next().unwrap().clone();
        assert!(render_github(&note).starts_with("::warning file=a,line=1,col=1,title=L001::m"));
        note.level = Level::Note;
        assert!(render_github(&note).starts_with("::notice "));
    }
}
