//! Alerts in files of their own, which tests name. Whoever writes a test is not always trusted by whoever runs it.

use std::fs;
use std::path::Path;

/// As much as one alert may be.
const MOST_BYTES: u64 = 1 << 20;

/// Reads a file that a test names, if it lies beside that test or below.
pub(super) fn read(test: &Path, sample: &str) -> Result<Vec<u8>, String> {
    let folder = test.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let path = folder.join(sample);
    let unreadable = |fault: std::io::Error| format!("the alert's file {} cannot be read: {fault}", path.display());
    // A link must not lead out of the folder either.
    let (real, folder) = (path.canonicalize().map_err(unreadable)?, folder.canonicalize().map_err(unreadable)?);
    if !real.starts_with(&folder) {
        return Err(format!("the alert's file {} lies outside the test's folder", path.display()));
    }
    let about = fs::metadata(&real).map_err(unreadable)?;
    if !about.is_file() {
        return Err(format!("{} is not a file", path.display()));
    }
    if about.len() > MOST_BYTES {
        return Err(format!("the alert's file {} is larger than {MOST_BYTES} bytes", path.display()));
    }
    fs::read(&real).map_err(unreadable)
}
