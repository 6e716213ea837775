//! A webhook receiver outside the daemon: keeps a ledger of everything that arrives, and answers as told.

use axum::body::Body;
use axum::http::{Request, Response};
use base64::Engine as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use std::collections::{BTreeMap, VecDeque};
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
    /// The status it was answered with; none if the receiver hung up on it.
    pub answered: Option<u16>,
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
    moods: Option<Moods>,
}

/// What a receiver that is not always well does, and how often it has failed each message.
struct Moods {
    random: fastrand::Rng,
    failed: BTreeMap<String, u32>,
}

impl Moods {
    /// How often it fails one message at most, so that the schedule's long delays never come.
    const MOST: u32 = 2;

    /// Now and then 503 or, as none, nothing at all.
    fn answer(&mut self, id: &str) -> Option<u16> {
        let failed = self.failed.entry(id.to_owned()).or_default();
        let answer = match self.random.u32(0..1000) {
            0..30 => Some(503),
            30..50 => None,
            _ => return Some(200),
        };
        *failed += 1;
        if *failed > Self::MOST { Some(200) } else { answer }
    }
}

/// The receiver hangs up.
#[derive(Debug, thiserror::Error)]
#[error("the receiver hangs up")]
struct HungUp;

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
        let serving = receiver.clone();
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                let receiver = serving.clone();
                let service = hyper::service::service_fn(move |request| receive(receiver.clone(), request));
                // An error is a peer that went away, or this one hanging up.
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        receiver
    }

    /// From now on it answers 503 or hangs up now and then, where nothing else is said.
    pub fn misbehave(&self, random: fastrand::Rng) {
        self.state.lock().unwrap().moods = Some(Moods { random, failed: BTreeMap::new() });
    }

    /// It is well again.
    pub fn behave(&self) {
        self.state.lock().unwrap().moods = None;
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

async fn receive(receiver: Receiver, request: Request<Incoming>) -> Result<Response<Body>, HungUp> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(Body::new(body), 1 << 20).await.unwrap_or_default();
    let headers = head.headers.iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap_or("").to_owned())).collect();
    let (method, path, body) = (head.method.to_string(), head.uri.to_string(), body.to_vec());
    let mut delivery = Delivery { method, path, headers, body, answered: Some(200) };
    let answer = {
        let mut state = receiver.state.lock().unwrap();
        let told = state.answers.pop_front();
        delivery.answered = match (&told, &mut state.moods) {
            (Some((status, ..)), _) => Some(*status),
            (None, Some(moods)) => moods.answer(delivery.id()),
            (None, None) => Some(200),
        };
        let status = delivery.answered;
        state.ledger.push(delivery);
        let well = r#"{"ok":true,"key":"SEC-1","score":90}"#;
        told.or(status.map(|status| (status, Vec::new(), well.to_owned())))
    };
    let (status, headers, body) = answer.ok_or(HungUp)?;
    let mut response = Response::builder().status(status).header("content-type", "application/json");
    for (name, value) in headers {
        response = response.header(name, value);
    }
    Ok(response.body(Body::from(body)).unwrap())
}
