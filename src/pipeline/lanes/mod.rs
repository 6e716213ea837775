//! Third stage: one lane a connection sends what is due there, and delays no other. `drive` claims, `deliver` makes one
//! attempt, `board` knows how every lane stands, `places` how many attempts may be under way, `waiting` when to look at what waits in one that rests.

mod board;
mod deliver;
mod drive;
mod places;
#[cfg(test)]
mod tests;
mod waiting;

pub use board::{LaneView, Lanes};
pub(super) use drive::drive;
