//! Alerts that tell of changes of the rules, each once: the store remembers which have been told.

use super::accept::Acceptor;
use super::guard::tell;
use super::parts::Parts;
use crate::clock::Timestamp;
use crate::store::{Cause, RulesetChange, StoreError};
use serde_json::{Value, json};

/// Tells of every change that nobody has told of yet.
pub(super) async fn changes(parts: &Parts, acceptor: &Acceptor, now: Timestamp) -> Result<(), StoreError> {
    for untold in parts.store.untold_changes().await? {
        // Told twice, if the daemon dies in between, it is a repetition of the same alert.
        tell(acceptor, [alert(&untold.change)], now).await?;
        parts.store.change_told(untold.number).await?;
    }
    Ok(())
}

fn alert(change: &RulesetChange) -> Value {
    let RulesetChange { at, cause, by, generation, revision, counts, diff, .. } = change;
    let commit = revision.as_ref().map(|revision| revision.commit.as_str());
    let author = revision.as_ref().and_then(|revision| revision.author.as_deref());
    let what = match cause {
        Cause::Start | Cause::Files => "The rules changed",
        Cause::Rollback => "The rules were rolled back",
    };
    json!({
        "source_id": format!("ruleset:{generation}:{at}"),
        "alert_type": "Quell_RulesetChanged",
        "title": format!("{what}: filters: {}; playbooks: {}", counts.filters, counts.playbooks),
        "description": diff,
        "severity": match cause {
            Cause::Start | Cause::Files => "low",
            Cause::Rollback => "medium",
        },
        "start_time": at,
        "extended_properties": {
            "cause": cause.as_str(),
            "by": by,
            "generation": generation,
            "commit": commit,
            "dirty": revision.as_ref().is_some_and(|revision| revision.dirty),
            "author": author,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Format, Limits, decode};
    use crate::digest::Digest;
    use crate::ruleset::{ChangeCounts, KindCounts, Revision};

    #[test]
    fn a_change_is_an_alert_with_author_commit_and_what_is_different() {
        let filters = KindCounts { added: 1, changed: 2, ..KindCounts::default() };
        let change = RulesetChange {
            at: "2026-11-20T08:00:00Z".parse().unwrap(),
            cause: Cause::Files,
            by: None,
            generation: Digest::of(b"rules"),
            revision: Some(Revision {
                commit: "c0ffee".to_owned(),
                author: Some("Ada <ada@example.com>".to_owned()),
                commit_time: None,
                dirty: false,
            }),
            filters: 3,
            playbooks: 0,
            counts: ChangeCounts { filters, playbooks: KindCounts::default() },
            diff: "filter one changed (rules/a.yaml): matches more\n".repeat(340),
        };
        let text = alert(&change).to_string();
        let decoded = decode(text.as_bytes(), Format::Json, Some("native"), &Limits::default(), change.at).unwrap();
        let alert = &decoded[0].as_ref().unwrap().alert;
        assert_eq!(alert.title, "The rules changed: filters: 1 added, 2 changed; playbooks: none");
        assert_eq!(alert.description.as_deref(), Some(&*change.diff), "sixteen kilobytes of it are kept whole");
        assert_eq!(alert.extended_properties["author"], "Ada <ada@example.com>");
        assert_eq!(alert.extended_properties["commit"], "c0ffee");
    }
}
