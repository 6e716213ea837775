//! An email is handed over once, whole, to the server it is meant for; whatever that server does has a name.

use super::guard::Scripted;
use super::smtp_catcher::{Catcher, Manners};
use super::world::now;
use crate::clock::Stopwatch;
use crate::delivery::{Attempted, Class, EmailSettings, Fault, MailTls, Mailer};
use crate::id::MessageId;
use crate::playbook::EmailSpec;
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::io::{Read, Write};
use std::time::Duration;

fn settings(port: u16) -> EmailSettings {
    EmailSettings {
        host: "127.0.0.1".into(),
        port: Some(port),
        from: "Quell <quell@corp.example>".into(),
        username: None,
        password: None,
        tls: MailTls::None,
        allow_private: true,
    }
}

fn spec() -> EmailSpec {
    EmailSpec {
        to: vec!["soc@corp.example".into(), "Duty Officer <duty@corp.example>".into()],
        subject: "Brute force on db-1".into(),
        body: "203.0.113.9 tried 400 passwords.\n.\nNobody got in.".into(),
    }
}

fn message() -> MessageId {
    MessageId::from_bytes([7; 16])
}

async fn attempt(settings: EmailSettings, spec: &EmailSpec) -> Attempted {
    let mailer = Mailer::new(settings).unwrap().within(Duration::from_millis(700));
    let watch = Stopwatch::start();
    let attempted = mailer.attempt(&message(), spec, now()).await;
    assert!(watch.elapsed() < Duration::from_secs(5), "took {:?}", watch.elapsed());
    attempted
}

async fn with(manners: Manners) -> (Attempted, Catcher) {
    let catcher = Catcher::start(manners).await;
    (attempt(settings(catcher.port), &spec()).await, catcher)
}

#[tokio::test]
async fn a_server_that_does_not_stop_talking_is_cut_off() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        while tokio::io::AsyncWriteExt::write_all(&mut stream, &[b'2'; 4096]).await.is_ok() {}
    });
    let mailer = Mailer::new(settings(port)).unwrap().within(Duration::from_secs(30));
    let attempted = mailer.attempt(&message(), &spec(), now()).await;
    assert!(attempted.error.as_ref().unwrap().contains("does not stop talking"), "{attempted:?}");
    assert_eq!(attempted.class, Class::Transient);
}

#[tokio::test]
async fn an_encrypted_server_that_does_not_stop_talking_is_cut_off_too() {
    let port = super::certificates::talkative_tls_server();
    let implicit = EmailSettings { host: "localhost".into(), tls: MailTls::Implicit, ..settings(port) };
    let mailer = Mailer::with_lookup(implicit, Scripted::new(&[&["127.0.0.1"]])).unwrap();
    assert_eq!(mailer.origin(), format!("smtps://localhost:{port}"));
    let mailer = mailer.encrypted_by(super::certificates::credulous()).within(Duration::from_secs(30));
    let attempted = mailer.attempt(&message(), &spec(), now()).await;
    assert!(attempted.error.as_ref().unwrap().contains("does not stop talking"), "{attempted:?}");
    assert_eq!(attempted.class, Class::Transient);
}

#[tokio::test]
async fn a_server_gets_the_email_whole_from_whom_and_to_whom_it_is() {
    let (attempted, catcher) = with(Manners::default()).await;
    assert_eq!((attempted.class, attempted.status, attempted.error), (Class::Success, Some(250), None));
    assert_eq!(attempted.value, json!({"status": 250, "body": "2.0.0 ok"}));
    let session = &catcher.sessions()[0];
    let said: Vec<&str> = session.iter().map(String::as_str).filter(|line| line.contains("corp.example>")).collect();
    assert_eq!(
        said[..3],
        ["MAIL FROM:<quell@corp.example>", "RCPT TO:<soc@corp.example>", "RCPT TO:<duty@corp.example>"]
    );
    assert_eq!(session[0], "EHLO corp.example");
    let email = catcher.email();
    for header in [
        "From: Quell <quell@corp.example>",
        "To: soc@corp.example, \"Duty Officer\" <duty@corp.example>",
        "Subject: Brute force on db-1",
        "Date: Thu, 01 Jan 2026 00:00:00 +0000",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
    ] {
        assert!(email.iter().any(|line| line == header), "{header} is not in {email:#?}");
    }
    let body = email.iter().position(String::is_empty).unwrap() + 1;
    assert_eq!(email[body..], ["203.0.113.9 tried 400 passwords.", ".", "Nobody got in."]);
}

