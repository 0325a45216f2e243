//! The view of an HTTP request that a decision needs.

/// The parts of a request that a decision looks at, each absent or a byte string.
///
/// ```
/// # use onecors_core::Request;
/// let request = Request::default().method(Some(b"GET")).origin(Some(b"https://app.example.com"));
/// assert_eq!(request.path, None);
/// ```
///
/// Absent and empty differ: an empty `Origin` is malformed, an absent one means that the request is
/// not a CORS request. Nothing is trimmed. Where a field came in several lines, join them with `", "`
/// first (RFC 9110, section 5.3).
///
/// Bytes need not be UTF-8: an attacker chooses them, and whatever is not allowed is denied.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
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

impl<'a> Request<'a> {
    /// Sets the method.
    #[must_use]
    #[inline]
    pub const fn method(mut self, method: Option<&'a [u8]>) -> Self {
        self.method = method;
        self
    }

    /// Sets the path.
    #[must_use]
    #[inline]
    pub const fn path(mut self, path: Option<&'a [u8]>) -> Self {
        self.path = path;
        self
    }

    /// Sets the value of `Origin`.
    #[must_use]
    #[inline]
    pub const fn origin(mut self, origin: Option<&'a [u8]>) -> Self {
        self.origin = origin;
        self
    }

    /// Sets the value of `Access-Control-Request-Method`.
    #[must_use]
    #[inline]
    pub const fn access_control_request_method(mut self, method: Option<&'a [u8]>) -> Self {
        self.access_control_request_method = method;
        self
    }

    /// Sets the value of `Access-Control-Request-Headers`.
    #[must_use]
    #[inline]
    pub const fn access_control_request_headers(mut self, names: Option<&'a [u8]>) -> Self {
        self.access_control_request_headers = names;
        self
    }
}
