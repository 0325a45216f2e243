//! What the adapters of WSGI and Django do for each request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::PyTraverseError;
use pyo3::exceptions::{PyAssertionError, PyException};
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyIterator, PyList, PyString, PyTuple};

use crate::answer::{Answer, Echoes};
use crate::engine::Engine;
use crate::gate::{Asked, Gate};
use crate::request::Argument;

/// A policy in front of WSGI applications.
#[pyclass(frozen, module = "onecors._onecors")]
pub(crate) struct WsgiGate {
    gate: Gate,
    words: Arc<Words>,
    /// `onecors._environ.text`, which reads a value that is not plain ASCII.
    text: Py<PyAny>,
    /// `onecors._environ.fail`, for exchanges.
    fail: Py<PyAny>,
}

/// The keys of environs, and attributes. They are no statics, since each interpreter needs its own.
struct Words {
    method: Py<PyString>,
    origin: Py<PyString>,
    request_method: Py<PyString>,
    request_headers: Py<PyString>,
    host: Py<PyString>,
    write: Py<PyString>,
    close: Py<PyString>,
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
        let word = |text| PyString::intern(py, text).unbind();
        let words = Words {
            method: word("REQUEST_METHOD"),
            origin: word("HTTP_ORIGIN"),
            request_method: word("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
            request_headers: word("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
            host: word("HTTP_HOST"),
            write: word("write"),
            close: word("close"),
        };
        Ok(Self {
            gate: Gate::new(policy.unbind(), answers, denials)?,
            words: Arc::new(words),
            text: py.import("onecors._environ")?.getattr("text")?.unbind(),
            fail: py.import("onecors._environ")?.getattr("fail")?.unbind(),
        })
    }

    /// Decides on the request of an environ, and notes a denial.
    ///
    /// The path may be None for a policy that is one rule for every path. None is given where nothing
    /// is to be done: on a path that is not governed, and behind another adapter with this policy. A
    /// list is the body of an answer that ends here, of which the server has been told. It has one
    /// empty piece, since Hypercorn sends the head with the first.
    #[pyo3(signature = (environ, path, start_response, /))]
    fn begin<'py>(
        &self,
        environ: &Bound<'py, PyDict>,
        path: Argument<'_, 'py>,
        start_response: Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = environ.py();
        let Some((answer, echoes)) = self.decide(environ, path)? else { return Ok(None) };
        if answer.status.is_some() {
            start_response.call1((&answer.status_line, answer.own_fields(py, &echoes)?))?;
            return Ok(Some(PyList::new(py, [nothing(py)])?.into_any()));
        }
        self.gate.mark(environ)?;
        let exchange = WsgiExchange {
            answer,
            echoes,
            words: self.words.clone(),
            environ: environ.clone().unbind(),
            start_response: start_response.unbind(),
            fail: self.fail.clone_ref(py),
            progress: Mutex::default(),
        };
        Ok(Some(Bound::new(py, exchange)?.into_any()))
    }

    /// The same where there is no start_response, in Django: the status and the lines to set.
    #[pyo3(signature = (environ, path, /))]
    fn describe<'py>(
        &self,
        environ: &Bound<'py, PyDict>,
        path: Argument<'_, 'py>,
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        match self.decide(environ, path)? {
            Some((answer, echoes)) => answer.described(environ.py(), &echoes).map(Some),
            None => Ok(None),
        }
    }
}