#[tokio::test]
async fn a_repetition_is_the_same_email() {
    let id = format!("Message-ID: <{}@corp.example>", message());
    for _ in 0..2 {
        let (_, catcher) = with(Manners::default()).await;
        assert!(catcher.email().contains(&id), "{id} is not in {:#?}", catcher.email());
    }
}

#[tokio::test]
async fn any_text_of_an_alert_arrives() {
    let catcher = Catcher::start(Manners::default()).await;
    let title = format!("Señor 漢字 {}", "lang ".repeat(60));
    let spec = EmailSpec { subject: title.trim_end().into(), body: "漢\0字\u{1b}[2J".into(), ..spec() };
    assert_eq!(attempt(settings(catcher.port), &spec).await.class, Class::Success);
    let email = catcher.email();
    assert!(email.iter().all(|line| line.is_ascii() && line.len() < 998), "{email:#?}");
    assert!(email.iter().any(|line| line.starts_with("Subject: ") && line.contains("=?utf-8?b?")), "{email:#?}");
    let body = email[email.iter().position(String::is_empty).unwrap() + 1..].concat();
    let decoded = match STANDARD.decode(&body) {
        Ok(bytes) => String::from_utf8(bytes).unwrap(),
        Err(_) => panic!("{email:#?}"),
    };
    assert_eq!(decoded, "漢\u{fffd}字\u{fffd}[2J");
}

#[tokio::test]
async fn nothing_of_an_email_can_become_a_header_or_a_command() {
    let catcher = Catcher::start(Manners::default()).await;
    let to = |address: &str| EmailSpec { to: vec![address.into()], ..spec() };
    let subject = |subject: &str| EmailSpec { subject: subject.into(), ..spec() };
    for (spec, said) in [
        (subject("a\r\nBcc: evil@evil.example"), "the subject has a line break or another control character"),
        (subject("a\nb"), "the subject has a line break or another control character"),
        (subject("a\rb"), "the subject has a line break or another control character"),
        (
            to("a@b.example\r\nBcc: evil@evil.example"),
            "`a@b.example\\r\\nBcc: evil@evil.example` is not an email address",
        ),
        (
            to("a@b.example>\r\nRCPT TO:<evil@evil.example"),
            "`a@b.example>\\r\\nRCPT TO:<evil@evil.example` is not an email address",
        ),
        (to("\"a\r\n b\" <a@b.example>"), "`\\\"a\\r\\n b\\\" <a@b.example>` is not an email address"),
        (to("a@b.example, evil@evil.example"), "`a@b.example, evil@evil.example` is not an email address"),
        (to("nobody"), "`nobody` is not an email address"),
        (to(""), "`` is not an email address"),
        (EmailSpec { to: vec![], ..spec() }, "it goes to nobody"),
        (EmailSpec { to: vec!["a@b.example".into(); 51], ..spec() }, "it goes to 51 addresses, and 50 are the most"),
        (EmailSpec { body: "x".repeat(262_145), ..spec() }, "the text has 262145 bytes, and 262144 are the most"),
    ] {
        let attempted = attempt(settings(catcher.port), &spec).await;
        assert_eq!((attempted.class, attempted.fault), (Class::Permanent, Some(Fault::Configuration)));
        assert_eq!(attempted.error.unwrap(), format!("email_invalid: {said}"));
    }
    assert!(catcher.sessions().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn each_answer_has_its_class() {
    for (at, answer, class, said) in [
        ("GREETING", "554 5.3.2 not now", Class::LikelyPermanent, "smtp 554: 5.3.2 not now"),
        ("GREETING", "421 4.3.2 busy", Class::Transient, "smtp 421: 4.3.2 busy"),
        ("RCPT", "451 4.7.1 greylisted", Class::Transient, "smtp 451: 4.7.1 greylisted"),
        ("RCPT", "550 5.1.1 no such user", Class::LikelyPermanent, "smtp 550: 5.1.1 no such user"),
        ("MAIL", "530 5.7.0 authenticate first", Class::LikelyPermanent, "smtp 530: 5.7.0 authenticate first"),
        (".", "452 4.2.2 mailbox full", Class::Transient, "smtp 452: 4.2.2 mailbox full"),
        (".", "554 5.7.1 looks like spam", Class::LikelyPermanent, "smtp 554: 5.7.1 looks like spam"),
    ] {
        let (attempted, _) = with(Manners { answers: Some((at, answer)), ..Manners::default() }).await;
        assert_eq!((attempted.class, attempted.error.as_deref()), (class, Some(said)), "{at}");
        assert_eq!((attempted.status, attempted.kind()), (answer[..3].parse().ok(), "smtp"));
    }
    let (attempted, _) = with(Manners { answers: Some(("EHLO", "\u{7}nonsense")), ..Manners::default() }).await;
    assert_eq!((attempted.class, attempted.status, attempted.kind()), (Class::Transient, None, "smtp"));
}

#[tokio::test]
async fn a_server_that_hangs_is_a_timeout_wherever_it_hangs() {
    for at in ["GREETING", "EHLO", "RCPT", "."] {
        let (attempted, _) = with(Manners { hangs: Some(at), ..Manners::default() }).await;
        assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::Timeout)), "{at}");
        let said = "timeout: the mail server did not take the email within 700ms";
        assert_eq!(attempted.error.as_deref(), Some(said));
    }
}

