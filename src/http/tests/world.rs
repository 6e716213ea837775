//! A small interface on a real socket, and a client that says exactly the bytes it is told to.

use crate::http::auth::Access;
use crate::http::routes::{self, Route};
use crate::http::server::{ServerLimits, accept};
use crate::http::settings::Settings;
use crate::shutdown::Shutdown;
use axum::http::Method;
use axum::routing::{MethodFilter, on};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Nothing a test waits for takes as long.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct World {
    pub(super) address: SocketAddr,
    pub(super) shutdown: Shutdown,
    pub(super) server: JoinHandle<()>,
    /// What was counted: route and status.
    pub(super) counted: Arc<Mutex<Vec<(&'static str, u16)>>>,
}

impl World {
    /// Serves a table behind the real doors.
    pub(super) async fn start(table: Vec<Route<()>>, settings: Settings, limits: ServerLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counted: Arc<Mutex<Vec<(&'static str, u16)>>> = Arc::default();
        let count = counted.clone();
        let observe = Arc::new(move |route, status, _seconds| count.lock().unwrap().push((route, status)));
        let router = routes::router(table, &Settings { listen: address, ..settings }, observe);
        let shutdown = Shutdown::new();
        let server = tokio::spawn(accept(listener, router, limits, shutdown.clone()));
        Self { address, shutdown, server, counted }
    }

    /// Serves one route that answers `fine`.
    pub(super) async fn fine() -> Self {
        Self::start(vec![fine()], Settings::default(), ServerLimits::default()).await
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Says this on a connection of its own, and hears the answer out.
    pub(super) async fn say(&self, request: &str) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        Answer::read(stream).await
    }

    /// Sends a request again and again until it is answered with this status.
    pub(super) async fn send_until(&self, status: u16, method: &str, path: &str, body: &str) -> Answer {
        let asking = async {
            loop {
                let answer = self.send(method, path, &[], body).await;
                if answer.status == status {
                    return answer;
                }
            }
        };
        timeout(PATIENCE, asking).await.expect("the answer comes to be")
    }

    /// Sends a request with these further header lines and hears the answer.
    pub(super) async fn send(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let mut lines: Vec<String> = headers.iter().map(|line| format!("{line}\r\n")).collect();
        if !headers.iter().any(|line| line.to_lowercase().starts_with("host:")) {
            lines.push("host: localhost\r\n".to_owned());
        }
        if !headers.iter().any(|line| line.starts_with("transfer-encoding:") || line.starts_with("content-length:")) {
            lines.push(format!("content-length: {}\r\n", body.len()));
        }
        self.say(&format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n{}\r\n{body}", lines.concat())).await
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.stop();
    }
}

/// A route that answers `fine` to anybody.
pub(super) fn fine() -> Route<()> {
    let handler = on(MethodFilter::GET, async || "fine");
    Route { method: Method::GET, path: "/fine", access: Access::Open, handler }
}

/// An answer as it came over the wire.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Lower case.
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    /// Reads to the end of the connection. A connection that ends without a word answers with status 0.
    pub(super) async fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A reset after the answer is how a server ends a connection whose request it did not read to the end.
        let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the server ends the connection");
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).map_or(0, |status| status.parse().unwrap());
        Self { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// The document of a refusal, after checking that it is one.
    pub(super) fn problem(&self) -> Value {
        assert!(self.head.contains("content-type: application/problem+json"), "{self:?}");
        let document: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(document["status"], self.status);
        for member in ["type", "title", "detail"] {
            assert!(document[member].is_string(), "{member} of {document}");
        }
        document
    }

    /// Status and stable code of a refusal.
    pub(super) fn refusal(&self) -> (u16, String) {
        (self.status, self.problem()["code"].as_str().unwrap().to_owned())
    }
}
