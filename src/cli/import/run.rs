//! The import itself: read, convert, write, report.

use super::args::Args;
use super::report::Report;
use crate::alert::field;
use crate::cli::options::Format;
use crate::cli::{Context, Exit, Failure, files};
use crate::diag::{Diagnostics, Level};
use crate::import::{Imported, Options, Outcome, Source, import};
use crate::matcher::read_instant;
use std::path::{Path, PathBuf};

/// Bytes of one file, and of all.
const MOST_FILE_BYTES: usize = 16 << 20;
const MOST_BYTES: usize = 256 << 20;

/// Imports the files.
pub(in crate::cli) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let options = options(args)?;
    let sources = sources(&args.files, &context.around.folder)?;
    let mut found = Diagnostics::new();
    let imported = import(&sources, &options, &mut found);
    if imported.is_empty() && found.is_empty() {
        return Err(Failure::Usage("there is no rule of another system here".to_owned()));
    }
    let out = args.out.as_ref().map(|out| context.around.folder.join(out));
    let places = match &out {
        Some(out) => write(&imported, out, args.force)?,
        None => Vec::new(),
    };
    let is_whole = imported.iter().all(|one| one.outcome == Outcome::Carried);
    let is_clean = found.iter().all(|diagnostic| diagnostic.level == Level::Note);
    let report = Report { imported: &imported, found: found.sorted(), sources: &sources, places: &places };
    match args.format {
        Format::Text => report.text(&context.terminal)?,
        Format::Json => context.terminal.verbatim(&report.json())?,
    }
    Ok(if is_whole && is_clean { Exit::Fine } else { Exit::Findings })
}

fn options(args: &Args) -> Result<Options, Failure> {
    let expires = args.expires.as_deref().map(|given| {
        let help = "write a date like 2027-03-31";
        read_instant(given).ok_or_else(|| Failure::Usage(format!("--expires {given}: not a date\n{help}")))
    });
    let event = field::Path::parse(&args.sigma_event).ok().and_then(|path| field::resolve(&path).ok());
    if event.is_none_or(|field| field.field_type() != field::FieldType::Any) {
        let message = format!("--sigma-event {}: not a path under raw", args.sigma_event);
        return Err(Failure::Usage(format!("{message}\nsuch as raw, or raw.event")));
    }
    if args.owner.trim().is_empty() {
        return Err(Failure::Usage("--owner: name a person or a team".to_owned()));
    }
    Ok(Options {
        owner: args.owner.clone(),
        event: args.sigma_event.clone(),
        expires: expires.transpose()?,
        unnegated: args.sigma_unnegated.map(Into::into),
    })
}

fn sources(paths: &[PathBuf], folder: &Path) -> Result<Vec<Source>, Failure> {
    let takes = |path: &Path| {
        let end = path.extension().map(|end| end.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        matches!(&*end, "json" | "ndjson" | "jsonl" | "yaml" | "yml")
    };
    let (mut sources, mut bytes) = (Vec::new(), 0);
    for path in paths {
        let inside = folder.join(path);
        let is_folder = inside.is_dir();
        for file in files::gather(&inside, &takes)? {
            let text = match files::read(&file, MOST_FILE_BYTES) {
                Ok(text) => text,
                // Beside rules lies what is none of them.
                Err(_) if is_folder => continue,
                Err(fault) => return Err(fault),
            };
            bytes += text.len();
            if bytes > MOST_BYTES {
                return Err(Failure::Usage(format!("more than {MOST_BYTES} bytes at once; import fewer files")));
            }
            // Shown as they were named.
            let shown = file.strip_prefix(&inside).map_or_else(|_| path.clone(), |below| path.join(below));
            let shown = if is_folder { shown } else { path.clone() };
            sources.push(Source { path: shown.into(), text, named: !is_folder });
        }
    }
    Ok(sources)
}

/// Writes a file for each filter; nothing, if one is there already and may not be overwritten. Gives where they are.
fn write(imported: &[Imported], out: &Path, force: bool) -> Result<Vec<PathBuf>, Failure> {
    let filters: Vec<_> = imported.iter().filter_map(|one| one.filter.as_ref()).collect();
    let places: Vec<PathBuf> = filters.iter().map(|filter| out.join(format!("{}.yaml", filter.id))).collect();
    let there: Vec<_> = places.iter().filter(|place| place.symlink_metadata().is_ok()).collect();
    if let (Some(first), false) = (there.first(), force) {
        let message = match there.len() {
            1 => format!("{} is there already", first.display()),
            count => format!("{} and {} more are there already", first.display(), count - 1),
        };
        return Err(Failure::Usage(format!("{message}; nothing was written\nname another folder, or say --force")));
    }
    for (filter, place) in filters.iter().zip(&places) {
        match place.symlink_metadata().is_ok() {
            true => files::replace(place, &filter.text)?,
            false => files::create(place, &filter.text)?,
        }
    }
    Ok(places)
}
