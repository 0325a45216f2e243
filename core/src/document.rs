//! The policy document as it is written: its keys, their types and their defaults.
//!
//! Reading checks the form of the document alone. What the values mean is checked where they are
//! compiled.

use std::collections::hash_map::Entry as MapEntry;
use std::collections::{HashMap, HashSet};

use crate::findings::Findings;
use crate::json::Json;
use crate::order::{Place, escape};
use crate::plan::PLANS_OF_RULE;
use crate::problem::{Code, Problem};
use crate::text::{Quoted, nearest};

/// The most rules a policy may have.
pub(crate) const MAX_RULES: usize = 8_192;
// A verdict numbers plans with 16 bits, and plan 0 is no rule's.
const _: () = assert!(MAX_RULES * PLANS_OF_RULE < 1 << 16);

/// `max_age` where a document names none: the longest that Chromium honours, in seconds.
pub(crate) const DEFAULT_MAX_AGE: i64 = 7_200;

/// `preflight_status` where a document names none.
pub(crate) const DEFAULT_PREFLIGHT_STATUS: i64 = 204;

#[cfg(test)]
fn default_max_age() -> i64 {
    DEFAULT_MAX_AGE
}

#[cfg(test)]
fn default_preflight_status() -> i64 {
    DEFAULT_PREFLIGHT_STATUS
}

/// The keys that editors and people use, and the engine ignores.
const IGNORED_KEYS: [&str; 2] = ["$schema", "description"];

/// The keys of a rule that govern requests.
const RULE_KEYS: [&str; 8] = [
    "allow_origins",
    "allow_credentials",
    "allow_methods",
    "allow_headers",
    "expose_headers",
    "max_age",
    "preflight_status",
    "dangerously_allow",
];

/// The keys of a rule that only the form with `rules` has.
const NAMED_RULE_KEYS: [&str; 2] = ["name", "paths"];

/// One entry of a list that has the right type, with its place in the list.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub(crate) index: usize,
    pub(crate) value: T,
}

/// One entry of `allow_origins`.
#[derive(Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(untagged, deny_unknown_fields))]
pub(crate) enum OriginEntry {
    /// An origin, or a pattern with `*`: `https://app.example.com`, `https://*.example.com`,
    /// `https://pr-*.preview.example.net`, `http://localhost:*`, `*`, `null`.
    Pattern(String),
    /// A regular expression that the whole origin must match.
    Regex {
        /// In the syntax of the Rust regex crate; it ends in a literal registrable domain.
        regex: String,
    },
}

/// What governs the requests of some paths.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RuleDocument {
    /// Where the rule stands, as a JSON pointer.
    #[cfg_attr(test, schemars(skip))]
    pub(crate) pointer: String,
    /// The origins whose pages may read the answers.
    #[cfg_attr(test, schemars(with = "Vec<OriginEntry>", length(min = 1)))]
    pub(crate) allow_origins: Vec<Entry<OriginEntry>>,
    /// Whether a page may send cookies and read the answer.
    #[cfg_attr(test, schemars(default))]
    pub(crate) allow_credentials: bool,
    /// The methods beyond GET, HEAD and POST that a preflight may ask for, case-sensitive; `*` for
    /// any.
    #[cfg_attr(test, schemars(default, with = "Vec<String>"))]
    pub(crate) allow_methods: Vec<Entry<String>>,
    /// The names of request headers that a preflight may ask for; `*` for any but `authorization`,
    /// which must be named.
    #[cfg_attr(test, schemars(default, with = "Vec<String>"))]
    pub(crate) allow_headers: Vec<Entry<String>>,
    /// The names of response headers that a page may read; `*` for any, without credentials only.
    #[cfg_attr(test, schemars(default, with = "Vec<String>"))]
    pub(crate) expose_headers: Vec<Entry<String>>,
    /// How many seconds a browser may keep a preflight's answer.
    #[cfg_attr(test, schemars(default = "default_max_age", range(min = 0, max = 86_400)))]
    pub(crate) max_age: i64,
    /// The status of an allowed preflight.
    #[cfg_attr(test, schemars(default = "default_preflight_status", range(min = 200, max = 299)))]
    pub(crate) preflight_status: i64,
    /// Opt-outs from safety checks, each a problem where nothing needs it.
    #[cfg_attr(test, schemars(default, with = "Vec<crate::opt_out::OptOut>"))]
    pub(crate) dangerously_allow: Vec<Entry<String>>,
    /// What explanations and logs call the rule.
    #[cfg_attr(test, schemars(skip))]
    pub(crate) name: Option<String>,
    /// The path patterns that the rule governs; `None` governs every path.
    #[cfg_attr(test, schemars(skip))]
    pub(crate) paths: Option<Vec<Entry<String>>>,
}

