//! An explanation on one line, for a log.

use std::fmt::Write;

use crate::explanation::Explanation;
use crate::request::Request;
use crate::rule::{self, Rule};
use crate::text::{Quoted, Whole};
use crate::verdict::{Outcome, Reason};

/// Returns one line: the outcome, the origin, the rule, and the reason. Text from the request is escaped
/// and truncated; text from the document is escaped.
pub(crate) fn summarize(story: &Explanation, rule: Option<&Rule>, request: &Request<'_>) -> String {
    let origin = Quoted(request.origin.unwrap_or_default());
    let by = story.rule.as_ref();
    let by = by.map(|rule| rule::label(rule.name.as_deref(), &rule.pointer)).unwrap_or_default();
    let mut line = match story.outcome {
        Outcome::Ungoverned => {
            format!("no rule governs {}", Quoted(request.path.unwrap_or_default()))
        }
        Outcome::NotCors => format!("not a CORS request to {by} (no Origin header)"),
        Outcome::ActualAllowed => format!("allowed the request of {origin} to {by}"),
        Outcome::ActualDenied => format!("denied the request of {origin} to {by}"),
        Outcome::PreflightAllowed => format!("allowed the preflight of {origin} to {by}"),
        Outcome::PreflightDenied => format!("denied the preflight of {origin} to {by}"),
    };
    if let (Some(reason), Some(rule)) = (story.reason, rule) {
        push_reason(&mut line, reason, rule, request);
    }
    if let Some(miss) = &story.nearest_miss {
        let _ =
            write!(line, "; nearest miss: {} ({})", Whole(&miss.pattern), miss.difference.text());
    }
    line
}

fn push_reason(line: &mut String, reason: Reason, rule: &Rule, request: &Request<'_>) {
    let refused = match reason {
        Reason::MethodNotAllowed => request.access_control_request_method,
        Reason::HeaderNotAllowed => {
            request.access_control_request_headers.and_then(|list| rule.headers.first_refused(list))
        }
        _ => None,
    };
    let _ = match refused {
        Some(refused) => write!(line, " ({}: {})", reason.as_str(), Quoted(refused)),
        None => write!(line, " ({})", reason.as_str()),
    };
}
