//! How many connections there may be: in all, and from one peer, so that one peer cannot take every place.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex};

/// Hands out places for connections.
#[derive(Debug, Clone)]
pub(super) struct Seats {
    most: usize,
    most_of_a_peer: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A place, free again when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    peer: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Seats {
    /// So many places, and so many of them for one peer.
    pub(super) fn new(most: usize, most_of_a_peer: usize) -> Self {
        Self { most, most_of_a_peer, taken: Arc::default() }
    }

    /// A place, if there is one.
    pub(super) fn take(&self, peer: IpAddr) -> Option<Seat> {
        let peer = neighbourhood(peer);
        let mut taken = self.taken.lock().expect("no holder of this lock panics");
        let all: usize = taken.values().sum();
        let own = taken.get(&peer).copied().unwrap_or(0);
        if all >= self.most || own >= self.most_of_a_peer {
            return None;
        }
        taken.insert(peer, own + 1);
        Some(Seat { peer, taken: self.taken.clone() })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().expect("no holder of this lock panics");
        if let Some(own) = taken.get_mut(&self.peer) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.peer);
            }
        }
    }
}

/// What counts as one peer: an IPv4 address, or the network of 64 bits that one IPv6 host commands.
fn neighbourhood(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_peer_takes_more_than_its_share_and_all_no_more_than_there_is() {
        let seats = Seats::new(3, 2);
        let take = |peer: &str| seats.take(peer.parse().unwrap());
        let first = take("192.0.2.1").unwrap();
        let _second = take("::ffff:192.0.2.1").unwrap();
        assert!(take("192.0.2.1").is_none(), "an IPv4-mapped address is the same peer");
        let _third = take("2001:db8::1").unwrap();
        assert!(take("192.0.2.2").is_none(), "all places are taken");
        drop(first);
        let _fourth = take("2001:db8::2").unwrap();
        assert!(take("192.0.2.2").is_none());
    }

    #[test]
    fn one_ipv6_network_is_one_peer() {
        let seats = Seats::new(10, 1);
        let _one = seats.take("2001:db8:0:1::1".parse().unwrap()).unwrap();
        assert!(seats.take("2001:db8:0:1:ffff::2".parse().unwrap()).is_none());
        assert!(seats.take("2001:db8:0:2::1".parse().unwrap()).is_some());
    }
}
