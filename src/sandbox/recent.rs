//! The programs a worker holds compiled: the most recently used ones.

use crate::digest::Digest;

/// Keeps up to `capacity` values, dropping the one unused for longest.
#[derive(Debug)]
pub struct Recent<V> {
    capacity: usize,
    /// The most recently used last.
    held: Vec<(Digest, V)>,
}

impl<V> Recent<V> {
    /// Holds nothing yet.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, held: Vec::new() }
    }

    /// The value under a digest, which is now the most recently used.
    pub fn get(&mut self, digest: &Digest) -> Option<&V> {
        let place = self.held.iter().position(|(held, _)| held == digest)?;
        self.held[place..].rotate_left(1);
        self.held.last().map(|(_, value)| value)
    }

    /// Adds a value.
    pub fn insert(&mut self, digest: Digest, value: V) {
        self.held.retain(|(held, _)| *held != digest);
        if self.held.len() == self.capacity {
            self.held.remove(0);
        }
        self.held.push((digest, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_what_is_not_goes() {
        let digest = |n: u8| Digest::of(&[n]);
        let mut recent = Recent::new(2);
        recent.insert(digest(1), "one");
        recent.insert(digest(2), "two");
        assert_eq!(recent.get(&digest(1)), Some(&"one"));
        recent.insert(digest(3), "three");
        assert_eq!(recent.get(&digest(2)), None);
        assert_eq!(recent.get(&digest(1)), Some(&"one"));
        recent.insert(digest(1), "again");
        assert_eq!(recent.get(&digest(1)), Some(&"again"));
        assert_eq!(recent.get(&digest(3)), Some(&"three"));
    }
}
