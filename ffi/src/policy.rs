//! The life of a policy.

use std::ffi::c_char;
use std::mem::{MaybeUninit, offset_of};
use std::ptr::{null, null_mut};
use std::sync::Arc;

use onecors_core::Policy;

use crate::codes::{ONECORS_NULL_ARGUMENT, ONECORS_OK, VERDICT_FAILED, onecors_result};
use crate::error::onecors_error;
use crate::guard::{catch, guard_or};
use crate::strings::onecors_str;

/// A compiled policy document. It is immutable, so any number of threads may use it at once. To change
/// the policy, compile a new one and swap the pointer. It is reference-counted: see
/// onecors_policy_retain.
pub struct onecors_policy {
    pub(crate) policy: Policy,
}

/// Compiles a policy document: document_len bytes of JSON in UTF-8.
///
/// On success *policy is a new policy with one reference, which the caller gives up with
/// onecors_policy_release, and *error is NULL. Otherwise *policy is NULL, and *error describes the
/// failure; the caller frees it with onecors_error_free. After ONECORS_BAD_DOCUMENT it lists the
/// problems of the document. error may be NULL if the details are not needed.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_policy_new(
    document: *const c_char,
    document_len: usize,
    policy: Option<&mut MaybeUninit<*mut onecors_policy>>,
    error: Option<&mut MaybeUninit<Option<Box<onecors_error>>>>,
) -> onecors_result {
    let out = policy.map(|out| out.write(null_mut()));
    let error = error.map(|error| error.write(None));
    let made = catch(|| {
        let out = out.ok_or_else(|| onecors_error::argument(ONECORS_NULL_ARGUMENT))?;
        let document = onecors_str { data: document, len: document_len };
        // SAFETY: C lends the document for the length of the call.
        let document = unsafe { document.bytes() }.map_err(onecors_error::argument)?;
        let policy = Policy::from_slice(document).map_err(onecors_error::document)?;
        *out = Arc::into_raw(Arc::new(onecors_policy { policy })).cast_mut();
        Ok(())
    })
    .unwrap_or_else(|payload| Err(onecors_error::panic(&*payload)));
    match made {
        Ok(()) => ONECORS_OK,
        Err(failure) => {
            let result = failure.result;
            if let Some(error) = error {
                *error = Some(Box::new(failure));
            }
            result
        }
    }
}

/// Adds a reference to a policy, which the caller gives up with onecors_policy_release, and returns the
/// policy; NULL for NULL. With a reference of its own, a request can keep its policy while another
/// thread swaps in a new one.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_policy_retain(
    policy: *const onecors_policy,
) -> *mut onecors_policy {
    guard_or(null_mut(), || {
        if !policy.is_null() {
            // SAFETY: C holds a reference, which onecors_policy_new made with Arc::into_raw.
            unsafe { Arc::increment_strong_count(policy) };
        }
        Some(policy.cast_mut())
    })
}

/// Gives up one reference to a policy. The last one frees the policy, and what was borrowed from it. NULL
/// is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_policy_release(policy: *mut onecors_policy) {
    guard_or((), || {
        if !policy.is_null() {
            // SAFETY: C gives up a reference, which onecors_policy_new made with Arc::into_raw.
            drop(unsafe { Arc::from_raw(policy) });
        }
        None
    });
}

/// What a host can decide by itself, for hosts in which a call into the engine is expensive. Borrowed
/// from the policy. This struct never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct onecors_uniform {
    /// The verdict on every request without an Origin.
    pub not_cors: u32,
    /// The verdict on every request whose method is not OPTIONS and whose Origin equals, byte for byte,
    /// one of the exact origins.
    pub actual_allowed: u32,
    /// The verdict on every actual request whose Origin is not one of the exact origins, without its
    /// reason; call onecors_decide to get it. ONECORS_VERDICT_FAILED if a pattern may allow the origin:
    /// then only onecors_decide can decide.
    pub actual_denied: u32,
    /// The same for preflights: OPTIONS with Access-Control-Request-Method.
    pub preflight_denied: u32,
    /// The exact origins, concatenated in document order.
    pub origins: *const c_char,
    /// The end of each origin in origins, which is the start of the next.
    pub ends: *const u32,
    /// The number of exact origins.
    pub count: usize,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(size_of::<onecors_uniform>() == 40);
    assert!(offset_of!(onecors_uniform, actual_allowed) == 4);
    assert!(offset_of!(onecors_uniform, actual_denied) == 8);
    assert!(offset_of!(onecors_uniform, preflight_denied) == 12);
    assert!(offset_of!(onecors_uniform, origins) == 16);
    assert!(offset_of!(onecors_uniform, ends) == 24);
    assert!(offset_of!(onecors_uniform, count) == 32);
};

/// Fills *uniform and returns 1 if the policy has one rule for every path. Returns 0 if its rules have
/// path patterns, so that every request needs onecors_decide, and after an error; then *uniform has no
/// origins, and verdicts that deny.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_policy_uniform(
    policy: Option<&onecors_policy>,
    uniform: Option<&mut MaybeUninit<onecors_uniform>>,
) -> u32 {
    let nothing = onecors_uniform {
        not_cors: VERDICT_FAILED,
        actual_allowed: VERDICT_FAILED,
        actual_denied: VERDICT_FAILED,
        preflight_denied: VERDICT_FAILED,
        origins: null(),
        ends: null(),
        count: 0,
    };
    let uniform = uniform.map(|uniform| uniform.write(nothing));
    guard_or(0, || {
        let found = policy?.policy.uniform()?;
        *uniform? = onecors_uniform {
            not_cors: found.not_cors.bits(),
            actual_allowed: found.actual_allowed.bits(),
            actual_denied: found.denied.map_or(VERDICT_FAILED, |denied| denied.actual.bits()),
            preflight_denied: found.denied.map_or(VERDICT_FAILED, |denied| denied.preflight.bits()),
            origins: found.texts().as_ptr().cast(),
            ends: found.ends().as_ptr(),
            count: found.ends().len(),
        };
        Some(1)
    })
}
