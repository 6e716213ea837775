//! The sender: every connection with the client it sends through. It decides nothing; the files beside it do.

use super::attempt::{Attempted, Exchange, Failure};
use super::connection::{Connection, Connections, RetryPolicy};
use super::egress::{AddressPolicy, verdict};
use super::outcome::Fault;
use super::redact::Redactor;
use super::request;
use super::resolver::{GuardedResolver, Lookup, SystemLookup};
use super::schedule;
use crate::clock::{Stopwatch, Timestamp};
use crate::playbook::RequestSpec;
use crate::store::{RequestWork, StepEnd};
use reqwest::{Client, ClientBuilder};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// How long an unused connection is kept open for the next message.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// The outgoing client could not be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the outgoing HTTP client cannot be set up: {0}")]
pub struct ClientUnavailable(String);

/// Sends requests over connections, one attempt at a time. Shared by all lanes; it holds no queue.
#[derive(Debug)]
pub struct Sender {
    routes: BTreeMap<String, Route>,
}

#[derive(Debug)]
struct Route {
    connection: Arc<Connection>,
    policy: AddressPolicy,
    client: Client,
}

impl Sender {
    /// A sender over these connections. `own` is where the daemon itself listens: no request is sent there.
    pub fn new(connections: &Connections, own: Option<SocketAddr>) -> Result<Self, ClientUnavailable> {
        Self::with_lookup(connections, own, Arc::new(SystemLookup))
    }

    /// The same, resolving names with `lookup`.
    pub fn with_lookup(
        connections: &Connections,
        own: Option<SocketAddr>,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, ClientUnavailable> {
        let mut clients: BTreeMap<(AddressPolicy, Duration), Client> = BTreeMap::new();
        let mut routes = BTreeMap::new();
        for connection in connections.iter() {
            let policy = policy_of(connection, own);
            let key = (policy, connection.connect_timeout);
            let client = match clients.get(&key) {
                Some(client) => client.clone(),
                None => new_client(policy, connection.connect_timeout, &lookup)?,
            };
            clients.insert(key, client.clone());
            routes.insert(connection.name.clone(), Route { connection: connection.clone(), policy, client });
        }
        Ok(Self { routes })
    }

    /// Attempts a request once. It ends within the connection's timeout, whatever the receiver does.
    pub async fn attempt(&self, work: &RequestWork, now: Timestamp) -> Attempted {
        let watch = Stopwatch::start();
        let Some(route) = self.routes.get(&work.spec.connection) else {
            let message = format!("connection_unknown: `{}` is not in the daemon's config", work.spec.connection);
            return Failure::new(Fault::Configuration, message).into_attempted(&Redactor::default(), watch.elapsed());
        };
        route
            .attempt(work, now, watch)
            .await
            .unwrap_or_else(|failure| failure.into_attempted(&route.connection.redactor, watch.elapsed()))
    }

    /// When the time of a request recorded then is over: from then on it is not sent any more.
    pub fn expiry(&self, spec: &RequestSpec, recorded: Timestamp) -> Option<Timestamp> {
        schedule::decided(&self.routes.get(&spec.connection)?.connection.retry, spec, recorded)
    }

    /// How a step goes on after an attempt that ended at `now`.
    pub fn schedule(&self, work: &RequestWork, now: Timestamp, attempted: &Attempted) -> StepEnd {
        let route = self.routes.get(&work.spec.connection);
        schedule::next(&route.map_or_else(RetryPolicy::default, |route| route.connection.retry), work, now, attempted)
    }
}

impl Route {
    async fn attempt(&self, work: &RequestWork, now: Timestamp, watch: Stopwatch) -> Result<Attempted, Failure> {
        let connection = &self.connection;
        if schedule::is_expired(&connection.retry, work, now) {
            return Err(Failure::new(Fault::Expired, "expired: its turn came too late; nothing was sent".into()));
        }
        let request = request::build(connection, work, now)
            .map_err(|invalid| Failure::new(Fault::Configuration, format!("request_invalid: {invalid}")))?;
        check_literal(request.url(), self.policy)?;
        let asked = work.spec.timeout_ms.map_or(Duration::MAX, Duration::from_millis);
        let deadline = asked.min(connection.timeout);
        let exchange = Exchange { client: &self.client, policy: self.policy, redactor: &connection.redactor, deadline };
        exchange.perform(request, watch).await
    }
}

/// The client does not ask its resolver about addresses written as such.
fn check_literal(url: &Url, policy: AddressPolicy) -> Result<(), Failure> {
    let checked = match url.host() {
        Some(Host::Ipv4(ip)) => verdict(ip.into(), policy),
        Some(Host::Ipv6(ip)) => verdict(ip.into(), policy),
        Some(Host::Domain(_)) | None => Ok(()),
    };
    checked.map_err(|denied| Failure::new(Fault::Denied, denied.to_string()))
}

/// A request cannot change its connection's port, so whether it can meet the daemon itself is known beforehand.
fn policy_of(connection: &Connection, own: Option<SocketAddr>) -> AddressPolicy {
    let port = connection.url.port_or_known_default();
    let own = own.filter(|own| Some(own.port()) == port).map(|own| own.ip());
    AddressPolicy { allow_private: connection.allow_private, own }
}

/// One client serves all connections of one policy: clients are costly, and pooled sockets were checked by it.
pub(super) fn new_client(
    policy: AddressPolicy,
    connect_timeout: Duration,
    lookup: &Arc<dyn Lookup>,
) -> Result<Client, ClientUnavailable> {
    let configured = || {
        ClientBuilder::new()
            .dns_resolver(GuardedResolver { lookup: lookup.clone(), policy })
            .https_only(!policy.allow_private)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(POOL_IDLE)
            .pool_max_idle_per_host(8)
            .http2_max_header_list_size(super::answer::MAX_HEAD as u32)
            // Without this a dead HTTP/2 connection would stay in the pool and swallow every retry.
            .http2_keep_alive_interval(Duration::from_secs(10))
            .http2_keep_alive_timeout(Duration::from_secs(5))
    };
    configured()
        .build()
        .or_else(|error| {
            // A machine without CA certificates can still use plain http; https then fails by its certificate.
            tracing::warn!(%error, "no usable CA certificates on this machine; https deliveries will fail");
            configured().tls_certs_only([]).build()
        })
        .map_err(|error| ClientUnavailable(error.to_string()))
}
