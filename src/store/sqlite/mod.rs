//! The store for one node: SQLite in the data folder, one writer that commits in groups, readers beside it.

mod accept;
mod activity;
mod alert_list;
mod approvals;
mod aside;
mod changes;
mod checkpoint;
mod children;
mod claims;
mod connection;
mod counts;
mod cursor;
mod dead_letters;
mod details;
mod draft;
mod expiry;
mod facts;
mod fault;
mod folder;
mod generations;
mod health;
mod history;
mod hits;
mod hot;
mod lanes;
mod limits;
mod patches;
mod programs;
mod readers;
mod requests;
mod run_list;
mod runs;
mod schema;
mod seal;
mod settings;
mod state;
mod steps;
mod store;
mod timers;
mod updates;
mod values;
mod versions;
mod waiting;
mod work;
mod writer;

pub use history::{SqliteHistory, SqliteHistoryReader, StoredAlert};
pub use settings::SqliteSettings;
pub use store::SqliteStore;

#[cfg(test)]
mod tests;
