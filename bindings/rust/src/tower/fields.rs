//! What a decision looks at, read from a request of the `http` crate.

use std::borrow::Cow;

use http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderMap, HeaderName,
    HeaderValue, ORIGIN, UPGRADE,
};
use http::{Method, Uri};
use onecors_core::{Request, Slot};

use crate::judged::names_websocket;

/// The field values of a request, each with its lines joined; `None` is absent.
///
/// A value of one line, as browsers send them, is not copied.
pub(super) struct Fields<'h> {
    origin: Option<Cow<'h, HeaderValue>>,
    request_method: Option<Cow<'h, HeaderValue>>,
    request_headers: Option<Cow<'h, HeaderValue>>,
}

impl<'h> Fields<'h> {
    pub(super) fn of(method: &Method, headers: &'h HeaderMap) -> Self {
        // Only an OPTIONS can be a preflight, so that the engine looks at these of no other request.
        let of_preflight =
            |name| if *method == Method::OPTIONS { joined(headers, name) } else { None };
        Self {
            origin: joined(headers, &ORIGIN),
            request_method: of_preflight(&ACCESS_CONTROL_REQUEST_METHOD),
            request_headers: of_preflight(&ACCESS_CONTROL_REQUEST_HEADERS),
        }
    }

    /// The request as the engine sees it.
    pub(super) fn view<'a>(&'a self, method: &'a Method, uri: &'a Uri) -> Request<'a> {
        Request::default()
            .method(Some(method.as_str().as_bytes()))
            .path(Some(uri.path().as_bytes()))
            .origin(self.origin.as_deref().map(HeaderValue::as_bytes))
            .access_control_request_method(
                self.request_method.as_deref().map(HeaderValue::as_bytes),
            )
            .access_control_request_headers(
                self.request_headers.as_deref().map(HeaderValue::as_bytes),
            )
    }

    /// What a plan echoes. A plan echoes only what its decision found present.
    pub(super) fn echo(&self, slot: Slot) -> Option<&HeaderValue> {
        match slot {
            Slot::Origin => self.origin.as_deref(),
            Slot::AccessControlRequestMethod => self.request_method.as_deref(),
            Slot::AccessControlRequestHeaders => self.request_headers.as_deref(),
            // What this adapter does not know it does not send.
            _ => None,
        }
    }
}

/// The lines of a field joined with `", "` (RFC 9110, section 5.3).
fn joined<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Cow<'h, HeaderValue>> {
    let lines = headers.get_all(name);
    let mut values = lines.iter();
    let first = values.next()?;
    if values.next().is_none() {
        return Some(Cow::Borrowed(first));
    }
    let values: Vec<&[u8]> = lines.iter().map(HeaderValue::as_bytes).collect();
    // Values joined by commas are a value. Were they not, an empty one is denied.
    let joined = HeaderValue::from_bytes(&values.join(&b", "[..]));
    Some(Cow::Owned(joined.unwrap_or(HeaderValue::from_static(""))))
}

/// The server's name as the request has it: `Host`, or `:authority`. Two lines name no server.
pub(super) fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a [u8]> {
    let mut lines = headers.get_all(HOST).iter();
    match (lines.next(), lines.next()) {
        (Some(host), None) => Some(host.as_bytes()),
        (None, _) => uri.authority().map(|authority| authority.as_str().as_bytes()),
        (Some(_), Some(_)) => None,
    }
}

/// Whether a request opens a channel that no browser checks: the upgrade of a connection to WebSocket
/// (RFC 6455), or an extended CONNECT (RFC 8441), which WebTransport is, too.
pub(super) fn is_handshake(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    match *method {
        Method::GET => {
            headers.get_all(UPGRADE).iter().any(|value| names_websocket(value.as_bytes()))
        }
        // A plain CONNECT has no scheme (RFC 9113, section 8.5).
        Method::CONNECT => uri.scheme().is_some(),
        _ => false,
    }
}
