//! What a filter's document means, and what is wrong with bad ones.

mod formatting;

use super::*;
use crate::alert::Severity;
use crate::clock::Timestamp;
use crate::diag::Diagnostics;
use std::path::Path;
use std::sync::Arc;

const WHOLE: &str = "\
id: qualys-nightly-scan
title: Qualys scanners try SSH passwords every night
reason: expected_activity
owner: secops@example.com
ticket: SEC-1423
starts: 2026-12-01
expires: 2027-03-31
mode: audit
allow: [high]
match:
  alert_type|startswith: VM_LoginBruteForce
  severity|lte: medium
  entities.ip.address|cidr: [10.20.0.0/16, 2001:db8::/32]
tests:
  - name: the scanner is quiet
    alert: {alert_type: VM_LoginBruteForceAttempt, severity: low, entities: [{type: ip, address: 10.20.3.4}]}
    expect: dismissed
  - name: strangers still show
    alert: {alert_type: VM_LoginBruteForceAttempt, severity: low, entities: [{type: ip, address: 203.0.113.9}]}
    expect: active
";

const SHORT: &str = "reason: noise\nowner: me\nmatch: {title: x}\n";

fn read_as(file: &str, text: &str) -> (Vec<Filter>, Vec<String>) {
    let file: Arc<Path> = Path::new(file).into();
    let mut found = Diagnostics::new();
    let filters = compile_file(text, &file, &crate::matcher::Placeholders::default(), &mut found);
    let told = found.sorted().into_iter().map(|found| match &found.help {
        Some(help) => format!("{} = {help}", found.headline()),
        None => found.headline(),
    });
    (filters, told.collect())
}

fn filter(text: &str) -> Filter {
    let (mut filters, found) = read_as("rules/a-filter.yaml", text);
    assert_eq!((filters.len(), found), (1, Vec::new()));
    filters.remove(0)
}

/// What is found in a document that is fine but for these lines; `removed` keys are left out.
fn found_with(lines: &str, removed: &[&str]) -> Vec<String> {
    let kept = SHORT.lines().filter(|line| !removed.iter().any(|key| line.starts_with(key)));
    let text: String = kept.chain(lines.lines()).map(|line| format!("{line}\n")).collect();
    read_as("r/ab.yaml", &text).1
}

#[test]
fn every_key_is_read() {
    let filter = filter(WHOLE);
    assert_eq!(filter.id.as_str(), "qualys-nightly-scan");
    assert_eq!(filter.title, "Qualys scanners try SSH passwords every night");
    assert_eq!(filter.reason, "expected_activity");
    assert_eq!(filter.owner.as_deref(), Some("secops@example.com"));
    assert_eq!(filter.ticket.as_deref(), Some("SEC-1423"));
    assert_eq!(filter.starts.unwrap().to_string(), "2026-12-01T00:00:00Z");
    assert_eq!(filter.expires.unwrap().to_string(), "2027-03-31T00:00:00Z");
    assert_eq!((filter.mode, filter.allow), (Mode::Audit, vec![Severity::High]));
    let [quiet, show] = filter.tests.as_slice() else { panic!("{:?}", filter.tests) };
    assert_eq!((quiet.name.as_str(), quiet.expect), ("the scanner is quiet", Expectation::Dismissed));
    assert_eq!((show.expect, show.span.start.line), (Expectation::Active, 18));
    assert_eq!(quiet.alert["entities"][0]["address"], "10.20.3.4");
}

#[test]
fn a_filter_alone_in_its_file_is_named_after_it() {
    let filter = filter(SHORT);
    assert_eq!((filter.id.as_str(), filter.title.as_str(), filter.mode), ("a-filter", "a-filter", Mode::Enforce));
    let (none, found) = read_as("rules/My Filter.yaml", SHORT);
    assert!(none.is_empty());
    assert_eq!(
        found,
        [
            "rules/My Filter.yaml:1:1: error[F005]: the file's name `My Filter` is not an id = add an `id`: 2 to 64 of a-z, 0-9, `_` and `-`, beginning with a letter or digit"
        ]
    );
}

