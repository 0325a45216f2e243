//! Prefixes and suffixes of labels: which of many a label has, without trying each.

/// Texts, of which those that are prefixes of a given text are found by one binary search and a
/// walk over at most as many links as the text has bytes.
pub(super) struct Prefixes<T> {
    /// Sorted by text.
    nodes: Vec<Node<T>>,
}

struct Node<T> {
    text: Box<[u8]>,
    /// The place of the longest other text that is a prefix of this one.
    parent: Option<u32>,
    value: T,
}

impl<T> Default for Prefixes<T> {
    fn default() -> Self {
        Self { nodes: Vec::new() }
    }
}

impl<T: Default> Prefixes<T> {
    /// The value of this text, made when it is new. [`Prefixes::link`] has to follow the last call.
    pub(super) fn entry(&mut self, text: &[u8]) -> &mut T {
        let place = match self.nodes.binary_search_by(|node| node.text.as_ref().cmp(text)) {
            Ok(place) => place,
            Err(place) => {
                let node = Node { text: text.into(), parent: None, value: T::default() };
                self.nodes.insert(place, node);
                place
            }
        };
        &mut self.nodes[place].value
    }

    /// Links each text to the longest other one that is a prefix of it.
    pub(super) fn link(&mut self) {
        for place in 1..self.nodes.len() {
            let (before, node) = self.nodes.split_at_mut(place);
            let node = &mut node[0];
            // Whatever stands between a text and its longest prefix begins with that prefix, too.
            let mut candidate = Some(place as u32 - 1);
            while let Some(number) = candidate {
                let other = &before[number as usize];
                if node.text.starts_with(&other.text) {
                    break;
                }
                candidate = other.parent;
            }
            node.parent = candidate;
        }
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.nodes.iter_mut().map(|node| &mut node.value)
    }
}

impl<T> Prefixes<T> {
    /// The texts that are prefixes of this one, itself included, from the longest to the shortest.
    pub(super) fn of<'p>(&'p self, text: &'p [u8]) -> impl Iterator<Item = (&'p [u8], &'p T)> {
        let after = self.nodes.partition_point(|node| node.text.as_ref() <= text);
        let mut place = after.checked_sub(1);
        std::iter::from_fn(move || {
            while let Some(number) = place {
                let node = &self.nodes[number];
                place = node.parent.map(|parent| parent as usize);
                if text.starts_with(&node.text) {
                    return Some((node.text.as_ref(), &node.value));
                }
            }
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_prefixes_of_a_text_are_found(
            texts in proptest::collection::hash_set("[ab]{0,4}", 0..12),
            text in "[abc]{0,6}",
        ) {
            let mut prefixes = Prefixes::<()>::default();
            for text in &texts {
                prefixes.entry(text.as_bytes());
            }
            prefixes.link();
            let found: Vec<_> = prefixes.of(text.as_bytes()).map(|(prefix, ())| prefix).collect();
            let mut expected: Vec<_> =
                texts.iter().filter(|t| text.starts_with(t.as_str())).map(|t| t.as_bytes()).collect();
            expected.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
            prop_assert_eq!(found, expected);
        }
    }
}
