//! What an explanation holds.

use serde::Serialize;

use crate::near_miss::NearestMiss;
use crate::text::escape_json;
use crate::verdict::{Outcome, Reason, Verdict};

/// A decision, explained for people and logs.
///
/// Its shape is published as `schema/explanation.schema.json`. Text from the request is escaped, so that
/// control characters cannot forge a log line, and truncated, except in the response headers. Text from the
/// document is exact in the fields that hold nothing else (the name of a rule, path patterns, origin
/// patterns, pointers), escaped in all others, and never truncated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "onecors explanation"))]
#[non_exhaustive]
pub struct Explanation {
    #[serde(skip)]
    pub(crate) verdict: Verdict,
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
    #[cfg_attr(test, schemars(with = "Option<crate::near_miss::Published>"))]
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
#[non_exhaustive]
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
#[non_exhaustive]
pub struct ExplainedPattern {
    /// The pattern, or the regex, exactly as in the document.
    pub pattern: String,
    /// Where it stands in the document, as a JSON pointer.
    pub pointer: String,
}

/// One check of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
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
    /// The verdict, the same that [`Policy::decide`](crate::Policy::decide) gives.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The story as one JSON object on one line. What is not seen in print is escaped in it, as JSON
    /// escapes it.
    pub fn to_json(&self) -> String {
        escape_json(serde_json::to_string(self).expect("strings always serialise"))
    }
}
