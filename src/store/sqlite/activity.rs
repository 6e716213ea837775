//! What happens to an alert: changes of its state, and the record of who made them.

use super::draft::rank;
use super::values::{Json, Micros, json};
use crate::clock::Timestamp;
use crate::playbook::AlertChange;
use crate::ruleset::Verdict;
use crate::store::{Activity, StoreError};
use rusqlite::Connection;

/// Who takes alerts in.
pub(super) const INTAKE: &str = "intake";

/// How an alert's life began, as its own record tells.
pub(super) fn opening(source: &str, received: Timestamp, verdict: &Verdict) -> Vec<Activity> {
    let begin = |time, action: &str, detail: String, why| Activity {
        time,
        actor: INTAKE.to_owned(),
        action: action.to_owned(),
        detail,
        why,
    };
    let mut opening = vec![begin(received, "received", source.to_owned(), None)];
    if !verdict.dismissed_by.is_empty() {
        let filters: Vec<&str> = verdict.dismissed_by.iter().map(|filter| filter.as_str()).collect();
        opening.push(begin(verdict.decided_time, "dismissed", filters.join(", "), verdict.reason.clone()));
    }
    opening
}

/// Records what happened to an alert.
pub(super) fn add(db: &Connection, alert: i64, activity: &Activity) -> Result<(), StoreError> {
    let Activity { time, actor, action, detail, why } = activity;
    db.prepare_cached(
        "INSERT INTO activity (alert, time, actor, action, detail, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((alert, Micros(*time), actor, action, detail, why))?;
    Ok(())
}

/// Most of it that an alert's details show: the newest.
const SHOWN: u32 = 1000;

/// What was recorded of an alert lately, oldest first.
pub(super) fn of_alert(db: &Connection, alert: i64) -> Result<Vec<Activity>, StoreError> {
    let mut rows = db.prepare_cached(
        "SELECT time, actor, action, detail, why FROM activity WHERE alert = ?1 ORDER BY seq DESC LIMIT ?2",
    )?;
    let activity = rows.query_map((alert, SHOWN), |row| {
        Ok(Activity {
            time: row.get::<_, Micros>(0)?.0,
            actor: row.get(1)?,
            action: row.get(2)?,
            detail: row.get(3)?,
            why: row.get(4)?,
        })
    })?;
    let mut activity = activity.collect::<Result<Vec<_>, _>>()?;
    activity.reverse();
    Ok(activity)
}

/// Makes a change and records who made it.
pub(super) fn change(
    db: &Connection,
    alert: i64,
    change: &AlertChange,
    actor: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (action, detail, why) = match change {
        AlertChange::Status { status, why } => {
            db.prepare_cached("UPDATE alerts SET status = ?2 WHERE seq = ?1")?.execute((alert, status.as_str()))?;
            ("status", status.as_str(), Some(why))
        }
        AlertChange::Severity { severity, why } => {
            db.prepare_cached("UPDATE alerts SET severity = ?2, severity_rank = ?3 WHERE seq = ?1")?.execute((
                alert,
                severity.as_str(),
                rank(severity),
            ))?;
            ("severity", severity.as_str(), Some(why))
        }
        AlertChange::Comment { text } => ("comment", text.as_str(), None),
        AlertChange::Tag { text } => {
            tag(db, alert, text)?;
            ("tag", text.as_str(), None)
        }
        AlertChange::Assign { who } => {
            db.prepare_cached("UPDATE alerts SET assignee = ?2 WHERE seq = ?1")?.execute((alert, who))?;
            ("assign", who.as_str(), None)
        }
    };
    let why = why.filter(|why| !why.is_empty()).cloned();
    let (action, detail) = (action.to_owned(), detail.to_owned());
    add(db, alert, &Activity { time: now, actor: actor.to_owned(), action, detail, why })
}

fn tag(db: &Connection, alert: i64, tag: &str) -> Result<(), StoreError> {
    let Json(mut tags) = db
        .prepare_cached("SELECT tags FROM alerts WHERE seq = ?1")?
        .query_row([alert], |row| row.get::<_, Json<Vec<String>>>(0))?;
    if !tags.iter().any(|known| known == tag) {
        tags.push(tag.to_owned());
        db.prepare_cached("UPDATE alerts SET tags = ?2 WHERE seq = ?1")?.execute((alert, json(&tags)))?;
    }
    Ok(())
}
