//! Files that a command is pointed at: found, read within bounds, and written in one step.

use super::Failure;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Folders inside each other.
const MOST_LEVELS: usize = 16;
/// Files found below one path.
const MOST_FILES: usize = 100_000;

/// The file itself, or the files below a folder that `takes` wants, in the order of their names. Links are not followed
/// below it, and what is hidden is left alone.
///
/// # Errors
/// A path that is not there, or a folder that cannot be read.
pub(super) fn gather(path: &Path, takes: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Failure> {
    let failed = |path: &Path, fault: &std::io::Error| Failure::Usage(format!("{}: {fault}", path.display()));
    let metadata = path.metadata().map_err(|fault| failed(path, &fault))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let (mut found, mut folders) = (Vec::new(), vec![(path.to_owned(), 0)]);
    while let Some((folder, level)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|fault| failed(&folder, &fault))? {
            let entry = entry.map_err(|fault| failed(&folder, &fault))?;
            let (inside, kind) = (entry.path(), entry.file_type().map_err(|fault| failed(&folder, &fault))?);
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() && level < MOST_LEVELS {
                folders.push((inside, level + 1));
            } else if kind.is_file() && takes(&inside) {
                found.push(inside);
            }
            if found.len() > MOST_FILES {
                return Err(Failure::Usage(format!("{}: more than {MOST_FILES} files", path.display())));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A text file's content.
///
/// # Errors
/// A file that cannot be read, has more than `most` bytes, or is not UTF-8.
pub(super) fn read(path: &Path, most: usize) -> Result<String, Failure> {
    let failed = |why: String| Failure::Usage(format!("{}: {why}", path.display()));
    // Opening a pipe would wait for a writer.
    if !path.metadata().map_err(|fault| failed(fault.to_string()))?.is_file() {
        return Err(failed("this is not a file".to_owned()));
    }
    let file = std::fs::File::open(path).map_err(|fault| failed(fault.to_string()))?;
    read_from(file, most).map_err(failed)
}

/// All of a text, or what is wrong with it.
pub(super) fn read_from(from: impl Read, most: usize) -> Result<String, String> {
    let mut bytes = Vec::new();
    from.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|fault| fault.to_string())?;
    if bytes.len() > most {
        return Err(format!("larger than {most} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "this is not UTF-8 text".to_owned())
}

/// Writes a file that must not be there yet, with the folders around it.
///
/// # Errors
/// If it is there, or cannot be written.
pub(super) fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |fault: std::io::Error| Failure::Usage(format!("{}: {fault}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// Writes a file in one step: a daemon that watches the folder sees the old content or the new.
///
/// # Errors
/// If it cannot be written.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |fault: std::io::Error| Failure::Usage(format!("{}: {fault}", path.display()));
    // A link stays one.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = path.with_file_name(format!(".{name}.{}~", std::process::id()));
    let permissions = path.metadata().ok().map(|metadata| metadata.permissions());
    let written = create(&beside, text).and_then(|()| {
        permissions.map_or(Ok(()), |kept| std::fs::set_permissions(&beside, kept)).map_err(failed)?;
        std::fs::rename(&beside, &path).map_err(failed)
    });
    if written.is_err() {
        // What is wrong is told already.
        drop(std::fs::remove_file(&beside));
    }
    written
}
