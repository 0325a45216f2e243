//! The command line `onecors`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic::catch_unwind;

use napi::Result;
use napi_derive::napi;

use crate::exception;

/// Runs the command with these arguments, on the streams of the process, and gives its status.
#[napi]
pub(crate) fn cli(args: Vec<String>) -> Result<u32, &'static str> {
    catch_unwind(|| run(args)).map_err(|panic| exception::panicked(&*panic))
}

fn run(args: Vec<String>) -> u32 {
    #[cfg(feature = "panic-probe")]
    crate::probe::trip();
    let mut out = io::stdout().lock();
    let args = args.into_iter().map(OsString::from);
    let status = onecors::cli::run(args, &mut out, &mut io::stderr().lock());
    // Nothing else in this process would write what has no end of line.
    let _ = out.flush();
    status as u32
}
