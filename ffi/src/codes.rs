//! The numbers of the boundary. They are written out because the header is made from this text; the
//! assertions below hold them to the engine's.

use std::ffi::CStr;

use onecors_core::{MAX_DOCUMENT_BYTES, Outcome, Reason, Slot};

use crate::guard::guard_or;
use crate::strings::onecors_str;

/// What a function returns: ONECORS_OK, or why it did nothing. Later versions may add codes.
pub type onecors_result = u32;

/// It worked.
pub const ONECORS_OK: u32 = 0;
/// The policy document has problems. The onecors_error lists every one.
pub const ONECORS_BAD_DOCUMENT: u32 = 1;
/// A pointer is NULL that must not be.
pub const ONECORS_NULL_ARGUMENT: u32 = 2;
/// A string's data is NULL though its length is not 0, or its length is larger than any object.
pub const ONECORS_BAD_STRING: u32 = 3;
/// The struct_size of a request is none that this library knows: the request was not begun with
/// ONECORS_REQUEST_INIT, or the header is newer than the library.
pub const ONECORS_BAD_STRUCT_SIZE: u32 = 4;
/// The policy has no plan, or the plan no entry, of this number. A verdict means something only
/// beside the policy that gave it.
pub const ONECORS_OUT_OF_RANGE: u32 = 5;
/// The caller's array is too small. The number of entries needed has been written.
pub const ONECORS_BUFFER_TOO_SMALL: u32 = 6;
/// An error inside the engine, which was caught. Please report it: it is a bug.
pub const ONECORS_PANIC: u32 = 7;

/// No rule governs the path: leave the response alone.
pub const ONECORS_OUTCOME_UNGOVERNED: u32 = 0;
/// The request has no Origin, so it is no CORS request.
pub const ONECORS_OUTCOME_NOT_CORS: u32 = 1;
/// An actual request from an allowed origin.
pub const ONECORS_OUTCOME_ACTUAL_ALLOWED: u32 = 2;
/// An actual request whose answer the page will not get to read.
pub const ONECORS_OUTCOME_ACTUAL_DENIED: u32 = 3;
/// A preflight to be answered with the plan's status.
pub const ONECORS_OUTCOME_PREFLIGHT_ALLOWED: u32 = 4;
/// A preflight to be refused with the plan's status.
pub const ONECORS_OUTCOME_PREFLIGHT_DENIED: u32 = 5;

/// The request was not refused.
pub const ONECORS_REASON_NONE: u32 = 0;
/// Origin is not what the Fetch standard's "serialising a request origin" produces.
pub const ONECORS_REASON_MALFORMED_ORIGIN: u32 = 1;
/// No origin pattern of the rule covers the origin.
pub const ONECORS_REASON_ORIGIN_NOT_ALLOWED: u32 = 2;
/// Access-Control-Request-Method is not one token.
pub const ONECORS_REASON_MALFORMED_REQUEST_METHOD: u32 = 3;
/// The method is neither safelisted nor listed, or browsers forbid it.
pub const ONECORS_REASON_METHOD_NOT_ALLOWED: u32 = 4;
/// Access-Control-Request-Headers has more than 8,192 bytes or 64 names.
pub const ONECORS_REASON_TOO_MANY_HEADERS: u32 = 5;
/// Access-Control-Request-Headers is not a list of tokens.
pub const ONECORS_REASON_MALFORMED_REQUEST_HEADERS: u32 = 6;
/// A requested header name is not listed.
pub const ONECORS_REASON_HEADER_NOT_ALLOWED: u32 = 7;

/// The header line has fixed text as its value.
pub const ONECORS_SLOT_NONE: u32 = 0;
/// The value is the request's Origin.
pub const ONECORS_SLOT_ORIGIN: u32 = 1;
/// The value is the request's Access-Control-Request-Method.
pub const ONECORS_SLOT_ACCESS_CONTROL_REQUEST_METHOD: u32 = 2;
/// The value is the request's Access-Control-Request-Headers.
pub const ONECORS_SLOT_ACCESS_CONTROL_REQUEST_HEADERS: u32 = 3;

/// The size in bytes of the largest policy document that is read.
pub const ONECORS_MAX_DOCUMENT_BYTES: u32 = 67_108_864;

/// An array of this many onecors_header is large enough for every plan of this ABI version.
pub const ONECORS_MAX_HEADERS: u32 = 16;

