//! The numbers of the C interface. They are written out because cbindgen reads this text; the assertions
//! below compare them with the engine's.

use onecors_core::{MAX_DOCUMENT_BYTES, Outcome, Reason, Slot};

/// The result of a call: ONECORS_OK, or why it failed. Later versions may add codes.
pub type onecors_result = u32;

/// Success.
pub const ONECORS_OK: u32 = 0;
/// The policy document has problems, which the onecors_error lists.
pub const ONECORS_BAD_DOCUMENT: u32 = 1;
/// A required pointer is NULL.
pub const ONECORS_NULL_ARGUMENT: u32 = 2;
/// A string has a length but no data, or a length that no object can have.
pub const ONECORS_BAD_STRING: u32 = 3;
/// The library does not know the request's struct_size: the request was not initialised with
/// ONECORS_REQUEST_INIT, or the header is newer than the library.
pub const ONECORS_BAD_STRUCT_SIZE: u32 = 4;
/// The policy has no plan with this number, or the plan no entry with this index. A verdict is valid
/// only with the policy that returned it.
pub const ONECORS_OUT_OF_RANGE: u32 = 5;
/// The caller's array is too small. *count is the size required.
pub const ONECORS_BUFFER_TOO_SMALL: u32 = 6;
/// An internal error of the engine, which was caught. It is a bug: please report it.
pub const ONECORS_PANIC: u32 = 7;

/// No rule governs the path: leave the response alone.
pub const ONECORS_OUTCOME_UNGOVERNED: u32 = 0;
/// Not a CORS request: it has no Origin.
pub const ONECORS_OUTCOME_NOT_CORS: u32 = 1;
/// An actual request from an allowed origin.
pub const ONECORS_OUTCOME_ACTUAL_ALLOWED: u32 = 2;
/// A denied actual request: the page cannot read the response.
pub const ONECORS_OUTCOME_ACTUAL_DENIED: u32 = 3;
/// An allowed preflight, to be answered with the plan's status.
pub const ONECORS_OUTCOME_PREFLIGHT_ALLOWED: u32 = 4;
/// A denied preflight, to be answered with the plan's status.
pub const ONECORS_OUTCOME_PREFLIGHT_DENIED: u32 = 5;

/// The request was not denied.
pub const ONECORS_REASON_NONE: u32 = 0;
/// Origin is not a serialised origin (Fetch, "serialising a request origin").
pub const ONECORS_REASON_MALFORMED_ORIGIN: u32 = 1;
/// No origin pattern of the rule covers the origin.
pub const ONECORS_REASON_ORIGIN_NOT_ALLOWED: u32 = 2;
/// Access-Control-Request-Method is not a single token.
pub const ONECORS_REASON_MALFORMED_REQUEST_METHOD: u32 = 3;
/// The method is neither safelisted nor listed, or is forbidden in browsers.
pub const ONECORS_REASON_METHOD_NOT_ALLOWED: u32 = 4;
/// Access-Control-Request-Headers has more than 8,192 bytes or 64 names.
pub const ONECORS_REASON_TOO_MANY_HEADERS: u32 = 5;
/// Access-Control-Request-Headers is not a list of tokens.
pub const ONECORS_REASON_MALFORMED_REQUEST_HEADERS: u32 = 6;
/// A requested header is not listed.
pub const ONECORS_REASON_HEADER_NOT_ALLOWED: u32 = 7;

/// The value is fixed text.
pub const ONECORS_SLOT_NONE: u32 = 0;
/// The value is the request's Origin.
pub const ONECORS_SLOT_ORIGIN: u32 = 1;
/// The value is the request's Access-Control-Request-Method.
pub const ONECORS_SLOT_ACCESS_CONTROL_REQUEST_METHOD: u32 = 2;
/// The value is the request's Access-Control-Request-Headers.
pub const ONECORS_SLOT_ACCESS_CONTROL_REQUEST_HEADERS: u32 = 3;

/// The largest size of a policy document, in bytes.
pub const ONECORS_MAX_DOCUMENT_BYTES: u32 = 67_108_864;

/// The largest number of header lines that onecors_render writes, in this ABI version.
pub const ONECORS_MAX_HEADERS: u32 = 16;

/// The verdict after an error; the header documents it.
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
