//! The answers a policy can give, as header templates.

use serde::Serialize;

use crate::request::Request;

/// The status of a denied preflight.
pub const PREFLIGHT_DENIED_STATUS: u16 = 403;

/// The answer that a verdict names: what an adapter does to the response.
///
/// A policy has a small, fixed table of plans ([`Policy::plans`](crate::Policy::plans)). A binding
/// turns it into its host's own objects once; from then on a request costs one call in and one
/// integer out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// With a status, the answer ends here, without a body (preflights only); without one, the
    /// application answers.
    pub status: Option<u16>,
    /// The header lines to set, replacing any of the same name, in this order.
    pub headers: Vec<Header>,
    /// The tokens to merge into `Vary`.
    pub(crate) vary: &'static [&'static str],
    /// The value of a `Vary` line that has these tokens alone.
    #[serde(skip)]
    pub(crate) vary_line: &'static str,
}

/// One header line of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Header {
    /// The name in the Fetch standard's spelling, such as `Access-Control-Allow-Origin`.
    pub name: &'static str,
    /// The value, or the part of the request that is the value.
    #[serde(flatten)]
    pub value: Value,
}

/// The value of a header line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Value {
    /// Fixed text. In JSON: `"value": "true"`.
    #[serde(rename = "value")]
    Text(Box<str>),
    /// A part of the request, as it was received. In JSON: `"echo": "origin"`.
    Echo(Slot),
}

/// A part of the request that a plan echoes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
#[non_exhaustive]
pub enum Slot {
    /// The request's `Origin`.
    Origin = 1,
    /// The request's `Access-Control-Request-Method`.
    AccessControlRequestMethod = 2,
    /// The request's `Access-Control-Request-Headers`.
    AccessControlRequestHeaders = 3,
}

impl Slot {
    /// Every slot, in the order of their numbers.
    pub const ALL: [Self; 3] =
        [Self::Origin, Self::AccessControlRequestMethod, Self::AccessControlRequestHeaders];

    /// The stable code, such as `origin`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::AccessControlRequestMethod => "access_control_request_method",
            Self::AccessControlRequestHeaders => "access_control_request_headers",
        }
    }

    /// What the request has in this place; `None` when it is absent.
    pub const fn of<'r>(self, request: &Request<'r>) -> Option<&'r [u8]> {
        match self {
            Self::Origin => request.origin,
            Self::AccessControlRequestMethod => request.access_control_request_method,
            Self::AccessControlRequestHeaders => request.access_control_request_headers,
        }
    }
}

impl Value {
    /// The text, where the value does not depend on the request.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Echo(_) => None,
        }
    }

    /// The part of the request that is the value, where it depends on the request.
    pub fn slot(&self) -> Option<Slot> {
        match self {
            Self::Text(_) => None,
            Self::Echo(slot) => Some(*slot),
        }
    }

    /// The bytes to send in answer to this request, which must be the one that was decided on.
    pub fn render<'a>(&'a self, request: &Request<'a>) -> &'a [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            // A plan echoes only what the decision that chose it found present.
            Self::Echo(slot) => slot.of(request).unwrap_or_default(),
        }
    }
}

impl Plan {
    /// The tokens to merge into `Vary`, in this order; empty when `Vary` is to be left alone.
    pub fn vary(&self) -> &[&'static str] {
        self.vary
    }

    /// The value of a `Vary` line that has the tokens of [`Plan::vary`] alone; empty where there are
    /// none.
    pub fn vary_line(&self) -> &'static str {
        self.vary_line
    }

    /// The lines of a response that has no header fields yet, name and value, `Vary` last.
    ///
    /// Nothing is copied: the values point into the plan or into the request.
    pub fn lines<'a>(
        &'a self,
        request: &Request<'a>,
    ) -> impl Iterator<Item = (&'static str, &'a [u8])> + use<'a> {
        let request = *request;
        let vary = (!self.vary.is_empty()).then_some(("Vary", self.vary_line.as_bytes()));
        self.headers
            .iter()
            .map(move |header| (header.name, header.value.render(&request)))
            .chain(vary)
    }
}

/// The most plans that a rule has.
pub(crate) const PLANS_OF_RULE: usize = 5;

/// The plans of a policy in the making, each rule's once.
///
/// No two rules share a plan: so the number of a plan tells which rule decided, and hosts know a
/// denial that they have logged by its verdict and origin.
pub(crate) struct PlanTable {
    plans: Vec<Plan>,
    /// Where the plans of the rule begin.
    rule: usize,
}

impl PlanTable {
    /// The number of the plan that leaves a response alone.
    pub(crate) const UNGOVERNED: u16 = 0;

    pub(crate) fn new() -> Self {
        let ungoverned = Plan { status: None, headers: Vec::new(), vary: &[], vary_line: "" };
        Self { plans: vec![ungoverned], rule: 0 }
    }

    /// Begins the plans of the next rule.
    pub(crate) fn begin_rule(&mut self) {
        self.rule = self.plans.len();
    }

    /// The number of a plan of the rule, which is added when it is new.
    pub(crate) fn number(&mut self, plan: Plan) -> u16 {
        let known = self.plans[self.rule..].iter().position(|other| *other == plan);
        let number = self.rule + known.unwrap_or(self.plans.len() - self.rule);
        if known.is_none() {
            self.plans.push(plan);
        }
        debug_assert!(self.plans.len() - self.rule <= PLANS_OF_RULE);
        // `MAX_RULES` sees to it that no number is larger.
        number as u16
    }

    pub(crate) fn into_plans(self) -> Vec<Plan> {
        self.plans
    }
}

#[cfg(test)]
mod tests {
    use crate::{Policy, Request};

    #[test]
    fn the_plan_tells_which_rule_decided() {
        let rules = r#"{ "rules": [
            { "paths": ["/a"], "allow_origins": ["https://a.example"] },
            { "paths": ["/b"], "allow_origins": ["https://a.example"] }
        ]}"#;
        let policy = Policy::from_json(rules).expect("the document is right");
        for origin in ["https://a.example", "https://b.example"] {
            let decide = |path: &'static [u8]| {
                let origin = Some(origin.as_bytes());
                policy.decide(&Request::default().path(Some(path)).origin(origin))
            };
            assert_eq!(decide(b"/a"), decide(b"/a"));
            assert_ne!(decide(b"/a"), decide(b"/b"));
        }
    }
}
