//! What the demo prints: one line a verdict, one line a delivery, as they happen.

use anstyle::{AnsiColor, Style};
use serde_json::Value;
use std::io::Write;
use std::sync::Mutex;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const QUIET: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

/// Prints from several tasks, one whole line at a time.
#[derive(Debug, Default)]
pub struct Show {
    out: Mutex<()>,
}

impl Show {
    /// A line as it is.
    pub fn line(&self, text: &str) {
        let _held = self.out.lock();
        // A closed pipe ends the reader's interest, not the demo.
        drop(writeln!(anstream::stdout(), "{text}"));
    }

    /// What became of a posted alert.
    pub fn verdict(&self, about: &str, alert: &Value) {
        let word = |key: &str| visible(alert[key].as_str().unwrap_or(""));
        let names = |list: &Value| {
            let names: Vec<String> =
                list.as_array().into_iter().flatten().filter_map(Value::as_str).map(visible).collect();
            names.join(", ")
        };
        let verdict = &alert["verdict"];
        let outcome = if alert["status"] == "dismissed" {
            let reason = visible(verdict["reason"].as_str().unwrap_or(""));
            format!("{QUIET}dismissed{QUIET:#} by {} ({reason})", names(&verdict["dismissed_by"]))
        } else {
            let triggered = names(&verdict["triggered"]);
            let answered =
                if triggered.is_empty() { "nobody answers".to_owned() } else { format!("answered by {triggered}") };
            format!("{BAD}{}{BAD:#}, {answered}", word("status"))
        };
        self.line(&format!(
            "\n{STRONG}alert{STRONG:#}    {about}\n         {:<13} {}\n         {} → {outcome}",
            word("severity"),
            word("title"),
            word("id")
        ));
    }

    /// A delivery as the receiver saw it.
    #[expect(clippy::too_many_arguments, reason = "the parts of one line")]
    pub fn delivery(
        &self,
        method: &impl ToString,
        path: &str,
        id: &str,
        attempt: &str,
        valid: bool,
        status: u16,
        body: &str,
    ) {
        let signature =
            if valid { format!("{GOOD}signature valid{GOOD:#}") } else { format!("{BAD}signature INVALID{BAD:#}") };
        let color = if status < 300 { GOOD } else { BAD };
        let (method, path, body) = (method.to_string(), visible(path), visible(&shorten(body)));
        self.line(&format!(
            "{STRONG}webhook{STRONG:#}  {method:<4} {path}  attempt {attempt}, {signature}, answered {color}{status}{color:#}\n         {QUIET}{id} {body}{QUIET:#}"
        ));
    }
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(110).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Alert text is hostile: what would move the cursor is shown as an escape.
fn visible(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}
