//! A compiled policy, and the Python objects for its verdicts.

use std::num::NonZeroU64;

use onecors_core::{Outcome, Policy, Problems, Reason, Request, Verdict};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyTuple};

use crate::guard::{EnginePanic, guard};
use crate::request::{Argument, Parts, read};

/// How many verdicts can have the same plan: one for each outcome and reason, or no reason.
const VERDICTS_PER_PLAN: usize = Outcome::ALL.len() * (Reason::ALL.len() + 1);

/// A compiled policy: the base class of `onecors.Policy`. Immutable and thread-safe.
#[pyclass(frozen, subclass, module = "onecors._onecors")]
pub(crate) struct Engine {
    policy: Policy,
    document: Py<PyBytes>,
    plans: Py<PyTuple>,
    /// `onecors._verdict.verdict`, which makes the objects in `verdicts`.
    make_verdict: Py<PyAny>,
    /// The Python object of each verdict that has occurred, by plan, reason and outcome. So the policy
    /// bounds the memory, and requests do not.
    verdicts: Box<[PyOnceLock<Py<PyAny>>]>,
}

#[pymethods]
impl Engine {
    /// Compiles the bytes of a policy document. The path, if there is one, appears in errors.
    #[new]
    #[pyo3(signature = (document, path=None, /))]
    fn new(document: Bound<'_, PyBytes>, path: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let py = document.py();
        let bytes = document.as_bytes();
        // A large document takes a second. The other threads of the server keep running.
        let policy = py
            .detach(|| guard(|| Policy::from_slice(bytes)))?
            .or_else(|problems| Err(policy_error(py, &problems, path.as_ref())?))?;
        let plans = guard(|| policy.plans_json())?;
        let places = policy.plans().len() * VERDICTS_PER_PLAN;
        Ok(Self {
            policy,
            plans: py.import("onecors._plan")?.call_method1("plans", (plans,))?.cast_into()?.into(),
            make_verdict: py.import("onecors._verdict")?.getattr("verdict")?.unbind(),
            verdicts: (0..places).map(|_| PyOnceLock::new()).collect(),
            document: document.unbind(),
        })
    }

