//! Who a request is meant for and which page sent it: keeps other sites' pages off the interface, tokens or not.
//!
//! A page of another site can make a browser send requests here. It cannot choose the `Host` a browser sends, nor
//! hide the `Origin` of a write, so a foreign name in either is refused. The content type decides nothing.

use super::problem::Problem;
use super::settings::Settings;
use axum::http::{HeaderMap, Method, Uri, header};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A host as a header or the config writes it: `localhost:8642`, `[::1]`, `quell.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authority {
    host: Host,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    /// Lower case, without the root's dot.
    Name(String),
    /// An IPv4-mapped address as its IPv4 address.
    Address(IpAddr),
}

impl Authority {
    /// Reads `host` or `host:port`. Anything else, such as a URL or user information, is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(bracketed) => {
                let (address, rest) = bracketed.split_once(']')?;
                let address = address.parse::<Ipv6Addr>().ok()?;
                (Host::Address(IpAddr::V6(address).to_canonical()), rest)
            }
            None => {
                let end = text.find(':').unwrap_or(text.len());
                (Host::parse_name(&text[..end])?, &text[end..])
            }
        };
        let port = match port.strip_prefix(':') {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => Some(digits.parse().ok()?),
            None if port.is_empty() => None,
            _ => return None,
        };
        Some(Self { host, port })
    }

    /// Reads an `Origin`: a scheme of the web and an authority. `null` and the schemes of extensions are none.
    fn parse_origin(text: &str) -> Option<(Self, u16)> {
        let (rest, usual_port) = match text.strip_prefix("https://") {
            Some(rest) => (rest, 443),
            None => (text.strip_prefix("http://")?, 80),
        };
        Some((Self::parse(rest)?, usual_port))
    }

    fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Address(address) => address.is_loopback(),
        }
    }
}

impl Host {
    fn parse_name(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Self::Address(address.into()));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (!name.is_empty() && name.bytes().all(plain)).then(|| Self::Name(name.to_ascii_lowercase()))
    }
}

/// Decides by `Host`, `Origin` and `Sec-Fetch-Site` alone.
#[derive(Debug)]
pub(super) struct Guard {
    listen: IpAddr,
    hosts: Vec<Authority>,
}

impl Guard {
    /// A guard for these settings.
    pub(super) fn new(settings: &Settings) -> Self {
        let hosts = settings.hosts.iter().filter_map(|host| Authority::parse(host)).collect();
        Self { listen: settings.listen.ip().to_canonical(), hosts }
    }

    /// Lets a request pass, or says why not.
    pub(super) fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
        let host = self.addressed(uri, headers)?;
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if reads { Ok(()) } else { self.check_sender(&host, headers) }
    }

    /// The host the request is for, if it is one of ours.
    fn addressed(&self, uri: &Uri, headers: &HeaderMap) -> Result<Authority, Problem> {
        // HTTP/2 and proxies put the host into the request line; where it stands in both places, both must be ours.
        let named = uri.authority().map(|authority| authority.as_str().as_bytes());
        let mut headers = headers.get_all(header::HOST).iter().map(|value| value.as_bytes());
        let header = headers.next();
        if headers.next().is_some() {
            return Err(Problem::host_missing());
        }
        let sent = header.map(|sent| self.own(sent)).transpose()?;
        let named = named.map(|named| self.own(named)).transpose()?;
        named.or(sent).ok_or_else(Problem::host_missing)
    }

    fn own(&self, given: &[u8]) -> Result<Authority, Problem> {
        let text = String::from_utf8_lossy(given);
        Authority::parse(&text).filter(|host| self.is_ours(host)).ok_or_else(|| Problem::host_not_allowed(&text))
    }

    fn is_ours(&self, host: &Authority) -> bool {
        let configured = |own: &Authority| own.host == host.host && (own.port.is_none() || own.port == host.port);
        let addressed_directly = match host.host {
            // Listening everywhere, every address of this machine is ours. A page of another site cannot bring a
            // browser to send an address it was not itself loaded from.
            Host::Address(address) => address == self.listen || self.listen.is_unspecified(),
            Host::Name(_) => false,
        };
        host.is_loopback() || addressed_directly || self.hosts.iter().any(configured)
    }

    /// A browser says which page a write comes from. A program that is no browser says nothing, and passes.
    fn check_sender(&self, host: &Authority, headers: &HeaderMap) -> Result<(), Problem> {
        for site in headers.get_all("sec-fetch-site") {
            if !matches!(site.as_bytes(), b"same-origin" | b"none") {
                return Err(Problem::origin_not_allowed("a page of another site"));
            }
        }
        for origin in headers.get_all(header::ORIGIN) {
            let text = String::from_utf8_lossy(origin.as_bytes());
            let ours = Authority::parse_origin(&text).is_some_and(|(from, usual_port)| {
                let port = |authority: &Authority| authority.port.unwrap_or(usual_port);
                let is = |own: &Authority| own.host == from.host && port(own) == port(&from);
                is(host) || self.hosts.iter().any(is)
            });
            if !ours {
                return Err(Problem::origin_not_allowed(&text));
            }
        }
        Ok(())
    }
}
