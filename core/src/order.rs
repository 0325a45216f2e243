//! The order in which problems are told: that of the document, so that a person reads both side by
//! side.

use std::collections::HashMap;

use crate::json::Json;
use crate::problem::Problem;

/// Where the parts of a document stand in its text.
pub(crate) struct DocumentOrder {
    /// The keys of the document and of its rules, in the order of the text, by the pointer of the
    /// object that has them.
    keys: HashMap<String, Vec<String>>,
}

impl DocumentOrder {
    pub(crate) fn of(document: &Json) -> Self {
        let mut order = Self { keys: HashMap::new() };
        let Json::Object(members) = document else { return order };
        order.add(String::new(), members);
        let rules = members.iter().find(|(key, _)| key == "rules").map(|(_, value)| value);
        if let Some(Json::Array(rules)) = rules {
            for (index, rule) in rules.iter().enumerate() {
                if let Json::Object(members) = rule {
                    order.add(format!("/rules/{index}"), members);
                }
            }
        }
        order
    }

    fn add(&mut self, pointer: String, members: &[(String, Json)]) {
        let keys = members.iter().map(|(key, _)| escape(key)).collect();
        self.keys.insert(pointer, keys);
    }

    /// Puts problems in order; those with the same pointer stay as they are.
    pub(crate) fn sort(&self, problems: &mut [Problem]) {
        problems.sort_by_cached_key(|problem| self.place(&problem.pointer));
    }

    /// The places on the way to what a pointer points at. A missing key comes after those that are
    /// there.
    fn place(&self, pointer: &str) -> Vec<usize> {
        let ends = pointer.match_indices('/').map(|(slash, _)| slash).skip(1);
        let mut start = 0;
        let mut places = Vec::new();
        for end in ends.chain((!pointer.is_empty()).then_some(pointer.len())) {
            let token = &pointer[start + 1..end];
            let place = match self.keys.get(&pointer[..start]) {
                Some(keys) => keys.iter().position(|key| key == token),
                None => token.parse().ok(),
            };
            places.push(place.unwrap_or(usize::MAX));
            start = end;
        }
        places
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
