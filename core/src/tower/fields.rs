//! What a decision looks at, read from a request of the `http` crate.

use http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderMap, HeaderName,
    HeaderValue, ORIGIN, UPGRADE,
};
use http::{Method, Uri};

use crate::plan::Slot;
use crate::request::Request;

/// The field values of a request, each with its lines joined; `None` is absent.
///
/// A value of one line, as browsers send them, is not copied.
pub(super) struct Fields {
    origin: Option<HeaderValue>,
    request_method: Option<HeaderValue>,
    request_headers: Option<HeaderValue>,
}

impl Fields {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self {
            origin: joined(headers, &ORIGIN),
            request_method: joined(headers, &ACCESS_CONTROL_REQUEST_METHOD),
            request_headers: joined(headers, &ACCESS_CONTROL_REQUEST_HEADERS),
        }
    }

    /// The request as the engine sees it.
    pub(super) fn view<'a>(&'a self, method: &'a Method, uri: &'a Uri) -> Request<'a> {
        Request {
            method: Some(method.as_str().as_bytes()),
            path: Some(uri.path().as_bytes()),
            origin: self.origin.as_ref().map(HeaderValue::as_bytes),
            access_control_request_method: self.request_method.as_ref().map(HeaderValue::as_bytes),
            access_control_request_headers: self
                .request_headers
                .as_ref()
                .map(HeaderValue::as_bytes),
        }
    }

    /// What a plan echoes. A plan echoes only what its decision found present.
    pub(super) fn echo(&self, slot: Slot) -> Option<&HeaderValue> {
        match slot {
            Slot::Origin => self.origin.as_ref(),
            Slot::AccessControlRequestMethod => self.request_method.as_ref(),
            Slot::AccessControlRequestHeaders => self.request_headers.as_ref(),
        }
    }
}

/// The lines of a field joined with `", "` (RFC 9110, section 5.3).
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<HeaderValue> {
    let lines = headers.get_all(name);
    let mut values = lines.iter();
    let first = values.next()?;
    if values.next().is_none() {
        return Some(first.clone());
    }
    let values: Vec<&[u8]> = lines.iter().map(HeaderValue::as_bytes).collect();
    // Values joined by commas are a value. Were they not, an empty one is denied.
    let joined = HeaderValue::from_bytes(&values.join(&b", "[..]));
    Some(joined.unwrap_or(HeaderValue::from_static("")))
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
        Method::GET => headers.get_all(UPGRADE).iter().any(names_websocket),
        // A plain CONNECT has no scheme (RFC 9113, section 8.5).
        Method::CONNECT => uri.scheme().is_some(),
        _ => false,
    }
}

fn names_websocket(value: &HeaderValue) -> bool {
    let mut protocols = value.as_bytes().split(|&byte| byte == b',');
    protocols.any(|protocol| protocol.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}
