//! The command line `onecors`: validates a policy document, and exports it to other systems.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io::{self, Write};

use lexopt::prelude::*;
use onecors_core::Policy;
use onecors_core::text::{Whole, printable};

use crate::export::{self, GatewayResponses, Options, Target};

const USAGE: &str = "\
onecors: one CORS policy, one engine, every service

  onecors check FILE
      validates a policy document and reports every problem

  onecors export FILE --to TARGET [--gateway-responses fixed|authorizer|reflect] [--output FILE]
      writes the policy in the configuration language of another system, or reports what that
      system cannot express; it never approximates. --gateway-responses is for REST APIs of API
      Gateway: the source of the origin in the errors that the gateway itself makes

  onecors --version
  onecors --help

FILE may be -, for standard input. The exit status is 0 on success, 1 for a document with problems or
a policy that the target cannot express, and 2 for a usage or I/O error.
";

/// How a call of the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Success: status 0.
    Done,
    /// The document has problems, or the target cannot express it: status 1.
    Refused,
    /// A usage or I/O error: status 2.
    Failed,
}

impl From<Status> for std::process::ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// A parsed command line.
enum Command {
    Check { file: OsString },
    Export { file: OsString, target: &'static Target, options: Options, output: Option<OsString> },
    Version,
    Help,
}

/// Why a command failed.
enum Failure {
    /// What is wrong with the document, or with the policy for the target.
    Refused(String),
    /// A usage or I/O error.
    Call(String),
}

/// The text of another library may quote an argument unescaped.
impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Call(printable(error.to_string().as_bytes()).into_owned())
    }
}

/// Runs the command line. `args` excludes the program name.
///
/// The result goes to `out`, errors go to `err`.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Status {
    let result = parse(lexopt::Parser::from_args(args)).and_then(|command| command.run(out));
    let (status, text) = match result {
        Ok(()) => return Status::Done,
        Err(Failure::Refused(text)) => (Status::Refused, text),
        Err(Failure::Call(text)) => (Status::Failed, format!("{text}; see onecors --help")),
    };
    // Nothing can be done when this fails.
    let _ = writeln!(err, "onecors: {text}");
    status
}

fn parse(mut parser: lexopt::Parser) -> Result<Command, Failure> {
    let command = match parser.next()? {
        Some(Value(command)) => command.string()?,
        Some(Long("version") | Short('V')) => return Ok(Command::Version),
        Some(Long("help") | Short('h')) => return Ok(Command::Help),
        Some(other) => return Err(other.unexpected().into()),
        None => return Err("missing command (check, export)".into()),
    };
    match command.as_str() {
        "check" => parse_check(parser),
        "export" => parse_export(parser),
        "help" => Ok(Command::Help),
        other => Err(Failure::Call(format!("unknown command {} (check, export)", Whole(other)))),
    }
}

fn parse_check(mut parser: lexopt::Parser) -> Result<Command, Failure> {
    let mut file = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Value(value) if file.is_none() => file = Some(value),
            Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Command::Check { file: file.ok_or("check needs the path of a policy document")? })
}

fn parse_export(mut parser: lexopt::Parser) -> Result<Command, Failure> {
    let (mut file, mut target, mut output, mut gateway_responses) = (None, None, None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Value(value) if file.is_none() => file = Some(value),
            Long("to") => target = Some(find_target(&parser.value()?.string()?)?),
            Long("output") | Short('o') => output = Some(parser.value()?),
            Long("gateway-responses") => {
                gateway_responses = Some(find_choice(&parser.value()?.string()?)?);
            }
            Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    let file = file.ok_or("export needs the path of a policy document")?;
    let target = target.ok_or_else(|| format!("export needs --to TARGET, one of: {}", names()))?;
    if gateway_responses.is_some() && !target.has_gateway_responses() {
        return Err(Failure::Call(format!("--gateway-responses does not apply to {target}")));
    }
    let options = Options { gateway_responses: gateway_responses.unwrap_or_default() };
    Ok(Command::Export { file, target, options, output })
}

fn find_choice(name: &str) -> Result<GatewayResponses, Failure> {
    match name {
        "fixed" => Ok(GatewayResponses::Fixed),
        "authorizer" => Ok(GatewayResponses::Authorizer),
        "reflect" => Ok(GatewayResponses::Reflect),
        other => Err(Failure::Call(format!(
            "--gateway-responses must be fixed, authorizer or reflect, not {}",
            Whole(other)
        ))),
    }
}

fn find_target(name: &str) -> Result<&'static Target, Failure> {
    export::target(name).ok_or_else(|| {
        Failure::Call(format!("unknown target {}; the targets are {}", Whole(name), names()))
    })
}

/// The names of all targets.
fn names() -> String {
    let names: Vec<_> = export::TARGETS.iter().map(|target| target.name).collect();
    names.join(", ")
}

impl Command {
    fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        match self {
            Self::Check { file } => load(&file).map(drop),
            Self::Export { file, target, options, output } => {
                let text = target
                    .export(&load(&file)?, &options)
                    .map_err(|refusals| Failure::Refused(refusals.to_string()))?;
                match output {
                    None => Ok(out.write_all(text.as_bytes())?),
                    Some(path) => fs::write(&path, text).map_err(|e| cannot("write", &path, &e)),
                }
            }
            Self::Version => Ok(writeln!(out, "onecors {}", onecors_core::VERSION)?),
            Self::Help => {
                write!(out, "{USAGE}\nTargets:\n")?;
                for target in export::TARGETS {
                    writeln!(out, "  {:18} {}", target.name, target.summary)?;
                }
                Ok(())
            }
        }
    }
}

fn load(file: &OsString) -> Result<Policy, Failure> {
    let document = if file == "-" {
        io::read_to_string(io::stdin()).map(String::into_bytes)
    } else {
        fs::read(file)
    };
    let document = document.map_err(|e| cannot("read", file, &e))?;
    Policy::from_slice(&document).map_err(|problems| Failure::Refused(problems.to_string()))
}

fn cannot(verb: &str, file: &OsString, error: &io::Error) -> Failure {
    Failure::Call(format!("cannot {verb} {}: {error}", printable(file.as_encoded_bytes())))
}
