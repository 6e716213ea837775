//! Quell: a rules-as-code engine for security alerts. It quiets the noise and answers the rest.
//!
//! The modules stand on floors; a module uses only what stands below it (`tests/architecture.rs` keeps it so). From
//! the ground up:
//!
//! - [`clock`], [`digest`], [`id`], [`secret`], [`shutdown`], [`telemetry`]: what everything stands on
//! - [`diag`]: every finding about a file
//! - [`alert`], [`yaml`]: the canonical alert; YAML with a place for every value
//! - [`decode`], [`matcher`]: bytes to alerts; conditions over alerts
//! - [`filter`], [`playbook`]: what people write, compiled
//! - [`ruleset`], [`import`]: all of it at one moment, and what it decides; other systems' rules as filters
//! - [`store`]: what must survive
//! - [`client`], [`delivery`], [`sandbox`]: the ways out: to a daemon, to the world, to worker processes
//! - [`pipeline`]: the life of an alert, stage by stage
//! - [`simulate`]: the same decisions on alerts of the past, without effects
//! - [`intake`], [`reload`]: where alerts come in; where rules come in
//! - [`http`]: the interface
//! - [`init`]: what a repository of rules begins with
//! - [`config`], [`daemon`], [`demo`], [`cli`]: settings, wiring, and the commands

pub mod alert;
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod decode;
pub mod delivery;
pub mod demo;
pub mod diag;
pub mod digest;
pub mod filter;
pub mod http;
pub mod id;
pub mod import;
pub mod init;
pub mod intake;
pub mod matcher;
pub mod pipeline;
pub mod playbook;
pub mod reload;
pub mod ruleset;
pub mod sandbox;
pub mod secret;
pub mod shutdown;
pub mod simulate;
pub mod store;
pub mod telemetry;
pub mod yaml;
