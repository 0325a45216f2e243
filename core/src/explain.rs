//! The story of a decision: the same verdict, what was checked, and what to change.

use crate::advice;
use crate::explanation::{Check, ExplainedPattern, ExplainedRule, Explanation};
use crate::index::Found;
use crate::near_miss;
use crate::plan::{Plan, Value};
use crate::policy::Policy;
use crate::request::Request;
use crate::rule::{Kind, Rule};
use crate::summary;
use crate::text::{escaped, escaped_up_to};
use crate::verdict::Reason;

/// How many characters of an echoed value are shown: all of a list of header names that is allowed. A
/// method may be longer, and no browser sends such a one.
const MAX_ECHOED: usize = 8_192;

impl Policy {
    /// Decides on a request and explains the decision. Meant for people and logs: it takes a thousand
    /// times as long as [`Policy::decide`].
    pub fn explain(&self, request: &Request<'_>) -> Explanation {
        explain(self, request)
    }
}

fn explain(policy: &Policy, request: &Request<'_>) -> Explanation {
    let verdict = policy.decide(request);
    let found = policy.find_rule(request.path);
    let rule = found.map(|(rule, _)| rule);
    let mut story = Explanation {
        verdict,
        outcome: verdict.outcome(),
        reason: verdict.reason(),
        summary: String::new(),
        rule: found.map(|(rule, target)| ExplainedRule {
            name: rule.name.clone(),
            pointer: rule.pointer.clone(),
            path_pattern: target.and_then(|target| rule.path(target.pattern)).map(str::to_owned),
        }),
        origin_pattern: None,
        checks: vec![Check {
            check: "path",
            passed: rule.is_some(),
            expected: "a path that a rule governs".into(),
            received: request.path.map(escaped),
        }],
        nearest_miss: None,
        status: None,
        headers: Vec::new(),
        browser_message: advice::browser_message(verdict.outcome(), rule, request),
        advice: None,
    };
    if let Some(plan) = policy.plans().get(verdict.plan()) {
        story.render(plan, request);
    }
    if let Some(rule) = rule {
        story.tell(rule, request);
    }
    story.summary = summary::summarize(&story, rule, request);
    story
}

impl Explanation {
    fn render(&mut self, plan: &Plan, request: &Request<'_>) {
        self.status = plan.status;
        let echoes = |place: usize| {
            plan.headers.get(place).is_some_and(|line| matches!(line.value, Value::Echo(_)))
        };
        let lines = plan.lines(request).enumerate();
        self.headers = lines
            .map(|(place, (name, value))| {
                let most = if echoes(place) { MAX_ECHOED } else { usize::MAX };
                (name.to_owned(), escaped_up_to(value, most))
            })
            .collect();
    }

    fn tell(&mut self, rule: &Rule, request: &Request<'_>) {
        let Some(origin) = request.origin else { return };
        match rule.origins.find(origin) {
            Found::Entry(entry) => {
                self.origin_pattern = rule.origins.text(entry).map(|text| ExplainedPattern {
                    pattern: text.to_owned(),
                    pointer: rule.origin_pointer(entry),
                });
            }
            Found::NotAllowed | Found::Malformed => {
                self.nearest_miss = near_miss::find(rule, origin);
            }
        }
        self.check("origin", advice::expected_origin(rule), Some(origin), self.origin_passed());
        if Kind::of(request) == Kind::Preflight && self.origin_passed() {
            let passed = rule.check_method(request).is_ok();
            let method = request.access_control_request_method;
            self.check("method", advice::expected_method(rule), method, passed);
            if passed {
                let passed = rule.check_headers(request).is_ok();
                let headers = request.access_control_request_headers;
                self.check("headers", advice::expected_headers(rule), headers, passed);
            }
        }
        self.advice = self
            .reason
            .map(|reason| advice::advise(reason, rule, request, self.nearest_miss.as_ref()));
    }

    fn origin_passed(&self) -> bool {
        !matches!(self.reason, Some(Reason::MalformedOrigin | Reason::OriginNotAllowed))
    }

    fn check(
        &mut self,
        check: &'static str,
        expected: String,
        received: Option<&[u8]>,
        passed: bool,
    ) {
        self.checks.push(Check { check, passed, expected, received: received.map(escaped) });
    }
}
