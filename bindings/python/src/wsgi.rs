//! The part of the WSGI and Django adapters that runs on every request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::PyTraverseError;
use pyo3::exceptions::{PyAssertionError, PyException};
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyIterator, PyList, PyString, PyTuple};

use crate::adapter::{Adapter, HostRequest};
use crate::engine::Engine;
use crate::request::Argument;
use crate::template::{Echoes, ResponseTemplate};

/// Applies a policy to WSGI applications.
#[pyclass(frozen, module = "onecors._onecors")]
pub(crate) struct WsgiAdapter {
    adapter: Adapter,
    keys: Arc<Keys>,
    /// `onecors._environ.text`, which decodes a value that is not plain ASCII.
    text: Py<PyAny>,
    /// `onecors._environ.fail`, for exchanges.
    fail: Py<PyAny>,
}

/// The keys of environs, and attributes. Not statics, because each interpreter needs its own.
struct Keys {
    method: Py<PyString>,
    origin: Py<PyString>,
    request_method: Py<PyString>,
    request_headers: Py<PyString>,
    host: Py<PyString>,
    write: Py<PyString>,
    close: Py<PyString>,
}

#[pymethods]
impl WsgiAdapter {
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
        let keys = Keys {
            method: key("REQUEST_METHOD"),
            origin: key("HTTP_ORIGIN"),
            request_method: key("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
            request_headers: key("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
            host: key("HTTP_HOST"),
            write: key("write"),
            close: key("close"),
        };
        Ok(Self {
            adapter: Adapter::new(policy.unbind(), templates, denials)?,
            keys: Arc::new(keys),
            text: py.import("onecors._environ")?.getattr("text")?.unbind(),
            fail: py.import("onecors._environ")?.getattr("fail")?.unbind(),
        })
    }

    /// Decides on the request of an environ, and logs a denial.
    ///
    /// The path may be None if the policy is a single rule for every path. Returns None if there is
    /// nothing to do: no rule governs the path, or an outer adapter applies this policy. Returns a
    /// list, the body, after it has started the adapter's own response. It has one empty piece,
    /// because Hypercorn sends the head with the first piece.
    #[pyo3(signature = (environ, path, start_response, /))]
    fn begin<'py>(
        &self,
        environ: &Bound<'py, PyDict>,
        path: Argument<'_, 'py>,
        start_response: Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = environ.py();
        let Some((template, echoes)) = self.decide(environ, path)? else { return Ok(None) };
        if template.status.is_some() {
            start_response.call1((&template.status_line, template.own_fields(py, &echoes)?))?;
            return Ok(Some(PyList::new(py, [nothing(py)])?.into_any()));
        }
        self.adapter.mark(environ)?;
        let exchange = WsgiExchange {
            template,
            echoes,
            keys: self.keys.clone(),
            environ: environ.clone().unbind(),
            start_response: start_response.unbind(),
            fail: self.fail.clone_ref(py),
            progress: Mutex::default(),
        };
        Ok(Some(Bound::new(py, exchange)?.into_any()))
    }

    /// The same without start_response, for Django: returns the status and the lines to set.
    #[pyo3(signature = (environ, path, /))]
    fn describe<'py>(
        &self,
        environ: &Bound<'py, PyDict>,
        path: Argument<'_, 'py>,
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        match self.decide(environ, path)? {
            Some((template, echoes)) => template.described(environ.py(), &echoes).map(Some),
            None => Ok(None),
        }
    }
}

