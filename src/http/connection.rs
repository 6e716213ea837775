//! One connection, from its first byte to its end: HTTP/1.1, or HTTP/2 for a client that begins with it.

use super::envelope;
use super::problem::{self, Problem};
use super::stream::PatientStream;
use crate::shutdown::Shutdown;
use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::fmt::Write;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{interval, sleep, timeout};
use tower::Service;

/// What a connection may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConnectionLimits {
    /// How long a request's head may take; an idle connection is closed after as long.
    pub(super) head_time: Duration,
    /// Most bytes of a request's head.
    pub(super) head_bytes: usize,
    /// How long a client may leave its answers unread before its connection is closed.
    pub(super) write_time: Duration,
    /// An HTTP/2 connection without a request for this long is closed.
    pub(super) idle_time: Duration,
    /// Most requests at one moment on one HTTP/2 connection.
    pub(super) streams: u32,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            head_time: Duration::from_secs(5),
            head_bytes: 32 << 10,
            write_time: Duration::from_secs(15),
            idle_time: Duration::from_secs(30),
            streams: 100,
        }
    }
}

/// Serves a connection until its client leaves, breaks a limit, or a stop has been asked for and its requests are
/// answered. A fault of a connection concerns nobody else, so it is told to the log alone.
pub(super) async fn serve(stream: TcpStream, router: Router, limits: ConnectionLimits, shutdown: Shutdown) {
    let begun = tokio::select! {
        begun = timeout(limits.head_time, begins_http2(&stream)) => begun,
        () = shutdown.stopping() => return,
    };
    let stream = PatientStream::new(stream, limits.write_time);
    let ended = match begun {
        Ok(Ok(true)) => serve_http2(stream, router, limits, &shutdown).await,
        Ok(Ok(false)) => serve_http1(stream, router, limits, &shutdown).await,
        Ok(Err(_)) | Err(_) => return,
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// Looks at the first bytes without taking them. No method of HTTP/1.1 begins as HTTP/2 does.
async fn begins_http2(stream: &TcpStream) -> io::Result<bool> {
    const BEGINNING: &[u8; 3] = b"PRI";
    let mut seen = [0; BEGINNING.len()];
    loop {
        let count = stream.peek(&mut seen).await?;
        let same = seen[..count] == BEGINNING[..count];
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        } else if !same || count == BEGINNING.len() {
            return Ok(same);
        }
        // One or two bytes arrived alone, which hardly ever happens; the kernel cannot be asked to wait for more.
        sleep(Duration::from_millis(5)).await;
    }
}

async fn serve_http1(
    stream: PatientStream,
    router: Router,
    limits: ConnectionLimits,
    shutdown: &Shutdown,
) -> hyper::Result<()> {
    let service = service_fn(move |request: Request<Incoming>| router.clone().call(request));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_header_size(limits.head_bytes)
        .serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = shutdown.stopping() => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    if ended.as_ref().is_err_and(hyper::Error::is_timeout) {
        let parts = connection.into_parts();
        // A client that had begun to speak is told; one that was idle would take it for the answer to its next word.
        if !parts.read_buf.is_empty() {
            let mut stream = parts.io.into_inner().into_socket();
            // The client is slow already: it gets what fits into the socket's buffer, and no more of our time.
            let told = stream.try_write(&unframed(&Problem::header_timeout()));
            if told.is_ok() {
                let _ = timeout(limits.head_time, stream.shutdown()).await;
            }
        }
    }
    ended
}

async fn serve_http2(
    stream: PatientStream,
    router: Router,
    limits: ConnectionLimits,
    shutdown: &Shutdown,
) -> hyper::Result<()> {
    // Counts requests; every request in flight holds a share of it.
    let requests = Arc::new(AtomicU64::new(0));
    let counter = requests.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        counter.fetch_add(1, Ordering::Relaxed);
        let in_flight = counter.clone();
        let answer = router.clone().call(request);
        async move {
            let answer = answer.await;
            drop(in_flight);
            answer
        }
    });
    let resting = Arc::strong_count(&requests);
    let mut connection = pin!(
        http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(limits.head_bytes as u32)
            .keep_alive_interval(limits.idle_time)
            .keep_alive_timeout(limits.head_time)
            .serve_connection(TokioIo::new(stream), service)
    );
    let mut watch = interval(limits.idle_time);
    let mut before = None;
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = &mut connection => return ended,
            () = shutdown.stopping(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            _ = watch.tick() => {
                let now = requests.load(Ordering::Relaxed);
                if before == Some(now) && Arc::strong_count(&requests) == resting {
                    return Ok(());
                }
                before = Some(now);
            }
        }
    }
}

/// A problem as the bytes of HTTP/1.1, for where no request was read that could be answered.
pub(super) fn unframed(problem: &Problem) -> Vec<u8> {
    let body = problem.document().to_string();
    let mut head = format!("HTTP/1.1 {}\r\nconnection: close\r\n", problem.status());
    for (name, value) in problem.headers().iter().chain(&envelope::HEADERS) {
        let value = value.to_str().expect("our own headers are plain text");
        write!(head, "{name}: {value}\r\n").expect("writing to a string never fails");
    }
    let length = body.len();
    write!(head, "content-type: {}\r\ncontent-length: {length}\r\n\r\n{body}", problem::MEDIA_TYPE)
        .expect("writing to a string never fails");
    head.into_bytes()
}
