//! Rules and events: where they lie, and how they are read.

use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The folder of Sigma rules.
const RULES: &str = "sigma_rules_with_filters";
/// The streams of events, one JSON object a line.
const STREAMS: [&str; 2] = ["stream_windows_events.ndjson.gz", "aws_cloudtrail_invictus.ndjson"];

/// One event of a stream.
#[derive(Debug)]
pub struct Event {
    /// The stream's file.
    pub stream: &'static str,
    /// Its line there, from 1.
    pub line: usize,
    /// Its JSON.
    pub text: String,
}

/// A rule file.
#[derive(Debug)]
pub struct RuleFile {
    /// The file's name without its ending.
    pub name: String,
    /// Its YAML.
    pub text: String,
}

/// The folder of data: the first argument that is no option, else `QUELL_DATA_DIR`, else `shared/data` beside the
/// repository.
pub fn folder() -> PathBuf {
    let argument = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let variable = || std::env::var_os("QUELL_DATA_DIR").map(PathBuf::from);
    argument.or_else(variable).unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"))
}

/// Every rule file, sorted by its path.
///
/// # Errors
/// A folder or a file that cannot be read.
pub fn rule_files(folder: &Path) -> Result<Vec<RuleFile>, String> {
    let mut paths = Vec::new();
    collect(&folder.join(RULES), &mut paths)?;
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(RuleFile { name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), text })
    };
    paths.into_iter().map(read).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            paths.push(path);
        }
    }
    Ok(())
}

/// At most `most` events, evenly spread over all streams; what could not be read goes to `skipped`.
pub fn events(folder: &Path, most: usize, skipped: &mut Vec<String>) -> Vec<Event> {
    let mut all = Vec::new();
    for stream in STREAMS {
        match lines(&folder.join(stream)) {
            Ok(lines) => all.extend(lines.map(|(line, text)| Event { stream, line, text })),
            Err(fault) => skipped.push(fault),
        }
    }
    let mut all: Vec<Option<Event>> = all.into_iter().map(Some).collect();
    let kept = spread(all.len(), most);
    kept.into_iter().map(|place| all[place].take().expect("no place stands twice in a spread")).collect()
}

fn lines(path: &Path) -> Result<impl Iterator<Item = (usize, String)> + use<>, String> {
    let fault = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(fault)?;
    let zipped = path.extension().is_some_and(|extension| extension == "gz");
    let reader: Box<dyn Read> = if zipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let lines = BufReader::new(reader).lines().collect::<Result<Vec<_>, _>>().map_err(fault)?;
    Ok((1..).zip(lines).filter(|(_, text)| !text.trim().is_empty()))
}

/// At most `most` places out of `length`, evenly spread.
pub fn spread(length: usize, most: usize) -> Vec<usize> {
    let count = most.min(length);
    (0..count).map(|number| number * length / count).collect()
}