#[tokio::test]
async fn an_email_that_was_taken_is_sent_whatever_becomes_of_the_goodbye() {
    let (attempted, _) = with(Manners { leaves_early: true, ..Manners::default() }).await;
    assert_eq!(attempted.class, Class::Success);
    let (attempted, _) = with(Manners { hangs: Some("QUIT"), ..Manners::default() }).await;
    assert_eq!(attempted.class, Class::Success);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_transient() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let attempted = attempt(settings(nobody), &spec()).await;
    assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::Connect)));
    assert!(attempted.error.as_ref().unwrap().starts_with("connect_failed: "), "{attempted:?}");
}

#[tokio::test]
async fn the_server_learns_the_password_and_nobody_else() {
    let plain = STANDARD.encode("\0quell\0hunter2-hunter2");
    let echo = format!("535 5.7.8 no: {plain} hunter2-hunter2");
    for answer in [None, Some(("AUTH", &*echo.leak()))] {
        let catcher = Catcher::start(Manners { answers: answer, ..Manners::default() }).await;
        let settings = EmailSettings {
            username: Some("quell".into()),
            password: Some(Secret::new("hunter2-hunter2".into())),
            ..settings(catcher.port)
        };
        let shown = format!("{settings:?} {:?}", Mailer::new(settings.clone()).unwrap());
        let attempted = attempt(settings, &spec()).await;
        assert!(catcher.sessions()[0].contains(&format!("AUTH PLAIN {plain}")), "{:?}", catcher.sessions());
        let recorded = format!("{attempted:?}{shown}");
        assert!(!recorded.contains("hunter2") && !recorded.contains(&plain), "{recorded}");
        if answer.is_some() {
            assert_eq!(
                (attempted.class, attempted.error.as_deref()),
                (Class::LikelyPermanent, Some("smtp 535: 5.7.8 no: *** ***"))
            );
        } else {
            assert_eq!(attempted.class, Class::Success);
        }
    }
}

#[tokio::test]
async fn without_tls_where_tls_is_asked_for_nothing_is_said() {
    let secret = |settings: EmailSettings| EmailSettings {
        username: Some("quell".into()),
        password: Some(Secret::new("hunter2-hunter2".into())),
        ..settings
    };
    let catcher = Catcher::start(Manners::default()).await;
    let starttls = EmailSettings { tls: MailTls::Starttls, ..secret(settings(catcher.port)) };
    let attempted = attempt(starttls, &spec()).await;
    assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::Tls)), "{attempted:?}");
    let said = "tls_failed: the mail server offers no STARTTLS, and nothing is sent in the clear";
    assert_eq!(attempted.error.as_deref(), Some(said));
    let session = &catcher.sessions()[0];
    assert!(!session.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")), "{session:?}");
}

