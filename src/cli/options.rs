//! Options that several commands share: where the rules are, which daemon, which format.

use super::{Context, Failure};
use crate::client::Client;
use crate::config::{Flags, read_secret_file};
use crate::secret::Secret;
use std::future::Future;
use std::path::PathBuf;

/// Where the daemon listens unless told otherwise.
const URL: &str = "http://127.0.0.1:8642";

/// Where configuration and rules are.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct ConfigArgs {
    /// The configuration file [default: QUELL_CONFIG, else quell.yaml if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder of filters [default: rules]
    #[arg(long, value_name = "DIR")]
    pub rules: Option<String>,
    /// The folder of playbooks [default: playbooks]
    #[arg(long, value_name = "DIR")]
    pub playbooks: Option<String>,
}

impl ConfigArgs {
    /// The same as flags of the configuration.
    pub fn flags(&self) -> Flags {
        let Self { config, rules, playbooks } = self.clone();
        Flags { config, rules, playbooks, ..Flags::default() }
    }
}

/// How a command writes its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Which page of a list.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct PageArgs {
    /// Where the page before ended
    #[arg(long)]
    pub cursor: Option<String>,
    /// How many, 1 to 1000
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
}

impl PageArgs {
    /// The page and these filters as parameters; those without a value are left out.
    pub fn query<const N: usize>(&self, filters: [(&'static str, String); N]) -> Vec<(&'static str, String)> {
        let page = [("cursor", self.cursor.clone().unwrap_or_default()), ("limit", self.limit.to_string())];
        filters.into_iter().chain(page).filter(|(_, value)| !value.is_empty()).collect()
    }
}

/// Which daemon, and with which token.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct DaemonArgs {
    /// The daemon's address [default: QUELL_URL, else http://127.0.0.1:8642]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A file that holds the access token [default: the token in QUELL_TOKEN, if any]
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

impl DaemonArgs {
    /// A client of that daemon.
    pub fn client(&self, context: &Context) -> Result<Client, Failure> {
        let token = match &self.token_file {
            Some(path) => {
                let refused = |why| Failure::Usage(format!("--token-file {}: {why}", path.display()));
                Some(read_secret_file(&context.around.folder.join(path)).map_err(refused)?)
            }
            None => context.around.variable("QUELL_TOKEN").map(|token| Secret::new(token.to_owned())),
        };
        let token = token.map(|token| Secret::new(token.expose().trim().to_owned()));
        let url = self.url.as_deref().or_else(|| context.around.variable("QUELL_URL")).unwrap_or(URL);
        Ok(Client::new(url, token.as_ref())?)
    }
}

/// Runs a conversation with a daemon to its end.
pub(super) fn converse<T>(conversation: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|fault| Failure::Daemon(format!("cannot make connections: {fault}")))?.block_on(conversation)
}
