//! SQLite against the contract, and what is its own: the lock, damage, and a disk that is full or fails.

mod child;
mod contract;
mod damage;
mod faults;
mod full;
mod history;
mod hot;
mod opening;
