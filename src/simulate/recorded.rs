//! Recorded verdicts, read one after the other: mostly one differs from the one before only in its instant.

use crate::alert::plain;
use crate::ruleset::Verdict;

/// The last key of a verdict that was written.
const LAST_KEY: &str = "\"decided_time\":";

/// Reads verdicts and remembers the last.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Its text up to behind its last key, empty if that is another one, and what it says.
    last: Option<(String, Verdict)>,
}

impl Recorded {
    /// Reads one.
    ///
    /// # Errors
    /// If it is no verdict.
    pub fn read(&mut self, text: &str) -> serde_json::Result<&Verdict> {
        let last = self.last.take().filter(|(beginning, _)| !beginning.is_empty());
        let again = last.and_then(|(beginning, verdict)| {
            let instant = text.strip_prefix(&*beginning)?.strip_suffix('}')?;
            let decided_time = plain(instant)?.parse().ok()?;
            Some((beginning, Verdict { decided_time, ..verdict }))
        });
        let (beginning, verdict) = match again {
            Some(again) => again,
            None => {
                let verdict = serde_json::from_str(text)?;
                let end = text.rfind(LAST_KEY).map_or(0, |at| at + LAST_KEY.len());
                (text[..end].to_owned(), verdict)
            }
        };
        Ok(&self.last.insert((beginning, verdict)).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(filters: &str, second: usize) -> String {
        let generation = "0".repeat(64);
        format!(
            r#"{{"status":"active","dismissed_by":[{filters}],"would_dismiss":[],"triggered":[],"generation":"{generation}","commit":null,"dirty":false,"decided_time":"2026-05-01T00:00:{second:02}Z"}}"#
        )
    }

    #[test]
    fn each_is_what_it_would_be_alone() {
        let mut recorded = Recorded::default();
        let bare = verdict("", 1);
        let texts = [
            bare.clone(),
            verdict("", 2),
            verdict("\"aa\"", 3),
            verdict("\"aa\"", 4),
            verdict("", 99),
            verdict("", 5),
            bare.replace("Z\"}", "Z\",\"dirty\":true}"),
            bare.replace("\"decided_time\":", "\"decided_time\" : "),
            bare.replace("\"status\":\"active\",", "").replace('}', ",\"status\":\"dismissed\"}"),
            bare.replace("\"status\":\"active\",", "").replace('}', ",\"status\":\"active\"}"),
            bare.replace("Z\"}", "Z\"} "),
            bare.replace("Z\"}", "Z\"}}"),
            bare.replace("Z\"}", "Z"),
            "\"decided_time\":".to_owned(),
            bare.replace("\"decided_time\":", "\"decided_time\" : "),
            "\"2026-05-01T00:00:00Z\"}".to_owned(),
            "\"decided_time\":\"2026-05-01T00:00:00Z\"}".to_owned(),
            String::new(),
            verdict("", 6),
        ];
        let mut read = 0;
        for text in texts.iter().chain(&texts) {
            let alone = serde_json::from_str::<Verdict>(text).ok();
            read += usize::from(alone.is_some());
            assert_eq!(recorded.read(text).ok(), alone.as_ref(), "{text}");
        }
        assert!(read > 12 && read < 30, "{read}");
    }
}
