//! What the adapters of WSGI and Django do for each request.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use crate::answer::{Answer, Echoes};
use crate::engine::Engine;
use crate::gate::{Asked, Gate};
use crate::request::Argument;

/// A policy in front of WSGI applications.
#[pyclass(frozen, module = "onecors._onecors")]
pub(crate) struct WsgiGate {
    gate: Gate,
    keys: Keys,
    /// `onecors._environ.text`, which reads a value that is not plain ASCII.
    text: Py<PyAny>,
}

/// The keys of environs. They are no statics, since each interpreter needs its own.
struct Keys {
    method: Py<PyString>,
    origin: Py<PyString>,
    request_method: Py<PyString>,
    request_headers: Py<PyString>,
    host: Py<PyString>,
}

#[pymethods]
impl WsgiGate {
    /// Prepares a policy: answers has one for each of its plans.
    #[new]
    #[pyo3(signature = (policy, answers, denials, /))]
    fn new(
        policy: Bound<'_, Engine>,
        answers: &Bound<'_, PyTuple>,
        denials: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let py = policy.py();
        let key = |text| PyString::intern(py, text).unbind();
        Ok(Self {
            gate: Gate::new(policy.unbind(), answers, denials)?,
            keys: Keys {
                method: key("REQUEST_METHOD"),
                origin: key("HTTP_ORIGIN"),
                request_method: key("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
                request_headers: key("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
                host: key("HTTP_HOST"),
            },
            text: py.import("onecors._environ")?.getattr("text")?.unbind(),
        })
    }

    /// Decides on the request of an environ, and notes a denial.
    ///
    /// The path may be None for a policy that is one rule for every path. None is given where nothing
    /// is to be done.
    #[pyo3(signature = (environ, path, /))]
    fn begin<'py>(
        &self,
        environ: &Bound<'py, PyDict>,
        path: Argument<'_, 'py>,
    ) -> PyResult<Option<WsgiExchange>> {
        let py = environ.py();
        let keys = &self.keys;
        let value = |key: &Py<PyString>| self.value(environ, key.bind(py));
        let method = environ.as_any().get_item(keys.method.bind(py))?;
        let may_ask = method.cast::<PyString>().is_ok_and(|method| is_options(method));
        let asked = Asked {
            method: &method,
            path,
            origin: value(&keys.origin)?,
            request_method: if may_ask { value(&keys.request_method)? } else { None },
            request_headers: if may_ask { value(&keys.request_headers)? } else { None },
        };
        let answer = self.gate.decide(py, &asked, || value(&keys.host))?;
        Ok(answer.map(|answer| WsgiExchange { answer, echoes: asked.into_echoes() }))
    }
}

impl WsgiGate {
    fn value<'py>(
        &self,
        environ: &Bound<'py, PyDict>,
        key: &Bound<'py, PyString>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(value) = environ.get_item(key)? else { return Ok(None) };
        let is_plain = value.cast::<PyString>().is_ok_and(|text| text.to_str().is_ok_and(is_plain));
        if is_plain { Ok(Some(value)) } else { self.text.bind(environ.py()).call1((value,)).map(Some) }
    }
}

/// One request and its response, on a path that is governed.
#[pyclass(frozen, module = "onecors._onecors")]
pub(crate) struct WsgiExchange {
    answer: Arc<Answer>,
    echoes: Echoes,
}

#[pymethods]
impl WsgiExchange {
    /// With a status, the answer ends here; without one, the application answers.
    #[getter]
    fn status(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.answer.status.as_ref().map(|status| status.clone_ref(py))
    }

    /// The fields of the answer that ends here.
    #[getter]
    fn own_fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.answer.own_fields(py, &self.echoes)
    }

    /// The fields that a response gets that has none that they replace or are merged into.
    #[getter]
    fn lines<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.answer.lines(py, &self.echoes)
    }

    /// Makes the fields of a response that has these.
    #[pyo3(signature = (fields, /))]
    fn apply<'py>(&self, fields: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.answer.apply(fields, &self.echoes)
    }
}

fn is_options(method: &Bound<'_, PyString>) -> bool {
    method.to_str().is_ok_and(|method| method == "OPTIONS")
}

fn is_plain(value: &str) -> bool {
    value.is_ascii() && !value.starts_with([' ', '\t']) && !value.ends_with([' ', '\t'])
}