#[test]
fn one_file_may_hold_several_filters_each_with_its_id() {
    let (filters, found) = read_as("r/ab.yaml", &format!("id: one\n{SHORT}---\nid: two\n{SHORT}---\n"));
    assert_eq!((filters.len(), found), (2, Vec::new()));
    assert_eq!((filters[1].id.as_str(), filters[1].span.start.line), ("two", 6));
    let (filters, found) = read_as("r/ab.yaml", &format!("id: one\n{SHORT}---\n{SHORT}"));
    assert_eq!(filters.len(), 1);
    assert_eq!(
        found,
        [
            "r/ab.yaml:6:1: error[F005]: a filter in a file of several needs an `id` = the file's name is the id only where the filter stands alone"
        ]
    );
}

#[test]
fn a_filter_is_in_force_from_its_start_until_its_expiry() {
    let filter = filter(WHOLE);
    let at = |time: &str| filter.is_in_force(time.parse::<Timestamp>().unwrap());
    assert!(!at("2026-11-30T23:59:59Z") && at("2026-12-01T00:00:00Z"));
    assert!(at("2027-03-30T23:59:59Z") && !at("2027-03-31T00:00:00Z"));
    assert!(self::filter(SHORT).is_in_force(Timestamp::MAX));
}

#[test]
fn grave_alerts_need_to_be_allowed_by_name() {
    let word = Severity::from_word;
    let plain = filter(SHORT);
    for mild in ["informational", "low", "medium"] {
        assert!(plain.may_dismiss(&word(mild)), "{mild}");
    }
    for grave in ["high", "critical", "super"] {
        assert!(!plain.may_dismiss(&word(grave)), "{grave}");
    }
    let allowed = filter(&format!("{SHORT}allow: [high]\nexpires: 2027-01-01\n"));
    assert!(allowed.may_dismiss(&word("high")) && !allowed.may_dismiss(&word("critical")));
    assert!(!allowed.may_dismiss(&word("super")));
    assert!(filter(&format!("{SHORT}allow: critical\nexpires: 2027-01-01\n")).may_dismiss(&word("critical")));
}

#[test]
fn a_condition_may_be_called_detection() {
    filter("reason: noise\nowner: me\ndetection: {sel: {title: x}, condition: sel}\n");
    assert_eq!(
        found_with("detection: {title: y}", &[]),
        ["r/ab.yaml:4:1: error[F003]: `detection` is another name of `match`; a filter has one of them"]
    );
}