impl WsgiAdapter {
    fn decide<'py>(
        &self,
        environ: &Bound<'py, PyDict>,
        path: Argument<'_, 'py>,
    ) -> PyResult<Option<(Arc<ResponseTemplate>, Echoes)>> {
        if self.adapter.is_applied(environ)? {
            return Ok(None);
        }
        let keys = &self.keys;
        let value = |key: &Py<PyString>| self.value(environ, key.bind(environ.py()));
        let method = environ.as_any().get_item(keys.method.bind(environ.py()))?;
        let may_ask = method.cast::<PyString>().is_ok_and(is_options);
        let request = HostRequest {
            method: &method,
            path,
            origin: value(&keys.origin)?,
            request_method: if may_ask { value(&keys.request_method)? } else { None },
            request_headers: if may_ask { value(&keys.request_headers)? } else { None },
        };
        let template = self.adapter.decide(environ.py(), &request, || value(&keys.host))?;
        Ok(template.map(|template| (template, request.into_echoes())))
    }

    fn value<'py>(
        &self,
        environ: &Bound<'py, PyDict>,
        key: &Bound<'py, PyString>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(value) = environ.get_item(key)? else { return Ok(None) };
        let is_plain = value.cast::<PyString>().is_ok_and(|text| text.to_str().is_ok_and(is_plain));
        if is_plain {
            Ok(Some(value))
        } else {
            self.text.bind(environ.py()).call1((value,)).map(Some)
        }
    }
}

/// One request and its response, on a governed path.
///
/// The server gets the status and the header fields only with the first piece of the body, because
/// the application may fail until then, which makes another response. According to PEP 3333 the second
/// response replaces the first. But Gunicorn adds its fields to those of the first, and uWSGI raises
/// an exception. The first piece is fetched before the call returns, because Granian reads the status
/// and the fields at that moment.
#[pyclass(frozen, module = "onecors._onecors")]
pub(crate) struct WsgiExchange {
    template: Arc<ResponseTemplate>,
    echoes: Echoes,
    keys: Arc<Keys>,
    environ: Py<PyDict>,
    /// The server's.
    #[pyo3(get)]
    start_response: Py<PyAny>,
    /// `onecors._environ.fail`, which answers for a failed application.
    fail: Py<PyAny>,
    /// Never locked while Python code runs.
    progress: Mutex<Progress>,
}

/// The state of a response.
#[derive(Default)]
struct Progress {
    /// The status and the fields that the application started with.
    head: Option<(Py<PyAny>, Py<PyAny>)>,
    /// The server's `write`, once it has them.
    write: Option<Py<PyAny>>,
    /// The application's body, and the iterator over it.
    body: Option<Py<PyAny>>,
    pieces: Option<Py<PyIterator>>,
    /// The first piece, until the server takes it.
    first: Option<Py<PyAny>>,
}

#[pymethods]
impl WsgiExchange {
    /// Whether the server has a status and fields.
    #[getter]
    fn started(&self) -> bool {
        self.progress().write.is_some()
    }

