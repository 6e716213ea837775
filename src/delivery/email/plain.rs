//! A connection that begins in the clear and is to become TLS: nothing that was said in the clear is taken for an answer
//! of the encrypted server.
//!
//! Somebody on the way could answer STARTTLS and append answers of their own. Read ahead into a buffer, those would be
//! taken for what the server says under TLS (CVE-2021-38371 and its kin), and an email that never arrived for sent. So
//! bytes are read one by one as long as they come in the clear: what follows the answer's line goes to TLS, which
//! refuses it.

use lettre::transport::smtp::client::AsyncTokioStream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The first byte of a TLS handshake (RFC 8446, section 5.1). No SMTP command begins with it.
const HANDSHAKE: u8 = 0x16;

/// Most bytes a server says in one conversation. An answer without an end would otherwise be kept as long as it lasts.
const MOST_SAID: usize = 256 * 1024;

/// A connection in the clear until the client says the first word of TLS.
#[derive(Debug)]
pub(super) struct Plain {
    stream: TcpStream,
    in_the_clear: bool,
    /// How many bytes the server may still say.
    left: usize,
}

impl Plain {
    /// Counts what was read; an error once it is too much.
    fn count(&mut self, read: usize) -> io::Result<()> {
        let left =
            self.left.checked_sub(read).ok_or_else(|| io::Error::other("the mail server does not stop talking"))?;
        self.left = left;
        Ok(())
    }
}

impl Plain {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, in_the_clear: true, left: MOST_SAID }
    }

    /// One that is never in the clear; what its server says is counted as it comes, encrypted.
    pub(super) fn encrypted(stream: TcpStream) -> Self {
        Self { in_the_clear: false, ..Self::new(stream) }
    }
}

impl AsyncTokioStream for Plain {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Plain {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.in_the_clear || buf.remaining() == 0 {
            let before = buf.filled().len();
            ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
            return Poll::Ready(self.count(buf.filled().len() - before));
        }
        let mut one = [0];
        let mut one = ReadBuf::new(&mut one);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut one))?;
        buf.put_slice(one.filled());
        Poll::Ready(self.count(one.filled().len()))
    }
}

impl AsyncWrite for Plain {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if bytes.first() == Some(&HANDSHAKE) {
            self.in_the_clear = false;
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
