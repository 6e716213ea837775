//! All filters and playbooks of one generation: built from sources or refused whole, and swapped as one pointer.

mod verdict;

pub use verdict::Verdict;
