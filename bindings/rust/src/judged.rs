//! What every adapter does with a request before the service inside sees it.

use std::sync::Arc;

use onecors_core::{Request, Verdict};

use crate::live::{InForce, LivePolicy};

/// A decision, and the policy that made it.
pub(crate) struct Judged {
    pub(crate) in_force: Arc<InForce>,
    pub(crate) verdict: Verdict,
    /// Whether the request is a handshake of another origin, which ends here with 403.
    pub(crate) refused: bool,
}

/// Decides on a request by the policy in force, and logs a denial. `host` returns the name of the server
/// as the request has it.
pub(crate) fn judge<'h>(
    live: &LivePolicy,
    request: &Request<'_>,
    is_handshake: bool,
    host: impl Fn() -> Option<&'h [u8]>,
) -> Judged {
    let in_force = live.in_force();
    let verdict = in_force.policy().decide(request);
    if verdict.reason().is_some() {
        in_force.log_denial(verdict, request, &host);
    }
    // Whatever the outcome: where the readings of a path differ, it is open to its own pages alone.
    let refused = request.origin.is_some()
        && is_handshake
        && !in_force.policy().check_origin(request, host());
    Judged { in_force, verdict, refused }
}

/// Whether a value of `Upgrade` names WebSocket (RFC 9110, section 7.8).
pub(crate) fn names_websocket(value: &[u8]) -> bool {
    let mut protocols = value.split(|&byte| byte == b',');
    protocols.any(|protocol| protocol.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}