#[test]
fn faults_of_keys_are_told_where_they_stand() {
    let reasons =
        "false_positive, specific_entity_false_positive, expected_activity, test, maintenance, duplicate, noise, other";
    for (lines, removed, expected) in [
        ("expire: 2027-01-01", "", "4:1: error[F001]: a filter has no key `expire` = did you mean `expires`?"),
        ("colour: red", "", "4:1: error[F001]: a filter has no key `colour`"),
        ("schedule: {days: [son]}", "", "4:19: error[F009]: `son` is not a day of the week = did you mean `mon`?"),
        (
            "id: Bad Id",
            "",
            "4:5: error[F005]: `Bad Id` is not an id = 2 to 64 of a-z, 0-9, `_` and `-`, beginning with a letter or digit",
        ),
        ("title: [a]", "", "4:8: error[F003]: `title` is a text, not a list"),
        ("reason: expected", "reason", "3:9: error[F004]: `reason` cannot be `expected` = there are REASONS"),
        ("reason: noize", "reason", "3:9: error[F004]: `reason` cannot be `noize` = did you mean `noise`?"),
        ("", "reason", "1:1: error[F002]: the filter has no `reason` = say why its alerts are dismissed: REASONS"),
        (
            "",
            "match",
            "1:1: error[F002]: the filter has no `match` = say which alerts it is about: `match: {alert_type: ...}`",
        ),
        (
            "",
            "owner",
            "1:1: warning[F006]: nobody owns this filter = add `owner`: a person or a team that answers for it",
        ),
        (
            "owner: ''",
            "owner",
            "3:1: warning[F006]: nobody owns this filter = add `owner`: a person or a team that answers for it",
        ),
        (
            "expires: 2027-13-01",
            "",
            "4:10: error[F007]: `expires` is a date or a time, not `2027-13-01` = write it like `2027-03-31` (the first moment of that day in UTC) or `2027-03-31T12:00:00Z`",
        ),
        (
            "starts: 2027",
            "",
            "4:9: error[F007]: `starts` is a date or a time, not `2027` = write it like `2027-03-31` (the first moment of that day in UTC) or `2027-03-31T12:00:00Z`",
        ),
        (
            "starts: 2027-01-02\nexpires: 2027-01-02",
            "",
            "5:10: error[F008]: the filter is never in force: it expires before it starts = write an `expires` that is later than `starts`",
        ),
        ("mode: dry", "", "4:7: error[F004]: `mode` cannot be `dry` = there are enforce, audit"),
        (
            "allow: [medium]",
            "",
            "4:9: warning[F018]: `medium` needs no `allow`: only high and critical do = leave it out; to dismiss some severities only, say so in `match`: `severity|lte: medium`",
        ),
        (
            "allow: [critical]",
            "",
            "4:1: error[F012]: a filter that may dismiss alerts of severity high or critical needs an `expires` = add `expires`, such as a day in three months; or leave `allow` out",
        ),
        ("allow: [hihg]", "", "4:9: error[F004]: `allow` cannot be `hihg` = did you mean `high`?"),
        (
            "match: {}",
            "match",
            "3:8: error[M021]: this condition matches every alert = it is empty; say what must be there, such as an `alert_type`",
        ),
        (
            "match:",
            "match",
            "3:6: error[M021]: this condition matches every alert = it is empty; say what must be there, such as an `alert_type`",
        ),
    ] {
        let removed: &[&str] = if removed.is_empty() { &[] } else { &[removed] };
        let expected = format!("r/ab.yaml:{}", expected.replace("REASONS", reasons));
        assert_eq!(found_with(lines, removed), [expected], "{lines}");
    }
}

#[test]
fn the_documentation_lists_keys_in_the_order_that_fmt_puts_them_into() {
    let table = include_str!("../../docs/filters.md").split("| key |").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = table.lines().skip(2).flat_map(|row| {
        let cell = row.split('|').nth(1).unwrap_or_default();
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    });
    let names: Vec<String> = names.collect();
    let keys: Vec<&str> = super::compile::KEYS.into_iter().filter(|key| *key != "detection").collect();
    assert_eq!(names, keys, "`detection` is another name of `match`");
}

#[test]
fn a_filter_that_every_example_of_an_alert_meets_is_refused() {
    let everything = [
        "{id|startswith: al_}",
        "{received_time|gte: 1970-01-01T00:00:00Z}",
        "{a: {id|startswith: al_}, b: {vendor: x}, condition: a and not b}",
        "{id|re: '^al_[0-9a-z]{26}$', severity|lte: critical}",
    ];
    for text in everything {
        let found = found_with(&format!("match: {text}"), &["match"]);
        assert!(found.len() == 1 && found[0].starts_with("r/ab.yaml:3:8: error[M035]: "), "{text}: {found:?}");
    }
    for text in ["{received_time|gte: 2026-01-01}", "{id|startswith: al_01}", "{severity|lte: high}", "{vendor|neq: x}"]
    {
        let found = found_with(&format!("match: {text}"), &["match"]);
        assert!(found.iter().all(|line| line.contains("warning")), "{text}: {found:?}");
    }
}

