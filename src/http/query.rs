//! Reads a list's query string: every parameter known, every value understood, or a `bad_query` that names it.

use super::problem::{Problem, echo};
use crate::clock::Timestamp;
use crate::diag::closest;
use crate::store::Cursor;
use jiff::SignedDuration;

/// Items in a page when nobody says.
const USUAL_LIMIT: usize = 50;
/// Most items in a page.
const LARGEST_LIMIT: usize = 1_000;
/// Most values a query may carry in all.
const MOST_VALUES: usize = 200;

/// The parameters of one request, each known to its route.
#[derive(Debug)]
pub(super) struct Query {
    given: Vec<(&'static str, String)>,
}

impl Query {
    /// Reads a query string of a route that takes these parameters.
    pub(super) fn read(raw: Option<&str>, known: &[&'static str]) -> Result<Self, Problem> {
        let (mut given, mut values) = (Vec::new(), 0);
        for (name, value) in url::form_urlencoded::parse(raw.unwrap_or("").as_bytes()) {
            let name = known.iter().find(|known| **known == name).ok_or_else(|| unknown_parameter(&name, known))?;
            values += value.split(',').count();
            if values > MOST_VALUES {
                return Err(Problem::bad_query(name, format!("the query holds more than {MOST_VALUES} values")));
            }
            given.push((*name, value.into_owned()));
        }
        Ok(Self { given })
    }

    /// A parameter that may be given once.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut values = self.given.iter().filter(|(given, _)| *given == name).map(|(_, value)| value.as_str());
        let value = values.next();
        match values.next() {
            Some(_) => Err(Problem::bad_query(name, format!("`{name}` may be given once"))),
            None => Ok(value),
        }
    }

    /// A parameter that holds any of several values, with commas between them or given again.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let values = self.given.iter().filter(|(given, _)| *given == name).flat_map(|(_, value)| value.split(','));
        values.map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// A list of words out of a closed set.
    pub(super) fn words<T>(
        &self,
        name: &str,
        known: &[&str],
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, Problem> {
        let word = |word: &String| read(&word.to_lowercase()).ok_or_else(|| unknown_word(name, word, known));
        self.list(name).iter().map(word).collect()
    }

    /// Items in a page.
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        let Some(text) = self.one("limit")? else { return Ok(USUAL_LIMIT) };
        let limit = text.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
        let wrong = || format!("`limit` is a number from 1 to {LARGEST_LIMIT}, not `{}`", echo(text));
        limit.ok_or_else(|| Problem::bad_query("limit", wrong()))
    }

    /// Where the page begins.
    pub(super) fn cursor(&self) -> Result<Option<Cursor>, Problem> {
        let cursor = self.one("cursor")?.filter(|text| !text.is_empty());
        Ok(cursor.map(|text| Cursor(text.to_owned())))
    }

    /// An instant: RFC 3339, or how long before `now`, such as `24h`.
    pub(super) fn time(&self, name: &str, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        // An unescaped `+` of an offset arrives as a space.
        let instant = || text.trim().replace(' ', "+").parse().ok();
        let time = before(text.trim(), now).or_else(instant);
        let wrong = || {
            let given = echo(text);
            format!("`{name}` is a time such as 2026-05-04T03:02:01Z, or an age such as 90m, 24h or 7d, not `{given}`")
        };
        time.map(Some).ok_or_else(|| Problem::bad_query(name, wrong()))
    }
}

/// The instant `age` before `now`: a whole number of `s`, `m`, `h`, `d` or `w`.
fn before(age: &str, now: Timestamp) -> Option<Timestamp> {
    let (number, unit) = age.split_at_checked(age.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    let number: u32 = number.parse().ok()?;
    now.checked_sub(SignedDuration::from_secs(i64::from(number) * seconds)).ok()
}

fn unknown_parameter(name: &str, known: &[&str]) -> Problem {
    let hint = match closest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there are none here".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    };
    Problem::bad_query(name, format!("`{}` is not a parameter; {hint}", echo(name)))
}

fn unknown_word(name: &str, word: &str, known: &[&str]) -> Problem {
    let hint = match closest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known: {}", known.join(", ")),
    };
    Problem::bad_query(name, format!("`{}` is not a value of `{name}`; {hint}", echo(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = ["status", "since", "limit", "cursor", "q"];

    fn read(raw: &str) -> Query {
        Query::read(Some(raw), &KNOWN).unwrap()
    }

    fn detail(refused: Problem) -> String {
        assert_eq!((refused.status().as_u16(), refused.code()), (400, "bad_query"));
        refused.document()["detail"].as_str().unwrap().to_owned()
    }

    #[test]
    fn names_the_parameter_nobody_knows_and_the_one_meant() {
        let refused = Query::read(Some("q=x&sttaus=active"), &KNOWN).unwrap_err();
        assert_eq!(refused.document()["parameter"], "sttaus");
        assert_eq!(detail(refused), "`sttaus` is not a parameter; did you mean `status`?");
        let far = detail(Query::read(Some("colour=red"), &KNOWN).unwrap_err());
        assert!(far.ends_with("known here: status, since, limit, cursor, q"), "{far}");
        assert!(Query::read(None, &[]).is_ok());
    }

    #[test]
    fn lists_take_commas_and_repetition() {
        assert_eq!(read("status=a,b&status=c%2Cd,,").list("status"), ["a", "b", "c", "d"]);
        assert_eq!(detail(read("q=a&q=b").one("q").unwrap_err()), "`q` may be given once");
        let many = format!("status={}", "a,".repeat(300));
        assert!(detail(Query::read(Some(&many), &KNOWN).unwrap_err()).contains("more than 200"));
    }

    #[test]
    fn a_page_holds_one_to_a_thousand() {
        assert_eq!(read("").limit().unwrap(), 50);
        assert_eq!(read("limit=1000").limit().unwrap(), 1000);
        for wrong in ["0", "1001", "-1", "ten", ""] {
            let refused = detail(read(&format!("limit={wrong}")).limit().unwrap_err());
            assert_eq!(refused, format!("`limit` is a number from 1 to 1000, not `{wrong}`"));
        }
    }

    #[test]
    fn times_are_instants_or_ages() {
        let now: Timestamp = "2026-05-04T12:00:00Z".parse().unwrap();
        let time = |raw: &str| read(&format!("since={raw}")).time("since", now);
        for (given, meant) in [
            ("24h", "2026-05-03T12:00:00Z"),
            ("90m", "2026-05-04T10:30:00Z"),
            ("7d", "2026-04-27T12:00:00Z"),
            ("2w", "2026-04-20T12:00:00Z"),
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
            ("2026-01-02T03:04:05%2B02:00", "2026-01-02T01:04:05Z"),
            ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"),
        ] {
            assert_eq!(time(given).unwrap(), Some(meant.parse().unwrap()), "{given}");
        }
        for wrong in ["", "h", "yesterday", "-1h", "1.5h", "4294967295w", "2026-01-02", "7ä"] {
            assert!(detail(time(wrong).unwrap_err()).contains("`since` is a time such as"), "{wrong}");
        }
    }
}
