//! Slow, greedy and broken clients cost little and disturb nobody; a stop loses no answer.

use super::world::{Answer, World, fine};
use crate::http::auth::Access;
use crate::http::connection::ConnectionLimits;
use crate::http::routes::Route;
use crate::http::server::ServerLimits;
use crate::http::settings::Settings;
use axum::http::Method;
use axum::routing::{MethodFilter, on};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

const SHORT: Duration = Duration::from_millis(200);

fn hasty() -> ServerLimits {
    let connection = ConnectionLimits { head_time: SHORT, idle_time: SHORT, ..ConnectionLimits::default() };
    ServerLimits { connection, ..ServerLimits::default() }
}

async fn serving(limits: ServerLimits) -> World {
    let slow = on(MethodFilter::GET, async || {
        sleep(SHORT * 2).await;
        "at last"
    });
    let slow = Route { method: Method::GET, path: "/slow", access: Access::Open, handler: slow };
    World::start(vec![fine(), slow], Settings::default(), limits).await
}

/// Whether the server ends a connection on which nobody speaks.
async fn is_ended(mut stream: TcpStream) -> bool {
    let mut rest = Vec::new();
    timeout(SHORT * 10, stream.read_to_end(&mut rest)).await.is_ok()
}

#[tokio::test]
async fn a_head_that_drips_in_is_cut_off_and_others_go_on() {
    let world = serving(hasty()).await;
    let mut slow = world.connect().await;
    slow.write_all(b"GET /fine HTTP/1.1\r\nhost: loc").await.unwrap();
    let dripping = async {
        for _ in 0..3 {
            sleep(SHORT / 4).await;
            slow.write_all(b"a").await.unwrap();
        }
        Answer::read(slow).await
    };
    let (cut_off, other) = tokio::join!(dripping, world.send("GET", "/fine", &[], ""));
    assert_eq!(other.body, "fine");
    assert_eq!(cut_off.refusal(), (408, "header_timeout".into()));
    assert!(cut_off.head.contains("connection: close") && cut_off.head.contains("nosniff"), "{}", cut_off.head);
}

