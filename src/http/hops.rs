//! The `quell-hops` header: an alert that came from a playbook, and that of one before, and so on, goes in circles.

use super::problem::Problem;
use crate::delivery::HOPS;
use axum::http::HeaderMap;

/// An alert that has been through so many playbooks' requests is not taken in any more.
const MOST: u8 = 3;

/// How many requests of daemons brought these alerts here; none for one that came from elsewhere.
///
/// # Errors
/// When they were too many, or are told in a way that cannot be understood.
pub(super) fn read(headers: &HeaderMap) -> Result<u8, Problem> {
    let mut most = 0;
    for value in headers.get_all(HOPS) {
        let count = value.to_str().ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty());
        // A number that is too large for a byte is certainly too large.
        let count = count.ok_or_else(Problem::hops_invalid)?.parse().unwrap_or(u8::MAX);
        most = count.max(most);
    }
    if most >= MOST { Err(Problem::loop_detected(most)) } else { Ok(most) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn read_of(values: &[&'static str]) -> Result<u8, &'static str> {
        let headers = values.iter().map(|value| (HOPS.parse().unwrap(), HeaderValue::from_static(value)));
        read(&headers.collect()).map_err(|problem| problem.code())
    }

    #[test]
    fn what_has_gone_round_three_times_is_refused() {
        assert_eq!(read_of(&[]), Ok(0));
        assert_eq!(read_of(&["1"]), Ok(1));
        assert_eq!(read_of(&["2"]), Ok(2));
        for round in [&["3"][..], &["4"], &["255"], &["256"], &["99999999999999999999"], &["1", "3"], &["3", "0"]] {
            assert_eq!(read_of(round), Err("loop_detected"), "{round:?}");
        }
        for nonsense in ["", "-1", "two", "1, 2", "1.0"] {
            assert_eq!(read_of(&[nonsense]), Err("hops_invalid"), "{nonsense}");
        }
    }
}
