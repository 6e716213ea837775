//! The guard on addresses: which ones a request may go to. A table and a pure function over it.

use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What one connection may reach besides the public internet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressPolicy {
    /// Whether loopback, private and carrier-grade addresses are allowed.
    pub allow_private: bool,
    /// The daemon's own address, where the connection's port is the daemon's own: a playbook that posts to the
    /// daemon would feed itself for ever.
    pub own: Option<IpAddr>,
}

/// An address no request is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("egress_denied: {reason} ({ip}){}", reason.hint())]
pub struct Denied {
    /// The address.
    pub ip: IpAddr,
    /// Why.
    pub reason: Reason,
}

/// Why an address is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// `0.0.0.0/8`, `::`: not an address of anybody.
    Unspecified,
    /// This machine.
    Loopback,
    /// RFC 1918 and RFC 4193.
    Private,
    /// Carrier-grade NAT, RFC 6598.
    CarrierGrade,
    /// This link only.
    LinkLocal,
    /// A cloud's metadata or wire server, which hands out credentials to whoever asks.
    Metadata,
    /// Many machines.
    Multicast,
    /// All machines.
    Broadcast,
    /// For examples in books, RFC 5737, RFC 3849 and RFC 9637.
    Documentation,
    /// For benchmarks, RFC 2544 and RFC 5180.
    Benchmark,
    /// Set aside by IANA.
    Reserved,
    /// An IPv6 address that hides an IPv4 one.
    EmbeddedIpv4,
    /// The daemon itself.
    Own,
}

impl Reason {
    /// `allow_private` opens these and nothing else.
    fn is_opened_by_allow_private(self) -> bool {
        matches!(self, Self::Loopback | Self::Private | Self::CarrierGrade)
    }

    fn hint(self) -> &'static str {
        if self.is_opened_by_allow_private() { "; `allow_private: true` would allow it" } else { "" }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified address",
            Self::Loopback => "loopback address",
            Self::Private => "private address",
            Self::CarrierGrade => "carrier-grade NAT address",
            Self::LinkLocal => "link-local address",
            Self::Metadata => "cloud metadata address",
            Self::Multicast => "multicast address",
            Self::Broadcast => "broadcast address",
            Self::Documentation => "documentation address",
            Self::Benchmark => "benchmark address",
            Self::Reserved => "reserved address",
            Self::EmbeddedIpv4 => "embedded IPv4 address",
            Self::Own => "the daemon's own address",
        })
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

/// An IPv6 net by its first three groups and its last one; those between are zero in every net below.
const fn v6(a: u16, b: u16, c: u16, last: u16, bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, last), bits)
}

/// The first net that holds an address speaks for it.
const DENIED_V4: &[(Ipv4Net, Reason)] = &[
    (v4(169, 254, 169, 254, 32), Reason::Metadata), // AWS, Azure, GCP and most others
    (v4(169, 254, 170, 2, 32), Reason::Metadata),   // AWS ECS task credentials
    (v4(169, 254, 170, 23, 32), Reason::Metadata),  // AWS EKS pod identity
    (v4(168, 63, 129, 16, 32), Reason::Metadata),   // the Azure wire server
    (v4(100, 100, 100, 200, 32), Reason::Metadata), // Alibaba Cloud
    (v4(192, 0, 0, 192, 32), Reason::Metadata),     // Oracle Cloud
    (v4(0, 0, 0, 0, 8), Reason::Unspecified),
    (v4(127, 0, 0, 0, 8), Reason::Loopback),
    (v4(10, 0, 0, 0, 8), Reason::Private),
    (v4(172, 16, 0, 0, 12), Reason::Private),
    (v4(192, 168, 0, 0, 16), Reason::Private),
    (v4(100, 64, 0, 0, 10), Reason::CarrierGrade),
    (v4(169, 254, 0, 0, 16), Reason::LinkLocal),
    (v4(224, 0, 0, 0, 4), Reason::Multicast),
    (v4(255, 255, 255, 255, 32), Reason::Broadcast),
    (v4(192, 0, 2, 0, 24), Reason::Documentation),
    (v4(198, 51, 100, 0, 24), Reason::Documentation),
    (v4(203, 0, 113, 0, 24), Reason::Documentation),
    (v4(198, 18, 0, 0, 15), Reason::Benchmark),
    (v4(192, 0, 0, 0, 24), Reason::Reserved),
    (v4(192, 88, 99, 0, 24), Reason::Reserved), // 6to4 relays, withdrawn by RFC 7526
    (v4(240, 0, 0, 0, 4), Reason::Reserved),
];

