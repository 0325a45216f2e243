//! The command line `onecors`.

use std::ffi::OsString;
use std::io;

use pyo3::prelude::*;

use crate::guard::guard;

/// Runs the command with these arguments, on the streams of the process, and gives its status.
#[pyfunction]
#[pyo3(signature = (args, /))]
pub(crate) fn cli(py: Python<'_>, args: Vec<OsString>) -> PyResult<u8> {
    let run = || onecors_cli::run(args, &mut io::stdout().lock(), &mut io::stderr().lock()) as u8;
    Ok(py.detach(|| guard(run))?)
}