    /// Returns the fields of a response with the plan applied.
    #[pyo3(signature = (fields, /))]
    fn apply<'py>(&self, fields: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.template.apply(fields, &self.echoes)
    }

    /// The application's start_response.
    #[pyo3(signature = (status, headers, exc_info=None))]
    fn start<'py>(
        slf: &Bound<'py, Self>,
        status: Bound<'py, PyAny>,
        headers: Bound<'py, PyAny>,
        exc_info: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let this = slf.get();
        if this.progress().write.is_some() {
            // The server knows whether it is too late for another response.
            let fields = this.apply(&headers)?;
            return this.start_response.bind(slf.py()).call1((status, fields, exc_info));
        }
        let mut progress = this.progress();
        if progress.head.is_some() && exc_info.is_none() {
            return Err(PyAssertionError::new_err(
                "start_response was called a second time without exc_info",
            ));
        }
        let before = progress.head.replace((status.unbind(), headers.unbind()));
        drop(progress);
        drop(before);
        slf.getattr(this.keys.write.bind(slf.py()))
    }

    /// The application's write: sends a piece of the body.
    #[pyo3(signature = (data, /))]
    fn write(&self, data: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = data.py();
        self.begin(py)?;
        let write = self.progress().write.as_ref().map(|write| write.clone_ref(py));
        if let Some(write) = write {
            write.bind(py).call1((data,))?;
        }
        Ok(())
    }

    /// Starts the response on the server, if the application has started it.
    fn begin(&self, py: Python<'_>) -> PyResult<()> {
        let progress = self.progress();
        let (Some((status, headers)), None) = (&progress.head, &progress.write) else {
            return Ok(());
        };
        let (status, headers) = (status.clone_ref(py), headers.clone_ref(py));
        drop(progress);
        let fields = self.apply(headers.bind(py))?;
        let write = self.start_response.bind(py).call1((status, fields))?.unbind();
        let before = self.progress().write.replace(write);
        drop(before);
        Ok(())
    }

    /// Fetches the first piece of the application's body, and starts the response. Returns the body
    /// for the server to iterate over.
    #[pyo3(signature = (body, /))]
    fn over<'py>(slf: Bound<'py, Self>, body: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (py, this) = (slf.py(), slf.get());
        let before = this.progress().body.replace(body.unbind());
        drop(before);
        match this.fetch(py) {
            Ok(first) => {
                // An empty piece for a body that has none, as for preflights.
                let first = first.unwrap_or_else(|| nothing(py));
                let before = this.progress().first.replace(first.unbind());
                drop(before);
            }
            Err(error) => {
                this.abandon(py);
                return this.failed(&slf, &error)?.ok_or(error);
            }
        }
        if let Err(refused) = this.begin(py) {
            this.abandon(py);
            return Err(refused);
        }
        Ok(slf.into_any())
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (py, this) = (slf.py(), slf.get());
        let first = this.progress().first.take();
        if let Some(first) = first {
            return Ok(Some(first.into_bound(py)));
        }
        let piece = match this.fetch(py) {
            Ok(piece) => piece,
            Err(error) => {
                this.failed(slf, &error)?;
                return Err(error);
            }
        };
        this.begin(py)?;
        Ok(piece)
    }

    /// Closes the application's body.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let body = self.progress().body.as_ref().map(|body| body.clone_ref(py));
        if let Some(close) = body
            .map(|body| body.bind(py).getattr_opt(self.keys.close.bind(py)))
            .transpose()?
            .flatten()
        {
            close.call0()?;
        }
        Ok(())
    }

    /// A reference cycle: the application may keep this in the environ.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.environ)?;
        visit.call(&self.start_response)?;
        // While it is locked, this is in use, and so not garbage.
        let Ok(progress) = self.progress.try_lock() else { return Ok(()) };
        if let Some((status, headers)) = &progress.head {
            visit.call(status)?;
            visit.call(headers)?;
        }
        visit.call(&progress.write)?;
        visit.call(&progress.body)?;
        visit.call(&progress.first)?;
        visit.call(&progress.pieces)
    }
}

impl WsgiExchange {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece of the application's body.
    fn fetch<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let pieces = self.progress().pieces.as_ref().map(|pieces| pieces.clone_ref(py));
        let mut pieces = match pieces {
            Some(pieces) => pieces.into_bound(py),
            None => self.pieces(py)?,
        };
        pieces.next().transpose()
    }

    /// The iterator over the application's body.
    fn pieces<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        let body = self.progress().body.as_ref().map(|body| body.clone_ref(py));
        let body = body.map_or_else(|| PyTuple::empty(py).into_any(), |body| body.into_bound(py));
        let pieces = body.try_iter()?;
        self.progress().pieces = Some(pieces.clone().unbind());
        Ok(pieces)
    }

    /// Closes a body that the server never sees.
    #[cold]
    fn abandon(&self, py: Python<'_>) {
        if let Err(error) = self.close(py) {
            // The error of the application is the one to raise.
            error.write_unraisable(py, None);
        }
    }

    /// Answers for the failed application, if that is still possible. Returns the body for the server
    /// to iterate over, or nothing if the error is to be raised.
    #[cold]
    fn failed<'py>(
        &self,
        slf: &Bound<'py, Self>,
        error: &PyErr,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = slf.py();
        if !error.is_instance_of::<PyException>(py) {
            return Ok(None);
        }
        let exc_info = (error.get_type(py), error.value(py), error.traceback(py));
        let body = self.fail.bind(py).call1((&self.environ, slf, exc_info))?;
        Ok((!body.is_none()).then_some(body))
    }
}

fn is_options(method: &Bound<'_, PyString>) -> bool {
    method.to_str().is_ok_and(|method| method == "OPTIONS")
}

fn nothing(py: Python<'_>) -> Bound<'_, PyAny> {
    PyBytes::new(py, b"").into_any()
}

fn is_plain(value: &str) -> bool {
    value.is_ascii() && !value.starts_with([' ', '\t']) && !value.ends_with([' ', '\t'])
}
