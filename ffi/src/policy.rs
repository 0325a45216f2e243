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

/// A compiled policy document. It never changes, so any number of threads may use it at once. To
/// put a new document in force, make a new policy and swap the pointer.
pub struct onecors_policy {
    pub(crate) policy: Policy,
}

/// Compiles a policy document: document_len bytes of JSON, which should be UTF-8.
///
/// On success *policy is a new policy with one reference, to be given up with onecors_policy_free,
/// and *error is NULL. Otherwise *policy is NULL and *error says why, to be freed with
/// onecors_error_free; with ONECORS_BAD_DOCUMENT it lists every problem. error may be NULL when
/// nobody wants to know.
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

/// Takes one more reference to a policy and returns it; NULL gives NULL. Each is given up with
/// onecors_policy_free. So a request can keep its policy while another thread swaps in a new one.
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

/// Gives up one reference to a policy; the last one frees it, with all that was borrowed from it.
/// NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_policy_free(policy: *mut onecors_policy) {
    guard_or((), || {
        if !policy.is_null() {
            // SAFETY: C gives up a reference, which onecors_policy_new made with Arc::into_raw.
            drop(unsafe { Arc::from_raw(policy) });
        }
        None
    });
}

/// What a host can decide without a call to the engine, where calls are dear. Borrowed from the
/// policy. This struct never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct onecors_uniform {
    /// The verdict on every request without an Origin.
    pub not_cors: u32,
    /// The verdict on every request that is not OPTIONS and whose Origin is, byte for byte, one of
    /// the exact origins.
    pub actual_allowed: u32,
    /// The verdict on every request whose Origin is none of the exact ones and that is no preflight,
    /// but for its reason, which onecors_decide tells; ONECORS_VERDICT_FAILED when there are patterns
    /// that may allow the origin, so that onecors_decide has to be asked.
    pub actual_denied: u32,
    /// The same for preflights: OPTIONS with Access-Control-Request-Method.
    pub preflight_denied: u32,
    /// The exact origins one after the other, in the document's order, with nothing between them.
    pub origins: *const c_char,
    /// Where in origins each one ends; it begins where the one before ends.
    pub ends: *const u32,
    /// How many exact origins there are.
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

/// What a host can decide by itself, for a policy that is one rule for every path. 1 when it is; 0
/// when its document has path patterns, so that every request needs onecors_decide, and after an
/// error: then *uniform has no origins, and verdicts that deny.
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
