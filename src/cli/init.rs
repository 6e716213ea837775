//! `quell init`: a repository of rules to start from.

use super::{Context, Exit, Failure, files};
use crate::diag::visible;
use crate::init;
use std::path::PathBuf;

/// Write a repository that a team can start from: examples with tests, a configuration, what runs in a pull request.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell init            here
  quell init my-rules   in a folder that need not exist

Writes rules/, playbooks/, quell.yaml, samples/, README.md, .gitignore, and workflows for GitHub and \
    GitLab. Nothing that is there is overwritten: if one of the files exists, nothing is written.

Exit status: 0 if all was written, 3 if not.")]
pub struct Args {
    /// The folder
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

/// Writes the files.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let folder = context.around.folder.join(&args.folder);
    let all = init::files(context.clock.now());
    let there: Vec<&str> =
        all.iter().filter(|(path, _)| folder.join(path).symlink_metadata().is_ok()).map(|(path, _)| *path).collect();
    if !there.is_empty() {
        let shown = args.folder.display();
        let message = format!("{shown} already has {}; nothing was written", there.join(", "));
        return Err(Failure::Usage(format!("{message}\nname an empty folder, or write the other files by hand")));
    }
    for (path, text) in &all {
        files::create(&folder.join(path), text)?;
        context.terminal.data(&args.folder.join(path).display().to_string())?;
    }
    let inside = match args.folder.as_os_str() == "." {
        true => String::new(),
        false => format!("cd {}, then ", visible(&args.folder.display().to_string())),
    };
    context.terminal.say(&format!("next: {inside}quell check --fail-level warning, and quell test"));
    Ok(Exit::Fine)
}
