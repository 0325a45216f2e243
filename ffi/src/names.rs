//! The names and descriptions of the numbers.

use std::ffi::CStr;

use onecors_core::{Outcome, Reason};

use crate::codes::{
    ONECORS_BAD_DOCUMENT, ONECORS_BAD_STRING, ONECORS_BAD_STRUCT_SIZE, ONECORS_BUFFER_TOO_SMALL,
    ONECORS_NULL_ARGUMENT, ONECORS_OK, ONECORS_OUT_OF_RANGE, ONECORS_PANIC, onecors_result,
};
use crate::guard::guard_or;
use crate::strings::onecors_str;

/// A sentence that describes a result code, static and NUL-terminated.
#[unsafe(no_mangle)]
pub extern "C" fn onecors_result_text(result: onecors_result) -> onecors_str {
    onecors_str::from_static(describe(result))
}

pub(crate) const fn describe(result: onecors_result) -> &'static CStr {
    match result {
        ONECORS_OK => c"success",
        ONECORS_BAD_DOCUMENT => c"the policy document has problems",
        ONECORS_NULL_ARGUMENT => c"a required argument is NULL",
        ONECORS_BAD_STRING => {
            c"a string has a length but no data, or a length that no object can have"
        }
        ONECORS_BAD_STRUCT_SIZE => {
            c"the library does not know the request's struct_size: initialise the request with \
              ONECORS_REQUEST_INIT, and use a library that is not older than the header"
        }
        ONECORS_OUT_OF_RANGE => {
            c"the policy has no such plan or entry: was the verdict returned by another policy?"
        }
        ONECORS_BUFFER_TOO_SMALL => c"the array is too small for the header lines",
        ONECORS_PANIC => c"an internal error, which is a bug in onecors: please report it",
        _ => c"a result code of a later version of onecors",
    }
}

/// The stable code of an outcome, such as `actual_allowed`; empty for an unknown number. Static, and not
/// NUL-terminated.
#[unsafe(no_mangle)]
pub extern "C" fn onecors_outcome_code(outcome: u32) -> onecors_str {
    guard_or(onecors_str::EMPTY, || {
        let outcome = Outcome::from_number(u8::try_from(outcome).ok()?)?;
        Some(onecors_str::new(outcome.as_str().as_bytes()))
    })
}

/// The stable code of a reason, such as `origin_not_allowed`; empty for ONECORS_REASON_NONE and for an
/// unknown number. Static, and not NUL-terminated.
#[unsafe(no_mangle)]
pub extern "C" fn onecors_reason_code(reason: u32) -> onecors_str {
    guard_or(onecors_str::EMPTY, || {
        let reason = Reason::from_number(u8::try_from(reason).ok()?)?;
        Some(onecors_str::new(reason.as_str().as_bytes()))
    })
}
