//! The outcome as JUnit XML: a suite for each file of tests, and one for what was asked for besides.

use super::run::Report;
use crate::cli::explain::draw;
use crate::ruleset::FilterExplanation;
use crate::ruleset::trial::Trial;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The suite of what was asked for.
const ASKED: &str = "quell test";

/// One case of a suite.
struct Case {
    name: String,
    line: Option<u32>,
    fault: Option<String>,
}

/// The whole document.
pub(super) fn xml(report: &Report<'_>) -> String {
    let mut suites: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for Trial { name, file, place, fault, explained } in &report.tested.trials {
        let fault = fault.as_ref().map(|fault| with_explanations(fault, explained));
        let case = Case { name: name.clone(), line: Some(place.line), fault };
        suites.entry(file.display().to_string()).or_default().push(case);
    }
    let few = report.few.iter().map(|few| Case {
        name: format!("{}:{} has enough tests", few.file.display(), few.span.start.line),
        line: None,
        fault: Some(few.message.clone()),
    });
    let uncovered = report.uncovered.iter().map(|uncovered| Case {
        name: "enough is covered".to_owned(),
        line: None,
        fault: Some(uncovered.clone()),
    });
    let asked: Vec<Case> = few.chain(uncovered).collect();
    if !asked.is_empty() {
        suites.insert(ASKED.to_owned(), asked);
    }
    let failures = |cases: &[Case]| cases.iter().filter(|case| case.fault.is_some()).count();
    let (all, failed) = suites.values().fold((0, 0), |(all, failed), it| (all + it.len(), failed + failures(it)));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"quell\" tests=\"{all}\" failures=\"{failed}\">\n"
    );
    for (name, cases) in &suites {
        let suite = escaped(name);
        // Writing to a text cannot fail.
        let (all, failed) = (cases.len(), failures(cases));
        let _ = writeln!(out, "  <testsuite name=\"{suite}\" tests=\"{all}\" failures=\"{failed}\">");
        for case in cases {
            let place = case.line.map(|line| format!(" file=\"{suite}\" line=\"{line}\"")).unwrap_or_default();
            let _ = write!(out, "    <testcase classname=\"{suite}\" name=\"{}\"{place}", escaped(&case.name));
            let _ = match &case.fault {
                None => writeln!(out, "/>"),
                Some(fault) => {
                    let first = escaped(fault.lines().next().unwrap_or_default());
                    writeln!(out, ">\n      <failure message=\"{first}\">{}</failure>\n    </testcase>", escaped(fault))
                }
            };
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>");
    out
}

/// What did not hold, and below it what the filters say of the alert, line by line as `quell test` shows it.
fn with_explanations(fault: &str, explained: &[FilterExplanation]) -> String {
    let mut text = fault.to_owned();
    for filter in explained {
        let drawn = draw::filter(filter);
        text.push_str("\n\n");
        text.push_str(anstream::adapter::strip_str(drawn.trim_end()).to_string().as_str());
    }
    text
}

/// Text that XML can hold: of control characters it has only three, and none may be written as a reference either.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Position;
    use crate::ruleset::trial::Tested;
    use std::path::Path;

    #[test]
    fn hostile_names_stay_text() {
        let place = Position::from("");
        let trial = |name: &str, fault: Option<&str>| Trial {
            name: name.to_owned(),
            file: Path::new("rules/a\"b.yaml").into(),
            place,
            fault: fault.map(str::to_owned),
            explained: Vec::new(),
        };
        let trials = vec![trial("<&>\u{1b}", None), trial("b", Some("]]> \"x\"\nmore"))];
        let tested = Tested { trials, ..Tested::default() };
        let xml = xml(&Report { tested: &tested, few: &[], uncovered: Some("3% < 4%".to_owned()) });
        assert_eq!(
            xml,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"quell\" tests=\"3\" failures=\"2\">
  <testsuite name=\"quell test\" tests=\"1\" failures=\"1\">
    <testcase classname=\"quell test\" name=\"enough is covered\">
      <failure message=\"3% &lt; 4%\">3% &lt; 4%</failure>
    </testcase>
  </testsuite>
  <testsuite name=\"rules/a&quot;b.yaml\" tests=\"2\" failures=\"1\">
    <testcase classname=\"rules/a&quot;b.yaml\" name=\"&lt;&amp;&gt;\u{fffd}\" file=\"rules/a&quot;b.yaml\" line=\"1\"/>
    <testcase classname=\"rules/a&quot;b.yaml\" name=\"b\" file=\"rules/a&quot;b.yaml\" line=\"1\">
      <failure message=\"]]&gt; &quot;x&quot;\">]]&gt; &quot;x&quot;
more</failure>
    </testcase>
  </testsuite>
</testsuites>"
        );
    }
}
