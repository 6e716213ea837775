//! A receiver whose certificate nobody vouches for gets nothing.

use super::world::{now, sender, settings, work};
use crate::delivery::{Class, Fault};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// Made for this test by its authors, for `localhost`, signed by itself, good until the year 2126.
const CERTIFICATE: &[u8] = include_bytes!("../../../tests/fixtures/tls/self_signed.crt.der");
const KEY: &[u8] = include_bytes!("../../../tests/fixtures/tls/self_signed.key.der");

/// A client that takes any certificate.
pub(super) fn credulous() -> rustls::ClientConfig {
    #[derive(Debug)]
    struct Anybody(CryptoProvider);

    impl ServerCertVerifier for Anybody {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, rustls::Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }

    let provider = rustls::crypto::aws_lc_rs::default_provider();
    rustls::ClientConfig::builder_with_provider(Arc::new(provider.clone()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_no_client_auth()
}

/// Shakes hands with one client and talks for ever.
pub(super) fn talkative_tls_server() -> u16 {
    let (listener, config) = listening();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut tls = rustls::ServerConnection::new(config).unwrap();
        let mut tls = rustls::Stream::new(&mut tls, &mut stream);
        while std::io::Write::write_all(&mut tls, &[b'2'; 4096]).is_ok() {}
    });
    port
}

fn listening() -> (TcpListener, Arc<rustls::ServerConfig>) {
    let key = rustls::pki_types::PrivateKeyDer::try_from(KEY.to_vec()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CERTIFICATE.to_vec().into()], key)
        .unwrap();
    (TcpListener::bind("127.0.0.1:0").unwrap(), Arc::new(config))
}

/// Shakes hands with one client; returns how many bytes it sent after that.
pub(super) fn tls_server() -> (u16, std::thread::JoinHandle<usize>) {
    tls_server_after(|_| {})
}

/// The same, after a word in the clear.
pub(super) fn tls_server_after(
    word: impl FnOnce(&mut TcpStream) + Send + 'static,
) -> (u16, std::thread::JoinHandle<usize>) {
    let (listener, config) = listening();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        word(&mut stream);
        let mut tls = rustls::ServerConnection::new(config).unwrap();
        rustls::Stream::new(&mut tls, &mut stream).read(&mut [0; 1024]).unwrap_or(0)
    });
    (port, server)
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused_by_name_before_anything_is_sent() {
    let (port, server) = tls_server();
    let attempted = sender(settings(&format!("https://127.0.0.1:{port}/"))).attempt(&work(), now()).await;
    assert_eq!((attempted.class, attempted.fault), (Class::LikelyPermanent, Some(Fault::Certificate)), "{attempted:?}");
    let said = attempted.error.unwrap();
    assert!(said.starts_with("tls_certificate_invalid: "), "{said}");
    assert_eq!(server.join().unwrap(), 0);
}

#[tokio::test]
async fn a_receiver_that_speaks_plain_http_on_a_tls_port_is_a_tls_fault() {
    let plain = super::receiver::Receiver::doing(|mut stream| async move {
        use tokio::io::AsyncWriteExt;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    });
    let url = plain.await.url().replace("http:", "https:");
    let mut work = work();
    work.spec.timeout_ms = Some(1000);
    let attempted = sender(settings(&url)).attempt(&work, now()).await;
    assert_eq!(attempted.class, Class::Transient, "{attempted:?}");
}
