//! The part of the adapters that is the same for every kind of host.

use std::sync::Arc;

use onecors_core::Outcome;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySet, PyString, PyTuple};

use crate::engine::Engine;
use crate::request::{Argument, Parts};
use crate::template::{Echoes, ResponseTemplate};

pub(crate) struct Adapter {
    engine: Py<Engine>,
    /// One for each plan.
    templates: Box<[Arc<ResponseTemplate>]>,
    denials: Denials,
    /// The key in a scope or environ for the policy that an outer adapter applies.
    mark: Py<PyString>,
}

/// The values of a request, in the type of the host.
pub(crate) struct HostRequest<'a, 'py> {
    pub(crate) method: &'a Bound<'py, PyAny>,
    pub(crate) path: Argument<'a, 'py>,
    pub(crate) origin: Option<Bound<'py, PyAny>>,
    pub(crate) request_method: Option<Bound<'py, PyAny>>,
    pub(crate) request_headers: Option<Bound<'py, PyAny>>,
}

impl HostRequest<'_, '_> {
    pub(crate) fn into_echoes(self) -> Echoes {
        [self.origin, self.request_method, self.request_headers].map(|part| part.map(Bound::unbind))
    }
}

impl Adapter {
    /// `templates` has an `onecors._response.ResponseTemplate` for each plan, and `denials` is the
    /// policy's `onecors._denials.DenialLog`.
    pub(crate) fn new(
        engine: Py<Engine>,
        templates: &Bound<'_, PyTuple>,
        denials: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let templates =
            templates.iter().map(|template| Ok(Arc::new(ResponseTemplate::of(&template)?)));
        Ok(Self {
            engine,
            templates: templates.collect::<PyResult<_>>()?,
            denials: Denials {
                keys: denials.getattr("keys")?.cast_into::<PySet>()?.unbind(),
                note: denials.getattr("note")?.unbind(),
            },
            mark: PyString::intern(denials.py(), "onecors.policy").unbind(),
        })
    }

    /// Whether an outer adapter applies this policy already.
    pub(crate) fn is_applied(&self, connection: &Bound<'_, PyAny>) -> PyResult<bool> {
        let mark = self.mark.bind(connection.py());
        let policy = match connection.cast_exact::<PyDict>() {
            Ok(connection) => connection.get_item(mark)?,
            Err(_) => Some(connection.call_method1("get", (mark,))?),
        };
        Ok(policy.is_some_and(|policy| policy.is(&self.engine)))
    }

    /// Marks the connection, so that inner adapters do not apply this policy again.
    pub(crate) fn mark(&self, connection: &Bound<'_, PyAny>) -> PyResult<()> {
        let mark = self.mark.bind(connection.py());
        match connection.cast_exact::<PyDict>() {
            Ok(connection) => connection.set_item(mark, &self.engine),
            Err(_) => connection.set_item(mark, &self.engine),
        }
    }

    /// Decides on a request, and logs a denial. Returns `None` if no rule governs the path.
    ///
    /// `host` returns the value of `Host`, which only a new denial needs.
    pub(crate) fn decide<'py>(
        &self,
        py: Python<'py>,
        request: &HostRequest<'_, 'py>,
        host: impl FnOnce() -> PyResult<Option<Bound<'py, PyAny>>>,
    ) -> PyResult<Option<Arc<ResponseTemplate>>> {
        let parts = Parts::read(
            Some(request.method),
            request.path,
            request.origin.as_ref(),
            request.request_method.as_ref(),
            request.request_headers.as_ref(),
        )?;
        let engine = self.engine.get();
        let verdict = engine.verdict(&parts.request())?;
        if verdict.outcome() == Outcome::Ungoverned {
            return Ok(None);
        }
        if verdict.reason().is_some() {
            let verdict = engine.object(py, verdict)?;
            if self.denials.is_new(verdict.bind(py), request)? {
                self.denials.note(verdict.bind(py), request, host()?)?;
            }
        }
        match self.templates.get(verdict.plan()) {
            Some(template) => Ok(Some(template.clone())),
            None => Err(PyRuntimeError::new_err("a plan of the policy has no template")),
        }
    }
}

/// The set and the method of the policy's `onecors._denials.DenialLog`.
struct Denials {
    keys: Py<PySet>,
    note: Py<PyAny>,
}

impl Denials {
    /// Whether a denial was not handled before, and may have to be logged.
    fn is_new(&self, verdict: &Bound<'_, PyAny>, request: &HostRequest<'_, '_>) -> PyResult<bool> {
        let keys = self.keys.bind(verdict.py());
        Ok(!keys.contains((verdict.as_ptr() as usize, request.origin.as_ref()))?)
    }

    #[cold]
    fn note<'py>(
        &self,
        verdict: &Bound<'py, PyAny>,
        request: &HostRequest<'_, 'py>,
        host: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let HostRequest { method, path, origin, request_method, request_headers } = request;
        let request = (*method, *path, origin, request_method, request_headers, host);
        self.note.bind(verdict.py()).call1((verdict, request))?;
        Ok(())
    }
}
