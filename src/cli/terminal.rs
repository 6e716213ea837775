//! Where output goes: data to stdout, everything said about it to stderr. Colours only where a person sees them.

use super::Failure;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// The process's output.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    width: Option<usize>,
}

impl Terminal {
    /// That of this process.
    pub fn of_process() -> Self {
        // `COLUMNS` is not asked: it is a shell's variable, and seldom exported.
        let width = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
        Self { width: width.map(|(terminal_size::Width(columns), _)| usize::from(columns)) }
    }

    /// The columns that lines should fit; none where no person reads along, so that nothing is cut.
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// Writes text for people to stdout, without its colours where they would not be seen.
    pub fn data(&self, text: &str) -> Result<(), Failure> {
        deliver(&mut anstream::stdout().lock(), text)
    }

    /// Writes text for programs to stdout, exactly as it is but for a line end.
    pub fn verbatim(&self, text: &str) -> Result<(), Failure> {
        deliver(&mut io::stdout().lock(), text.trim_end_matches('\n'))
    }

    /// Says something on stderr. A process whose stderr is gone has nobody to tell about it.
    pub fn say(&self, text: &str) {
        let _ = deliver(&mut anstream::stderr().lock(), text);
    }
}

fn deliver(out: &mut impl Write, text: &str) -> Result<(), Failure> {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let written =
        out.write_all(text.as_bytes()).and_then(|()| out.write_all(end.as_bytes())).and_then(|()| out.flush());
    match written {
        // Whoever read along has seen enough, as `head` does.
        Err(fault) if fault.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(fault) => Err(Failure::Output(fault)),
        Ok(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_fault() {
        assert!(deliver(&mut Broken(ErrorKind::BrokenPipe), "x").is_ok());
        assert!(matches!(deliver(&mut Broken(ErrorKind::StorageFull), "x"), Err(Failure::Output(_))));
    }

    #[test]
    fn text_ends_with_one_line_end() {
        for (text, written) in [("a", "a\n"), ("a\n", "a\n"), ("", "")] {
            let mut out = Vec::new();
            deliver(&mut out, text).unwrap();
            assert_eq!(out, written.as_bytes());
        }
    }
}
