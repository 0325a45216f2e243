//! Escapes untrusted text for messages and logs.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::guard::guard;

/// Escapes a file name, a pointer or a help for a message or a log: text with characters that are not
/// printable is quoted and escaped, other text is unchanged.
#[pyfunction]
#[pyo3(signature = (text, /))]
pub(crate) fn printable(text: &Bound<'_, PyString>) -> PyResult<String> {
    let print = |text: &[u8]| guard(|| onecors_core::printable(text).into_owned());
    if let Ok(text) = text.to_str() {
        return Ok(print(text.as_bytes())?);
    }
    // In the name of a file, a byte that is not UTF-8 is a lone surrogate (PEP 383).
    match text.call_method1("encode", ("utf-8", "surrogateescape")) {
        Ok(bytes) => Ok(print(bytes.cast::<PyBytes>()?.as_bytes())?),
        Err(_) => Ok(print(text.to_string_lossy().as_bytes())?),
    }
}
