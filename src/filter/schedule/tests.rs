//! When windows are open, across midnight and changes of the clocks; and what is wrong with bad ones.

use super::{Schedule, read};
use crate::clock::Timestamp;
use crate::diag::Diagnostics;
use crate::yaml::{self, Limits};
use std::path::Path;
use std::sync::Arc;

fn read_all(text: &str) -> (Option<Schedule>, Vec<String>) {
    let file: Arc<Path> = Path::new("a.yaml").into();
    let mut found = Diagnostics::new();
    let nodes = yaml::parse(text, &file, Limits::RULE_FILE, &mut found);
    let schedule = read(&nodes[0], &file, &mut found);
    let told = found.sorted().into_iter().map(|found| match &found.help {
        Some(help) => format!("{} = {help}", found.headline()),
        None => found.headline(),
    });
    (schedule, told.collect())
}

fn schedule(text: &str) -> Schedule {
    let (schedule, found) = read_all(text);
    assert_eq!(found, Vec::<String>::new(), "{text}");
    schedule.unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[track_caller]
fn open(text: &str, inside: &[&str], outside: &[&str]) {
    let schedule = schedule(text);
    for time in inside {
        assert!(schedule.is_open(at(time)), "{text} at {time}");
    }
    for time in outside {
        assert!(!schedule.is_open(at(time)), "{text} at {time}");
    }
}

#[test]
fn a_window_is_open_on_its_days_by_the_clock_of_its_zone() {
    // 2026-11-29 is a Sunday; Paris is an hour ahead of UTC in winter.
    open(
        r#"{days: [sun], from: "02:00", to: "04:00", timezone: Europe/Paris}"#,
        &["2026-11-29T01:00:00Z", "2026-11-29T02:59:59.999Z"],
        &["2026-11-29T00:59:59Z", "2026-11-29T03:00:00Z", "2026-11-28T01:30:00Z", "2026-11-30T01:30:00Z"],
    );
    // Without times the whole day, without days every day, without a zone UTC.
    open("{days: Saturday}", &["2026-11-28T00:00:00Z", "2026-11-28T23:59:59Z"], &["2026-11-29T00:00:00Z"]);
    open(r#"{from: "22:30"}"#, &["2026-11-25T22:30:00Z", "2026-11-26T23:59:00Z"], &["2026-11-26T00:00:00Z"]);
    open(r#"{from: "08:00", to: "24:00"}"#, &["2026-11-25T23:59:59Z"], &["2026-11-25T07:59:59Z"]);
    open(
        r#"[{days: [mon]}, {days: [wed]}]"#,
        &["2026-11-23T12:00:00Z", "2026-11-25T12:00:00Z"],
        &["2026-11-24T12:00:00Z"],
    );
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_it_opens_on() {
    open(
        r#"{days: [fri], from: "22:00", to: "06:00"}"#,
        &["2026-11-27T22:00:00Z", "2026-11-27T23:59:59Z", "2026-11-28T00:00:00Z", "2026-11-28T05:59:59Z"],
        &["2026-11-27T05:00:00Z", "2026-11-28T06:00:00Z", "2026-11-28T22:00:00Z"],
    );
    open(r#"{days: [fri], from: "22:00", to: "00:00"}"#, &["2026-11-27T23:59:59Z"], &["2026-11-28T00:00:00Z"]);
}

#[test]
fn clocks_that_change_are_followed() {
    // In Paris 2026-03-29 has no 02:00 to 03:00, and 2026-10-25 has it twice (00:00Z to 02:00Z).
    let nightly = r#"{from: "02:00", to: "03:00", timezone: Europe/Paris}"#;
    open(
        nightly,
        &["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"],
        &["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-10-25T02:00:00Z"],
    );
    // A window that opens in the gap is open from its end on.
    open(
        r#"{from: "02:30", to: "05:00", timezone: Europe/Paris}"#,
        &["2026-03-29T01:00:00Z", "2026-03-29T02:59:59Z"],
        &["2026-03-29T00:59:59Z", "2026-03-29T03:00:00Z"],
    );
}

#[test]
fn the_next_opening_is_known() {
    let weekly = schedule(r#"{days: [sun], from: "02:00", to: "04:00", timezone: Europe/Paris}"#);
    assert_eq!(weekly.opens_after(at("2026-11-26T12:00:00Z")), Some(at("2026-11-29T01:00:00Z")));
    assert_eq!(weekly.opens_after(at("2026-11-29T01:00:00Z")), Some(at("2026-12-06T01:00:00Z")));
    assert_eq!(weekly.to_string(), "sun from 02:00 to 04:00 Europe/Paris");
    assert_eq!(schedule("{}").to_string(), "every day from 00:00 to 24:00 UTC");
    let both = schedule(r#"[{days: [sat, sun]}, {from: "22:00"}]"#);
    assert_eq!(both.to_string(), "sat, sun from 00:00 to 24:00 UTC; every day from 22:00 to 24:00 UTC");
    assert!(both.covers(&schedule("{days: [sun, sat]}")) && !schedule("{days: [sat]}").covers(&both));
}

#[test]
fn faults_are_told_where_they_stand() {
    for (text, expected) in [
        ("{day: [sun]}", "1:2: error[F009]: a window has no key `day` = did you mean `days`?"),
        ("{colour: red}", "1:2: error[F009]: a window has no key `colour` = there are days, from, to, timezone"),
        (
            "[]",
            "1:1: error[F009]: a schedule has 1 to 100 windows, not 0 = leave `schedule` out for a filter that is always in force",
        ),
        ("{days: []}", "1:8: error[F009]: `days` names no day = leave it out for every day"),
        ("{days: [8]}", "1:9: error[F009]: `8` is not a day of the week = there are mon, tue, wed, thu, fri, sat, sun"),
        (
            r#"{from: "2:00"}"#,
            "1:8: error[F009]: `from` is a time of day, not `2:00` = write it like `\"02:00\"`, with two digits each",
        ),
        (
            r#"{to: "25:00"}"#,
            "1:6: error[F009]: `to` is a time of day, not `25:00` = write it like `\"02:00\"`, with two digits each",
        ),
        (
            r#"{from: "24:00"}"#,
            "1:1: error[F009]: a window cannot begin at 24:00 = write `from: \"00:00\"` and the next day",
        ),
        (
            r#"{from: "02:00", to: "02:00"}"#,
            "1:1: error[F009]: the window closes as it opens = leave `from` and `to` out for whole days",
        ),
        (
            "{timezone: Europe/Pariss}",
            "1:12: error[F009]: there is no time zone `Europe/Pariss` = did you mean `Europe/Paris`?",
        ),
        ("{timezone: CEST}", "1:12: error[F009]: there is no time zone `CEST` = did you mean `CET`?"),
        (
            "sunday",
            "1:1: error[F009]: a window is a map, not a text = write it like `{days: [sat, sun], from: \"02:00\", to: \"04:00\"}`",
        ),
    ] {
        let (schedule, found) = read_all(text);
        assert_eq!((schedule, found), (None, vec![format!("a.yaml:{expected}")]), "{text}");
    }
}
