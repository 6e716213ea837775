//! One value while tests are put to it: what is costly about it is worked out once and kept.

use super::fold::fold_text;
use super::instant::read_instant;
use super::number::Number;
use super::value::Value;
use crate::clock::Timestamp;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::net::IpAddr;

/// A value under test.
#[derive(Debug)]
pub struct Subject<'v> {
    /// The value.
    pub value: Value<'v>,
    folded: OnceCell<Cow<'v, str>>,
    address: OnceCell<Option<IpAddr>>,
    instant: OnceCell<Option<Timestamp>>,
}

impl<'v> Subject<'v> {
    /// A value of which nothing is known yet.
    pub fn new(value: Value<'v>) -> Self {
        Self { value, folded: OnceCell::new(), address: OnceCell::new(), instant: OnceCell::new() }
    }

    /// A value whose folded text is known.
    pub fn with_folded(value: Value<'v>, folded: &'v str) -> Self {
        Self { folded: Cow::Borrowed(folded).into(), ..Self::new(value) }
    }

    /// Its text, case folded; empty if it is no text.
    pub fn folded(&self) -> &str {
        let Value::Text(text) = self.value else { return "" };
        self.folded.get_or_init(|| fold_text(text))
    }

    /// The number it is or spells.
    pub fn number(&self) -> Option<Number> {
        match self.value {
            Value::Number(number) => Some(number),
            Value::Text(text) => Number::spelled(text),
            _ => None,
        }
    }

    /// The address it spells, an IPv4-mapped one as its IPv4 address.
    pub fn address(&self) -> Option<IpAddr> {
        let Value::Text(text) = self.value else { return None };
        *self.address.get_or_init(|| read_address(text))
    }

    /// The instant it is or spells.
    pub fn instant(&self) -> Option<Timestamp> {
        match self.value {
            Value::Time(at) => Some(at),
            Value::Text(text) => *self.instant.get_or_init(|| read_instant(text)),
            _ => None,
        }
    }
}

/// Reads an address; a zone (`fe80::1%eth0`) does not count, an IPv4-mapped address is its IPv4 address.
pub fn read_address(text: &str) -> Option<IpAddr> {
    let bare = text.split_once('%').map_or(text, |(bare, _)| bare);
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_mapped_address_is_its_ipv4_address() {
        assert_eq!(read_address("::ffff:10.1.2.3"), read_address("10.1.2.3"));
        assert_eq!(read_address("fe80::1%eth0"), read_address("FE80:0::1"));
        assert_eq!(read_address("10.1.2.3:443"), None);
    }
}
