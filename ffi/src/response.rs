//! The fields that a response has already.

use std::mem::MaybeUninit;
use std::slice;

use onecors_core::{is_owned, merge_vary};

use crate::codes::{
    ONECORS_BAD_STRING, ONECORS_NULL_ARGUMENT, ONECORS_OUT_OF_RANGE, onecors_result,
};
use crate::guard::{Failure, guard, guard_or};
use crate::policy::onecors_policy;
use crate::strings::{onecors_str, onecors_string};

/// Whether a response field of this name belongs to the policy on governed paths: 1 for
/// `Access-Control-Allow-*`, `Access-Control-Expose-Headers` and `Access-Control-Max-Age`, ignoring
/// case, and 0 for any other. Remove such fields, whoever set them, before you add the lines of
/// onecors_render. Allocates nothing. Returns 1 on error, so that unknown fields are removed (fail
/// closed).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_is_owned(name: onecors_str) -> u32 {
    guard_or(1, || {
        // SAFETY: C lends the name for the length of the call.
        let name = unsafe { name.bytes() }.ok()?;
        Some(is_owned(name).into())
    })
}

/// Merges the tokens of a plan into the `Vary` of a response. lines are the values of its count `Vary`
/// lines, unchanged; NULL if count is 0.
///
/// On success *merged is the value of the one line that replaces them, as a string that the caller frees
/// with onecors_string_free; or NULL if the lines stay as they are: they have every token, or `*`, or the
/// plan leaves `Vary` alone. After an error it is NULL too; then do not send the lines of onecors_render,
/// because caches could serve them to other origins.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_merge_vary(
    policy: Option<&onecors_policy>,
    plan: usize,
    lines: *const onecors_str,
    count: usize,
    merged: Option<&mut MaybeUninit<Option<Box<onecors_string>>>>,
) -> onecors_result {
    let merged = merged.map(|merged| merged.write(None));
    guard(|| {
        let merged = merged.ok_or(ONECORS_NULL_ARGUMENT)?;
        let policy = policy.ok_or(ONECORS_NULL_ARGUMENT)?;
        let plan = policy.policy.plans().get(plan).ok_or(ONECORS_OUT_OF_RANGE)?;
        // SAFETY: C lends the lines for the length of the call.
        let lines = unsafe { values(lines, count) }?;
        *merged = merge_vary(plan.vary(), &lines).map(|line| Box::new(onecors_string::new(line)));
        Ok(())
    })
}

/// # Safety
///
/// Where not null, lines points at count strings, which live for `'a`.
unsafe fn values<'a>(lines: *const onecors_str, count: usize) -> Result<Vec<&'a [u8]>, Failure> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if lines.is_null() {
        return Err(ONECORS_NULL_ARGUMENT);
    }
    if count > isize::MAX as usize / size_of::<onecors_str>() {
        return Err(ONECORS_BAD_STRING);
    }
    // SAFETY: lines is not null and count is in bounds; the caller vouches for the rest.
    let lines = unsafe { slice::from_raw_parts(lines, count) };
    // SAFETY: the caller vouches for each.
    lines.iter().map(|line| unsafe { line.bytes() }).collect()
}
