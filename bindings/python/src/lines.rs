//! The header fields of an ASGI request: pairs of bytes.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};

/// The lines of one field. The name is in lower case.
pub(crate) struct Lines<'py> {
    name: &'static [u8],
    first: Option<Bound<'py, PyAny>>,
    more: Vec<Bound<'py, PyAny>>,
}

impl<'py> Lines<'py> {
    pub(crate) fn of(name: &'static [u8]) -> Self {
        Self { name, first: None, more: Vec::new() }
    }

    /// Finds the lines of these fields among all of a request.
    pub(crate) fn find<const N: usize>(
        headers: &Bound<'py, PyAny>,
        mut wanted: [&mut Self; N],
    ) -> PyResult<()> {
        // Indexing a list is several times as fast as a Python iterator.
        if let Ok(headers) = headers.cast_exact::<PyList>() {
            for index in 0..headers.len() {
                take(&headers.get_item(index)?, &mut wanted)?;
            }
        } else {
            for entry in headers.try_iter()? {
                take(&entry?, &mut wanted)?;
            }
        }
        Ok(())
    }

    /// The value of the field, its lines joined.
    ///
    /// Not every server strips the white space around a value (RFC 9110, section 5.5).
    pub(crate) fn value(self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(first) = self.first else { return Ok(None) };
        if self.more.is_empty() {
            return trimmed(first).map(Some);
        }
        let lines = std::iter::once(first).chain(self.more).map(trimmed);
        let lines = PyList::new(py, lines.collect::<PyResult<Vec<_>>>()?)?;
        PyBytes::new(py, b", ").call_method1("join", (lines,)).map(Some)
    }
}

fn take<'py, const N: usize>(
    entry: &Bound<'py, PyAny>,
    wanted: &mut [&mut Lines<'py>; N],
) -> PyResult<()> {
    let pair = match entry.cast_exact::<PyTuple>() {
        Ok(pair) => pair,
        Err(_) => &PyTuple::new(entry.py(), entry.try_iter()?.collect::<PyResult<Vec<_>>>()?)?,
    };
    let name = pair.get_borrowed_item(0)?;
    let Ok(name) = name.cast_exact::<PyBytes>() else { return Ok(()) };
    let name = name.as_bytes();
    for lines in wanted {
        if name == lines.name {
            let value = pair.get_item(1)?;
            match lines.first {
                None => lines.first = Some(value),
                Some(_) => lines.more.push(value),
            }
            break;
        }
    }
    Ok(())
}

fn trimmed(value: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    match value.cast::<PyBytes>() {
        Ok(bytes) if !is_blank(bytes.as_bytes().first()) && !is_blank(bytes.as_bytes().last()) => {
            Ok(value)
        }
        _ => value.call_method1("strip", (PyBytes::new(value.py(), b" \t"),)),
    }
}
