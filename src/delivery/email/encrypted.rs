//! A connection that is TLS from its first byte, and no longer than one in the clear is let.

use super::plain::Plain;
use super::reply::Unsent;
use crate::delivery::attempt::Failure;
use crate::delivery::fault;
use crate::delivery::outcome::Fault;
use lettre::transport::smtp::client::AsyncTokioStream;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How a server's name and certificate are checked.
pub(super) fn config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    Ok(match Verifier::new(provider) {
        Ok(as_the_machine_does) => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(as_the_machine_does)).with_no_client_auth()
        }
        // As for requests: a machine without CA certificates starts, and its TLS fails by the certificate.
        Err(_) => builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
    })
}

/// TLS over a connection whose server may say so much and no more.
#[derive(Debug)]
pub(super) struct Encrypted(TlsStream<Plain>);

impl Encrypted {
    /// Shakes hands with the server of this name.
    pub(super) async fn over(stream: TcpStream, host: &str, config: Arc<ClientConfig>) -> Result<Self, Unsent> {
        let failed = |fault, why: String| Unsent::Failed(Failure::new(fault, why));
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| failed(Fault::Configuration, "email_invalid: the mail server's name is none".to_owned()))?;
        let shaken = TlsConnector::from(config).connect(name, Plain::encrypted(stream)).await;
        shaken.map(Self).map_err(|error| match fault::of_tls(&error) {
            Some(failure) => Unsent::Failed(failure),
            None => failed(Fault::Connect, format!("connect_failed: {error}")),
        })
    }
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
