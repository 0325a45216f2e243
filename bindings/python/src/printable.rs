//! What somebody else chose, in texts.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::guard::guard;

/// Makes the name of a file, a pointer or a help fit for a message or a log: an ordinary text is
/// unchanged, and one with characters that are not seen is put in quotes and escaped.
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
