//! Name resolution behind the guard: every address of a name is checked, and only checked addresses are dialled.
//!
//! The client connects to exactly what this resolver returns, so a name that answers differently a moment later
//! (DNS rebinding) gains nothing. The client does not ask a resolver about IP literals: `Sender` checks those.

use super::egress::{AddressPolicy, verdict};
use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Where addresses of a name come from.
#[async_trait]
pub trait Lookup: Send + Sync + std::fmt::Debug + 'static {
    /// Every address `name` has now.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A resolver that returns nothing a policy denies.
#[derive(Debug, Clone)]
pub(super) struct GuardedResolver {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) policy: AddressPolicy,
}

impl GuardedResolver {
    /// All addresses of a name, or none: a name with one denied address is denied, since a client may pick any.
    pub(super) async fn checked(&self, name: &str) -> Result<Vec<IpAddr>, Fault> {
        let found = self.lookup.lookup(name).await?;
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into());
        }
        for &ip in &found {
            verdict(ip, self.policy)?;
        }
        Ok(found)
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let checked = resolver.checked(name.as_str()).await?;
            // Port 0 stands for the port of the URL.
            Ok(Box::new(checked.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}
