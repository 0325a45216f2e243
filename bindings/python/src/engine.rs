//! A compiled policy, and the Python objects that its verdicts turn into.

use std::num::NonZeroU64;

use onecors_core::{Outcome, Policy, Problems, Reason, Request, Verdict};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyTuple};

use crate::guard::{Panicked, guard};
use crate::request::{Argument, Parts, read};

/// How many verdicts can name the same plan: one for each outcome and reason, or none.
const VERDICTS_PER_PLAN: usize = Outcome::ALL.len() * (Reason::ALL.len() + 1);

/// A compiled policy: the base of `onecors.Policy`.
///
/// Immutable, and safe to use from any number of threads at once.
#[pyclass(frozen, subclass, module = "onecors._onecors")]
pub(crate) struct Engine {
    policy: Policy,
    document: Py<PyBytes>,
    plans: Py<PyTuple>,
    /// `onecors._verdict.verdict`, which makes the objects in `verdicts`.
    make_verdict: Py<PyAny>,
    /// Each verdict that was ever given, as a Python object. The number of the place is made of the
    /// plan, the reason and the outcome, so the policy bounds the memory and requests do not.
    verdicts: Box<[PyOnceLock<Py<PyAny>>]>,
}

#[pymethods]
impl Engine {
    /// Compiles the bytes of a policy document, which came from the file at this path.
    #[new]
    #[pyo3(signature = (document, path=None, /))]
    fn new(document: Bound<'_, PyBytes>, path: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let py = document.py();
        let bytes = document.as_bytes();
        // A large document takes a second, in which the other threads of the server go on.
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
    /// Each part is str, bytes, or None where the request does not have it. What a client sends
    /// never raises: whatever is not allowed is denied, with a reason. Where a header came in several
    /// lines, join them with ", ". The path is the one that the framework routes on, without the
    /// query.
    ///
    /// The same verdict is always the same object.
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

    /// Decides on a request and tells the story, as one JSON object.
    ///
    /// The arguments are those of decide(). Control characters in the text are escaped: it is made to
    /// be logged.
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

    /// Whether a request that no browser checks may go on: a WebSocket handshake above all, which a
    /// page of any origin can make with its user's cookies.
    ///
    /// True without an origin, on a path that no rule governs, for an origin that the rule allows, and
    /// for the server's own: an http or https origin whose host and port are those of host, the value
    /// of Host. Each part is str, bytes or None. False when the engine fails.
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

    /// A number for the origin pattern that covers an origin, or nearly covers it, together with what
    /// keeps it from doing so; 0 where no pattern comes near. For the log of denials.
    fn nearest_pattern(&self, path: Argument<'_, '_>, origin: Argument<'_, '_>) -> PyResult<u64> {
        let (path, origin) = (read("path", path)?, read("origin", origin)?);
        let request = Request::default().path(path.as_deref()).origin(origin.as_deref());
        Ok(guard(|| self.policy.nearest_pattern(&request))?.map_or(0, NonZeroU64::get))
    }

    /// Every answer that this policy can give.
    #[getter]
    fn plans(&self, py: Python<'_>) -> Py<PyTuple> {
        self.plans.clone_ref(py)
    }

    /// Whether the path of a request matters: not where the policy is one rule for every path.
    #[getter]
    fn has_paths(&self) -> bool {
        self.policy.uniform().is_none()
    }

    /// The bytes of the document.
    #[getter]
    fn document(&self, py: Python<'_>) -> Py<PyBytes> {
        self.document.clone_ref(py)
    }
}

impl Engine {
    /// Decides, with the GIL: to give it up would cost several times what the decision costs.
    pub(crate) fn verdict(&self, request: &Request<'_>) -> Result<Verdict, Panicked> {
        guard(|| self.policy.decide(request))
    }

    /// The object of a verdict, which is always the same one.
    pub(crate) fn object(&self, py: Python<'_>, verdict: Verdict) -> PyResult<Py<PyAny>> {
        let place = guard(|| &self.verdicts[place_of(verdict)])?;
        match place.get(py) {
            Some(known) => Ok(known.clone_ref(py)),
            None => self.remember(py, verdict, place),
        }
    }

    /// Makes the object of a verdict that is given for the first time.
    ///
    /// It is made before its place is taken, because Python code that runs meanwhile, a signal handler
    /// say, may ask for the same verdict. Where two make it at once, all use the first.
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

/// The `onecors.PolicyError` that holds these problems.
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