/// The verdict that stands where a decision failed; the header's text explains it.
pub(crate) const VERDICT_FAILED: u32 = 0xFFFF_0003;

const _: () = {
    assert!(ONECORS_OUTCOME_UNGOVERNED == Outcome::Ungoverned as u32);
    assert!(ONECORS_OUTCOME_NOT_CORS == Outcome::NotCors as u32);
    assert!(ONECORS_OUTCOME_ACTUAL_ALLOWED == Outcome::ActualAllowed as u32);
    assert!(ONECORS_OUTCOME_ACTUAL_DENIED == Outcome::ActualDenied as u32);
    assert!(ONECORS_OUTCOME_PREFLIGHT_ALLOWED == Outcome::PreflightAllowed as u32);
    assert!(ONECORS_OUTCOME_PREFLIGHT_DENIED == Outcome::PreflightDenied as u32);
    assert!(Outcome::ALL.len() == 6);

    assert!(ONECORS_REASON_MALFORMED_ORIGIN == Reason::MalformedOrigin as u32);
    assert!(ONECORS_REASON_ORIGIN_NOT_ALLOWED == Reason::OriginNotAllowed as u32);
    assert!(ONECORS_REASON_MALFORMED_REQUEST_METHOD == Reason::MalformedRequestMethod as u32);
    assert!(ONECORS_REASON_METHOD_NOT_ALLOWED == Reason::MethodNotAllowed as u32);
    assert!(ONECORS_REASON_TOO_MANY_HEADERS == Reason::TooManyHeaders as u32);
    assert!(ONECORS_REASON_MALFORMED_REQUEST_HEADERS == Reason::MalformedRequestHeaders as u32);
    assert!(ONECORS_REASON_HEADER_NOT_ALLOWED == Reason::HeaderNotAllowed as u32);
    assert!(Reason::ALL.len() == 7);

    assert!(ONECORS_SLOT_ORIGIN == Slot::Origin as u32);
    assert!(ONECORS_SLOT_ACCESS_CONTROL_REQUEST_METHOD == Slot::AccessControlRequestMethod as u32);
    assert!(
        ONECORS_SLOT_ACCESS_CONTROL_REQUEST_HEADERS == Slot::AccessControlRequestHeaders as u32
    );
    assert!(Slot::ALL.len() == 3);

    assert!(ONECORS_MAX_DOCUMENT_BYTES as usize == MAX_DOCUMENT_BYTES);
    assert!(VERDICT_FAILED & 0xFF == ONECORS_OUTCOME_ACTUAL_DENIED);
};

/// What a result code means, in a sentence with a NUL behind it. It lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn onecors_result_text(result: onecors_result) -> onecors_str {
    onecors_str::from_static(describe(result))
}

pub(crate) const fn describe(result: onecors_result) -> &'static CStr {
    match result {
        ONECORS_OK => c"it worked",
        ONECORS_BAD_DOCUMENT => c"the policy document has problems",
        ONECORS_NULL_ARGUMENT => c"an argument is NULL that must not be",
        ONECORS_BAD_STRING => c"a string has no data, or a length that no object can have",
        ONECORS_BAD_STRUCT_SIZE => {
            c"the request's struct_size is wrong: begin with ONECORS_REQUEST_INIT, and use a \
              library as new as the header"
        }
        ONECORS_OUT_OF_RANGE => {
            c"there is nothing of that number: was the verdict another policy's?"
        }
        ONECORS_BUFFER_TOO_SMALL => c"the array is too small for all header lines",
        ONECORS_PANIC => c"an error inside the engine, which is a bug of onecors: please report it",
        _ => c"a result code of a later version",
    }
}

/// The stable code of an outcome, such as `actual_allowed`, without a NUL; empty for a number that
/// is none. It lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn onecors_outcome_code(outcome: u32) -> onecors_str {
    guard_or(onecors_str::EMPTY, || {
        let outcome = Outcome::from_number(u8::try_from(outcome).ok()?)?;
        Some(onecors_str::new(outcome.as_str().as_bytes()))
    })
}

/// The stable code of a reason, such as `origin_not_allowed`, without a NUL; empty for
/// ONECORS_REASON_NONE and for a number that is none. It lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn onecors_reason_code(reason: u32) -> onecors_str {
    guard_or(onecors_str::EMPTY, || {
        let reason = Reason::from_number(u8::try_from(reason).ok()?)?;
        Some(onecors_str::new(reason.as_str().as_bytes()))
    })
}
