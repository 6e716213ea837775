//! Third stage: one lane a connection sends what is due there, and delays no other. `drive` claims, `deliver` makes one
//! attempt, `board` knows how every lane stands.

mod board;
mod deliver;
mod drive;
#[cfg(test)]
mod tests;

pub use board::{LaneView, Lanes};
pub(super) use drive::drive;
