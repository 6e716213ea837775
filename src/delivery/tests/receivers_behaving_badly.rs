//! Receivers that hang, drip, flood, break off or talk nonsense: each attempt ends in time, in bounds, by its name.

use super::receiver::Receiver;
use super::world::{now, sender, settings, work};
use crate::clock::Stopwatch;
use crate::delivery::{Attempted, Class, Fault};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Attempts once with this deadline and holds the attempt to it.
async fn attempt(receiver: &Receiver, deadline_ms: u64) -> Attempted {
    let mut work = work();
    work.spec.timeout_ms = Some(deadline_ms);
    let watch = Stopwatch::start();
    let attempted = sender(settings(&receiver.url())).attempt(&work, now()).await;
    let elapsed = watch.elapsed();
    assert!(elapsed < Duration::from_millis(deadline_ms + 3000), "took {elapsed:?}");
    attempted
}

async fn write(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    stream.write_all(bytes).await.is_ok()
}

async fn forever() {
    std::future::pending().await
}

#[tokio::test]
async fn one_that_never_answers_times_out() {
    let receiver = Receiver::doing(|stream| async move {
        let _open = stream;
        forever().await;
    })
    .await;
    let attempted = attempt(&receiver, 300).await;
    assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::Timeout)));
    assert_eq!(attempted.error.as_deref(), Some("timeout: no answer within 300ms"));
    assert!(attempted.latency >= Duration::from_millis(300));
}

#[tokio::test]
async fn one_that_drips_its_head_times_out() {
    let receiver = Receiver::doing(|mut stream| async move {
        while write(&mut stream, b"H").await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    // Whether the nonsense or the deadline is noticed first does not matter.
    let attempted = attempt(&receiver, 300).await;
    assert_eq!((attempted.class, attempted.status), (Class::Transient, None));
}

#[tokio::test]
async fn one_that_drips_its_body_has_still_delivered() {
    let receiver = Receiver::doing(|mut stream| async move {
        write(&mut stream, b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").await;
        while write(&mut stream, b"x").await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let attempted = attempt(&receiver, 400).await;
    assert_eq!((attempted.class, attempted.status, attempted.fault), (Class::Success, Some(200), None));
    assert_eq!(attempted.value["truncated"], true);
    assert!(attempted.value["body"].as_str().unwrap().starts_with("xxx"));
}

#[tokio::test]
async fn one_whose_body_never_ends_is_cut() {
    let receiver = Receiver::doing(|mut stream| async move {
        write(&mut stream, b"HTTP/1.1 200 OK\r\n\r\n").await;
        while write(&mut stream, &[b'y'; 8192]).await {}
    })
    .await;
    let attempted = attempt(&receiver, 15_000).await;
    assert_eq!(attempted.class, Class::Success);
    assert_eq!(attempted.value["body"].as_str().unwrap().len(), 64 * 1024);
    assert_eq!(attempted.value["truncated"], true);
    assert!(attempted.latency < Duration::from_secs(10), "it does not wait for the deadline");
}

#[tokio::test]
async fn a_failing_answer_with_an_endless_body_still_has_its_status() {
    let receiver = Receiver::doing(|mut stream| async move {
        write(&mut stream, b"HTTP/1.1 500 Oops\r\n\r\n").await;
        forever().await;
    })
    .await;
    let attempted = attempt(&receiver, 300).await;
    assert_eq!((attempted.class, attempted.status, attempted.fault), (Class::Transient, Some(500), None));
}

#[tokio::test]
async fn one_that_breaks_off_in_its_body_has_still_delivered() {
    let broken = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{\"half\": ";
    let attempted = attempt(&Receiver::answering(broken).await, 2000).await;
    assert_eq!(attempted.class, Class::Success);
    assert_eq!((&attempted.value["body"], &attempted.value["truncated"]), (&"{\"half\": ".into(), &true.into()));
}

#[tokio::test]
async fn one_with_a_vast_head_is_cut_off() {
    let head = format!("HTTP/1.1 200 OK\r\nX-Vast: {}\r\n\r\n", "v".repeat(10 * 1024 * 1024));
    let attempted = attempt(&Receiver::answering(head).await, 5000).await;
    assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::TooLarge)));
    assert_eq!(attempted.error.as_deref(), Some("response_too_large: message head is too large"));

    let head = format!("HTTP/1.1 200 OK\r\nX-Large: {}\r\n\r\n", "v".repeat(40 * 1024));
    let attempted = attempt(&Receiver::answering(head).await, 5000).await;
    assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::TooLarge)));
    let said = attempted.error.unwrap();
    assert!(said.starts_with("response_too_large: the head has 409"), "{said}");
}

#[tokio::test]
async fn one_with_a_great_many_headers_is_cut_off() {
    let head = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(5000));
    let attempted = attempt(&Receiver::answering(head).await, 5000).await;
    assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::TooLarge)));
}

#[tokio::test]
async fn a_compressed_answer_is_not_unpacked() {
    let bomb = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\n\r\n\x1f\x8b\x08\0\0\0"
        .to_vec();
    let attempted = attempt(&Receiver::answering(bomb).await, 2000).await;
    assert_eq!(attempted.class, Class::Success);
    assert!(attempted.value["body"].is_null());
    assert_eq!(attempted.value["truncated"], true);
}

#[tokio::test]
async fn one_that_does_not_speak_http_is_malformed() {
    for nonsense in ["SSH-2.0-OpenSSH_9.2\r\n", "+OK ready\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "\0\0\0\0\r\n\r\n"] {
        let attempted = attempt(&Receiver::answering(nonsense).await, 2000).await;
        assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::Malformed)), "{nonsense:?}");
        let said = attempted.error.unwrap();
        assert!(said.starts_with("malformed_response: "), "{said}");
    }
}

#[tokio::test]
async fn one_that_hangs_up_or_resets_is_transient() {
    let hangs_up = Receiver::doing(|stream| async move { drop(stream) }).await;
    let resets = Receiver::doing(|stream| async move {
        // Closing with zero linger answers with a reset instead of a goodbye.
        stream.set_zero_linger().unwrap();
    })
    .await;
    for receiver in [hangs_up, resets] {
        let attempted = attempt(&receiver, 2000).await;
        assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::Connect)), "{attempted:?}");
        assert!(attempted.error.unwrap().starts_with("connection_broken: "));
        assert_eq!(receiver.requests().len(), 1, "nothing is sent twice behind the record's back");
    }
}

#[tokio::test]
async fn one_that_is_not_there_is_transient() {
    let nobody = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let attempted = sender(settings(&format!("http://127.0.0.1:{nobody}/"))).attempt(&work(), now()).await;
    assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::Connect)));
    let said = attempted.error.unwrap();
    assert!(said.starts_with("connect_failed: "), "{said}");
    assert!(!said.contains("http://"), "an error never shows the address: {said}");
}
