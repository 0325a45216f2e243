//! What an export is made from: the rules of a policy as they are in force.

use crate::index::Written;
use crate::pattern::{Pattern, TuplePattern};
use crate::plan::{Header, Plan, Value};
use crate::policy::Policy;
use crate::rule::Rule;

/// A policy, as exports see it.
pub(crate) struct Facts<'p> {
    /// The rules, in the document's order.
    pub(crate) rules: Vec<RuleFacts<'p>>,
    /// Whether the document is a single rule, which governs every path.
    pub(crate) is_uniform: bool,
}

/// A rule, as exports see it.
pub(crate) struct RuleFacts<'p> {
    rule: &'p Rule,
    /// Its path patterns, in the document's order; none where it governs every path.
    pub(crate) paths: &'p [String],
    /// Its origin patterns.
    pub(crate) origins: Origins<'p>,
    /// Whether pages may send cookies and read the answer.
    pub(crate) credentials: bool,
    /// The methods that are listed, without the safelisted ones; `*` is one of them.
    pub(crate) methods: &'p [String],
    /// The request headers that are listed, in lower case; `*` is one of them.
    pub(crate) headers: &'p [String],
    /// The value of `Access-Control-Expose-Headers`, where there is one.
    pub(crate) exposed: Option<&'p str>,
    /// Seconds.
    pub(crate) max_age: &'p str,
    /// The status of an allowed preflight.
    pub(crate) status: u16,
    /// The answer to an allowed actual request.
    pub(crate) actual: &'p Plan,
    /// The answer to an allowed preflight that asks for header names.
    pub(crate) preflight: &'p Plan,
}

/// The origin patterns of a rule, each kind in the document's order, with its place in
/// `allow_origins`.
#[derive(Default)]
pub(crate) struct Origins<'p> {
    /// Where `*` stands.
    pub(crate) any: Option<usize>,
    /// Where `null` stands.
    pub(crate) null: Option<usize>,
    /// Origins that are covered byte for byte.
    pub(crate) exact: Vec<(usize, &'p str)>,
    /// Patterns with a `*` in their host or for their port, with their text.
    pub(crate) wildcards: Vec<(usize, &'p str, TuplePattern<'p>)>,
    /// Regular expressions, in the syntax of the document.
    pub(crate) regexes: Vec<(usize, &'p str)>,
}

impl<'p> Facts<'p> {
    pub(super) fn of(policy: &'p Policy) -> Self {
        let rules = policy.rules().iter().map(|rule| RuleFacts::of(rule, policy.plans()));
        Self { rules: rules.collect(), is_uniform: policy.uniform().is_some() }
    }
}

impl<'p> RuleFacts<'p> {
    fn of(rule: &'p Rule, plans: &'p [Plan]) -> Self {
        let (actual, preflight) = rule.allowed_plans();
        let (actual, preflight) = (&plans[usize::from(actual)], &plans[usize::from(preflight)]);
        Self {
            rule,
            paths: rule.paths(),
            origins: Origins::of(rule),
            credentials: text_of(actual, "Access-Control-Allow-Credentials").is_some(),
            methods: &rule.methods.listed,
            headers: &rule.headers.listed,
            exposed: text_of(actual, "Access-Control-Expose-Headers"),
            max_age: text_of(preflight, "Access-Control-Max-Age").unwrap_or_default(),
            status: preflight.status.unwrap_or_default(),
            actual,
            preflight,
        }
    }

    /// What messages call the rule.
    pub(crate) fn label(&self) -> String {
        self.rule.label()
    }

    /// The pointer to one of the rule's keys.
    pub(crate) fn key_pointer(&self, key: &str) -> String {
        self.rule.key_pointer(key)
    }

    /// The pointer to an entry of the rule's `allow_origins`.
    pub(crate) fn origin_pointer(&self, entry: usize) -> String {
        self.rule.origin_pointer(entry)
    }
}

impl<'p> Origins<'p> {
    fn of(rule: &'p Rule) -> Self {
        let mut origins = Self::default();
        for (entry, written) in rule.origins.written() {
            match written {
                Written::Regex(text) => origins.regexes.push((entry, text)),
                Written::Pattern(text) => match Pattern::parse(text) {
                    Ok(Pattern::Any) => origins.any = Some(entry),
                    Ok(Pattern::Null) => origins.null = Some(entry),
                    Ok(Pattern::Tuple(tuple)) if tuple.is_exact() => {
                        origins.exact.push((entry, text));
                    }
                    Ok(Pattern::Tuple(tuple)) => origins.wildcards.push((entry, text, tuple)),
                    Err(code) => unreachable!("a pattern of a loaded policy: {code:?}"),
                },
            }
        }
        origins
    }
}

/// The value of a header that does not depend on the request.
fn text_of<'p>(plan: &'p Plan, name: &str) -> Option<&'p str> {
    plan.headers.iter().find_map(|header| match header {
        Header { name: found, value: Value::Text(text) } if *found == name => Some(&**text),
        _ => None,
    })
}
