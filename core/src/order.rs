//! Sorts problems into the order of the document.

use std::collections::HashMap;

/// A place in a document: the positions, among their neighbours, of the key, the entry or rule, the
/// key of that rule, and its entry. What stands deeper in an entry, or in a key that is unknown, has
/// the place of that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place([u32; 4]);

impl Place {
    /// Nothing stands further down.
    const HERE: u32 = 0;
    /// Behind everything that is there: a missing key.
    const LAST: u32 = u32::MAX;

    /// The place of a part of what stands here.
    pub(crate) fn part(self, position: usize) -> Self {
        // A document has at most 64 MiB, so 32 bits hold every position in it.
        self.then(position as u32 + 1)
    }

    /// The place of whatever has no position of its own here.
    pub(crate) fn last_part(self) -> Self {
        self.then(Self::LAST)
    }

    fn then(mut self, next: u32) -> Self {
        let is_open = !self.0.contains(&Self::LAST);
        if let Some(level) = self.0.iter_mut().find(|level| **level == Self::HERE && is_open) {
            *level = next;
        }
        self
    }
}

/// Where the known keys of a document and of its rules stand in its text.
#[derive(Default)]
pub(crate) struct DocumentOrder {
    /// The position of a key among its neighbours, by its pointer.
    keys: HashMap<String, usize>,
}

impl DocumentOrder {
    /// Notes where a known key of the document or of a rule stands.
    pub(crate) fn add(&mut self, pointer: String, position: usize) {
        self.keys.insert(pointer, position);
    }

    /// The place that a pointer names. A missing key comes after those that are there.
    pub(crate) fn place(&self, pointer: &str) -> Place {
        let ends = pointer.match_indices('/').map(|(slash, _)| slash).skip(1);
        let mut place = Place::default();
        let mut start = 0;
        for end in ends.chain((!pointer.is_empty()).then_some(pointer.len())).take(place.0.len()) {
            let key = self.keys.get(&pointer[..end]).copied();
            place = match key.or_else(|| pointer[start + 1..end].parse().ok()) {
                Some(position) => place.part(position),
                None => return place.last_part(),
            };
            start = end;
        }
        place
    }
}

/// A key as a reference token of a JSON pointer (RFC 6901, section 3).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use crate::Policy;

    #[test]
    fn problems_come_in_the_order_of_the_document() {
        let document = r#"{ "rules": [
            { "max_age": -1, "x/y": 1, "paths": ["a", "/b", "c"] },
            { "allow_origins": ["https://a.example/", 7, "b"], "allow_methods": ["put", "get"],
              "paths": ["/b"] }
        ], "max_age": 1 }"#;
        let problems = Policy::from_json(document).unwrap_err();
        let pointers: Vec<_> = problems.as_slice().iter().map(|p| p.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/rules/0/max_age",
                "/rules/0/x~1y",
                "/rules/0/paths/0",
                "/rules/0/paths/2",
                "/rules/0/allow_origins",
                "/rules/1/allow_origins/0",
                "/rules/1/allow_origins/1",
                "/rules/1/allow_origins/2",
                "/rules/1/allow_methods/0",
                "/rules/1/allow_methods/1",
                "/rules/1/paths/0",
                "/max_age",
            ]
        );
    }
}
