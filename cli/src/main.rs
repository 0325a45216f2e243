//! The command `onecors`.

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = std::env::args_os().skip(1);
    onecors_cli::run(args, &mut io::stdout().lock(), &mut io::stderr().lock()).into()
}
