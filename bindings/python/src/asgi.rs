//! The part of the ASGI adapter that runs on every request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::PyTraverseError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use crate::adapter::{Adapter, HostRequest};
use crate::engine::Engine;
use crate::lines::Lines;
use crate::request::Argument;
use crate::template::{Echoes, ResponseTemplate};

/// Applies a policy to ASGI applications.
#[pyclass(frozen, module = "onecors._onecors")]
pub(crate) struct AsgiAdapter {
    adapter: Adapter,
    keys: Arc<Keys>,
}

/// The keys of scopes and messages. Not statics, because each interpreter needs its own.
struct Keys {
    headers: Py<PyString>,
    method: Py<PyString>,
    kind: Py<PyString>,
}

#[pymethods]
impl AsgiAdapter {
    /// Prepares a policy; templates has an item for each of its plans.
    #[new]
    #[pyo3(signature = (policy, templates, denials, /))]
    fn new(
        policy: Bound<'_, Engine>,
        templates: &Bound<'_, PyTuple>,
        denials: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let py = policy.py();
        let key = |text| PyString::intern(py, text).unbind();
        let keys = Keys { headers: key("headers"), method: key("method"), kind: key("type") };
        Ok(Self {
            adapter: Adapter::new(policy.unbind(), templates, denials)?,
            keys: Arc::new(keys),
        })
    }

    /// Decides on the request of an HTTP scope, and logs a denial.
    ///
    /// The path may be None if the policy is a single rule for every path. Returns None if there is
    /// nothing to do: no rule governs the path, or an outer adapter applies this policy.
    #[pyo3(signature = (scope, path, send, /))]
    fn begin<'py>(
        &self,
        py: Python<'py>,
        scope: &Bound<'py, PyAny>,
        path: Argument<'_, 'py>,
        send: Bound<'py, PyAny>,
    ) -> PyResult<Option<AsgiExchange>> {
        if self.adapter.is_applied(scope)? {
            return Ok(None);
        }
        let method = item(scope, self.keys.method.bind(py))?;
        let headers = item(scope, self.keys.headers.bind(py))?;
        let mut origin = Lines::of(b"origin");
        let mut request_method = Lines::of(b"access-control-request-method");
        let mut request_headers = Lines::of(b"access-control-request-headers");
        if is(&method, "OPTIONS") {
            Lines::find(&headers, [&mut origin, &mut request_method, &mut request_headers])?;
        } else {
            Lines::find(&headers, [&mut origin])?;
        }
        let request = HostRequest {
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
        let Some(template) = self.adapter.decide(py, &request, host)? else { return Ok(None) };
        if template.status.is_none() {
            self.adapter.mark(scope)?;
        }
        Ok(Some(AsgiExchange {
            template,
            keys: self.keys.clone(),
            echoes: request.into_echoes(),
            send: send.unbind(),
            started: AtomicBool::new(false),
        }))
    }
}

/// One request and its response, on a governed path.
#[pyclass(frozen, module = "onecors._onecors")]
pub(crate) struct AsgiExchange {
    template: Arc<ResponseTemplate>,
    keys: Arc<Keys>,
    echoes: Echoes,
    /// The server's.
    send: Py<PyAny>,
    started: AtomicBool,
}

#[pymethods]
impl AsgiExchange {
    /// The status if the adapter responds itself; None if the application responds.
    #[getter]
    fn status(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.template.status.as_ref().map(|status| status.clone_ref(py))
    }

    /// Whether the application has started its response.
    #[getter]
    fn started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    /// The fields of the adapter's own response.
    #[getter]
    fn own_fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.template.own_fields(py, &self.echoes)
    }

    /// Returns the fields of a response with the plan applied.
    #[pyo3(signature = (fields, /))]
    fn apply<'py>(&self, fields: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.template.apply(fields, &self.echoes)
    }

    /// The application's send: adds the fields to the start of the response, and passes every message
    /// on.
    #[pyo3(signature = (message, /))]
    fn send<'py>(&self, message: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = message.py();
        let send = self.send.bind(py);
        if !is(&item(&message, self.keys.kind.bind(py))?, "http.response.start") {
            return send.call1((message,));
        }
        self.started.store(true, Ordering::Relaxed);
        let headers = self.keys.headers.bind(py);
        // A copy: an application may send the same message again, to another origin.
        let copied = match message.cast_exact::<PyDict>() {
            Ok(message) => message.copy()?,
            Err(_) => py.get_type::<PyDict>().call1((&message,))?.cast_into()?,
        };
        let fields = match copied.get_item(headers)? {
            Some(fields) => fields,
            None => PyTuple::empty(py).into_any(),
        };
        copied.set_item(headers, self.template.apply(&fields, &self.echoes)?)?;
        send.call1((copied,))
    }

    /// A reference cycle: the server's send may refer to the scope, and the scope to this.
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