/// As above; besides, whatever is outside the global unicast block `2000::/3` is reserved.
const DENIED_V6: &[(Ipv6Net, Reason)] = &[
    (v6(0xfd00, 0xec2, 0, 0x254, 128), Reason::Metadata), // AWS
    (v6(0xfd00, 0xec2, 0, 0x23, 128), Reason::Metadata),  // AWS EKS pod identity
    (v6(0xfd20, 0xce, 0, 0x254, 128), Reason::Metadata),  // GCP
    (v6(0, 0, 0, 0, 128), Reason::Unspecified),
    (v6(0, 0, 0, 1, 128), Reason::Loopback),
    (v6(0, 0, 0, 0, 96), Reason::EmbeddedIpv4), // IPv4-compatible
    (Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96), Reason::EmbeddedIpv4), // IPv4-mapped
    (Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96), Reason::EmbeddedIpv4), // IPv4-translated
    (v6(0x64, 0xff9b, 0, 0, 96), Reason::EmbeddedIpv4), // NAT64
    (v6(0x64, 0xff9b, 1, 0, 48), Reason::EmbeddedIpv4), // NAT64, local use
    (v6(0x2002, 0, 0, 0, 16), Reason::EmbeddedIpv4), // 6to4
    (v6(0x2001, 0, 0, 0, 32), Reason::EmbeddedIpv4), // Teredo
    (v6(0x2001, 2, 0, 0, 48), Reason::Benchmark),
    (v6(0x2001, 0, 0, 0, 23), Reason::Reserved),
    (v6(0x2001, 0xdb8, 0, 0, 32), Reason::Documentation),
    (v6(0x3fff, 0, 0, 0, 20), Reason::Documentation),
    (v6(0xfc00, 0, 0, 0, 7), Reason::Private),
    (v6(0xfe80, 0, 0, 0, 10), Reason::LinkLocal),
    (v6(0xff00, 0, 0, 0, 8), Reason::Multicast),
];

const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 0, 3);

/// Whether a request may go to `ip`.
pub fn verdict(ip: IpAddr, policy: AddressPolicy) -> Result<(), Denied> {
    if policy.own.is_some_and(|own| is_own(ip, own)) {
        return Err(Denied { ip, reason: Reason::Own });
    }
    // Only who may reach private addresses may reach them through an address family's disguise, and the address
    // behind the disguise is what counts.
    if policy.allow_private
        && let Some(hidden) = unwrapped(ip)
    {
        return verdict(hidden, policy).map_err(|denied| Denied { ip, reason: denied.reason });
    }
    match reason_against(ip) {
        Some(reason) if policy.allow_private && reason.is_opened_by_allow_private() => Ok(()),
        Some(reason) => Err(Denied { ip, reason }),
        None => Ok(()),
    }
}

fn reason_against(ip: IpAddr) -> Option<Reason> {
    match ip {
        IpAddr::V4(ip) => DENIED_V4.iter().find(|(net, _)| net.contains(&ip)).map(|&(_, reason)| reason),
        IpAddr::V6(ip) => DENIED_V6
            .iter()
            .find(|(net, _)| net.contains(&ip))
            .map(|&(_, reason)| reason)
            .or((!GLOBAL_UNICAST.contains(&ip)).then_some(Reason::Reserved)),
    }
}

/// The IPv4 address in an IPv4-mapped or NAT64 address: the two disguises real networks still use. The others
/// (6to4, Teredo, IPv4-compatible, IPv4-translated) are never unwrapped, only denied.
fn unwrapped(ip: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(ip) = ip else { return None };
    let nat64 = || match ip.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))),
        _ => None,
    };
    ip.to_ipv4_mapped().or_else(nat64).map(IpAddr::V4)
}

/// A daemon that listens on every address is reached through loopback too.
fn is_own(ip: IpAddr, own: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ip == own.to_canonical() || (own.is_unspecified() && ip.is_loopback())
}
