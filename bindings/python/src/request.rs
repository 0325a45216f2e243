//! A request as Python gives it.

use std::borrow::Cow;

use onecors::Request;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// One argument of `decide` as Python gives it: `str`, `bytes` or `None`.
pub(crate) type Argument<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// The parts of a request, which point into the Python objects they came in.
pub(crate) struct Parts<'a> {
    method: Option<Cow<'a, [u8]>>,
    path: Option<Cow<'a, [u8]>>,
    origin: Option<Cow<'a, [u8]>>,
    access_control_request_method: Option<Cow<'a, [u8]>>,
    access_control_request_headers: Option<Cow<'a, [u8]>>,
}

impl<'a> Parts<'a> {
    /// Reads the arguments.
    ///
    /// Fails only where an argument is of another type, which is a mistake in the calling program
    /// and nothing that a client can provoke.
    pub(crate) fn read(
        method: Argument<'a, '_>,
        path: Argument<'a, '_>,
        origin: Argument<'a, '_>,
        access_control_request_method: Argument<'a, '_>,
        access_control_request_headers: Argument<'a, '_>,
    ) -> PyResult<Self> {
        Ok(Self {
            method: read("method", method)?,
            path: read("path", path)?,
            origin: read("origin", origin)?,
            access_control_request_method: read(
                "access_control_request_method",
                access_control_request_method,
            )?,
            access_control_request_headers: read(
                "access_control_request_headers",
                access_control_request_headers,
            )?,
        })
    }

    /// The engine's view of the request.
    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            method: self.method.as_deref(),
            path: self.path.as_deref(),
            origin: self.origin.as_deref(),
            access_control_request_method: self.access_control_request_method.as_deref(),
            access_control_request_headers: self.access_control_request_headers.as_deref(),
        }
    }
}

fn read<'a>(name: &str, argument: Argument<'a, '_>) -> PyResult<Option<Cow<'a, [u8]>>> {
    let Some(argument) = argument else { return Ok(None) };
    if let Ok(text) = argument.cast::<PyString>() {
        // A lone surrogate, which UTF-8 cannot express, becomes U+FFFD: the engine denies it then
        // where an exception would be a way to make the server fail.
        return Ok(Some(match text.to_string_lossy() {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        }));
    }
    match argument.cast::<PyBytes>() {
        Ok(bytes) => Ok(Some(Cow::Borrowed(bytes.as_bytes()))),
        Err(_) => Err(PyTypeError::new_err(format!(
            "{name} must be str, bytes or None, not {}",
            argument.get_type().name()?
        ))),
    }
}
