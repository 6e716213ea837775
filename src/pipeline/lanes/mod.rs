//! Third stage: one lane a connection sends what is due there, and delays no other. `drive` claims, `deliver` makes one
//! attempt, `board` knows how every lane stands, `waiting` when to look at what waits in one that rests.

mod board;
mod deliver;
mod drive;
mod mails;
#[cfg(test)]
mod tests;
mod waiting;

pub use board::{LaneView, Lanes};
pub(super) use drive::drive;
pub(super) use mails::drive_mails;
