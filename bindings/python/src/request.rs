//! The arguments of a request, as Python passes them.

use std::borrow::Cow;

use onecors_core::Request;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// One argument of `decide`: `str`, `bytes` or `None`.
pub(crate) type Argument<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// The values of a request, borrowed from the Python objects.
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
    /// Fails only if an argument has another type, which is a mistake in the calling program: no client
    /// can provoke it.
    #[inline]
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
        Request::default()
            .method(self.method.as_deref())
            .path(self.path.as_deref())
            .origin(self.origin.as_deref())
            .access_control_request_method(self.access_control_request_method.as_deref())
            .access_control_request_headers(self.access_control_request_headers.as_deref())
    }
}

/// Reads one argument. An error names it.
#[inline]
pub(crate) fn read<'a, 'py>(
    name: &'static str,
    argument: Argument<'a, 'py>,
) -> Result<Option<Cow<'a, [u8]>>, WrongType<'a, 'py>> {
    let Some(argument) = argument else { return Ok(None) };
    if let Ok(text) = argument.cast::<PyString>() {
        return Ok(Some(match text.to_str() {
            Ok(text) => Cow::Borrowed(text.as_bytes()),
            Err(_) => Cow::Owned(replace_surrogates(text)),
        }));
    }
    match argument.cast::<PyBytes>() {
        Ok(bytes) => Ok(Some(Cow::Borrowed(bytes.as_bytes()))),
        Err(_) => Err(WrongType { name, argument }),
    }
}

/// Encodes text with lone surrogates, which UTF-8 cannot represent: each becomes U+FFFD.
///
/// The engine denies such values. An exception would let clients make the server fail.
#[cold]
fn replace_surrogates(text: &Bound<'_, PyString>) -> Vec<u8> {
    text.to_string_lossy().into_owned().into_bytes()
}

/// An argument that is not `str`, `bytes` or `None`.
pub(crate) struct WrongType<'a, 'py> {
    name: &'static str,
    argument: &'a Bound<'py, PyAny>,
}

impl From<WrongType<'_, '_>> for PyErr {
    #[cold]
    fn from(WrongType { name, argument }: WrongType<'_, '_>) -> Self {
        match argument.get_type().name() {
            Ok(wrong) => {
                PyTypeError::new_err(format!("{name} must be str, bytes or None, not {wrong}"))
            }
            Err(error) => error,
        }
    }
}
