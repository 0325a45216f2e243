//! Prefixes and suffixes of labels: which of many a label has, without trying each.

/// Texts, of which those that are prefixes of a given text are found by one binary search and a
/// walk over at most as many links as the text has bytes.
pub(super) struct Prefixes<T> {
    /// Sorted by text.
    nodes: Vec<Node<T>>,
}

struct Node<T> {
    text: Text,
    /// The place of the longest other text that is a prefix of this one.
    parent: Option<u32>,
    value: T,
}

/// A text with its first bytes at hand, which decide most comparisons without a look at the others.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text {
    head: u64,
    bytes: Box<[u8]>,
}

impl Text {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { head: head(bytes), bytes: bytes.into() }
    }
}

/// The first bytes, as a number that is smaller or equal where the text is smaller.
fn head(bytes: &[u8]) -> u64 {
    let mut head = [0; 8];
    head.iter_mut().zip(bytes).for_each(|(place, &byte)| *place = byte);
    u64::from_be_bytes(head)
}

impl<T> Default for Prefixes<T> {
    fn default() -> Self {
        Self { nodes: Vec::new() }
    }
}

impl<T> Prefixes<T> {
    /// Texts with their values, each text once and all of them sorted.
    pub(super) fn of_sorted(texts: impl Iterator<Item = (Text, T)>) -> Self {
        let node = |(text, value)| Node { text, parent: None, value };
        let mut prefixes = Self { nodes: texts.map(node).collect() };
        prefixes.link();
        prefixes
    }

    /// Whether no text is a prefix of another one.
    pub(super) fn are_apart(&self) -> bool {
        self.nodes.iter().all(|node| node.parent.is_none())
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.nodes.iter().map(|node| &node.value)
    }

    /// Links each text to the longest other one that is a prefix of it.
    fn link(&mut self) {
        for place in 1..self.nodes.len() {
            let (before, node) = self.nodes.split_at_mut(place);
            let node = &mut node[0];
            // Whatever stands between a text and its longest prefix begins with that prefix, too.
            let mut candidate = Some(place as u32 - 1);
            while let Some(number) = candidate {
                let other = &before[number as usize];
                if node.text.bytes.starts_with(&other.text.bytes) {
                    break;
                }
                candidate = other.parent;
            }
            node.parent = candidate;
        }
    }
}

impl<T> Prefixes<T> {
    /// The texts that are prefixes of this one, itself included, from the longest to the shortest.
    pub(super) fn of<'p>(&'p self, text: &'p [u8]) -> impl Iterator<Item = (&'p [u8], &'p T)> {
        let sought = (head(text), text);
        let after =
            self.nodes.partition_point(|Node { text, .. }| (text.head, &*text.bytes) <= sought);
        let mut place = after.checked_sub(1);
        std::iter::from_fn(move || {
            while let Some(number) = place {
                let node = &self.nodes[number];
                place = node.parent.map(|parent| parent as usize);
                if text.starts_with(&node.text.bytes) {
                    return Some((node.text.bytes.as_ref(), &node.value));
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
            texts in proptest::collection::btree_set("[ab]{0,4}", 0..12),
            text in "[abc]{0,6}",
        ) {
            let prefixes = Prefixes::of_sorted(texts.iter().map(|text| (Text::of(text.as_bytes()), ())));
            let found: Vec<_> = prefixes.of(text.as_bytes()).map(|(prefix, ())| prefix).collect();
            let mut expected: Vec<_> =
                texts.iter().filter(|t| text.starts_with(t.as_str())).map(|t| t.as_bytes()).collect();
            expected.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
            prop_assert_eq!(found, expected);
        }
    }
}