#[tokio::test]
async fn a_connection_without_a_word_is_ended_without_one() {
    let world = serving(hasty()).await;
    for beginning in ["", "P", "PR", "PRI", "PRI * HTTP/2.0\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = world.connect().await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        assert!(is_ended(stream).await, "{beginning:?}");
    }
    // The same after a first request: an idle client would take a late 408 for the answer to its next one.
    let mut stream = world.connect().await;
    stream.write_all(b"GET /fine HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let answer = Answer::read(stream).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "fine"));
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let world = serving(ServerLimits::default()).await;
    let large = world.send("GET", "/fine", &[&format!("x-large: {}", "x".repeat(40 << 10))], "").await;
    assert_eq!(large.status, 431);
    let many: Vec<String> = (0..1000).map(|n| format!("x-{n}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(world.send("GET", "/fine", &many, "").await.status, 431);
    let fits = world.send("GET", "/fine", &[&format!("x-large: {}", "x".repeat(30 << 10))], "").await;
    assert_eq!(fits.status, 200);
}

#[tokio::test]
async fn a_request_that_can_be_read_in_two_ways_is_refused() {
    let world = serving(ServerLimits::default()).await;
    for lines in [
        "content-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        "content-length: -1\r\n\r\n",
        "transfer-encoding: xchunked\r\n\r\n",
        "transfer-encoding: chunked, gzip\r\n\r\n",
        "x-folded: a\r\n b\r\n\r\n",
        "no colon\r\n\r\n",
        "bad name: x\r\n\r\n",
    ] {
        let answer = world.say(&format!("POST /fine HTTP/1.1\r\nhost: localhost\r\n{lines}")).await;
        assert_eq!(answer.status, 400, "{lines:?}: {answer:?}");
    }
}

#[tokio::test]
async fn one_peer_has_its_share_of_connections_and_room_comes_back() {
    let limits = ServerLimits { connections: 100, connections_of_a_peer: 3, ..ServerLimits::default() };
    let world = serving(limits).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = world.connect().await;
        stream.write_all(b"GET /fine HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        held.push(stream);
    }
    let refused = Answer::read(world.connect().await).await;
    assert_eq!(refused.refusal(), (503, "overloaded".into()));
    assert!(refused.head.contains("retry-after: 1"), "{}", refused.head);
    // Those that have a place keep it; and a place that is left can be taken.
    held[0].write_all(b"GET /fine HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut rest = String::new();
    held.remove(0).read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("HTTP/1.1 200") && rest.ends_with("fine"), "{rest}");
    world.send_until(200, "GET", "/fine", "").await;
}

/// Says the same again and again without ever listening; whether that comes to an end.
async fn is_refused_when_never_reading(mut stream: TcpStream, words: &[u8]) -> bool {
    let talking = async { while stream.write_all(words).await.is_ok() {} };
    timeout(SHORT * 20, talking).await.is_ok()
}

#[tokio::test]
async fn a_client_that_never_reads_its_answers_loses_its_connection() {
    let connection = ConnectionLimits { write_time: SHORT, ..ConnectionLimits::default() };
    let world = serving(ServerLimits { connection, ..ServerLimits::default() }).await;
    let pipelined = b"GET /fine HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(100);
    assert!(is_refused_when_never_reading(world.connect().await, &pipelined).await, "HTTP/1.1");
    let mut stream = world.connect().await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    let pings = frame(PING, 0, 0, &[0; 8]).repeat(100);
    assert!(is_refused_when_never_reading(stream, &pings).await, "HTTP/2");
}

#[tokio::test]
async fn a_client_that_reads_slowly_keeps_its_connection() {
    let connection = ConnectionLimits { write_time: SHORT * 3, ..ConnectionLimits::default() };
    let large = on(MethodFilter::GET, async || "x".repeat(32 << 20));
    let large = Route { method: Method::GET, path: "/large", access: Access::Open, handler: large };
    let world =
        World::start(vec![large], Settings::default(), ServerLimits { connection, ..ServerLimits::default() }).await;
    let mut stream = world.connect().await;
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let (mut part, mut read) = (vec![0; 4 << 20], 0);
    loop {
        let mut got = 0;
        while got < part.len() {
            match stream.read(&mut part[got..]).await.expect("it is never cut off") {
                0 => break,
                count => got += count,
            }
        }
        read += got;
        if got < part.len() {
            break;
        }
        sleep(SHORT / 2).await;
    }
    assert!(read > 32 << 20, "{read}");
}

#[tokio::test]
async fn a_stop_lets_requests_in_flight_finish_and_takes_no_new_ones() {
    let mut world = serving(ServerLimits::default()).await;
    let idle = world.connect().await;
    let mut asked = world.connect().await;
    asked.write_all(b"GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    sleep(SHORT).await;
    world.shutdown.stop();
    let answer = Answer::read(asked).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "at last"));
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
    assert!(is_ended(idle).await);
    timeout(SHORT * 5, &mut world.server).await.expect("the server ends once all are answered").unwrap();
    assert!(TcpStream::connect(world.address).await.is_err());
}

#[tokio::test]
async fn a_stop_waits_no_longer_than_it_must() {
    let mut world = serving(ServerLimits { drain_time: SHORT / 4, ..ServerLimits::default() }).await;
    let mut asked = world.connect().await;
    asked.write_all(b"GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    sleep(SHORT / 2).await;
    world.shutdown.stop();
    timeout(SHORT, &mut world.server).await.expect("patience ends").unwrap();
    let usual = ServerLimits::default().drain_time;
    assert!(usual <= Duration::from_secs(5), "half of what the whole daemon may take to stop, not {usual:?}");
}

/// Frames of HTTP/2, by hand: length, type, flags, stream, payload.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    [&[0, 0, payload.len() as u8, kind, flags, 0, 0, 0, stream], payload].concat()
}

/// `GET /fine` in HPACK: indexed method and scheme, then path and authority as plain literals.
fn get_fine() -> Vec<u8> {
    b"\x82\x86\x04\x05/fine\x41\x09localhost".to_vec()
}

/// Reads frames until one of this kind, and answers pings; its payload.
async fn next_frame(stream: &mut TcpStream, wanted: u8) -> Vec<u8> {
    let reading = async {
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await.unwrap();
            let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
            stream.read_exact(&mut payload).await.unwrap();
            if head[3] == wanted {
                return payload;
            }
            if head[3] == PING {
                stream.write_all(&frame(PING, 1, 0, &payload)).await.unwrap();
            }
        }
    };
    timeout(Duration::from_secs(5), reading).await.expect("the frame comes")
}

const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

#[tokio::test]
async fn http2_is_served_to_clients_that_begin_with_it() {
    let world = serving(ServerLimits::default()).await;
    let mut stream = world.connect().await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    stream.write_all(&frame(HEADERS, 0x5, 1, &get_fine())).await.unwrap();
    let answer = next_frame(&mut stream, HEADERS).await;
    assert_eq!(answer[0], 0x88, "`:status: 200`, indexed");
    let foreign = b"\x82\x86\x04\x05/fine\x41\x0cevil.example";
    stream.write_all(&frame(HEADERS, 0x5, 3, foreign)).await.unwrap();
    assert_ne!(next_frame(&mut stream, HEADERS).await[0], 0x88, "the guard stands here too");
    world.shutdown.stop();
    next_frame(&mut stream, GOAWAY).await;
    // The first one announces, the second one ends: between them a ping makes sure that nothing is on its way.
    next_frame(&mut stream, GOAWAY).await;
    assert!(is_ended(stream).await);
}

#[tokio::test]
async fn an_idle_http2_connection_is_ended() {
    let world = serving(hasty()).await;
    let mut stream = world.connect().await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    assert!(is_ended(stream).await);
}
