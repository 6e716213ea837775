//! What a repository of rules begins with: an example of each kind of file, and what runs them in a pull request.

use crate::clock::Timestamp;
use jiff::ToSpan;
use jiff::tz::TimeZone;

/// A file of the template: where it goes, and what it says.
const FILES: &[(&str, &str)] = &[
    (".github/workflows/quell.yml", include_str!("template/github.yml")),
    (".gitignore", include_str!("template/gitignore")),
    (".gitlab-ci.yml", include_str!("template/gitlab.yml")),
    ("README.md", include_str!("template/readme.md")),
    ("playbooks/note-brute-force.rhai", include_str!("template/note-brute-force.rhai")),
    ("playbooks/note-brute-force.test.yaml", include_str!("template/note-brute-force.test.yaml")),
    ("quell.yaml", include_str!("template/quell.yaml")),
    ("rules/scanner-ssh-logins.yaml", include_str!("template/scanner-ssh-logins.yaml")),
    ("samples/alerts.ndjson", include_str!("template/alerts.ndjson")),
];
/// Days after which the example filter ends: the policy allows twice as many.
const LIFE: i64 = 90;

/// The files of a new repository: paths within it, and contents. The example filter ends some months after `now`.
pub fn files(now: Timestamp) -> Vec<(&'static str, String)> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let expires = today.checked_add(LIFE.days()).unwrap_or(today).to_string();
    FILES.iter().map(|(path, text)| (*path, text.replace("EXPIRES", &expires))).collect()
}
