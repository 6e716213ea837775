//! Pure functions over network addresses.

use super::argument;
use crate::playbook::step::{Answer, Fault};
use ipnet::IpNet;
use rhai::{Dynamic, NativeCallContext};
use std::net::{IpAddr, Ipv4Addr};

/// `cidr_contains(range, address)`.
pub fn cidr_contains(context: &NativeCallContext, range: Dynamic, address: Dynamic) -> Answer {
    let range = read_range(&argument::text(context, &range, "a range such as `10.0.0.0/8`")?)?;
    let address = read_address(context, &address)?;
    Ok(range.contains(&address).into())
}

/// `is_private_ip(address)`.
pub fn is_private_ip(context: &NativeCallContext, address: Dynamic) -> Answer {
    Ok((!is_public(read_address(context, &address)?)).into())
}

/// A range; a single address is a range of one.
pub fn read_range(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let single = || text.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical()));
    let range = text.parse::<IpNet>().ok().or_else(single);
    range.ok_or_else(|| format!("`{}` is not an address range such as `10.0.0.0/8`", text.escape_debug()))
}

fn read_address(context: &NativeCallContext, address: &Dynamic) -> Result<IpAddr, Fault> {
    let text = argument::text(context, address, "an address")?;
    let address = text.trim().parse::<IpAddr>();
    let address = address.map_err(|_| format!("`{}` is not an IP address", text.escape_debug()))?;
    Ok(address.to_canonical())
}

/// Whether an address belongs to the public internet. Documentation addresses count: in samples and drills they stand
/// for public ones.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let benchmark = a == 198 && (b == 18 || b == 19);
            let special = v4.is_private() || v4.is_loopback() || v4.is_link_local();
            let not_a_host = v4.is_multicast() || v4.is_broadcast() || a == 0 || a >= 240;
            !(special || not_a_host || shared || benchmark || v4 == Ipv4Addr::UNSPECIFIED)
        }
        IpAddr::V6(v6) => {
            let local = v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback();
            !(local || v6.is_multicast() || v6.is_unspecified())
        }
    }
}
