//! A policy in force, as adapters ask it: whatever kind of host they are for.

use std::sync::Arc;

use onecors_core::Outcome;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySet, PyString, PyTuple};

use crate::answer::{Answer, Echoes};
use crate::engine::Engine;
use crate::request::{Argument, Parts};

pub(crate) struct Gate {
    engine: Py<Engine>,
    /// The answer of each plan.
    answers: Box<[Arc<Answer>]>,
    denials: Denials,
    /// The key of the scope or environ for the policy that an adapter further out applies.
    mark: Py<PyString>,
}

/// The parts of a request, as the host has them.
pub(crate) struct Asked<'a, 'py> {
    pub(crate) method: &'a Bound<'py, PyAny>,
    pub(crate) path: Argument<'a, 'py>,
    pub(crate) origin: Option<Bound<'py, PyAny>>,
    pub(crate) request_method: Option<Bound<'py, PyAny>>,
    pub(crate) request_headers: Option<Bound<'py, PyAny>>,
}

impl Asked<'_, '_> {
    pub(crate) fn into_echoes(self) -> Echoes {
        [self.origin, self.request_method, self.request_headers].map(|part| part.map(Bound::unbind))
    }
}

impl Gate {
    /// `answers` has an `onecors._answer.Answer` for each plan, and `denials` is the policy's
    /// `onecors._denials.DenialLog`.
    pub(crate) fn new(
        engine: Py<Engine>,
        answers: &Bound<'_, PyTuple>,
        denials: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let answers = answers.iter().map(|answer| Ok(Arc::new(Answer::of(&answer)?)));
        Ok(Self {
            engine,
            answers: answers.collect::<PyResult<_>>()?,
            denials: Denials {
                keys: denials.getattr("keys")?.cast_into::<PySet>()?.unbind(),
                note: denials.getattr("note")?.unbind(),
            },
            mark: PyString::intern(denials.py(), "onecors.policy").unbind(),
        })
    }

    /// Whether an adapter further out applies this policy already.
    pub(crate) fn is_applied(&self, connection: &Bound<'_, PyAny>) -> PyResult<bool> {
        let mark = self.mark.bind(connection.py());
        let policy = match connection.cast_exact::<PyDict>() {
            Ok(connection) => connection.get_item(mark)?,
            Err(_) => Some(connection.call_method1("get", (mark,))?),
        };
        Ok(policy.is_some_and(|policy| policy.is(&self.engine)))
    }

    /// Tells adapters further in that this policy is applied.
    pub(crate) fn mark(&self, connection: &Bound<'_, PyAny>) -> PyResult<()> {
        let mark = self.mark.bind(connection.py());
        match connection.cast_exact::<PyDict>() {
            Ok(connection) => connection.set_item(mark, &self.engine),
            Err(_) => connection.set_item(mark, &self.engine),
        }
    }

    /// Decides on a request, and notes a denial. `None` where nothing is to be done.
    ///
    /// `host` gives the value of `Host`, which only a denial that is new needs.
    pub(crate) fn decide<'py>(
        &self,
        py: Python<'py>,
        asked: &Asked<'_, 'py>,
        host: impl FnOnce() -> PyResult<Option<Bound<'py, PyAny>>>,
    ) -> PyResult<Option<Arc<Answer>>> {
        let parts = Parts::read(
            Some(asked.method),
            asked.path,
            asked.origin.as_ref(),
            asked.request_method.as_ref(),
            asked.request_headers.as_ref(),
        )?;
        let engine = self.engine.get();
        let verdict = engine.verdict(&parts.request())?;
        if verdict.outcome() == Outcome::Ungoverned {
            return Ok(None);
        }
        if verdict.reason().is_some() {
            let verdict = engine.object(py, verdict)?;
            if self.denials.is_new(verdict.bind(py), asked)? {
                self.denials.note(verdict.bind(py), asked, host()?)?;
            }
        }
        match self.answers.get(verdict.plan()) {
            Some(answer) => Ok(Some(answer.clone())),
            None => Err(PyRuntimeError::new_err("a plan of the policy has no answer")),
        }
    }
}

/// What has been logged of the policy's denials, as `onecors._denials.DenialLog` keeps it.
struct Denials {
    keys: Py<PySet>,
    note: Py<PyAny>,
}

impl Denials {
    /// Whether a denial may have to be logged.
    fn is_new(&self, verdict: &Bound<'_, PyAny>, asked: &Asked<'_, '_>) -> PyResult<bool> {
        let keys = self.keys.bind(verdict.py());
        Ok(!keys.contains((verdict.as_ptr() as usize, asked.origin.as_ref()))?)
    }

    #[cold]
    fn note<'py>(
        &self,
        verdict: &Bound<'py, PyAny>,
        asked: &Asked<'_, 'py>,
        host: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let Asked { method, path, origin, request_method, request_headers } = asked;
        let request = (*method, *path, origin, request_method, request_headers, host);
        self.note.bind(verdict.py()).call1((verdict, request))?;
        Ok(())
    }
}