impl WsgiGate {
    fn decide<'py>(
        &self,
        environ: &Bound<'py, PyDict>,
        path: Argument<'_, 'py>,
    ) -> PyResult<Option<(Arc<Answer>, Echoes)>> {
        if self.gate.is_applied(environ)? {
            return Ok(None);
        }
        let words = &self.words;
        let value = |key: &Py<PyString>| self.value(environ, key.bind(environ.py()));
        let method = environ.as_any().get_item(words.method.bind(environ.py()))?;
        let may_ask = method.cast::<PyString>().is_ok_and(is_options);
        let asked = Asked {
            method: &method,
            path,
            origin: value(&words.origin)?,
            request_method: if may_ask { value(&words.request_method)? } else { None },
            request_headers: if may_ask { value(&words.request_headers)? } else { None },
        };
        let answer = self.gate.decide(environ.py(), &asked, || value(&words.host))?;
        Ok(answer.map(|answer| (answer, asked.into_echoes())))
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

/// One request and its response, on a path that is governed.
///
/// The server hears of the status and the header fields once the first piece of the body is there:
/// until then the application may still fail, and the answer be another. PEP 3333 would have the server
/// replace the first answer by the second. Gunicorn adds the second one's fields to the first one's, and
/// uWSGI raises an exception. The piece is fetched before the application is left, since Granian reads
/// the status and the fields at that moment.
#[pyclass(frozen, module = "onecors._onecors")]
pub(crate) struct WsgiExchange {
    answer: Arc<Answer>,
    echoes: Echoes,
    words: Arc<Words>,
    environ: Py<PyDict>,
    /// The server's.
    #[pyo3(get)]
    start_response: Py<PyAny>,
    /// `onecors._environ.fail`, which answers in the place of an application that has failed.
    fail: Py<PyAny>,
    /// Locked for moments only, in which no Python runs.
    progress: Mutex<Progress>,
}

/// How far a response is.
#[derive(Default)]
struct Progress {
    /// The status and the fields that the application started with.
    head: Option<(Py<PyAny>, Py<PyAny>)>,
    /// What the server gave for them.
    write: Option<Py<PyAny>>,
    /// What the application gave, and the iterator over it.
    body: Option<Py<PyAny>>,
    pieces: Option<Py<PyIterator>>,
    /// The first piece, until the server takes it.
    first: Option<Py<PyAny>>,
}

#[pymethods]
impl WsgiExchange {
    /// Whether the server has been told of a status and fields.
    #[getter]
    fn told(&self) -> bool {
        self.progress().write.is_some()
    }

    /// Makes the fields of a response that has these.
    #[pyo3(signature = (fields, /))]
    fn apply<'py>(&self, fields: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.answer.apply(fields, &self.echoes)
    }

    /// What the application calls as the server's start_response.
    #[pyo3(signature = (status, headers, exc_info=None))]
    fn start<'py>(
        slf: &Bound<'py, Self>,
        status: Bound<'py, PyAny>,
        headers: Bound<'py, PyAny>,
        exc_info: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let this = slf.get();
        if this.progress().write.is_some() {
            // The server knows whether it is too late for another answer.
            let fields = this.apply(&headers)?;
            return this.start_response.bind(slf.py()).call1((status, fields, exc_info));
        }
        let mut progress = this.progress();
        if progress.head.is_some() && exc_info.is_none() {
            return Err(PyAssertionError::new_err(
                "start_response was called again, and without exc_info",
            ));
        }
        let before = progress.head.replace((status.unbind(), headers.unbind()));
        drop(progress);
        drop(before);
        slf.getattr(this.words.write.bind(slf.py()))
    }

    /// What the application gets for starting: sends a piece of the body.
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

    /// Tells the server, if the application has started and the server has not been told.
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

    /// Fetches the first piece of the application's body, and tells the server. Gives what the server
    /// goes over.
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

    /// Tells the application that the response is over.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let body = self.progress().body.as_ref().map(|body| body.clone_ref(py));
        if let Some(close) = body
            .map(|body| body.bind(py).getattr_opt(self.words.close.bind(py)))
            .transpose()?
            .flatten()
        {
            close.call0()?;
        }
        Ok(())
    }

    /// An environ may hold this, by way of what it gave the application.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.environ)?;
        visit.call(&self.start_response)?;
        // While it is locked, this is in use, and so no garbage.
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
            // There is an error already, which is the one to raise.
            error.write_unraisable(py, None);
        }
    }

    /// Answers in the place of the application, where that is still possible. Gives what the server
    /// goes over, or nothing where the error is to be raised at once.
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
