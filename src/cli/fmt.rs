//! `quell fmt`: rule files in one form.

use super::options::ConfigArgs;
use super::{Context, Exit, Failure, files};
use crate::config;
use crate::diag::{Diagnostics, render_coloured};
use crate::filter::format_file;
use crate::playbook::format_front_matter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// No rule file or script is larger.
const MOST_BYTES: usize = 1 << 20;

/// Format filters and tests: the order of keys, two spaces, quotes only where needed; comments stay.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell fmt                                  everything in rules/ and playbooks/
  quell fmt --check                          change nothing, name what would change, for a pull request
  quell fmt rules/team-a rules/scans.yaml
  quell fmt --stdin < draft.yaml             for an editor

What a file says never changes: it is read again and compared before it is written. Of playbooks only \
    the blanks at the ends of the front matter's lines are taken away.

Exit status: 0 if all is well, 1 if --check found something to change, 2 if a file cannot be read as YAML.")]
pub struct Args {
    /// Files and folders [default: the folders of rules and playbooks]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
    /// Change nothing; name the files that would change
    #[arg(long)]
    check: bool,
    /// Format the rule file on stdin to stdout
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
}

/// Formats the files.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.stdin {
        return stdin(args, context);
    }
    let (mut changed, mut kept, mut broken) = (Vec::new(), 0, false);
    for (shown, path) in paths(args, context)? {
        let text = files::read(&path, MOST_BYTES)?;
        match formatted(&shown, &text, context) {
            None => broken = true,
            Some(written) if written == text => kept += 1,
            Some(written) => {
                if !args.check {
                    files::replace(&path, &written)?;
                }
                changed.push(shown);
            }
        }
    }
    for path in &changed {
        context.terminal.data(&path.display().to_string())?;
    }
    let word = if args.check { "would be formatted" } else { "formatted" };
    context.terminal.say(&format!("{} {word}, {kept} left alone", changed.len()));
    Ok(match (broken, args.check && !changed.is_empty()) {
        (true, _) => Exit::Uncompiled,
        (false, true) => Exit::Findings,
        (false, false) => Exit::Fine,
    })
}

fn stdin(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let text = files::read_from(std::io::stdin().lock(), MOST_BYTES);
    let text = text.map_err(|why| Failure::Usage(format!("stdin: {why}")))?;
    let Some(written) = formatted(Path::new("stdin.yaml"), &text, context) else { return Ok(Exit::Uncompiled) };
    if !args.check && !written.is_empty() {
        context.terminal.verbatim(&written)?;
    }
    Ok(if args.check && written != text { Exit::Findings } else { Exit::Fine })
}

/// Every file to format: as it is shown, and where it is.
fn paths(args: &Args, context: &Context) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
    let takes = |path: &Path| is_yaml(path) || is_script(path);
    let mut found = Vec::new();
    let named = if args.paths.is_empty() {
        let folders = config::rule_folders(&args.config.flags(), &context.around)?.settings;
        let there: Vec<PathBuf> = [folders.rules, folders.playbooks].into_iter().filter(|path| path.exists()).collect();
        if there.is_empty() {
            let message = "nothing to format: there is no folder of rules or playbooks";
            return Err(Failure::Usage(format!("{message}\nname files, or the folders with --rules and --playbooks")));
        }
        there
    } else {
        args.paths.clone()
    };
    for path in named {
        let real = context.around.folder.join(&path);
        for file in files::gather(&real, &takes)? {
            if !takes(&file) {
                let message = format!("{}: neither YAML nor a playbook", path.display());
                return Err(Failure::Usage(message));
            }
            let shown = match file.strip_prefix(&real) {
                Ok(below) if below.components().next().is_some() => path.join(below),
                _ => path.clone(),
            };
            found.push((shown, file));
        }
    }
    // Two paths may name one file.
    found.sort();
    found.dedup_by(|a, b| a.1 == b.1);
    Ok(found)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"))
}

fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("rhai"))
}

/// The file's text in its form; none if it has faults, which are told.
fn formatted(shown: &Path, text: &str, context: &Context) -> Option<String> {
    if is_script(shown) {
        return Some(format_front_matter(text));
    }
    let file: Arc<Path> = shown.into();
    let mut found = Diagnostics::new();
    let written = format_file(text, &file, &mut found);
    if written.is_none() {
        for diagnostic in found.sorted() {
            context.terminal.say(&format!("{}\n", render_coloured(&diagnostic, Some(text))));
        }
    }
    written
}
