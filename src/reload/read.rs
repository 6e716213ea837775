//! Reads a whole set as it stood at one moment, or says that it would not stand still.

use super::checkout::{Patience, Unfinished};
use super::listing::{Listed, Listing, Stamp, reason};
use super::places::Places;
use super::{Settings, codes, revision};
use crate::clock::Stopwatch;
use crate::diag::{Diagnostics, Span};
use crate::ruleset::{SourceFile, Sources};
use crate::shutdown::Shutdown;
use std::fs::Metadata;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// No file of a set is read beyond this; each language has a narrower limit of its own.
pub(super) const MOST_FILE_BYTES: u64 = 1024 * 1024;
/// How often reading is begun again because something changed meanwhile.
const MOST_TRIES: u32 = 20;
/// A fault must be seen this often: a folder that is being swapped is missing for an instant.
const TRIES_TO_BELIEVE_A_FAULT: u32 = 3;
/// Pause between two tries.
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Reads the set as it stands. What cannot be read is reported to `found`, and the rest returned.
///
/// Blocks while a checkout is under way; not for ever, and for a few seconds only beside a lock left by a crash.
pub fn read_sources(settings: &Settings, found: &mut Diagnostics) -> Sources {
    read_watched(settings, &mut Patience::at_start(Shutdown::new()), found, &mut |_| {})
}

/// As `read_sources`; `arm` is called with the places to watch before the content is taken as settled, so that no
/// change falls between what was read and what is watched.
pub(super) fn read_watched(
    settings: &Settings,
    patience: &mut Patience,
    found: &mut Diagnostics,
    arm: &mut dyn FnMut(Places),
) -> Sources {
    let begun = Stopwatch::start();
    let mut attempt = 0;
    loop {
        attempt += 1;
        if let Err(unfinished) = patience.outwait(settings, &begun) {
            report_unfinished(unfinished, settings, found);
            return Sources::default();
        }
        let listing = Listing::of(settings);
        let is_fresh = listing.is_fresh();
        arm(Places::around(settings, &listing.folders));
        let mut faults = Diagnostics::new();
        let files = read_all(&listing.files, &mut faults);
        let is_unchanged = || Listing::of(settings) == listing;
        let is_settled = files.is_some() && !is_fresh && !patience.heeds(&listing.locks) && is_unchanged();
        let is_believed = !listing.found.has_errors() || attempt >= TRIES_TO_BELIEVE_A_FAULT;
        if (is_settled && is_believed) || attempt == MOST_TRIES {
            if !is_settled {
                let message = "the files kept changing while they were read";
                let fault = faults.error(&settings.rules.as_path().into(), Span::START, codes::UNSTABLE, message);
                fault.help("write files elsewhere and move them here in one step");
            }
            found.extend(listing.found);
            found.extend(faults);
            let files = files.unwrap_or_default();
            let revision = revision::of(settings, &files);
            return Sources { files, revision };
        }
        std::thread::sleep(BETWEEN_TRIES);
    }
}

fn report_unfinished(unfinished: Unfinished, settings: &Settings, found: &mut Diagnostics) {
    let folder = settings.rules.as_path().into();
    match unfinished {
        Unfinished::Stopping => {
            found.error(&folder, Span::START, codes::STOPPING, "the daemon is stopping");
        }
        Unfinished::Endless => {
            let message = "git holds the lock of its index, and the files keep changing";
            let fault = found.error(&folder, Span::START, codes::UNSTABLE, message);
            fault.help("if no git is at work here, remove `index.lock` from the repository's `.git` folder");
        }
    }
}

/// Every file's content; none if one of them is not what was listed.
fn read_all(listed: &[Listed], faults: &mut Diagnostics) -> Option<Vec<SourceFile>> {
    let mut files = Vec::with_capacity(listed.len());
    for Listed { path, name, kind, stamp } in listed {
        match read_regular(path, MOST_FILE_BYTES) {
            Ok((metadata, _)) if Stamp::from(&metadata) != *stamp => return None,
            Ok((_, bytes)) => {
                files.push(SourceFile { path: path.clone(), name: name.clone(), kind: kind.clone(), bytes });
            }
            Err(ReadFault::Gone | ReadFault::NotAFile) => return None,
            Err(ReadFault::TooLarge) => {
                let message = format!("the file is larger than {MOST_FILE_BYTES} bytes");
                faults.error(path, Span::START, codes::TOO_LARGE, message).help("split it into several files");
            }
            Err(ReadFault::System(error)) => {
                faults.error(path, Span::START, codes::UNREADABLE, reason(&error));
            }
        }
    }
    Some(files)
}

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum ReadFault {
    Gone,
    NotAFile,
    TooLarge,
    System(io::Error),
}

impl From<io::Error> for ReadFault {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Gone } else { Self::System(error) }
    }
}

/// Reads a regular file of at most `limit` bytes, and what the file was when it was opened. Asks what it is before opening it: opening a pipe would wait for a
/// writer for ever.
pub(super) fn read_regular(path: &Path, limit: u64) -> Result<(Metadata, Vec<u8>), ReadFault> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(ReadFault::NotAFile);
    }
    let file = std::fs::File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(ReadFault::NotAFile);
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ReadFault::TooLarge) } else { Ok((metadata, bytes)) }
}

/// A small text file's content; none for whatever reason.
pub(super) fn read_text(path: &Path, limit: u64) -> Option<String> {
    String::from_utf8(read_regular(path, limit).ok()?.1).ok()
}
