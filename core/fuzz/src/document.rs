//! Documents of a few rules, which the engine accepts.

use arbitrary::Arbitrary;
use serde_json::{Value, json};

const ORIGINS: [&str; 16] = [
    "https://a.example",
    "https://b.a.example",
    "https://a.example:8443",
    "https://*.a.example",
    "https://*.b.a.example",
    "https://x-*.b.example",
    "https://*-x.b.example",
    "https://x*y.b.example:*",
    "http://localhost:*",
    "http://127.0.0.1:3000",
    "http://[::1]:8080",
    "https://*.a.example:*",
    "capacitor://localhost",
    "https://*.c.example.",
    "*",
    "null",
];
const METHODS: [&str; 6] = ["PUT", "DELETE", "patch", "PURGE", "*", "M'$`|#%"];
// Some with every mark that a token may have and a configuration language may read otherwise.
const HEADERS: [&str; 7] =
    ["x-a", "X-B", "content-type", "authorization", "*", "x-'", "x-$a`|#%&^!~+."];
const PATHS: [&str; 8] = ["/*", "/a", "/a/*", "/a/{x}", "/a/b", "/{x}/b/*", "/a/b/*", "/b/"];

/// A choice of entries, as the bits of a number.
fn chosen<'l>(list: &[&'l str], bits: u16) -> Vec<&'l str> {
    list.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1).map(|(_, it)| *it).collect()
}

/// A rule, as choices.
#[derive(Arbitrary, Debug)]
pub struct Rule {
    origins: u16,
    methods: u8,
    headers: u8,
    exposed: u8,
    credentials: bool,
    max_age: u8,
    paths: u8,
}

/// A rule of the document.
#[derive(Debug)]
pub struct ModelRule {
    pub origins: Vec<&'static str>,
    pub methods: Vec<&'static str>,
    pub headers: Vec<String>,
    pub exposed: Vec<String>,
    pub credentials: bool,
    pub max_age: u8,
    pub paths: Vec<&'static str>,
}

impl Rule {
    /// The rule with what makes a document be refused left out, as far as that is easy.
    pub fn model(&self, taken: &mut Vec<&'static str>) -> ModelRule {
        let mut origins = chosen(&ORIGINS, self.origins);
        // Checking a wildcard reads the list of public suffixes, which takes longer than all the rest.
        if !self.max_age.is_multiple_of(4) {
            origins.retain(|entry| {
                !entry.contains("*") || entry.contains("localhost") || *entry == "*"
            });
        }
        if origins.contains(&"*") {
            origins = if self.credentials { vec![ORIGINS[0]] } else { vec!["*"] };
        }
        // What another entry covers is a problem.
        let all = origins.clone();
        origins.retain(|entry| {
            !all.iter().any(|other| {
                other != entry
                    && (crate::origins::covers(other, entry.as_bytes())
                        || (other.ends_with(":*") && other.trim_end_matches(":*") == *entry)
                        || (*other == "https://*.a.example" && *entry == "https://*.b.a.example")
                        || (*other == "https://*.a.example:*"
                            && entry.starts_with("https://*.b.a.")))
            })
        });
        if origins.is_empty() {
            origins.push(ORIGINS[0]);
        }
        let only_any = |mut list: Vec<&'static str>, beside: &str| {
            if list.contains(&"*") {
                list.retain(|entry| *entry == "*" || *entry == beside);
            }
            list
        };
        let mut exposed = only_any(chosen(&HEADERS, self.exposed.into()), "");
        if self.credentials {
            exposed.retain(|name| *name != "*");
        }
        let mut paths = chosen(&PATHS, self.paths.into());
        paths.retain(|path| !taken.contains(path));
        taken.extend(&paths);
        let lower = |list: Vec<&str>| list.into_iter().map(str::to_lowercase).collect();
        ModelRule {
            origins,
            methods: only_any(chosen(&METHODS, self.methods.into()), ""),
            headers: lower(only_any(chosen(&HEADERS, self.headers.into()), "authorization")),
            exposed: lower(exposed),
            credentials: self.credentials,
            max_age: self.max_age,
            paths,
        }
    }
}

impl ModelRule {
    fn json(&self) -> Value {
        let mut rule = json!({
            "allow_origins": self.origins,
            "allow_credentials": self.credentials,
            "allow_methods": self.methods,
            "allow_headers": self.headers,
            "expose_headers": self.exposed,
            "max_age": self.max_age,
        });
        if self.origins.contains(&"null") {
            rule["dangerously_allow"] = json!(["null_origin"]);
        }
        rule
    }
}

/// A document, as choices.
#[derive(Arbitrary, Debug)]
pub struct Document {
    single: bool,
    rules: Vec<Rule>,
}

impl Document {
    /// The rules, and the text. `None` where there is no rule.
    pub fn model(&self) -> Option<(Vec<ModelRule>, String)> {
        let mut taken = Vec::new();
        let mut rules: Vec<_> =
            self.rules.iter().take(4).map(|rule| rule.model(&mut taken)).collect();
        if self.single {
            rules.truncate(1);
            rules.first_mut()?.paths.clear();
            let text = rules[0].json().to_string();
            return Some((rules, text));
        }
        rules.retain(|rule| !rule.paths.is_empty());
        let all: Vec<_> = rules
            .iter()
            .map(|rule| {
                let mut json = rule.json();
                json["paths"] = json!(rule.paths);
                json
            })
            .collect();
        (!all.is_empty()).then(|| (rules, json!({ "rules": all }).to_string()))
    }
}

#[cfg(test)]
mod tests {
    use arbitrary::Unstructured;
    use onecors_core::Policy;

    use super::*;

    /// Targets pass over what is refused: were it much, they would prove little.
    #[test]
    fn documents_are_accepted() {
        // A linear congruential generator (Knuth), so that the documents are the same every time.
        let mut state = 1_u64;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        let mut made = 0;
        for _ in 0..500 {
            let bytes: Vec<u8> = (0..100).map(|_| byte()).collect();
            let document = Document::arbitrary(&mut Unstructured::new(&bytes)).expect("a document");
            // Half of the inputs end before the first rule.
            let Some((_, text)) = document.model() else { continue };
            made += 1;
            if let Err(problems) = Policy::from_json(&text) {
                panic!("{problems}\n{text}");
            }
        }
        assert!(made > 200, "only {made} documents");
    }
}
