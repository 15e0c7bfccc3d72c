//! Small things done in little code: sorting is compiled for each type of what is sorted, four kilobytes each time, and a set made of an
//! iterator sorts first.

/// A set or a map of these, put in one after the other.
pub fn gathered<T, C: Default + Extend<T>>(items: impl IntoIterator<Item = T>) -> C {
    let mut all = C::default();
    all.extend(items);
    all
}

/// Sorts what is few by this key; what has the same stays as it stood. Takes time by their square.
pub fn sort_few<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    for end in 1..items.len() {
        for at in (0..end).rev() {
            match items.get(at..=at + 1) {
                Some([one, next]) if key(next) < key(one) => items.swap(at, at + 1),
                _ => break,
            }
        }
    }
}

/// The few first by this key, in their order; of what has the same, those that come first.
pub fn first_few<T, K: Ord>(items: impl IntoIterator<Item = T>, most: usize, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut first = Vec::new();
    for item in items {
        first.push(item);
        sort_few(&mut first, &key);
        first.truncate(most);
    }
    first
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn few_are_sorted_as_the_standard_library_sorts(mut items in any::<Vec<(u8, u16)>>()) {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0 / 8);
            prop_assert_eq!(first_few(items.clone(), 4, |item| item.0 / 8), expected[..expected.len().min(4)].to_vec());
            sort_few(&mut items, |item| item.0 / 8);
            prop_assert_eq!(items, expected);
        }
    }
}
