//! A bounded memory by key: what was used most recently stays.

use std::collections::HashMap;
use std::hash::Hash;

/// Keeps up to `capacity` values, dropping the one unused for longest.
#[derive(Debug)]
pub struct Recent<K, V> {
    capacity: usize,
    /// Each value with the number of its last use.
    held: HashMap<K, (u64, V)>,
    uses: u64,
}

impl<K: Eq + Hash + Clone, V> Recent<K, V> {
    /// Holds nothing yet.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, held: HashMap::new(), uses: 0 }
    }

    /// The value under a key, which is now the most recently used.
    pub fn get(&mut self, key: &K) -> Option<&V> {
        let (last, value) = self.held.get_mut(key)?;
        self.uses += 1;
        *last = self.uses;
        Some(value)
    }

    /// Adds a value.
    pub fn insert(&mut self, key: K, value: V) {
        self.uses += 1;
        self.held.insert(key, (self.uses, value));
        if self.held.len() > self.capacity {
            let oldest = self.held.iter().min_by_key(|(_, (last, _))| *last).map(|(key, _)| key.clone());
            oldest.map(|oldest| self.held.remove(&oldest));
        }
    }

    /// Whether there is a value under a key.
    pub fn has(&self, key: &K) -> bool {
        self.held.contains_key(key)
    }

    /// Takes a value out.
    pub fn take(&mut self, key: &K) -> Option<V> {
        self.held.remove(key).map(|(_, value)| value)
    }

    /// Forgets a value.
    pub fn remove(&mut self, key: &K) {
        self.held.remove(key);
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
