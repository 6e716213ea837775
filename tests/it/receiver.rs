//! A webhook receiver outside the daemon: keeps a ledger of everything that arrives, and answers as told.

use base64::Engine as _;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// The secret every connection of a `World` signs with.
pub const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Delivery {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    /// Checks the signature as the Standard Webhooks specification says, with nothing of the daemon's own code.
    pub fn is_signed(&self) -> bool {
        let key = base64::prelude::BASE64_STANDARD.decode(&SECRET["whsec_".len()..]).unwrap();
        let mut signed = format!("{}.{}.", self.id(), self.header("webhook-timestamp")).into_bytes();
        signed.extend_from_slice(&self.body);
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key);
        let tag = base64::prelude::BASE64_STANDARD.encode(aws_lc_rs::hmac::sign(&key, &signed));
        self.header("webhook-signature").split(' ').any(|one| one == format!("v1,{tag}"))
    }
}

/// What to answer: status, extra headers, body.
pub type Answer = (u16, Vec<(&'static str, String)>, String);

#[derive(Default)]
struct State {
    ledger: Vec<Delivery>,
    answers: VecDeque<Answer>,
}

/// A running receiver. It answers 200 with `{"ok":true,"key":"SEC-1"}` unless told otherwise.
#[derive(Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    pub async fn start() -> Self {
        Self::start_at(0).await
    }

    /// Starts one at a port of its own.
    pub async fn start_at(port: u16) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let receiver = Self { address, state };
        let app = axum::Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        receiver
    }

    /// Answers the next request so, in the order told.
    pub fn answer_next(&self, status: u16, headers: Vec<(&'static str, String)>, body: &str) {
        self.state.lock().unwrap().answers.push_back((status, headers, body.to_owned()));
    }

    /// Everything that has arrived, in order.
    pub fn ledger(&self) -> Vec<Delivery> {
        self.state.lock().unwrap().ledger.clone()
    }

    pub fn count(&self) -> usize {
        self.state.lock().unwrap().ledger.len()
    }
}

async fn receive(
    axum::extract::State(receiver): axum::extract::State<Receiver>,
    request: axum::extract::Request,
) -> axum::response::Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let headers = head.headers.iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap_or("").to_owned())).collect();
    let delivery =
        Delivery { method: head.method.to_string(), path: head.uri.to_string(), headers, body: body.to_vec() };
    let answer = {
        let mut state = receiver.state.lock().unwrap();
        state.ledger.push(delivery);
        state.answers.pop_front()
    };
    let (status, headers, body) =
        answer.unwrap_or_else(|| (200, Vec::new(), r#"{"ok":true,"key":"SEC-1","score":90}"#.to_owned()));
    let mut response = axum::response::Response::builder().status(status).header("content-type", "application/json");
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(axum::body::Body::from(body)).unwrap()
}