#[test]
fn faults_of_tests_are_told_where_they_stand() {
    for (lines, expected) in [
        (
            "tests: x",
            ["4:8: error[F011]: tests are a list, not a text = begin each test with `- name: ...`"].as_slice(),
        ),
        (
            "tests: [x]",
            &["4:9: error[F011]: a test is a map, not a text = it has the keys `name`, `alert` and `expect`"],
        ),
        (
            "tests: [{nam: a, alert: x, expect: gone}]",
            &[
                "4:10: error[F001]: a test has no key `nam` = did you mean `name`?",
                "4:25: error[F011]: `alert` is a map, not a text",
                "4:36: error[F011]: `expect` is `dismissed` or `active`, not `gone`",
            ],
        ),
    ] {
        let found = found_with(lines, &[]);
        for line in expected {
            assert!(found.contains(&format!("r/ab.yaml:{line}")), "{lines}: {found:#?}");
        }
    }
}

#[test]
fn a_file_without_a_filter_is_refused() {
    for text in ["", "# later\n", "---\n---\n"] {
        let (filters, found) = read_as("r/ab.yaml", text);
        assert!(filters.is_empty());
        assert_eq!(
            found,
            ["r/ab.yaml:1:1: error[F010]: the file holds no filter = write one, or remove the file"],
            "{text}"
        );
    }
    let (_, found) = read_as("r/ab.yaml", "- a\n");
    assert_eq!(
        found,
        ["r/ab.yaml:1:1: error[F003]: a filter is a map of keys, not a list = it begins with `id:` or `title:`"]
    );
}

#[test]
fn all_faults_of_a_file_are_told_at_once_and_sound_filters_are_kept() {
    let text = format!(
        "id: one\nreason: nois\nmatch: {{sevrity: low}}\n---\nid: two\n{SHORT}---\nid: x\nmatch: {{title: y}}\n"
    );
    let (filters, found) = read_as("r/ab.yaml", &text);
    assert_eq!(filters.len(), 1);
    let places: Vec<&str> = found.iter().map(|line| line.split("]:").next().unwrap()).collect();
    assert_eq!(
        places,
        [
            "r/ab.yaml:1:1: warning[F006",
            "r/ab.yaml:2:9: error[F004",
            "r/ab.yaml:3:9: error[M001",
            "r/ab.yaml:10:1: error[F002",
            "r/ab.yaml:10:1: warning[F006",
            "r/ab.yaml:10:5: error[F005",
        ]
    );
}

#[test]
fn a_sibling_file_holds_the_same_list_of_tests() {
    let text = "- {name: a, alert: {title: x}, expect: active}\n- {name: b, alert: {title: y}, expect: dismissed}\n";
    let mut found = Diagnostics::new();
    let tests = compile_tests(text, &Path::new("r/ab.test.yaml").into(), &mut found);
    assert!(found.is_empty() && tests.len() == 2);
    assert_eq!((tests[1].name.as_str(), tests[1].expect), ("b", Expectation::Dismissed));
    let tests = compile_tests("- {name: a}\n", &Path::new("r/ab.test.yaml").into(), &mut found);
    assert!(found.has_errors() && tests.is_empty());
}

#[test]
fn the_next_window_is_one_in_which_the_filter_is_in_force() {
    let opens = |lines: &str| {
        let filter = filter(&format!("{lines}{SHORT}"));
        filter.opens_after("2026-11-26T12:00:00Z".parse().unwrap()).map(|at| at.to_string())
    };
    let sundays = "schedule: {days: [sun], from: \"02:00\", to: \"04:00\"}\n";
    let at = |text: &str| Some(text.to_owned());
    assert_eq!(opens(""), None, "it is in force all the time");
    assert_eq!(opens(sundays), at("2026-11-29T02:00:00Z"));
    assert_eq!(opens(&format!("{sundays}starts: 2026-12-01\n")), at("2026-12-06T02:00:00Z"));
    assert_eq!(opens(&format!("{sundays}starts: 2026-12-06T03:00:00Z\n")), at("2026-12-06T03:00:00Z"));
    assert_eq!(opens(&format!("{sundays}expires: 2026-11-28\n")), None);
}
