//! The other end of every connection in the demo: checks each signature, answers as the real system would, and shows
//! what arrived.

use super::show::Show;
use crate::clock::SharedClock;
use crate::delivery::signature::{Key, SignatureHeaders, TOLERANCE, verify};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The systems the receiver plays. Each is a connection of the demo's daemon.
pub const SYSTEMS: [&str; 5] = ["reputation", "ticketing", "firewall", "chat", "orchestrator"];

/// Bodies larger than this are not read.
const LARGEST_BODY: usize = 1024 * 1024;

struct Receiver {
    key: Key,
    clock: SharedClock,
    show: Arc<Show>,
    tickets: AtomicU32,
    chats: AtomicU32,
}

/// Starts the receiver on a free loopback port. It lives as long as the runtime.
pub async fn start(key: Key, clock: SharedClock, show: Arc<Show>) -> std::io::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let receiver = Arc::new(Receiver { key, clock, show, tickets: AtomicU32::new(100), chats: AtomicU32::new(0) });
    let app = Router::new().fallback(receive).with_state(receiver);
    tokio::spawn(async move {
        if let Err(fault) = axum::serve(listener, app).await {
            tracing::error!(%fault, "the demo's receiver ended");
        }
    });
    Ok(address)
}

async fn receive(State(receiver): State<Arc<Receiver>>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let signed = SignatureHeaders {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let valid = verify(&receiver.key, signed, &body, receiver.clock.now(), TOLERANCE).is_ok();
    let path = head.uri.path().to_owned();
    let system = path.trim_start_matches('/').split('/').next().unwrap_or("").to_owned();
    let (status, answer) =
        if valid { receiver.answer(&system, &path) } else { (401, json!({"error": "bad signature"})) };
    let text = String::from_utf8_lossy(&body);
    receiver.show.delivery(&head.method, &path, header("webhook-id"), header("webhook-attempt"), valid, status, &text);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [("content-type", "application/json")], answer.to_string()).into_response()
}

impl Receiver {
    fn answer(&self, system: &str, path: &str) -> (u16, Value) {
        match system {
            "reputation" if path.ends_with("/203.0.113.9") => {
                (200, json!({"score": 93, "seen": "credential stuffing"}))
            }
            "reputation" => (404, json!({"error": "never seen"})),
            "ticketing" => (201, json!({"key": format!("SEC-{}", self.tickets.fetch_add(1, Ordering::Relaxed))})),
            // The first message meets an outage, to show the retry.
            "chat" if self.chats.fetch_add(1, Ordering::Relaxed) == 0 => (503, json!({"error": "be right back"})),
            _ => (200, json!({"ok": true})),
        }
    }
}
