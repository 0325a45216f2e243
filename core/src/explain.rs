//! The story of a decision: the same verdict, what was checked, and what to change.

use serde::Serialize;

use crate::advice;
use crate::index::Found;
use crate::near_miss::{self, NearestMiss};
use crate::plan::{Plan, Value};
use crate::policy::Policy;
use crate::request::Request;
use crate::rule::{Kind, Rule};
use crate::summary;
use crate::text::{escape_json, escaped, escaped_up_to};
use crate::verdict::{Outcome, Reason, Verdict};

/// How many characters of an echoed value are shown: all of a list of header names that is allowed. A
/// method may be longer, and no browser sends such a one.
const MAX_ECHOED: usize = 8_192;

/// The story of a decision, for people and logs.
///
/// Its shape is published as `schema/explanation.schema.json`. Whatever came with the request is
/// escaped in it, and cut but for the headers that go out: control characters cannot forge a log line.
/// What is of the document is exact in the fields that hold nothing else (the name of a rule, path
/// patterns, origin patterns, pointers), and escaped in all texts. Nothing of it is cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "onecors explanation"))]
pub struct Explanation {
    #[serde(skip)]
    verdict: Verdict,
    /// What kind of answer the request gets.
    #[cfg_attr(test, schemars(with = "String"))]
    pub outcome: Outcome,
    /// Why the request was refused.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub reason: Option<Reason>,
    /// The whole story on one line, for a log: escaped.
    pub summary: String,
    /// The rule that governs the path.
    pub rule: Option<ExplainedRule>,
    /// The origin pattern that covers the origin.
    pub origin_pattern: Option<ExplainedPattern>,
    /// What was checked, in order, up to the check that failed.
    pub checks: Vec<Check>,
    /// The origin pattern that nearly covers the origin.
    #[cfg_attr(test, schemars(with = "Option<near_miss::Published>"))]
    pub nearest_miss: Option<NearestMiss>,
    /// The status of the answer to a preflight.
    pub status: Option<u16>,
    /// The header lines that go out, name and value. What they echo is escaped, and cut only where it
    /// is longer than any list of header names may be.
    pub headers: Vec<(String, String)>,
    /// The sentence that a browser's console shows, when the page does not get the answer.
    pub browser_message: Option<String>,
    /// What to change, and where.
    pub advice: Option<String>,
}

/// The rule that governs a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExplainedRule {
    /// The rule's name, if it has one, exactly as in the document.
    pub name: Option<String>,
    /// Where it stands in the document, as a JSON pointer; empty when the document is the rule.
    pub pointer: String,
    /// The path pattern that the path matched, exactly as in the document; none when the document is
    /// the rule.
    pub path_pattern: Option<String>,
}

/// An origin pattern of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExplainedPattern {
    /// The pattern, or the regex, exactly as in the document.
    pub pattern: String,
    /// Where it stands in the document, as a JSON pointer.
    pub pointer: String,
}

/// One check of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Check {
    /// What was checked: `path`, `origin`, `method` or `headers`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub check: &'static str,
    /// Whether it passed.
    pub passed: bool,
    /// What would pass.
    pub expected: String,
    /// What came, escaped and cut; none when it was absent.
    pub received: Option<String>,
}

impl Explanation {
    /// The verdict, the same that [`Policy::decide`] gives.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The story as one JSON object on one line. What is not seen in print is escaped in it, as JSON
    /// escapes it.
    pub fn to_json(&self) -> String {
        escape_json(serde_json::to_string(self).expect("strings always serialise"))
    }
}

/// Tells the story of the decision on a request.
pub(crate) fn explain(policy: &Policy, request: &Request<'_>) -> Explanation {
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