    /// Decides on a request.
    ///
    /// Each argument is str or bytes, or None if the request lacks it; an empty value is not absent.
    /// The path is the one that the framework routes on, without the query. Join a header that came
    /// in several lines with ", ".
    ///
    /// No value from a client raises an exception: what is not allowed is denied, with a reason. Any
    /// other type raises TypeError. Equal verdicts are the same object.
    #[pyo3(signature = (
        method,
        path,
        origin,
        access_control_request_method=None,
        access_control_request_headers=None,
    ))]
    fn decide(
        &self,
        py: Python<'_>,
        method: Argument<'_, '_>,
        path: Argument<'_, '_>,
        origin: Argument<'_, '_>,
        access_control_request_method: Argument<'_, '_>,
        access_control_request_headers: Argument<'_, '_>,
    ) -> PyResult<Py<PyAny>> {
        let parts = Parts::read(
            method,
            path,
            origin,
            access_control_request_method,
            access_control_request_headers,
        )?;
        let verdict = self.verdict(&parts.request())?;
        self.object(py, verdict)
    }

    /// Explains the decision on a request, as a JSON object in one line.
    ///
    /// The arguments are those of decide(). Control characters are escaped, so that it can be logged.
    #[pyo3(signature = (
        method,
        path,
        origin,
        access_control_request_method=None,
        access_control_request_headers=None,
    ))]
    fn explain_json(
        &self,
        method: Argument<'_, '_>,
        path: Argument<'_, '_>,
        origin: Argument<'_, '_>,
        access_control_request_method: Argument<'_, '_>,
        access_control_request_headers: Argument<'_, '_>,
    ) -> PyResult<String> {
        let parts = Parts::read(
            method,
            path,
            origin,
            access_control_request_method,
            access_control_request_headers,
        )?;
        Ok(guard(|| self.policy.explain(&parts.request()).to_json())?)
    }

    /// Returns whether to accept a request that browsers do not check, such as a WebSocket handshake:
    /// a page of any origin can make one, with its user's cookies (RFC 6455, section 10.2).
    ///
    /// True without an origin, on a path that no rule governs, for an origin that the rule allows, and
    /// for the server's own origin: http or https with the host and port in host, the value of Host.
    /// Each argument is str, bytes or None. False if the engine fails.
    fn check_origin(
        &self,
        path: Argument<'_, '_>,
        origin: Argument<'_, '_>,
        host: Argument<'_, '_>,
    ) -> PyResult<bool> {
        let (path, origin, host) =
            (read("path", path)?, read("origin", origin)?, read("host", host)?);
        let request = Request::default().path(path.as_deref()).origin(origin.as_deref());
        Ok(guard(|| self.policy.check_origin(&request, host.as_deref())).unwrap_or(false))
    }

    /// Returns a number for the origin pattern that covers an origin or almost covers it, and for the
    /// difference; 0 if no pattern is close. For the log of denials.
    fn nearest_pattern(&self, path: Argument<'_, '_>, origin: Argument<'_, '_>) -> PyResult<u64> {
        let (path, origin) = (read("path", path)?, read("origin", origin)?);
        let request = Request::default().path(path.as_deref()).origin(origin.as_deref());
        Ok(guard(|| self.policy.nearest_pattern(&request))?.map_or(0, NonZeroU64::get))
    }

    /// The plans of all responses that this policy can produce.
    #[getter]
    fn plans(&self, py: Python<'_>) -> Py<PyTuple> {
        self.plans.clone_ref(py)
    }

    /// Whether decisions depend on the path: false if the policy is a single rule for every path.
    #[getter]
    fn has_paths(&self) -> bool {
        self.policy.uniform().is_none()
    }

    /// The bytes of the policy document.
    #[getter]
    fn document(&self, py: Python<'_>) -> Py<PyBytes> {
        self.document.clone_ref(py)
    }
}

impl Engine {
    /// Decides while holding the GIL: releasing it would cost several times as much as the decision.
    pub(crate) fn verdict(&self, request: &Request<'_>) -> Result<Verdict, EnginePanic> {
        guard(|| self.policy.decide(request))
    }

    /// The object of a verdict, always the same one.
    pub(crate) fn object(&self, py: Python<'_>, verdict: Verdict) -> PyResult<Py<PyAny>> {
        let place = guard(|| &self.verdicts[place_of(verdict)])?;
        match place.get(py) {
            Some(known) => Ok(known.clone_ref(py)),
            None => self.remember(py, verdict, place),
        }
    }

    /// Makes the object of a verdict that occurs for the first time.
    ///
    /// It is made before its slot is locked, because Python code that runs meanwhile, such as a signal
    /// handler, may need the same verdict. If two are made at once, the first is used.
    #[cold]
    fn remember(
        &self,
        py: Python<'_>,
        verdict: Verdict,
        place: &PyOnceLock<Py<PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let plan = self.plans.bind(py).get_item(verdict.plan())?;
        let made = self
            .make_verdict
            .call1(py, (verdict.outcome().as_str(), verdict.reason().map(Reason::as_str), plan))?;
        Ok(place.get_or_init(py, || made).clone_ref(py))
    }
}

fn place_of(verdict: Verdict) -> usize {
    let reason = verdict.reason().map_or(0, |reason| reason as usize);
    (verdict.plan() * (Reason::ALL.len() + 1) + reason) * Outcome::ALL.len()
        + verdict.outcome() as usize
}

/// The `onecors.PolicyError` with these problems.
fn policy_error(
    py: Python<'_>,
    problems: &Problems,
    path: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyErr> {
    let error = py.import("onecors._problem")?.call_method1(
        "policy_error",
        (problems.to_string(), problems.to_json(), path, problems.omitted()),
    )?;
    Ok(PyErr::from_value(error))
}
