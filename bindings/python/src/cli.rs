//! The command line `onecors`.

use std::ffi::OsString;
use std::io;

use pyo3::prelude::*;

use crate::guard::guard;

/// Runs the command on the streams of the process, and returns its status. `args` excludes the
/// program name.
#[pyfunction]
#[pyo3(signature = (args, /))]
pub(crate) fn cli(py: Python<'_>, args: Vec<OsString>) -> PyResult<u8> {
    let run = || onecors_cli::run(args, &mut io::stdout().lock(), &mut io::stderr().lock()) as u8;
    Ok(py.detach(|| guard(run))?)
}
