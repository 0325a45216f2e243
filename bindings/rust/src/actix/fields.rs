//! What a decision looks at, read from a request of actix-web.

use std::borrow::Cow;

use actix_web::dev::RequestHead;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderMap, HeaderName,
    HeaderValue, ORIGIN, UPGRADE,
};
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
    pub(super) fn of(head: &'h RequestHead) -> Self {
        // Only an OPTIONS can be a preflight, so that the engine looks at these of no other request.
        let of_preflight =
            |name| if head.method == Method::OPTIONS { joined(&head.headers, name) } else { None };
        Self {
            origin: joined(&head.headers, ORIGIN),
            request_method: of_preflight(ACCESS_CONTROL_REQUEST_METHOD),
            request_headers: of_preflight(ACCESS_CONTROL_REQUEST_HEADERS),
        }
    }

    /// The request as the engine sees it.
    pub(super) fn view<'a>(&'a self, head: &'a RequestHead) -> Request<'a> {
        Request::default()
            .method(Some(head.method.as_str().as_bytes()))
            .path(Some(head.uri.path().as_bytes()))
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
fn joined(headers: &HeaderMap, name: HeaderName) -> Option<Cow<'_, HeaderValue>> {
    let mut lines = headers.get_all(name);
    let first = lines.next()?;
    let Some(second) = lines.next() else { return Some(Cow::Borrowed(first)) };
    let values: Vec<&[u8]> =
        [first, second].into_iter().chain(lines).map(HeaderValue::as_bytes).collect();
    // Values joined by commas are a value. Were they not, an empty one is denied.
    let joined = HeaderValue::from_bytes(&values.join(&b", "[..]));
    Some(Cow::Owned(joined.unwrap_or(HeaderValue::from_static(""))))
}

/// The server's name as the request has it: `Host`, or `:authority`. Two lines name no server.
pub(super) fn host(head: &RequestHead) -> Option<&[u8]> {
    let mut lines = head.headers.get_all(HOST);
    match (lines.next(), lines.next()) {
        (Some(host), None) => Some(host.as_bytes()),
        (None, _) => head.uri.authority().map(|authority| authority.as_str().as_bytes()),
        (Some(_), Some(_)) => None,
    }
}

/// Whether a request opens a channel that no browser checks: the upgrade of a connection to WebSocket
/// (RFC 6455), or an extended CONNECT (RFC 8441), which WebTransport is, too.
pub(super) fn is_handshake(head: &RequestHead) -> bool {
    match head.method {
        Method::GET => head.headers.get_all(UPGRADE).any(|value| names_websocket(value.as_bytes())),
        // A plain CONNECT has no scheme (RFC 9113, section 8.5).
        Method::CONNECT => head.uri.scheme().is_some(),
        _ => false,
    }
}
