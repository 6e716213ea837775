//! No request leaves for a forbidden address, however it is written or resolved.

use super::receiver::Receiver;
use super::world::{connection, now, settings, work};
use crate::clock::Stopwatch;
use crate::delivery::attempt::Exchange;
use crate::delivery::redact::Redactor;
use crate::delivery::request;
use crate::delivery::resolver::GuardedResolver;
use crate::delivery::sender::new_client;
use crate::delivery::{
    AddressPolicy, Attempted, Class, Connection, ConnectionSpec, Denied, Fault, Lookup, Reason, Sender, UrlText,
    verdict,
};
use async_trait::async_trait;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use url::{Host, Url};

const PUBLIC: AddressPolicy = AddressPolicy { allow_private: false, own: None };
const PRIVATE: AddressPolicy = AddressPolicy { allow_private: true, own: None };

/// The address a client would dial for this text in a URL.
fn address(host: &str) -> IpAddr {
    match Url::parse(&format!("https://{host}/")).unwrap().host().unwrap() {
        Host::Ipv4(ip) => ip.into(),
        Host::Ipv6(ip) => ip.into(),
        Host::Domain(name) => panic!("{host} is the name {name}"),
    }
}

/// Host, what is said to a connection without `allow_private`, and to one with it.
const TABLE: &[(&str, Option<Reason>, Option<Reason>)] = {
    use Reason::*;
    &[
        // spellings of loopback and nowhere
        ("127.0.0.1", Some(Loopback), None),
        ("0177.0.0.1", Some(Loopback), None),
        ("2130706433", Some(Loopback), None),
        ("0x7f.1", Some(Loopback), None),
        ("127.1", Some(Loopback), None),
        ("①②⑦.0.0.1", Some(Loopback), None),
        ("127.0.0.1.", Some(Loopback), None),
        ("127.255.255.254", Some(Loopback), None),
        ("[::1]", Some(Loopback), None),
        ("0", Some(Unspecified), Some(Unspecified)),
        ("0.1.2.3", Some(Unspecified), Some(Unspecified)),
        ("[::]", Some(Unspecified), Some(Unspecified)),
        // IPv4 in IPv6
        ("[::ffff:169.254.169.254]", Some(EmbeddedIpv4), Some(Metadata)),
        ("[::ffff:127.0.0.1]", Some(EmbeddedIpv4), None),
        ("[::ffff:8.8.8.8]", Some(EmbeddedIpv4), None),
        ("[::ffff:0.0.0.0]", Some(EmbeddedIpv4), Some(Unspecified)),
        ("[64:ff9b::a9fe:a9fe]", Some(EmbeddedIpv4), Some(Metadata)),
        ("[64:ff9b::808:808]", Some(EmbeddedIpv4), None),
        ("[64:ff9b:1::a9fe:a9fe]", Some(EmbeddedIpv4), Some(EmbeddedIpv4)),
        ("[2002:7f00:1::1]", Some(EmbeddedIpv4), Some(EmbeddedIpv4)),
        ("[2001:0:4136:e378:8000:63bf:3fff:fdd2]", Some(EmbeddedIpv4), Some(EmbeddedIpv4)),
        ("[::127.0.0.1]", Some(EmbeddedIpv4), Some(EmbeddedIpv4)),
        ("[::ffff:0:127.0.0.1]", Some(EmbeddedIpv4), Some(EmbeddedIpv4)),
        // metadata and wire servers
        ("169.254.169.254", Some(Metadata), Some(Metadata)),
        ("0xa9fea9fe", Some(Metadata), Some(Metadata)),
        ("169.254.170.2", Some(Metadata), Some(Metadata)),
        ("169.254.170.23", Some(Metadata), Some(Metadata)),
        ("168.63.129.16", Some(Metadata), Some(Metadata)),
        ("100.100.100.200", Some(Metadata), Some(Metadata)),
        ("192.0.0.192", Some(Metadata), Some(Metadata)),
        ("[fd00:ec2::254]", Some(Metadata), Some(Metadata)),
        ("[fd00:ec2::23]", Some(Metadata), Some(Metadata)),
        ("[fd20:ce::254]", Some(Metadata), Some(Metadata)),
        // private
        ("10.0.0.1", Some(Private), None),
        ("172.16.0.1", Some(Private), None),
        ("172.31.255.255", Some(Private), None),
        ("192.168.1.1", Some(Private), None),
        ("[fc00::1]", Some(Private), None),
        ("[fdff::1]", Some(Private), None),
        ("100.64.0.1", Some(CarrierGrade), None),
        ("100.127.255.255", Some(CarrierGrade), None),
        // never anybody's endpoint
        ("169.254.1.1", Some(LinkLocal), Some(LinkLocal)),
        ("[fe80::1]", Some(LinkLocal), Some(LinkLocal)),
        ("224.0.0.1", Some(Multicast), Some(Multicast)),
        ("239.255.255.255", Some(Multicast), Some(Multicast)),
        ("[ff02::1]", Some(Multicast), Some(Multicast)),
        ("255.255.255.255", Some(Broadcast), Some(Broadcast)),
        ("192.0.2.1", Some(Documentation), Some(Documentation)),
        ("198.51.100.1", Some(Documentation), Some(Documentation)),
        ("203.0.113.1", Some(Documentation), Some(Documentation)),
        ("[2001:db8::1]", Some(Documentation), Some(Documentation)),
        ("[3fff::1]", Some(Documentation), Some(Documentation)),
        ("198.18.0.1", Some(Benchmark), Some(Benchmark)),
        ("198.19.255.255", Some(Benchmark), Some(Benchmark)),
        ("[2001:2::1]", Some(Benchmark), Some(Benchmark)),
        ("192.0.0.8", Some(Reserved), Some(Reserved)),
        ("192.88.99.1", Some(Reserved), Some(Reserved)),
        ("240.0.0.1", Some(Reserved), Some(Reserved)),
        ("[fec0::1]", Some(Reserved), Some(Reserved)),
        ("[100::1]", Some(Reserved), Some(Reserved)),
        ("[5f00::1]", Some(Reserved), Some(Reserved)),
        ("[2001:20::1]", Some(Reserved), Some(Reserved)),
        ("[4000::1]", Some(Reserved), Some(Reserved)),
        // just beside them
        ("1.1.1.1", None, None),
        ("9.255.255.255", None, None),
        ("11.0.0.0", None, None),
        ("100.63.255.255", None, None),
        ("100.128.0.0", None, None),
        ("172.15.255.255", None, None),
        ("172.32.0.0", None, None),
        ("169.253.255.255", None, None),
        ("223.255.255.255", None, None),
        ("[2606:4700:4700::1111]", None, None),
        ("[2001:4860:4860::8888]", None, None),
        ("[2003::1]", None, None),
    ]
};

