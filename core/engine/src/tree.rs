//! A map whose values stand each by itself, so that trees are alike to the machine but for their keys.
//!
//! A `BTreeMap` is compiled for each size of what is in it, six kilobytes each time. Where the values are addresses the linker finds the
//! functions alike and keeps one of each; the library for phones is a tenth smaller so.

use std::collections::btree_map::{self, BTreeMap};
use std::ops::RangeBounds;

/// An ordered map, with the names of `BTreeMap`. For what there are a million of, the address would weigh too much.
#[derive(Debug, Clone)]
pub struct Tree<K, V>(BTreeMap<K, Box<V>>);

impl<K, V> Default for Tree<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord, V> Tree<K, V> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is one with this key.
    pub fn contains_key(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }

    /// The one with this key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key).map(|value| &**value)
    }

    /// The one with this key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.0.get_mut(key).map(|value| &mut **value)
    }

    /// Puts one in; the one that had its key comes out.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, Box::new(value)).map(|before| *before)
    }

    /// Takes one out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.0.remove(key).map(|value| *value)
    }

    /// Takes the first one out.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        self.0.pop_first().map(|(key, value)| (key, *value))
    }

    /// Takes the last one out.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        self.0.pop_last().map(|(key, value)| (key, *value))
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The first.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.0.first_key_value().map(|(key, value)| (key, &**value))
    }

    /// The last.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.0.last_key_value().map(|(key, value)| (key, &**value))
    }

    /// Keeps only those of which this is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain(|key, value| keep(key, value));
    }

    /// All of them by their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, value)| (key, &**value))
    }

    /// All of them by their keys, to be changed.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&K, &mut V)> + ExactSizeIterator {
        self.0.iter_mut().map(|(key, value)| (key, &mut **value))
    }

    /// Those whose keys are within bounds.
    pub fn range(&self, bounds: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (&K, &V)> + Clone {
        self.0.range(bounds).map(|(key, value)| (key, &**value))
    }

    /// Their keys.
    pub fn keys(&self) -> btree_map::Keys<'_, K, Box<V>> {
        self.0.keys()
    }

    /// All of them.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.0.values().map(|value| &**value)
    }

    /// All of them, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> + ExactSizeIterator {
        self.0.values_mut().map(|value| &mut **value)
    }

    /// The place of this key.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        Entry(self.0.entry(key))
    }
}

/// The place of a key, with something in it or without.
pub struct Entry<'a, K, V>(btree_map::Entry<'a, K, Box<V>>);

impl<'a, K: Ord, V> Entry<'a, K, V> {
    /// What is there; this if there is nothing.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.0.or_insert_with(|| Box::new(value))
    }

    /// What is there, made if there is nothing.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        self.0.or_insert_with(|| Box::new(make()))
    }

    /// What is there; what is by default if there is nothing.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for Tree<K, V> {
    fn from(items: [(K, V); N]) -> Self {
        items.into_iter().collect()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Tree<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        let mut tree = Self::default();
        tree.extend(items);
        tree
    }
}

impl<K: Ord, V> Extend<(K, V)> for Tree<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, items: I) {
        for (key, value) in items {
            self.insert(key, value);
        }
    }
}

impl<K, V> IntoIterator for Tree<K, V> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(self) -> IntoIter<K, V> {
        IntoIter(self.0.into_iter())
    }
}

/// All of a tree, taken out.
#[derive(Debug)]
pub struct IntoIter<K, V>(btree_map::IntoIter<K, Box<V>>);

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.0.next().map(|(key, value)| (key, *value))
    }
}
