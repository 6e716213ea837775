//! The client against a server that answers whatever a test says.

use super::{Client, ClientError};
use crate::secret::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers one request with these bytes, and gives the request.
async fn answering(response: String) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 8192];
        let length = stream.read(&mut request).await.unwrap();
        let _ = stream.write_all(response.as_bytes()).await;
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (base, server)
}

fn response(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

async fn get(response: String) -> Result<super::Answer, ClientError> {
    let (base, _server) = answering(response).await;
    Client::new(&base, None).unwrap().get("/x", &[]).await
}

#[tokio::test]
async fn asks_below_the_address_with_token_and_query() {
    let (base, server) = answering(response("200 OK", r#"{"a": 1.10}"#)).await;
    let client = Client::new(&format!("{base}/quell/"), Some(&Secret::new("t0ken".into()))).unwrap();
    let answer = client.get("/api/v1/alerts", &[("q", "a&b=c d".to_owned()), ("status", "active".to_owned())]).await;
    assert_eq!(answer.unwrap().text(), r#"{"a": 1.10}"#);
    let request = server.await.unwrap().to_lowercase();
    assert!(request.starts_with("get /quell/api/v1/alerts?q=a%26b%3dc+d&status=active http/1.1"), "{request}");
    assert!(request.contains("authorization: bearer t0ken") && request.contains("user-agent: quell/"), "{request}");
}

#[tokio::test]
async fn a_refusal_is_read_from_its_problem_document() {
    let body = r#"{"type":"about:blank","title":"Not Found","status":404,"code":"not_found","detail":"there is no alert al_x"}"#;
    let refused = get(response("404 Not Found", body)).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no alert al_x");
    let ClientError::Refused(problem) = refused else { panic!() };
    assert_eq!((problem.status, problem.code.as_str()), (404, "not_found"));

    let body = r#"{"code":"auth_missing","detail":"send a token"}"#;
    let refused = get(response("401 Unauthorized", body)).await.unwrap_err();
    assert_eq!(refused.to_string(), "send a token\ngive a token with QUELL_TOKEN or --token-file");
}

#[tokio::test]
async fn what_is_not_quell_is_said_to_be_so() {
    let refused = get(response("502 Bad Gateway", "<html>")).await.unwrap_err().to_string();
    assert!(refused.contains("answered 502 Bad Gateway; is --url right"), "{refused}");
    let odd = get(response("200 OK", "<html>")).await.unwrap().json::<serde_json::Value>().unwrap_err();
    assert!(matches!(odd, ClientError::NotQuell { .. }));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/steal\r\ncontent-length: 0\r\n\r\n";
    let refused = get(redirect.to_owned()).await.unwrap_err();
    assert!(matches!(&refused, ClientError::Redirected { location, .. } if location == "http://127.0.0.1:1/steal"));
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let endless = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_owned() + &"x".repeat(65 << 20);
    assert_eq!(get(endless).await.unwrap_err(), ClientError::TooLarge { limit: 64 << 20 });
}

#[tokio::test]
async fn nobody_there_says_what_to_do() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let unreachable = Client::new(&base, None).unwrap().get("/x", &[]).await.unwrap_err();
    assert_eq!(
        unreachable.to_string(),
        format!(
            "no daemon at {base}: Connection refused (os error 111)\nstart one with `quell serve`, or name another with --url or QUELL_URL"
        )
    );
}

#[test]
fn addresses_are_checked() {
    let refused = |given: &str| Client::new(given, None).unwrap_err().to_string();
    assert!(refused("127.0.0.1:8642").starts_with("`127.0.0.1:8642` is not the address of a daemon: "));
    assert!(refused("ftp://a").contains("it must begin with http:// or https://"));
    assert!(refused("http://a/?x=1").contains("it must not have a `?` or `#` part"));
    assert!(!refused("http://user:hunter2@a/").contains("hunter2"));
    assert_eq!(Client::new("http://a", Some(&Secret::new("a\nb".into()))).unwrap_err(), ClientError::Token);
}

#[test]
fn the_token_is_not_in_debug_output() {
    let client = Client::new("http://127.0.0.1:1", Some(&Secret::new("hunter2".into()))).unwrap();
    assert!(!format!("{client:?}").contains("hunter2"));
}
