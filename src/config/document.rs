//! Finding and reading `quell.yaml`, and laying variables and flags over it.

use super::codes;
use super::environment::{Surroundings, overlay};
use super::findings::SourceText;
use super::section::wrong_kind;
use super::tree::{Origin, Place, Setter, Shape, Value};
use crate::diag::{Diagnostics, Span};
use crate::yaml;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How large a configuration may be.
const LIMITS: yaml::Limits = yaml::Limits { bytes: 1024 * 1024, depth: 16, nodes: 100_000, documents: 1 };

/// The file's name where no other is given.
const DEFAULT: &str = "quell.yaml";

/// What flags say. They win over everything else; relative paths hang on the working folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// The address to listen on.
    pub listen: Option<String>,
    /// The folder of filters.
    pub rules: Option<String>,
    /// The folder of playbooks.
    pub playbooks: Option<String>,
    /// The folder of the daemon's own data.
    pub data: Option<String>,
}

impl Flags {
    fn settings(&self) -> [(&'static str, &'static str, &Option<String>); 4] {
        [
            ("--listen", "listen", &self.listen),
            ("--rules", "rules", &self.rules),
            ("--playbooks", "playbooks", &self.playbooks),
            ("--data", "data", &self.data),
        ]
    }
}

/// Everything that was said, not yet checked.
pub(super) struct Document {
    pub root: Value,
    /// The folder that defaults hang on: the file's, or the working folder.
    pub folder: PathBuf,
    pub found: Diagnostics,
    /// The file's text.
    pub file: Option<SourceText>,
}

impl Document {
    /// Reads the file, if there is one, and lays variables and flags over it. Faults are in `found`.
    pub fn open(flags: &Flags, around: &Surroundings) -> Self {
        let mut found = Diagnostics::new();
        let path = locate(flags, around);
        let folder = path.as_deref().and_then(Path::parent).unwrap_or(&around.folder).to_owned();
        let name: Arc<Path> = path.clone().unwrap_or_else(|| DEFAULT.into()).into();
        let origin = Arc::new(Origin { setter: Setter::File, name: name.clone(), folder: folder.clone() });
        let mut root = Value::empty(Place { origin: origin.clone(), span: Span::START });
        let text = path.and_then(|_| read(&name, &mut found));
        let mut nodes = text.iter().flat_map(|text| yaml::parse(text, &name, LIMITS, &mut found)).collect::<Vec<_>>();
        if !nodes.is_empty() {
            let said = Value::new(nodes.swap_remove(0), &origin);
            match &said.shape {
                Shape::Map(_) => root = said,
                _ if said.is_nothing() => {}
                _ => wrong_kind(&said, "", "a map", &mut found),
            }
        }
        overlay(&mut root, around, &mut found);
        for (flag, key, said) in flags.settings() {
            let Some(said) = said else { continue };
            let (name, folder) = (Path::new(flag).into(), around.folder.clone());
            let origin = Arc::new(Origin { setter: Setter::Flag, name, folder });
            root.set(&[key.to_owned()], Value::text(said.clone(), &origin));
        }
        Self { root, folder, found, file: text.map(|text| (name, text)) }
    }
}

/// `--config`, else `QUELL_CONFIG`, else `quell.yaml` if there is one.
fn locate(flags: &Flags, around: &Surroundings) -> Option<PathBuf> {
    let named = flags.config.clone().or_else(|| around.variable("QUELL_CONFIG").map(PathBuf::from));
    match named {
        Some(path) => Some(around.folder.join(path)),
        None => Some(around.folder.join(DEFAULT)).filter(|path| path.exists()),
    }
}

fn read(name: &Arc<Path>, found: &mut Diagnostics) -> Option<String> {
    let fault = match std::fs::metadata(name) {
        Err(fault) => fault.to_string(),
        // A pipe or a device could block for ever, or never end.
        Ok(about) if !about.is_file() => "it is not a regular file".to_owned(),
        Ok(about) if about.len() > LIMITS.bytes as u64 => format!("it is larger than {} bytes", LIMITS.bytes),
        Ok(_) => match std::fs::read(name).map(String::from_utf8) {
            Ok(Ok(text)) => return Some(text),
            Ok(Err(_)) => {
                found.error(name, Span::START, yaml::codes::ENCODING, "the file is not UTF-8 text");
                return None;
            }
            Err(fault) => fault.to_string(),
        },
    };
    let message = format!("the configuration cannot be read: {fault}");
    found.error(name, Span::START, codes::UNREADABLE, message);
    None
}
