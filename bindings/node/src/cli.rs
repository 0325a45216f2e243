//! The command line `onecors`.

use std::ffi::OsString;
use std::io::{self, Write};

/// Runs the command on the streams of the process, and returns its status.
pub(crate) fn run(args: Vec<String>) -> u32 {
    #[cfg(feature = "panic-probe")]
    crate::probe::trip();
    let mut out = io::stdout().lock();
    let args = args.into_iter().map(OsString::from);
    let status = onecors_cli::run(args, &mut out, &mut io::stderr().lock());
    // Nothing else in this process would write what has no end of line.
    let _ = out.flush();
    status as u32
}
