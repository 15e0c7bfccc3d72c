//! What happens when: events in virtual time, those of one moment in the order they were planned.

use std::collections::BTreeMap;

/// A queue of things to happen, by virtual millisecond.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    items: BTreeMap<(u64, u64), T>,
    planned: u64,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { items: BTreeMap::new(), planned: 0 }
    }
}

impl<T> Queue<T> {
    pub(crate) fn push(&mut self, at: u64, item: T) {
        self.planned += 1;
        self.items.insert((at, self.planned), item);
    }

    /// The next thing to happen, if it happens by `until`.
    pub(crate) fn pop_until(&mut self, until: u64) -> Option<(u64, T)> {
        let (&(at, _), _) = self.items.first_key_value()?;
        if at > until {
            return None;
        }
        self.items.pop_first().map(|((at, _), item)| (at, item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_of_one_moment_happen_in_the_order_they_were_planned() {
        let mut queue = Queue::default();
        queue.push(5, 'b');
        queue.push(5, 'c');
        queue.push(1, 'a');
        queue.push(9, 'd');
        let order: String = std::iter::from_fn(|| queue.pop_until(5)).map(|(_, item)| item).collect();
        assert_eq!(order, "abc");
        assert_eq!(queue.pop_until(9), Some((9, 'd')));
    }
}