#[test]
fn every_forbidden_range_is_denied_in_every_spelling() {
    for &(host, public, private) in TABLE {
        let ip = address(host);
        let said = |policy| verdict(ip, policy).err().map(|denied| denied.reason);
        assert_eq!(said(PUBLIC), public, "{host} without allow_private");
        assert_eq!(said(PRIVATE), private, "{host} with allow_private");
    }
}

#[test]
fn a_denial_says_what_the_address_is_and_what_would_allow_it() {
    let said = |host: &str| verdict(address(host), PUBLIC).unwrap_err().to_string();
    assert_eq!(
        said("127.1"),
        "egress_denied: loopback address (127.0.0.1); `allow_private: true` on the connection would allow it"
    );
    assert_eq!(said("169.254.169.254"), "egress_denied: cloud metadata address (169.254.169.254)");
    assert_eq!(said("[::127.0.0.1]"), "egress_denied: embedded IPv4 address (::7f00:1)");
}

#[test]
fn the_daemon_is_never_its_own_receiver() {
    let denied = |ip: &str, own: &str| {
        let policy = AddressPolicy { allow_private: true, own: Some(own.parse().unwrap()) };
        verdict(ip.parse().unwrap(), policy).is_err_and(|denied| denied.reason == Reason::Own)
    };
    assert!(denied("127.0.0.1", "127.0.0.1"));
    assert!(denied("::ffff:127.0.0.1", "127.0.0.1"));
    assert!(denied("10.1.2.3", "10.1.2.3"));
    assert!(denied("127.0.0.1", "0.0.0.0"));
    assert!(denied("::1", "::"));
    assert!(!denied("127.0.0.2", "127.0.0.1"));
    assert!(!denied("10.1.2.3", "127.0.0.1"));
}

/// Answers with the first list, then with the second, and so on; the last one stays.
#[derive(Debug)]
pub(super) struct Scripted {
    answers: Vec<Vec<&'static str>>,
    asked: AtomicUsize,
}

