//! Decisions on requests, the header lines that follow from them, and their explanations.

use std::mem::MaybeUninit;
use std::num::NonZeroU64;

use onecors_core::{Explanation, Plan};

use crate::codes::{
    ONECORS_BUFFER_TOO_SMALL, ONECORS_NULL_ARGUMENT, ONECORS_OUT_OF_RANGE, VERDICT_FAILED,
    onecors_result,
};
use crate::guard::{guard, guard_or};
use crate::plan::onecors_header;
use crate::policy::onecors_policy;
use crate::request::{onecors_request, view};
use crate::strings::{onecors_str, onecors_string};

/// Decides on a request. *verdict is one integer: decode it with onecors_verdict_outcome,
/// onecors_verdict_reason and onecors_verdict_plan. Allocates nothing. The time does not depend on the
/// number of origins.
///
/// A malformed request is not an error: it is denied, with a reason. If the result is not ONECORS_OK,
/// *verdict is ONECORS_VERDICT_FAILED, which denies.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_decide(
    policy: Option<&onecors_policy>,
    request: *const onecors_request,
    verdict: Option<&mut MaybeUninit<u32>>,
) -> onecors_result {
    let verdict = verdict.map(|verdict| verdict.write(VERDICT_FAILED));
    guard(|| {
        let verdict = verdict.ok_or(ONECORS_NULL_ARGUMENT)?;
        let policy = policy.ok_or(ONECORS_NULL_ARGUMENT)?;
        // SAFETY: C lends the request for the length of the call.
        let request = unsafe { view(request) }?;
        *verdict = policy.policy.decide(&request).bits();
        Ok(())
    })
}

/// Whether to accept a request that browsers do not check, above all a WebSocket handshake, which a page
/// of any origin can send with its user's cookies. Returns 1 to accept it, and 0 to refuse it with 403.
///
/// Accepted are requests without Origin, which browsers send with every handshake; on a path that no rule
/// governs; from an origin that the rule allows; and from the server's own origin: an http or https origin with the host
/// and port of host, the value of Host (ONECORS_ABSENT if there is none). A path with several readings
/// that have different rules, or none, is open to the server's own origin alone. Reads only path and
/// origin of the request. Allocates nothing. Returns 0 after an error.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_check_origin(
    policy: Option<&onecors_policy>,
    request: *const onecors_request,
    host: onecors_str,
) -> u32 {
    guard_or(0, || {
        // SAFETY: C lends the request and the host for the length of the call.
        let (request, host) = unsafe { (view(request).ok()?, host.field().ok()?) };
        Some(policy?.policy.check_origin(&request, host).into())
    })
}

/// A number for the origin pattern that covers the origin of a request, or nearly covers it, and for the
/// difference; 0 if no pattern is near, and after an error.
///
/// It is for logs of denials. Clients can invent any number of origins, but the document bounds these
/// numbers: each pattern has a few. They are specific to the policy, and less than 2^53.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_nearest_pattern(
    policy: Option<&onecors_policy>,
    request: *const onecors_request,
) -> u64 {
    guard_or(0, || {
        // SAFETY: C lends the request for the length of the call.
        let request = unsafe { view(request).ok()? };
        Some(policy?.policy.nearest_pattern(&request).map_or(0, NonZeroU64::get))
    })
}

/// Writes the header lines for a response that has none yet, in the policy's order, `Vary` last.
///
/// verdict is the one that onecors_decide returned for this policy and this request. headers has room
/// for capacity lines; ONECORS_MAX_HEADERS are always enough. *count is the number written. Nothing is
/// copied or allocated: names live as long as the policy, values as long as the policy and the request's
/// strings. Values are not NUL-terminated.
///
/// If the response has fields already, first remove those for which onecors_is_owned returns 1, and
/// merge `Vary` with onecors_merge_vary.
///
/// After ONECORS_BUFFER_TOO_SMALL *count is the number of lines, and nothing is written; after any other
/// error it is 0. headers may be NULL if capacity is 0.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_render(
    policy: Option<&onecors_policy>,
    verdict: u32,
    request: *const onecors_request,
    headers: *mut onecors_header,
    capacity: usize,
    count: Option<&mut MaybeUninit<usize>>,
) -> onecors_result {
    let count = count.map(|count| count.write(0));
    guard(|| {
        let count = count.ok_or(ONECORS_NULL_ARGUMENT)?;
        let policy = policy.ok_or(ONECORS_NULL_ARGUMENT)?;
        // SAFETY: C lends the request for the length of the call, and keeps it for the lines.
        let request = unsafe { view(request) }?;
        if headers.is_null() && capacity > 0 {
            return Err(ONECORS_NULL_ARGUMENT);
        }
        let plan =
            policy.policy.plans().get((verdict >> 16) as usize).ok_or(ONECORS_OUT_OF_RANGE)?;
        *count = line_count(plan);
        if *count > capacity {
            return Err(ONECORS_BUFFER_TOO_SMALL);
        }
        for (place, (name, value)) in plan.lines(&request).enumerate() {
            let line = onecors_header {
                name: onecors_str::new(name.as_bytes()),
                value: onecors_str::new(value),
            };
            // SAFETY: place < count <= capacity, and headers has room for capacity lines.
            unsafe { headers.add(place).write(line) };
        }
        Ok(())
    })
}

fn line_count(plan: &Plan) -> usize {
    plan.headers.len() + usize::from(!plan.vary().is_empty())
}

/// Decides on a request and explains the decision, as one JSON object that is safe to log: the reason,
/// the rule and the origin pattern, and the nearest miss. Invisible characters are escaped; a field that
/// quotes the document has the document's text exactly, once the JSON is parsed.
///
/// On success *explanation is a string that the caller frees with onecors_string_free; otherwise it is
/// NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_explain(
    policy: Option<&onecors_policy>,
    request: *const onecors_request,
    explanation: Option<&mut MaybeUninit<Option<Box<onecors_string>>>>,
) -> onecors_result {
    // SAFETY: C lends the request for the length of the call.
    unsafe { describe(policy, request, explanation, |explanation| explanation.to_json()) }
}

/// Decides on a request and explains the decision in one line for a log: the member `summary` of
/// onecors_explain. Text of the request and of the document is escaped.
///
/// On success *summary is a string that the caller frees with onecors_string_free; otherwise it is
/// NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_summarize(
    policy: Option<&onecors_policy>,
    request: *const onecors_request,
    summary: Option<&mut MaybeUninit<Option<Box<onecors_string>>>>,
) -> onecors_result {
    // SAFETY: C lends the request for the length of the call.
    unsafe { describe(policy, request, summary, |explanation| explanation.summary) }
}

/// # Safety
///
/// What request points at must be valid for the length of the call.
unsafe fn describe(
    policy: Option<&onecors_policy>,
    request: *const onecors_request,
    text: Option<&mut MaybeUninit<Option<Box<onecors_string>>>>,
    format: impl FnOnce(Explanation) -> String,
) -> onecors_result {
    let text = text.map(|text| text.write(None));
    guard(|| {
        let text = text.ok_or(ONECORS_NULL_ARGUMENT)?;
        let policy = policy.ok_or(ONECORS_NULL_ARGUMENT)?;
        // SAFETY: as this function's own.
        let request = unsafe { view(request) }?;
        *text = Some(Box::new(onecors_string::new(format(policy.policy.explain(&request)))));
        Ok(())
    })
}
