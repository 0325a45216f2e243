//! The policy applied to one request and its response.

use std::cell::OnceCell;
use std::sync::Arc;

use onecors::{InForce, Outcome, Plan, Reason, Request, Slot, Value, Verdict};

use crate::abi::EnvoyHeader;
use crate::config::Config;
use crate::stream::{Stream, bytes};

/// The status of a handshake that is refused.
const FORBIDDEN: u16 = 403;
/// The status where the module has failed.
const INTERNAL_ERROR: u16 = 500;

/// What Envoy keeps for each request, on one worker's thread.
pub(crate) struct Filter<'c> {
    config: &'c Config,
    fate: OnceCell<Fate>,
}

/// What a decision means for the response, whoever makes it.
enum Fate {
    /// No rule governs the path.
    Untouched,
    Planned(Reply),
    /// The filter has answered, with all header fields.
    Answered,
}

/// What happens to a request.
enum Decision {
    Pass(Fate),
    Answer(Answer),
}

/// The filter's own answer: a status, the lines of the plan, and no body.
pub(crate) struct Answer {
    status: u16,
    reply: Option<Reply>,
}

/// A plan of the policy that was current when the request arrived, and what it echoes of the request.
struct Reply {
    in_force: Arc<InForce>,
    verdict: Verdict,
    echoes: Echoes,
}

/// Copies, because the filters behind this one and the route may change the request.
type Echoes = [Option<Box<[u8]>>; Slot::ALL.len()];

impl<'c> Filter<'c> {
    pub(crate) fn new(config: &'c Config) -> Self {
        Self { config, fate: OnceCell::new() }
    }

    /// Decides on the request. Returns the answer if the request goes no further.
    pub(crate) fn request(&self, stream: Stream) -> Option<Answer> {
        let (fate, answer) = match decide(self.config, stream) {
            Decision::Pass(fate) => (fate, None),
            Decision::Answer(answer) => (Fate::Answered, Some(answer)),
        };
        let _ = self.fate.set(fate);
        answer
    }

    /// Applies the decision to the response. If Envoy has answered before any filter saw the request, such
    /// as for a path that it cannot normalise, the decision is made now. It is never made twice.
    pub(crate) fn response(&self, stream: Stream) {
        let late = || match decide(self.config, stream) {
            Decision::Pass(fate) => fate,
            Decision::Answer(answer) => answer.reply.map_or(Fate::Untouched, Fate::Planned),
        };
        if let Fate::Planned(reply) = self.fate.get_or_init(late) {
            reply.apply(stream);
        }
    }

    /// The answer after an internal error in the request hook.
    pub(crate) fn refuse(&self, stream: Stream) -> Answer {
        let _ = self.fate.set(Fate::Answered);
        self.config.counters.count_failure(stream);
        Answer { status: INTERNAL_ERROR, reply: None }
    }

    /// After an internal error in the response hook: removes whatever could grant something.
    pub(crate) fn revoke(&self, stream: Stream) {
        self.config.counters.count_failure(stream);
        let owned = stream.with_response_fields(owned);
        owned.iter().for_each(|name| stream.remove_response_field(name));
    }
}

/// Decides on the request with the current policy.
fn decide(config: &Config, stream: Stream) -> Decision {
    let in_force = config.policy.in_force();
    let mut joined: [Vec<u8>; 5] = Default::default();
    let [of_method, of_path, of_origin, of_asked_method, of_asked_headers] = &mut joined;
    // SAFETY: no field of the request is changed here, and none is lent to anyone who stays.
    let field = |name, joined| unsafe { stream.request_field(name, joined) };
    let method = field(":method", of_method);
    // Only an OPTIONS request can be a preflight, so the engine reads these fields of no other request.
    let may_be_preflight = method == Some(b"OPTIONS");
    let request = Request::default()
        .method(method)
        .path(field(":path", of_path).map(without_query))
        .origin(field("origin", of_origin))
        .access_control_request_method(
            may_be_preflight
                .then(|| field("access-control-request-method", of_asked_method))
                .flatten(),
        )
        .access_control_request_headers(
            may_be_preflight
                .then(|| field("access-control-request-headers", of_asked_headers))
                .flatten(),
        );
    #[cfg(feature = "probe")]
    crate::probe::panic_for(request.origin);

    let verdict = in_force.policy().decide(&request);
    let refused = judge(config, stream, &in_force, &request, verdict);
    let plan = &in_force.policy().plans()[verdict.plan()];
    let status = plan.status.or(refused.then_some(FORBIDDEN));
    let echoes = echoes(plan, &request);
    let governed = verdict.outcome() != Outcome::Ungoverned;
    let reply = governed.then_some(Reply { in_force, verdict, echoes });
    match status {
        Some(status) => Decision::Answer(Answer { status, reply }),
        None => Decision::Pass(reply.map_or(Fate::Untouched, Fate::Planned)),
    }
}

