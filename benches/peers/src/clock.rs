//! The time this thread has spent on a processor, which the machine's other work does not change.

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds of processor time this thread has used.
pub fn cpu_nanos() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let whole = u64::try_from(now.tv_sec).expect("a thread's time is not negative");
    whole * 1_000_000_000 + u64::try_from(now.tv_nsec).expect("nor is its fraction")
}
