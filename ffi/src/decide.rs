//! A request's decision, whether a handshake may go on, the header lines it leads to, and its story.

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

/// Decides on a request. The verdict is one integer, for onecors_verdict_outcome and its sisters.
/// Allocates nothing; the time it takes does not depend on the number of origins.
///
/// A bad request is no error: it is denied, with a reason. Where the result is not ONECORS_OK,
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

/// Whether a request that no browser checks may go on: a WebSocket handshake above all, which a page
/// of any origin can make with its user's cookies. 1 when it may, 0 when it is to be refused with 403.
///
/// It may when it has no Origin, and so is not a page's; when no rule governs its path; when the rule
/// allows its origin; and when its origin is the server's own: an http or https origin with the host
/// and the port of host, the value of Host (absent: len is ONECORS_ABSENT). A path that has another
/// rule, or none, in one of its readings is for the server's own pages alone. Only path and origin of the
/// request are looked at. Allocates nothing. Bad arguments and a panic are refused: 0.
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

/// A number for the origin pattern that covers the origin of a request, or nearly covers it, together
/// with what keeps it from doing so; 0 where no pattern comes near.
///
/// It is for logs of denials. A client can invent any number of origins, but the document bounds these
/// numbers: there are a few for each pattern. They mean nothing in another policy, and are below 2^53.
/// Bad arguments and a panic are 0.
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

/// Writes the header lines that a response without header fields gets, in order, `Vary` last.
///
/// verdict is what onecors_decide gave for this policy and this request. headers has room for
/// capacity lines, of which ONECORS_MAX_HEADERS are always enough; *count is the number written.
/// Nothing is copied: names live as long as the policy, values as long as the policy and the
/// request's strings. No value has a NUL behind it.
///
/// From a response that has fields already take out those of onecors_is_owned first, and merge
/// `Vary` by onecors_merge_vary.
///
/// With ONECORS_BUFFER_TOO_SMALL *count is the number of lines there are, and nothing is written;
/// after any other error it is 0. headers may be NULL when capacity is 0.
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

/// Decides on a request and tells the story, as one JSON object that is fit to be logged: why, by
/// which rule and origin pattern, and what was nearest. What is not seen in print is escaped in it,
/// and the fields that hold a text of the document alone have it exactly once they are read. On
/// success *explanation is the caller's, to be freed with onecors_string_free; otherwise it is NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_explain(
    policy: Option<&onecors_policy>,
    request: *const onecors_request,
    explanation: Option<&mut MaybeUninit<Option<Box<onecors_string>>>>,
) -> onecors_result {
    // SAFETY: C lends the request for the length of the call.
    unsafe { told(policy, request, explanation, |story| story.to_json()) }
}

/// Decides on a request and tells the story in one line for a log, the member `summary` of what
/// onecors_explain gives. What came with the request and what is of the document is escaped in it. On
/// success *summary is the caller's, to be freed with onecors_string_free; otherwise it is NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_summarize(
    policy: Option<&onecors_policy>,
    request: *const onecors_request,
    summary: Option<&mut MaybeUninit<Option<Box<onecors_string>>>>,
) -> onecors_result {
    // SAFETY: C lends the request for the length of the call.
    unsafe { told(policy, request, summary, |story| story.summary) }
}

/// # Safety
///
/// What request points at must be valid for the length of the call.
unsafe fn told(
    policy: Option<&onecors_policy>,
    request: *const onecors_request,
    text: Option<&mut MaybeUninit<Option<Box<onecors_string>>>>,
    tell: impl FnOnce(Explanation) -> String,
) -> onecors_result {
    let text = text.map(|text| text.write(None));
    guard(|| {
        let text = text.ok_or(ONECORS_NULL_ARGUMENT)?;
        let policy = policy.ok_or(ONECORS_NULL_ARGUMENT)?;
        // SAFETY: as this function's own.
        let request = unsafe { view(request) }?;
        *text = Some(Box::new(onecors_string::new(tell(policy.policy.explain(&request)))));
        Ok(())
    })
}