impl RuleDocument {
    /// The pointer to an entry of one of the rule's lists.
    pub(crate) fn entry_pointer(&self, key: &str, index: usize) -> String {
        format!("{}/{key}/{index}", self.pointer)
    }

    /// The pointer to one of the rule's keys.
    pub(crate) fn key_pointer(&self, key: &str) -> String {
        format!("{}/{key}", self.pointer)
    }
}

/// Reads a document. Rules come out as far as they could be read, for the checks that follow.
pub(crate) fn read(json: Json, problems: &mut Findings) -> Vec<RuleDocument> {
    report_repeated_keys(&json, problems);
    let Json::Object(members) = json else {
        problems.push(wrong_type("", "the document", &json, "an object"));
        return Vec::new();
    };
    let mut reader = Reader { problems };
    let members = first_of_each_key(members);
    if members.iter().any(|(key, _)| key == "rules") {
        reader.rules(members)
    } else {
        vec![reader.rule(members, String::new(), Form::Single)]
    }
}

/// Which form of the document a rule stands in.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// The document is the rule.
    Single,
    /// The rule is an entry of `rules`.
    Listed,
}

struct Reader<'p> {
    problems: &'p mut Findings,
}

impl Reader<'_> {
    fn rules(&mut self, members: Vec<(String, Json)>) -> Vec<RuleDocument> {
        let mut rules = Vec::new();
        for (position, (key, value)) in members.into_iter().enumerate() {
            let pointer = format!("/{}", escape(&key));
            self.note_position(&key, &pointer, position);
            if key == "rules" {
                rules = self.rule_list(value);
            } else if IGNORED_KEYS.contains(&key.as_str()) {
                self.ignored(&key, &pointer, &value);
            } else if RULE_KEYS.contains(&key.as_str()) || NAMED_RULE_KEYS.contains(&key.as_str()) {
                self.problems.push(
                    Problem::new(Code::KeyBesideRules, pointer, Quoted(key.as_bytes()))
                        .help("move it into the rules that need it"),
                );
            } else {
                let known = [&["rules"][..], &IGNORED_KEYS].concat();
                self.unknown_key(Place::default().part(position), &key, pointer, &known);
            }
        }
        rules
    }

    fn rule_list(&mut self, value: Json) -> Vec<RuleDocument> {
        let Json::Array(items) = value else {
            self.problems.push(wrong_type("/rules", "\"rules\"", &value, "a list of rules"));
            return Vec::new();
        };
        if items.is_empty() {
            self.problems.push(
                Problem::new(Code::EmptyList, "/rules", "\"rules\"")
                    .detail("a policy needs at least one rule"),
            );
        }
        if items.iter().map(Json::count).sum::<usize>() > MAX_RULES {
            let pointer = format!("/rules/{MAX_RULES}");
            self.problems.push(
                Problem::new(
                    Code::TooManyRules,
                    pointer,
                    format_args!("entry {MAX_RULES} of \"rules\""),
                )
                .detail(format_args!("the limit is {MAX_RULES}; none of the rules was checked")),
            );
            return Vec::new();
        }
        let mut rules = Vec::new();
        let mut next = 0;
        for item in items {
            let index = next;
            next += item.count();
            let pointer = format!("/rules/{index}");
            match item {
                Json::More(count) => self.problems.count_more(count),
                Json::Object(members) => {
                    let members = first_of_each_key(members);
                    rules.push(self.rule(members, pointer, Form::Listed));
                }
                other => {
                    let subject = format!("entry {index} of \"rules\"");
                    self.problems.push(wrong_type(&pointer, &subject, &other, "an object"));
                }
            }
        }
        self.check_names(&rules);
        rules
    }

    fn rule(&mut self, members: Vec<(String, Json)>, pointer: String, form: Form) -> RuleDocument {
        let mut rule = RuleDocument {
            pointer,
            max_age: DEFAULT_MAX_AGE,
            preflight_status: DEFAULT_PREFLIGHT_STATUS,
            ..RuleDocument::default()
        };
        let mut required = vec!["allow_origins"];
        if form == Form::Listed {
            required.push("paths");
            rule.paths = Some(Vec::new());
        }
        let place = self.problems.order.place(&rule.pointer);
        for (position, (key, value)) in members.into_iter().enumerate() {
            required.retain(|required| *required != key);
            let pointer = rule.key_pointer(&escape(&key));
            self.note_position(&key, &pointer, position);
            self.key(&mut rule, &key, pointer, place.part(position), value, form);
        }
        for key in required {
            self.problems.push(
                Problem::new(Code::MissingKey, rule.key_pointer(key), format_args!("\"{key}\""))
                    .detail(match key {
                        "paths" => "it says which paths the rule governs",
                        _ => "at least one origin must be allowed, and there is no default",
                    }),
            );
        }
        rule
    }

    /// Notes where a key stands, for the order of the problems. Of the unknown ones there may be very
    /// many, and none is asked for again.
    fn note_position(&mut self, key: &str, pointer: &str, position: usize) {
        let known = [&["rules"][..], &IGNORED_KEYS, &RULE_KEYS, &NAMED_RULE_KEYS];
        if known.iter().any(|keys| keys.contains(&key)) {
            self.problems.order.add(pointer.to_owned(), position);
        }
    }

    fn key(
        &mut self,
        rule: &mut RuleDocument,
        key: &str,
        pointer: String,
        place: Place,
        value: Json,
        form: Form,
    ) {
        match (key, form) {
            ("allow_origins", _) => {
                rule.allow_origins = self.required_list(key, &pointer, value, Self::origin);
            }
            ("allow_credentials", _) => match value {
                Json::Bool(value) => rule.allow_credentials = value,
                other => self.wrong_key_type(key, &pointer, &other, "true or false"),
            },
            ("allow_methods", _) => rule.allow_methods = self.strings(key, &pointer, value),
            ("allow_headers", _) => rule.allow_headers = self.strings(key, &pointer, value),
            ("expose_headers", _) => rule.expose_headers = self.strings(key, &pointer, value),
            ("dangerously_allow", _) => rule.dangerously_allow = self.strings(key, &pointer, value),
            ("max_age", _) => self.whole(&mut rule.max_age, key, &pointer, &value),
            ("preflight_status", _) => {
                self.whole(&mut rule.preflight_status, key, &pointer, &value);
            }
            ("name", Form::Listed) => match value {
                Json::String(name) => rule.name = Some(name),
                other => self.wrong_key_type(key, &pointer, &other, "a string"),
            },
            ("paths", Form::Listed) => {
                rule.paths = Some(self.required_list(key, &pointer, value, Self::string));
            }
            ("description", _) | ("$schema", Form::Single) => self.ignored(key, &pointer, &value),
            ("name" | "paths", Form::Single) => self.problems.push(
                Problem::new(Code::UnknownKey, pointer, Quoted(key.as_bytes()))
                    .help("this key belongs in an entry of \"rules\": remove it, or put the rule into \"rules\""),
            ),
            _ => {
                let others: &[&str] = match form {
                    Form::Single => &["rules", "$schema", "description"],
                    Form::Listed => &["name", "paths", "description"],
                };
                let known = [&RULE_KEYS[..], others].concat();
                self.unknown_key(place, key, pointer, &known);
            }
        }
    }

    fn check_names(&mut self, rules: &[RuleDocument]) {
        let mut seen = HashSet::new();
        for rule in rules {
            let Some(name) = &rule.name else { continue };
            let pointer = rule.key_pointer("name");
            if name.is_empty() {
                self.problems.push(
                    Problem::new(Code::EmptyName, pointer, "\"\"")
                        .help("give the rule a name, or remove the key"),
                );
            } else if !seen.insert(name) {
                self.problems.push(
                    Problem::new(Code::RepeatedName, pointer, Quoted(name.as_bytes()))
                        .help("give each rule its own name"),
                );
            }
        }
    }

    fn required_list<T>(
        &mut self,
        key: &str,
        pointer: &str,
        value: Json,
        read: fn(&mut Self, &str, &str, Json) -> Option<T>,
    ) -> Vec<Entry<T>> {
        if matches!(&value, Json::Array(items) if items.is_empty()) {
            self.problems.push(
                Problem::new(Code::EmptyList, pointer, format_args!("\"{key}\""))
                    .detail("it needs at least one entry"),
            );
        }
        self.list(key, pointer, value, read)
    }

    fn strings(&mut self, key: &str, pointer: &str, value: Json) -> Vec<Entry<String>> {
        self.list(key, pointer, value, Self::string)
    }

    fn list<T>(
        &mut self,
        key: &str,
        pointer: &str,
        value: Json,
        read: fn(&mut Self, &str, &str, Json) -> Option<T>,
    ) -> Vec<Entry<T>> {
        let Json::Array(items) = value else {
            self.wrong_key_type(key, pointer, &value, "a list");
            return Vec::new();
        };
        let mut entries = Vec::with_capacity(items.len());
        let mut next = 0;
        for item in items {
            let index = next;
            next += item.count();
            let value = match item {
                // The usual case builds no pointer: a list may have a million entries.
                Json::String(_) => read(self, key, "", item),
                Json::More(count) => {
                    self.problems.count_more(count);
                    None
                }
                _ => read(self, key, &format!("{pointer}/{index}"), item),
            };
            entries.extend(value.map(|value| Entry { index, value }));
        }
        entries
    }

    fn string(&mut self, key: &str, pointer: &str, value: Json) -> Option<String> {
        match value {
            Json::String(value) => Some(value),
            other => {
                let subject = format!("an entry of \"{key}\"");
                self.problems.push(wrong_type(pointer, &subject, &other, "a string"));
                None
            }
        }
    }

    fn origin(&mut self, key: &str, pointer: &str, value: Json) -> Option<OriginEntry> {
        let members = match value {
            Json::String(pattern) => return Some(OriginEntry::Pattern(pattern)),
            Json::Object(members) => first_of_each_key(members),
            other => {
                let subject = format!("an entry of \"{key}\"");
                let expected = "a string, or an object with \"regex\"";
                self.problems.push(wrong_type(pointer, &subject, &other, expected));
                return None;
            }
        };
        let regex_pointer = format!("{pointer}/regex");
        let (mut regex, mut named) = (None, false);
        for (key, value) in members {
            match value {
                _ if key != "regex" => {
                    let place = self.problems.order.place(pointer).last_part();
                    let pointer = format!("{pointer}/{}", escape(&key));
                    self.unknown_key(place, &key, pointer, &["regex"]);
                }
                Json::String(value) => (regex, named) = (Some(value), true),
                other => {
                    named = true;
                    self.wrong_key_type(&key, &regex_pointer, &other, "a string");
                }
            }
        }
        if !named {
            self.problems.push(
                Problem::new(Code::MissingKey, regex_pointer, "\"regex\"")
                    .detail("an origin pattern is a string, or an object with \"regex\""),
            );
        }
        Some(OriginEntry::Regex { regex: regex? })
    }

    fn whole(&mut self, number: &mut i64, key: &str, pointer: &str, value: &Json) {
        match value {
            Json::Whole(value) => *number = *value,
            other => {
                let expected = "a whole number, written without point and exponent";
                self.wrong_key_type(key, pointer, other, expected);
            }
        }
    }

    /// A key that the engine ignores may hold anything, but no key takes null.
    fn ignored(&mut self, key: &str, pointer: &str, value: &Json) {
        if *value == Json::Null {
            self.wrong_key_type(key, pointer, value, "anything else");
        }
    }

    fn wrong_key_type(&mut self, key: &str, pointer: &str, found: &Json, expected: &str) {
        let mut problem = wrong_type(pointer, &format!("\"{key}\""), found, expected);
        if *found == Json::Null {
            problem = problem.help("remove the key to use the default");
        }
        self.problems.push(problem);
    }

    fn unknown_key(&mut self, place: Place, key: &str, pointer: String, known: &[&str]) {
        self.problems.push_at(place, || {
            Problem::new(Code::UnknownKey, pointer, Quoted(key.as_bytes()))
                .help_instead(nearest(key, known))
        });
    }
}

