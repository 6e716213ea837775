//! What must survive: the contract of a store, by intent. An engine is a folder; every engine keeps the promises
//! of `contract_suite`.

mod attempt;
mod change;
mod contract;
mod error;
mod generation;
mod hits;
mod lane;
mod operator;
mod patch;
mod query;
mod records;
mod sqlite;
mod update;
mod versions;

pub use attempt::{AttemptRecord, AttemptView, Expired, RequestWork, StepEnd};
pub use change::{Cause, ChangeQuery, KEPT_GENERATIONS, NewChange, RolledBack, RulesetChange, UntoldChange};
pub use contract::{Store, StoreClock};
pub use error::StoreError;
pub use generation::{Decided, Generation};
pub use hits::{BlindSpot, RecentHours, RuleHit, RuleHits};
pub use lane::{LaneRecord, LaneState};
pub use operator::{
    Approval, ApprovalAnswer, ApprovalStatus, DeadLetter, DeadLetterDetails, DeadLetterStatus, Disarmed, Started,
    WaitingQuery, Wish,
};
pub use patch::{AlertPatch, Patched};
pub use query::{AlertQuery, AlertSort, Cursor, Page, RunQuery};
pub use records::{
    Accepted, Activity, Admission, AlertDetails, AlertSummary, ChildRun, ClaimGuard, EMAIL_LANE, LimitClaim, NewRun,
    NextWork, Progress, RateLimit, Recovered, RunDetails, RunStatus, RunSummary, RunWork, StepStart, StepStatus,
    StepView, StoreCounts,
};
pub use sqlite::{SqliteHistory, SqliteHistoryReader, SqliteSettings, SqliteStore, StoredAlert};
pub use update::{CalledFor, OnUpdate};
pub use versions::FilterVersion;

#[cfg(test)]
pub(crate) mod contract_suite;
