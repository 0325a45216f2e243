//! What the adapter of ASGI does for each request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::PyTraverseError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use crate::answer::{Answer, Echoes};
use crate::engine::Engine;
use crate::gate::{Asked, Gate};
use crate::lines::Lines;
use crate::request::Argument;

/// A policy in front of ASGI applications.
#[pyclass(frozen, module = "onecors._onecors")]
pub(crate) struct AsgiGate {
    gate: Gate,
    words: Arc<Words>,
}

/// The keys of scopes and messages. They are no statics, since each interpreter needs its own.
struct Words {
    headers: Py<PyString>,
    method: Py<PyString>,
    kind: Py<PyString>,
}

#[pymethods]
impl AsgiGate {
    /// Prepares a policy: answers has one for each of its plans.
    #[new]
    #[pyo3(signature = (policy, answers, denials, /))]
    fn new(
        policy: Bound<'_, Engine>,
        answers: &Bound<'_, PyTuple>,
        denials: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let py = policy.py();
        let word = |text| PyString::intern(py, text).unbind();
        let words = Words { headers: word("headers"), method: word("method"), kind: word("type") };
        Ok(Self { gate: Gate::new(policy.unbind(), answers, denials)?, words: Arc::new(words) })
    }

    /// Decides on the request of an HTTP scope, and notes a denial.
    ///
    /// The path may be None for a policy that is one rule for every path. None is given where nothing
    /// is to be done: on a path that is not governed, and behind another adapter with this policy.
    #[pyo3(signature = (scope, path, send, /))]
    fn begin<'py>(
        &self,
        py: Python<'py>,
        scope: &Bound<'py, PyAny>,
        path: Argument<'_, 'py>,
        send: Bound<'py, PyAny>,
    ) -> PyResult<Option<AsgiExchange>> {
        if self.gate.is_applied(scope)? {
            return Ok(None);
        }
        let method = item(scope, self.words.method.bind(py))?;
        let headers = item(scope, self.words.headers.bind(py))?;
        let mut origin = Lines::of(b"origin");
        let mut request_method = Lines::of(b"access-control-request-method");
        let mut request_headers = Lines::of(b"access-control-request-headers");
        if is(&method, "OPTIONS") {
            Lines::find(&headers, [&mut origin, &mut request_method, &mut request_headers])?;
        } else {
            Lines::find(&headers, [&mut origin])?;
        }
        let asked = Asked {
            method: &method,
            path,
            origin: origin.value(py)?,
            request_method: request_method.value(py)?,
            request_headers: request_headers.value(py)?,
        };
        let host = || {
            let mut host = Lines::of(b"host");
            Lines::find(&headers, [&mut host])?;
            host.value(py)
        };
        let Some(answer) = self.gate.decide(py, &asked, host)? else { return Ok(None) };
        if answer.status.is_none() {
            self.gate.mark(scope)?;
        }
        Ok(Some(AsgiExchange {
            answer,
            words: self.words.clone(),
            echoes: asked.into_echoes(),
            send: send.unbind(),
            started: AtomicBool::new(false),
        }))
    }
}

/// One request and its response, on a path that is governed.
#[pyclass(frozen, module = "onecors._onecors")]
pub(crate) struct AsgiExchange {
    answer: Arc<Answer>,
    words: Arc<Words>,
    echoes: Echoes,
    /// The server's.
    send: Py<PyAny>,
    started: AtomicBool,
}

#[pymethods]
impl AsgiExchange {
    /// With a status, the answer ends here; without one, the application answers.
    #[getter]
    fn status(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.answer.status.as_ref().map(|status| status.clone_ref(py))
    }

    /// Whether the application has started its response.
    #[getter]
    fn started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    /// The fields of the answer that ends here.
    #[getter]
    fn own_fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.answer.own_fields(py, &self.echoes)
    }

    /// Make the fields of a response that has these.
    #[pyo3(signature = (fields, /))]
    fn apply<'py>(&self, fields: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.answer.apply(fields, &self.echoes)
    }

    /// What the application calls to send: gives the head of its response the fields, and passes
    /// everything on.
    #[pyo3(signature = (message, /))]
    fn send<'py>(&self, message: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = message.py();
        let send = self.send.bind(py);
        if !is(&item(&message, self.words.kind.bind(py))?, "http.response.start") {
            return send.call1((message,));
        }
        self.started.store(true, Ordering::Relaxed);
        let headers = self.words.headers.bind(py);
        // An application may send the same message again, and to another origin.
        let copied = match message.cast_exact::<PyDict>() {
            Ok(message) => message.copy()?,
            Err(_) => py.get_type::<PyDict>().call1((&message,))?.cast_into()?,
        };
        let fields = match copied.get_item(headers)? {
            Some(fields) => fields,
            None => PyTuple::empty(py).into_any(),
        };
        copied.set_item(headers, self.answer.apply(&fields, &self.echoes)?)?;
        send.call1((copied,))
    }

    /// A server's send may lead to the scope, and an application may keep this in it.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.send)
    }
}

fn item<'py>(
    mapping: &Bound<'py, PyAny>,
    key: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(dict) = mapping.cast_exact::<PyDict>()
        && let Some(value) = dict.get_item(key)?
    {
        return Ok(value);
    }
    mapping.get_item(key)
}

fn is(value: &Bound<'_, PyAny>, text: &str) -> bool {
    value.cast::<PyString>().is_ok_and(|value| value.to_str().is_ok_and(|value| value == text))
}
