//! Quell: a rules-as-code engine for security alerts.
//!
//! The modules stand on floors; a module uses only what stands below it (`tests/architecture.rs` keeps it so).

pub mod alert;
pub mod clock;
pub mod diag;
pub mod digest;
pub mod id;
pub mod playbook;
pub mod ruleset;
pub mod secret;
pub mod shutdown;
pub mod store;
pub mod yaml;
