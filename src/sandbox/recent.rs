//! A bounded memory by key: what was used most recently stays.

/// Keeps up to `capacity` values, dropping the one unused for longest.
#[derive(Debug)]
pub struct Recent<K, V> {
    capacity: usize,
    /// The most recently used last.
    held: Vec<(K, V)>,
}

impl<K: PartialEq, V> Recent<K, V> {
    /// Holds nothing yet.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, held: Vec::new() }
    }

    /// The value under a key, which is now the most recently used.
    pub fn get(&mut self, key: &K) -> Option<&V> {
        let place = self.held.iter().position(|(held, _)| held == key)?;
        self.held[place..].rotate_left(1);
        self.held.last().map(|(_, value)| value)
    }

    /// Adds a value.
    pub fn insert(&mut self, key: K, value: V) {
        self.remove(&key);
        if self.held.len() == self.capacity {
            self.held.remove(0);
        }
        self.held.push((key, value));
    }

    /// Whether there is a value under a key.
    pub fn has(&self, key: &K) -> bool {
        self.held.iter().any(|(held, _)| held == key)
    }

    /// Takes a value out.
    pub fn take(&mut self, key: &K) -> Option<V> {
        let place = self.held.iter().position(|(held, _)| held == key)?;
        Some(self.held.remove(place).1)
    }

    /// Forgets a value.
    pub fn remove(&mut self, key: &K) {
        self.held.retain(|(held, _)| held != key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

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
        recent.remove(&digest(3));
        assert_eq!(recent.get(&digest(3)), None);
        assert!(recent.has(&digest(1)));
        assert_eq!(recent.take(&digest(1)), Some("again"));
        assert!(!recent.has(&digest(1)));
    }
}
