//! The bar that shows how far a replay is, where a person watches.

use crate::clock::Stopwatch;
use crate::simulate::Progress;
use std::io::{self, IsTerminal, Write};

/// How wide it is.
const WIDTH: u64 = 30;

/// A bar on stderr; nothing where that is no terminal.
#[derive(Debug)]
pub(super) struct Bar {
    begun: Option<Stopwatch>,
}

impl Bar {
    /// A bar that shows nothing yet.
    pub fn new() -> Self {
        Self { begun: io::stderr().is_terminal().then(Stopwatch::start) }
    }

    /// Shows how far it is. A terminal that went away misses nothing.
    pub fn show(&self, progress: Progress) {
        if let Some(begun) = &self.begun {
            let line = drawn(progress, begun.elapsed().as_secs_f64());
            let _ = write!(io::stderr(), "\r{line}\u{1b}[K");
        }
    }

    /// Takes it away.
    pub fn clear(&self) {
        if self.begun.is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

fn drawn(Progress { alerts, permille }: Progress, seconds: f64) -> String {
    let rate = alerts as f64 / seconds.max(0.1);
    let counted = format!("{alerts} alerts, {rate:.0} a second");
    match permille {
        None => counted,
        Some(permille) => {
            let full = usize::try_from(permille.min(1000) * WIDTH / 1000).unwrap_or(0);
            let (done, left) = ("#".repeat(full), ".".repeat(WIDTH as usize - full));
            format!("[{done}{left}] {}%  {counted}", permille.min(1000) / 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills() {
        let at = |permille| drawn(Progress { alerts: 1000, permille }, 2.0);
        assert_eq!(at(Some(500)), "[###############...............] 50%  1000 alerts, 500 a second");
        assert_eq!(at(Some(2000)), "[##############################] 100%  1000 alerts, 500 a second");
        assert_eq!(at(None), "1000 alerts, 500 a second");
    }
}