#[tokio::test]
async fn what_is_said_in_the_clear_is_no_answer_of_the_encrypted_server() {
    // Somebody on the way answers STARTTLS, and every command after it as well.
    let forged = "220 go ahead\r\n250-catcher\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken";
    let catcher =
        Catcher::start(Manners { offers_tls: true, answers: Some(("STARTTLS", forged)), ..Manners::default() });
    let starttls = EmailSettings { tls: MailTls::Starttls, ..settings(catcher.await.port) };
    let attempted = attempt(starttls, &spec()).await;
    assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::Tls)), "{attempted:?}");
    let said = attempted.error.unwrap();
    assert!(said.starts_with("tls_failed: ") && !said.contains("STARTTLS"), "the forged answers went to TLS: {said}");
}

#[tokio::test]
async fn a_mail_server_s_certificate_is_checked_by_its_name() {
    let (port, server) = super::certificates::tls_server();
    let implicit = EmailSettings { tls: MailTls::Implicit, ..settings(port) };
    let attempted = attempt(implicit, &spec()).await;
    assert_eq!((attempted.class, attempted.fault), (Class::LikelyPermanent, Some(Fault::Certificate)), "{attempted:?}");
    assert!(attempted.error.unwrap().starts_with("tls_certificate_invalid: "));
    assert_eq!(server.join().unwrap(), 0, "nothing was said");

    let (port, server) = super::certificates::tls_server_after(|stream| {
        let mut asked = [0; 512];
        for answer in ["220 ready", "250-catcher\r\n250 STARTTLS", "220 go ahead"] {
            stream.write_all(format!("{answer}\r\n").as_bytes()).unwrap();
            if !answer.ends_with("go ahead") {
                let _ = stream.read(&mut asked).unwrap();
            }
        }
    });
    let starttls = EmailSettings { tls: MailTls::Starttls, ..settings(port) };
    let attempted = attempt(starttls, &spec()).await;
    assert_eq!((attempted.class, attempted.fault), (Class::LikelyPermanent, Some(Fault::Certificate)), "{attempted:?}");
    assert_eq!(server.join().unwrap(), 0, "nothing was said");
}

#[tokio::test]
async fn a_mail_server_is_dialled_only_where_requests_may_go() {
    let catcher = Catcher::start(Manners::default()).await;
    let attempt = async |host: &str, allow_private: bool, answers: &[&'static str]| {
        let tls = if allow_private { MailTls::None } else { MailTls::Starttls };
        let settings = EmailSettings { host: host.into(), tls, allow_private, ..settings(catcher.port) };
        let mailer = Mailer::with_lookup(settings, Scripted::new(&[answers])).unwrap();
        mailer.within(Duration::from_secs(2)).attempt(&message(), &spec(), now()).await
    };
    for (host, allow_private, answers, said) in [
        ("127.0.0.1", false, &["1.1.1.1"][..], "loopback address (127.0.0.1); `allow_private: true` would allow it"),
        ("mail.example", false, &["10.0.0.1"], "private address (10.0.0.1); `allow_private: true` would allow it"),
        ("mail.example", false, &["1.1.1.1", "::1"], "loopback address (::1); `allow_private: true` would allow it"),
        ("169.254.169.254", true, &[], "cloud metadata address (169.254.169.254)"),
        ("mail.example", true, &["127.0.0.1", "169.254.169.254"], "cloud metadata address (169.254.169.254)"),
    ] {
        let attempted = attempt(host, allow_private, answers).await;
        assert_eq!((attempted.class, attempted.fault), (Class::Permanent, Some(Fault::Denied)), "{host}");
        assert_eq!(attempted.error.unwrap(), format!("egress_denied: {said}"));
    }
    assert!(catcher.sessions().is_empty());
    assert_eq!(
        attempt("mail.example", true, &["127.0.0.1"]).await.class,
        Class::Success,
        "what was checked is dialled"
    );
}

#[test]
fn settings_that_cannot_work_or_would_leak_are_named() {
    let faults = |settings: EmailSettings| settings.faults().into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(faults(settings(25)), [""; 0]);
    let wrong = EmailSettings {
        host: "smtp://mail.example".into(),
        from: "nobody".into(),
        username: Some("quell".into()),
        allow_private: false,
        ..settings(25)
    };
    assert_eq!(faults(wrong), ["host", "from", "username", "tls"]);
    let password = Some(Secret::new("hunter2".into()));
    assert_eq!(
        faults(EmailSettings { password, from: "a@b.example\r\nBcc: c@d.example".into(), ..settings(25) }),
        ["from", "password"]
    );
}
