//! Addresses and networks: one look-up for each length of prefix that any network has.

use super::super::atoms::AtomId;
use super::super::scratch::Marks;
use super::RuleMap;
use ipnet::IpNet;
use std::net::IpAddr;

/// Networks by their length, and single addresses as networks of full length.
#[derive(Debug, Default)]
pub struct Networks {
    v4: Vec<(u8, RuleMap<u32, AtomId>)>,
    v6: Vec<(u8, RuleMap<u128, AtomId>)>,
    addresses: RuleMap<IpAddr, AtomId>,
}

impl Networks {
    /// Tables of these; none without any.
    pub fn new(addresses: Vec<(IpAddr, AtomId)>, networks: Vec<(IpNet, AtomId)>) -> Option<Self> {
        if addresses.is_empty() && networks.is_empty() {
            return None;
        }
        let mut tables = Self { addresses: addresses.into_iter().collect(), ..Self::default() };
        for (network, atom) in networks {
            match network {
                IpNet::V4(v4) => _ = of_length(&mut tables.v4, v4.prefix_len()).insert(v4.network().to_bits(), atom),
                IpNet::V6(v6) => _ = of_length(&mut tables.v6, v6.prefix_len()).insert(v6.network().to_bits(), atom),
            }
        }
        Some(tables)
    }

    /// Marks the address and every network it is in.
    pub fn mark(&self, address: IpAddr, marks: &mut Marks) {
        marks.mark(self.addresses.get(&address).copied());
        match address {
            IpAddr::V4(v4) => {
                for (length, networks) in &self.v4 {
                    let bits = v4.to_bits().checked_shr(32 - u32::from(*length)).unwrap_or(0);
                    let network = bits.checked_shl(32 - u32::from(*length)).unwrap_or(0);
                    marks.mark(networks.get(&network).copied());
                }
            }
            IpAddr::V6(v6) => {
                for (length, networks) in &self.v6 {
                    let bits = v6.to_bits().checked_shr(128 - u32::from(*length)).unwrap_or(0);
                    let network = bits.checked_shl(128 - u32::from(*length)).unwrap_or(0);
                    marks.mark(networks.get(&network).copied());
                }
            }
        }
    }
}

fn of_length<B>(tables: &mut Vec<(u8, RuleMap<B, AtomId>)>, length: u8) -> &mut RuleMap<B, AtomId> {
    let at = tables.iter().position(|(known, _)| *known == length).unwrap_or_else(|| {
        tables.push((length, RuleMap::default()));
        tables.len() - 1
    });
    &mut tables[at].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_the_networks_that_hold_it() {
        let networks = ["0.0.0.0/0", "10.0.0.0/8", "10.1.2.0/24", "10.1.2.3/32", "::/0", "2001:db8::/32", "fe80::/10"];
        let networks: Vec<IpNet> = networks.iter().map(|text| text.parse().unwrap()).collect();
        let tables = Networks::new(Vec::new(), networks.iter().copied().zip(0..).collect()).unwrap();
        for address in ["10.1.2.3", "10.1.3.3", "11.0.0.1", "2001:db8::1", "2001:db9::1", "febf::1", "::1"] {
            let address: IpAddr = address.parse().unwrap();
            let mut marks = Marks::new(networks.len(), 0, std::sync::Arc::default());
            tables.mark(address, &mut marks);
            for (network, atom) in networks.iter().zip(0..) {
                assert_eq!(marks.holds(atom), network.contains(&address), "{network} {address}");
            }
        }
    }
}