/// Counts the decision, logs a denial, and returns whether the request is a handshake to refuse.
fn judge(
    config: &Config,
    stream: Stream,
    in_force: &InForce,
    request: &Request<'_>,
    verdict: Verdict,
) -> bool {
    let is_handshake = request.origin.is_some() && is_handshake(stream, request.method);
    if verdict.reason().is_none() && !is_handshake {
        config.counters.count(stream, verdict);
        return false;
    }
    let mut joined = Vec::new();
    // SAFETY: as in `decide`.
    let host = unsafe { stream.request_field(":authority", &mut joined) };
    let may_go_on = in_force.policy().check_origin(request, host);
    // Browsers send Origin with POST requests of the server's own pages, which need no permission.
    if !(may_go_on && verdict.reason() == Some(Reason::OriginNotAllowed)) {
        config.counters.count(stream, verdict);
    }
    if verdict.reason().is_some() {
        in_force.log_denial(verdict, request, || host);
    }
    let refused = !may_go_on && is_handshake;
    if refused {
        config.counters.count_refused_handshake(stream);
    }
    refused
}

/// Whether a request opens a channel that browsers do not check: an upgrade, above all to WebSocket
/// (RFC 6455), or an extended CONNECT (RFC 8441), which Envoy presents to filters as an upgrade.
///
/// Every upgrade counts. An offer of cleartext HTTP/2, which is not one, never reaches filters.
fn is_handshake(stream: Stream, method: Option<&[u8]>) -> bool {
    if method != Some(b"GET") {
        return false;
    }
    let mut joined = Vec::new();
    // SAFETY: as in `decide`.
    let upgrade = unsafe { stream.request_field("upgrade", &mut joined) };
    upgrade.is_some_and(|protocol| !protocol.is_empty())
}

/// The path without the query, which Envoy keeps with it.
fn without_query(target: &[u8]) -> &[u8] {
    let end = target.iter().position(|byte| matches!(byte, b'?' | b'#'));
    &target[..end.unwrap_or(target.len())]
}

fn echoes(plan: &Plan, request: &Request<'_>) -> Echoes {
    let mut echoes = Echoes::default();
    for header in &plan.headers {
        if let Value::Echo(slot) = header.value {
            echoes[place(slot)] = slot.of(request).map(Into::into);
        }
    }
    echoes
}

/// The place of a slot among the echoes.
fn place(slot: Slot) -> usize {
    slot as usize - Slot::ALL[0] as usize
}

impl Answer {
    /// Sends the answer. The filter may be destroyed by that.
    pub(crate) fn send(&self, stream: Stream) {
        match &self.reply {
            Some(reply) => stream.answer(self.status, reply.plan().lines(&reply.echoed())),
            None => stream.answer(self.status, std::iter::empty()),
        }
    }
}

impl Reply {
    fn plan(&self) -> &Plan {
        &self.in_force.policy().plans()[self.verdict.plan()]
    }

    /// The part of the request that the plan echoes.
    fn echoed(&self) -> Request<'_> {
        let echo = |slot| self.echoes[place(slot)].as_deref();
        Request::default()
            .origin(echo(Slot::Origin))
            .access_control_request_method(echo(Slot::AccessControlRequestMethod))
            .access_control_request_headers(echo(Slot::AccessControlRequestHeaders))
    }

    fn apply(&self, stream: Stream) {
        let plan = self.plan();
        let (owned, vary) =
            stream.with_response_fields(|fields| (owned(fields), Vary::of(plan, fields)));
        owned.iter().for_each(|name| stream.remove_response_field(name));
        for (name, value) in plan.lines(&self.echoed()) {
            match (name, &vary) {
                ("Vary", Vary::Kept) => {}
                ("Vary", Vary::Merged(line)) => stream.set_response_field(name, line),
                // No field of this name is left, so Envoy need not search for one.
                _ => stream.add_response_field(name, value),
            }
        }
    }
}

/// What becomes of the response's own `Vary`.
enum Vary {
    Absent,
    Kept,
    Merged(Vec<u8>),
}

impl Vary {
    fn of(plan: &Plan, fields: &[EnvoyHeader]) -> Self {
        // SAFETY: no field is changed before the lines have been joined.
        let lines = fields.iter().map(|field| unsafe { (bytes(field.name), bytes(field.value)) });
        let lines: Vec<&[u8]> =
            lines.filter(|(name, _)| name == b"vary").map(|(_, value)| value).collect();
        if lines.is_empty() {
            return Self::Absent;
        }
        onecors::merge_vary(plan.vary(), &lines).map_or(Self::Kept, Self::Merged)
    }
}

/// The names of fields that belong to the policy, but were set by the application or another filter.
fn owned(fields: &[EnvoyHeader]) -> Vec<Box<[u8]>> {
    // SAFETY: the names are copied before a field is changed.
    let names = fields.iter().map(|field| unsafe { bytes(field.name) });
    names.filter(|name| onecors::is_owned(name)).map(Box::from).collect()
}