impl Scripted {
    pub(super) fn new(answers: &[&[&'static str]]) -> Arc<Self> {
        Arc::new(Self { answers: answers.iter().map(|a| a.to_vec()).collect(), asked: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl Lookup for Scripted {
    async fn lookup(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        Ok(self.answers[turn].iter().map(|ip| ip.parse().unwrap()).collect())
    }
}

#[tokio::test]
async fn one_bad_address_denies_the_name() {
    let check = async |answer: &[&'static str], policy| {
        GuardedResolver { lookup: Scripted::new(&[answer]), policy }.checked("receiver.example").await
    };
    assert_eq!(check(&["1.1.1.1", "2606:4700::1"], PUBLIC).await.unwrap().len(), 2);
    for mixed in [&["1.1.1.1", "::1"][..], &["10.0.0.1", "1.1.1.1"], &["169.254.169.254"]] {
        let error = check(mixed, PUBLIC).await.unwrap_err();
        assert!(error.downcast_ref::<Denied>().is_some(), "{mixed:?}: {error}");
    }
    assert!(check(&["127.0.0.1", "169.254.169.254"], PRIVATE).await.is_err());
    assert!(check(&[], PUBLIC).await.is_err());
}

/// Knows no name.
#[derive(Debug)]
struct Failing;

#[async_trait]
impl Lookup for Failing {
    async fn lookup(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        Err(std::io::Error::other("no such name"))
    }
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_tried_again_later() {
    let connections = [connection("https://nowhere.example/")].into_iter().collect();
    let attempted = Sender::with_lookup(&connections, None, Arc::new(Failing)).unwrap().attempt(&work(), now()).await;
    assert_eq!((attempted.class, attempted.fault), (Class::Transient, Some(Fault::Connect)));
    assert_eq!(attempted.error.as_deref(), Some("dns_failed: no such name"));
}

#[tokio::test]
async fn the_address_connected_to_is_checked_once_more() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let lookup: Arc<dyn Lookup> = Arc::new(Failing);
    let redactor = Redactor::default();
    let attempt = async |policy| {
        let client = &new_client(PRIVATE, Duration::from_secs(1), &lookup).unwrap();
        let request = request::build(&connection(&receiver.url()), &work(), now()).unwrap();
        let exchange = Exchange { client, policy, redactor: &redactor, deadline: Duration::from_secs(2) };
        exchange.perform(request, Stopwatch::start()).await.map(|attempted| attempted.class).map_err(|f| f.fault)
    };
    assert_eq!(attempt(PRIVATE).await, Ok(Class::Success));
    assert_eq!(attempt(PUBLIC).await, Err(Fault::Denied), "as if the client had dialled what it should not");
}

async fn attempt(spec: ConnectionSpec, own: Option<SocketAddr>, lookup: Arc<Scripted>) -> Attempted {
    let connections = [Connection::new(spec).unwrap()].into_iter().collect();
    Sender::with_lookup(&connections, own, lookup).unwrap().attempt(&work(), now()).await
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_dialled_where_it_was_checked() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    let lookup = Scripted::new(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let connections = [Connection::new(settings(&format!("http://rebinding.example:{}/", receiver.port()))).unwrap()]
        .into_iter()
        .collect();
    let sender = Sender::with_lookup(&connections, None, lookup.clone()).unwrap();

    let first = sender.attempt(&work(), now()).await;
    assert_eq!((first.class, lookup.asked.load(Ordering::SeqCst)), (Class::Success, 1));
    let second = sender.attempt(&work(), now()).await;
    assert_eq!((second.class, second.fault), (Class::Permanent, Some(Fault::Denied)));
    assert_eq!(second.error.unwrap(), "egress_denied: cloud metadata address (169.254.169.254)");
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn without_allow_private_nothing_reaches_this_machine() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let lookup = || Scripted::new(&[&["127.0.0.1"]]);
    for host in ["127.0.0.1", "[::1]", "localhost.", "receiver.example", "[::ffff:7f00:1]"] {
        let spec = ConnectionSpec {
            url: UrlText::Plain(format!("https://{host}:{}/", receiver.port())),
            ports: vec![receiver.port()],
            allow_private: false,
            ..settings("")
        };
        let attempted = attempt(spec, None, lookup()).await;
        assert_eq!((attempted.class, attempted.fault), (Class::Permanent, Some(Fault::Denied)), "{host}");
        assert!(attempted.error.as_ref().unwrap().starts_with("egress_denied: "), "{attempted:?}");
    }
    assert!(receiver.requests().is_empty());
}

#[tokio::test]
async fn the_daemons_own_listener_is_denied_by_address_and_by_name() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let own = Some(SocketAddr::new("0.0.0.0".parse().unwrap(), receiver.port()));
    for host in ["127.0.0.1", "myself.example"] {
        let spec = settings(&format!("http://{host}:{}/api/v1/alerts", receiver.port()));
        let attempted = attempt(spec, own, Scripted::new(&[&["127.0.0.1"]])).await;
        assert_eq!(attempted.error.unwrap(), "egress_denied: the daemon's own address (127.0.0.1)");
    }
    assert!(receiver.requests().is_empty());

    let beside = SocketAddr::new("127.0.0.1".parse().unwrap(), receiver.port() ^ 1);
    let attempted = attempt(settings(&receiver.url()), Some(beside), Scripted::new(&[&[]])).await;
    assert_eq!(attempted.class, Class::Success, "another port of the same address is somebody else");
}
