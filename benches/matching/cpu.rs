//! Time as this thread spends it: other work on the machine does not count.

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds of processor time of this thread.
pub fn now() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Nanoseconds of processor time of all threads of this process.
#[allow(dead_code, reason = "only benches with threads of their own ask")]
pub fn of_process() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// What something takes, in nanoseconds.
pub fn spent(work: impl FnOnce()) -> f64 {
    let began = now();
    work();
    now() - began
}
