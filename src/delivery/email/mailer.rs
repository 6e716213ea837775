//! One attempt at an email: its server looked up, checked, dialled, and told.

use super::compose::compose;
use super::encrypted::{self, Encrypted};
use super::plain::Plain;
use super::reply::{Unsent, taken};
use super::settings::{EmailSettings, MailTls};
use crate::clock::{Stopwatch, Timestamp};
use crate::delivery::attempt::{Attempted, Failure};
use crate::delivery::egress::{AddressPolicy, Denied, verdict};
use crate::delivery::outcome::Fault;
use crate::delivery::redact::Redactor;
use crate::delivery::resolver::{GuardedResolver, Lookup, SystemLookup};
use crate::id::MessageId;
use crate::playbook::EmailSpec;
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use rustls::ClientConfig;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Over all of it: name resolution, connecting, TLS, and every command.
const DEADLINE: Duration = Duration::from_secs(20);
/// For connecting to one address.
const CONNECT: Duration = Duration::from_secs(5);
/// A server that has taken the email may say goodbye for this long.
const GOODBYE: Duration = Duration::from_secs(1);

/// The mail client could not be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the outgoing mail client cannot be set up: {0}")]
pub struct MailerUnavailable(String);

/// Hands emails to one mail server, one attempt at a time. It holds no queue and no connection.
pub struct Mailer {
    settings: EmailSettings,
    from: Mailbox,
    hello: ClientId,
    tls: Tls,
    resolver: GuardedResolver,
    redactor: Redactor,
    deadline: Duration,
}

