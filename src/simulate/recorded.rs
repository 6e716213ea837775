//! Recorded verdicts, read one after the other: mostly one differs from an earlier one only in its instant.

use crate::clock::Timestamp;
use crate::ruleset::Verdict;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// The last key of a verdict that was written.
const LAST_KEY: &str = "\"decided_time\":";
/// How many verdicts are remembered at most.
const MOST: usize = 1_000;

/// Reads verdicts and remembers them.
#[derive(Debug, Default)]
pub struct Recorded {
    verdicts: Vec<Verdict>,
    /// Where each stands, by its text up to behind its last key.
    places: HashMap<Box<str>, usize, RandomState>,
}

impl Recorded {
    /// Reads one.
    ///
    /// # Errors
    /// If it is no verdict.
    pub fn read(&mut self, text: &str) -> serde_json::Result<&Verdict> {
        let Some((beginning, decided_time)) = cut(text) else {
            return self.remember(serde_json::from_str(text)?, None);
        };
        match self.places.get(beginning) {
            Some(place) => {
                let verdict = &mut self.verdicts[*place];
                verdict.decided_time = decided_time;
                Ok(verdict)
            }
            None => self.remember(serde_json::from_str(text)?, Some(beginning)),
        }
    }

    fn remember(&mut self, verdict: Verdict, beginning: Option<&str>) -> serde_json::Result<&Verdict> {
        if self.verdicts.len() == MOST {
            *self = Self::default();
        }
        let place = self.verdicts.len();
        self.verdicts.push(verdict);
        self.places.extend(beginning.map(|beginning| (beginning.into(), place)));
        Ok(&self.verdicts[place])
    }
}

/// A verdict's text up to behind its last key, and the instant that is all that stands behind it.
fn cut(text: &str) -> Option<(&str, Timestamp)> {
    let (beginning, instant) = text.strip_suffix("\"}")?.rsplit_once('"')?;
    let decided_time = instant.parse().ok()?;
    beginning.ends_with(LAST_KEY).then_some((beginning, decided_time))
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
            // An instant that is not the last key's.
            bare.replace("\"commit\":null,", "").replace("Z\"}", "Z\",\"commit\":\"2026-05-02T00:00:00Z\"}"),
            bare.replace("\"commit\":null,", "").replace("Z\"}", "Z\",\"commit\":\"2026-05-03T00:00:00Z\"}"),
        ];
        let mut read = 0;
        for text in texts.iter().chain(&texts) {
            let alone = serde_json::from_str::<Verdict>(text).ok();
            read += usize::from(alone.is_some());
            assert_eq!(recorded.read(text).ok(), alone.as_ref(), "{text}");
        }
        assert!(read > 12 && read < 30, "{read}");
    }

    #[test]
    fn of_very_many_only_some_are_remembered() {
        let mut recorded = Recorded::default();
        for number in (0..MOST * 2).chain([0, 7, MOST, 7]) {
            let text = verdict(&format!("\"filter-{number}\""), number % 60);
            let alone = serde_json::from_str::<Verdict>(&text).ok();
            assert_eq!(recorded.read(&text).ok(), alone.as_ref(), "{text}");
            assert!(recorded.verdicts.len() <= MOST && recorded.places.len() <= MOST);
        }
    }
}
