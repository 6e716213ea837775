//! A mail server on loopback: speaks enough SMTP to take an email, and misbehaves as a test asks.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What it does besides taking emails.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manners {
    /// Before which command, such as `RCPT`, or `.` for the email itself, it answers so; `GREETING` instead of a greeting.
    pub answers: Option<(&'static str, &'static str)>,
    /// At which command it falls silent for ever.
    pub hangs: Option<&'static str>,
    /// Whether it says that it speaks STARTTLS.
    pub offers_tls: bool,
    /// Whether it hangs up once it has taken the email.
    pub leaves_early: bool,
}

/// Keeps every session: the client's lines, those of emails included.
pub struct Catcher {
    pub port: u16,
    sessions: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Catcher {
    pub async fn start(manners: Manners) -> Self {
        Self::start_at(0, manners).await
    }

    /// Starts one at a port of its own.
    pub async fn start_at(port: u16, manners: Manners) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let sessions: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
        let kept = sessions.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let place = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(Vec::new());
                    kept.len() - 1
                };
                let kept = kept.clone();
                // A client that goes away ends the session, and nothing else.
                tokio::spawn(
                    async move { converse(stream, manners, |line| kept.lock().unwrap()[place].push(line)).await },
                );
            }
        });
        Self { port, sessions }
    }

    pub fn sessions(&self) -> Vec<Vec<String>> {
        self.sessions.lock().unwrap().clone()
    }

    /// The lines of the one email it took, dots at the beginning of lines undone.
    pub fn email(&self) -> Vec<String> {
        let sessions = self.sessions();
        let [session] = &sessions[..] else { panic!("one session, not {sessions:?}") };
        let begin = session.iter().position(|line| line == "DATA").unwrap() + 1;
        let end = session.iter().position(|line| line == ".").unwrap();
        session[begin..end].iter().map(|line| line.strip_prefix('.').unwrap_or(line).to_owned()).collect()
    }
}

async fn converse(stream: TcpStream, manners: Manners, mut keep: impl FnMut(String)) -> Option<()> {
    let mut stream = BufReader::new(stream);
    if manners.hangs == Some("GREETING") {
        std::future::pending::<()>().await;
    }
    let greeting =
        manners.answers.filter(|(at, _)| *at == "GREETING").map_or("220 catcher ready", |(_, answer)| answer);
    say(&mut stream, greeting).await?;
    let mut in_email = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end_matches(['\r', '\n']).to_owned();
        keep(line.clone());
        let command = if in_email { line.as_str() } else { line.split([' ', ':']).next().unwrap_or_default() };
        if in_email && command != "." {
            continue;
        }
        if manners.hangs == Some(command) {
            std::future::pending::<()>().await;
        }
        let usual = match command {
            "EHLO" if manners.offers_tls => "250-catcher\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN",
            "EHLO" => "250-catcher\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
            "AUTH" => "235 welcome",
            "STARTTLS" => "220 go ahead",
            "DATA" => "354 go ahead",
            "QUIT" => "221 bye",
            _ => "250 2.0.0 ok",
        };
        let answer = manners.answers.filter(|(at, _)| *at == command).map_or(usual, |(_, answer)| answer);
        in_email = command == "DATA" && answer.starts_with("354");
        say(&mut stream, answer).await?;
        if command == "QUIT" || (command == "." && manners.leaves_early) {
            return None;
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, answer: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{answer}\r\n").as_bytes()).await.ok()
}