/// How the way to the server is encrypted.
enum Tls {
    None,
    Starttls(TlsParameters),
    Implicit(Arc<ClientConfig>),
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Mailer {
    /// A mailer over this server.
    pub fn new(settings: EmailSettings) -> Result<Self, MailerUnavailable> {
        Self::with_lookup(settings, Arc::new(SystemLookup))
    }

    /// The same, resolving names with `lookup`.
    pub fn with_lookup(settings: EmailSettings, lookup: Arc<dyn Lookup>) -> Result<Self, MailerUnavailable> {
        if let Some((key, message)) = settings.faults().into_iter().next() {
            return Err(MailerUnavailable(format!("`email.{key}`: {message}")));
        }
        let from = settings.sender().ok_or_else(|| MailerUnavailable("nobody to send as".to_owned()))?;
        let tls = match settings.tls {
            MailTls::None => Tls::None,
            MailTls::Starttls => Tls::Starttls(tls(&settings.host)?),
            MailTls::Implicit => {
                let config = encrypted::config().map_err(|error| MailerUnavailable(error.to_string()))?;
                Tls::Implicit(Arc::new(config))
            }
        };
        let policy = AddressPolicy { allow_private: settings.allow_private, own: None };
        Ok(Self {
            hello: ClientId::Domain(from.email.domain().to_owned()),
            redactor: Redactor::new(secrets(&settings).iter().map(Secret::expose)),
            resolver: GuardedResolver { lookup, policy },
            deadline: DEADLINE,
            settings,
            from,
            tls,
        })
    }

    /// The same with another deadline.
    #[cfg(test)]
    pub(in crate::delivery) fn within(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// The same, with TLS as a test has it.
    #[cfg(test)]
    pub(in crate::delivery) fn encrypted_by(self, config: ClientConfig) -> Self {
        Self { tls: Tls::Implicit(Arc::new(config)), ..self }
    }

    /// Scheme, host and port of the server.
    pub fn origin(&self) -> String {
        let scheme = if self.settings.tls == MailTls::Implicit { "smtps" } else { "smtp" };
        let host = &self.settings.host;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        format!("{scheme}://{host}:{}", self.settings.dialled_port())
    }

    /// Attempts an email once. It ends within the deadline, whatever the server does.
    pub async fn attempt(&self, message: &MessageId, spec: &EmailSpec, now: Timestamp) -> Attempted {
        let watch = Stopwatch::start();
        let email = match compose(&self.from, message, spec, now) {
            Ok(email) => email,
            Err(invalid) => {
                let failure = Failure::new(Fault::Configuration, format!("email_invalid: {invalid}"));
                return failure.into_attempted(&self.redactor, watch.elapsed());
            }
        };
        match timeout(self.deadline, self.exchange(&email)).await {
            Ok(Ok((response, connection))) => {
                let attempted = taken(&response, &self.redactor, watch.elapsed());
                say_goodbye(connection).await;
                attempted
            }
            Ok(Err(unsent)) => unsent.into_attempted(&self.redactor, watch.elapsed()),
            Err(_) => {
                let message = format!("timeout: the mail server did not take the email within {:?}", self.deadline);
                Failure::new(Fault::Timeout, message).into_attempted(&self.redactor, watch.elapsed())
            }
        }
    }

    async fn exchange(&self, email: &Message) -> Result<(Response, AsyncSmtpConnection), Unsent> {
        let mut connection = self.connect().await?;
        if let Tls::Starttls(tls) = &self.tls {
            if !connection.can_starttls() {
                let message = "tls_failed: the mail server offers no STARTTLS, and nothing is sent in the clear";
                return Err(Unsent::Failed(Failure::new(Fault::Tls, message.to_owned())));
            }
            connection.starttls(tls.clone(), &self.hello).await.map_err(|error| Unsent::of(&error))?;
        }
        if let (Some(username), Some(password)) = (&self.settings.username, &self.settings.password) {
            let credentials = Credentials::new(username.clone(), password.expose().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, &credentials).await.map_err(|error| Unsent::of(&error))?;
        }
        let sent = connection.send(email.envelope(), &email.formatted()).await;
        sent.map(|response| (response, connection)).map_err(|error| Unsent::of(&error))
    }

    /// Dials the server's addresses one after another until one answers.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Unsent> {
        let mut last = Failure::new(Fault::Connect, "dns_failed: the name has no address".to_owned());
        for ip in self.addresses().await.map_err(Unsent::Failed)? {
            match self.dial(SocketAddr::new(ip, self.settings.dialled_port())).await {
                Ok(connection) => return Ok(connection),
                Err(Unsent::Failed(failure)) => last = failure,
                Err(refused) => return Err(refused),
            }
        }
        Err(Unsent::Failed(last))
    }

    async fn dial(&self, address: SocketAddr) -> Result<AsyncSmtpConnection, Unsent> {
        let failed = |fault, why: String| Unsent::Failed(Failure::new(fault, why));
        let stream = timeout(CONNECT, TcpStream::connect(address)).await;
        let slow = "connect_timeout: the mail server did not take the connection in time";
        let stream = stream.map_err(|_| failed(Fault::ConnectTimeout, slow.to_owned()))?;
        let stream = stream.map_err(|error| failed(Fault::Connect, format!("connect_failed: {error}")))?;
        let stream: Box<dyn AsyncTokioStream> = match &self.tls {
            Tls::Implicit(config) => Box::new(Encrypted::over(stream, &self.settings.host, config.clone()).await?),
            Tls::None | Tls::Starttls(_) => Box::new(Plain::new(stream)),
        };
        let dialled = AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await;
        dialled.map_err(|error| Unsent::of(&error))
    }

    /// Every address of the server, all of them checked: what is dialled is what was checked.
    async fn addresses(&self) -> Result<Vec<IpAddr>, Failure> {
        let denied = |denied: &Denied| Failure::new(Fault::Denied, denied.to_string());
        if let Ok(ip) = self.settings.host.parse() {
            return verdict(ip, self.resolver.policy).map(|()| vec![ip]).map_err(|fault| denied(&fault));
        }
        self.resolver.checked(&self.settings.host).await.map_err(|fault| match fault.downcast_ref::<Denied>() {
            Some(fault) => denied(fault),
            None => Failure::new(Fault::Connect, format!("dns_failed: {fault}")),
        })
    }
}

/// The email is taken, whatever becomes of the goodbye.
async fn say_goodbye(mut connection: AsyncSmtpConnection) {
    let _ = timeout(GOODBYE, connection.quit()).await;
}

/// Checks certificates as the machine does.
fn tls(host: &str) -> Result<TlsParameters, MailerUnavailable> {
    TlsParameters::new(host.to_owned())
        .or_else(|error| {
            // As for requests: a machine without CA certificates starts, and its TLS fails by the certificate.
            tracing::warn!(%error, "no usable CA certificates on this machine; encrypted emails will fail");
            TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::None).build()
        })
        .map_err(|error| MailerUnavailable(error.to_string()))
}

/// The password, and what the server is told it as.
fn secrets(settings: &EmailSettings) -> Vec<Secret> {
    let Some(password) = &settings.password else { return Vec::new() };
    let username = settings.username.as_deref().unwrap_or_default();
    let plain = STANDARD.encode(format!("\0{username}\0{}", password.expose()));
    vec![password.clone(), Secret::new(plain)]
}
