//! The view of an HTTP request that a decision needs.

/// The parts of a request that a decision looks at, each absent or a byte string.
///
/// Absent and empty differ: an empty `Origin` is malformed, an absent one means that the request is
/// no CORS request. Nothing is trimmed. Where a field came in several lines, join them with `", "`
/// first (RFC 9110, section 5.3).
///
/// Bytes need not be UTF-8: an attacker chooses them, and whatever is not allowed is denied.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// The request method, as received; compared case-sensitively.
    pub method: Option<&'a [u8]>,
    /// The path that the framework routes on, without the query. Ignored by a policy whose document
    /// is a single rule.
    pub path: Option<&'a [u8]>,
    /// The value of `Origin`.
    pub origin: Option<&'a [u8]>,
    /// The value of `Access-Control-Request-Method` (ACRM).
    pub access_control_request_method: Option<&'a [u8]>,
    /// The value of `Access-Control-Request-Headers` (ACRH).
    pub access_control_request_headers: Option<&'a [u8]>,
}