fn wrong_type(pointer: &str, subject: &str, found: &Json, expected: &str) -> Problem {
    Problem::new(Code::WrongType, pointer, subject)
        .detail(format_args!("{} where {expected} is expected", found.type_name()))
}

/// Reports keys that stand twice in one object, at any depth.
fn report_repeated_keys(json: &Json, problems: &mut Findings) {
    let mut walk = Walk { problems, pointer: String::new(), in_rules: false };
    walk.value(json, Place::default(), 0);
}

/// A walk through a document.
struct Walk<'p> {
    problems: &'p mut Findings,
    /// The way to the value at hand.
    pointer: String,
    /// Whether the value at hand is part of `rules`.
    in_rules: bool,
}

impl Walk<'_> {
    fn value(&mut self, json: &Json, place: Place, depth: usize) {
        match json {
            Json::Array(items) => {
                let mut index = 0;
                for item in items {
                    if has_parts(item) {
                        self.part(item, &index.to_string(), place.part(index), depth);
                    }
                    index += item.count();
                }
            }
            Json::Object(members) => self.object(members, place, depth),
            _ => {}
        }
    }

    fn object(&mut self, members: &[(String, Json)], place: Place, depth: usize) {
        let has_order = depth == 0 || (depth == 2 && self.in_rules);
        let part = |position| if has_order { place.part(position) } else { place.last_part() };
        let mut seen = HashMap::new();
        for (key, value) in members {
            let position = seen.len();
            match seen.entry(key.as_str()) {
                MapEntry::Vacant(new) => {
                    new.insert(position);
                    self.in_rules = if depth == 0 { key == "rules" } else { self.in_rules };
                    if has_parts(value) {
                        self.part(value, key, part(position), depth);
                    }
                }
                MapEntry::Occupied(first) => {
                    let before = &self.pointer;
                    self.problems.push_at(part(*first.get()), || {
                        let pointer = format!("{before}/{}", escape(key));
                        Problem::new(Code::RepeatedKey, pointer, Quoted(key.as_bytes()))
                            .help("keep one of them")
                    });
                }
            }
        }
    }

    fn part(&mut self, json: &Json, token: &str, place: Place, depth: usize) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&escape(token));
        self.value(json, place, depth + 1);
        self.pointer.truncate(length);
    }
}

fn has_parts(json: &Json) -> bool {
    matches!(json, Json::Array(_) | Json::Object(_))
}

/// Drops repeated keys: the first one counts, for the checks that follow.
fn first_of_each_key(mut members: Vec<(String, Json)>) -> Vec<(String, Json)> {
    let mut seen = HashSet::new();
    let first: Vec<bool> = members.iter().map(|(key, _)| seen.insert(key.as_str())).collect();
    let mut first = first.into_iter();
    members.retain(|_| first.next().unwrap_or_default());
    members
}
