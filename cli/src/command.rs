//! The command line `onecors`: checks a policy document, and exports it to other systems.

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
      reads a policy document and tells all its problems

  onecors export FILE --to TARGET [--gateway-responses fixed|authorizer|reflect] [--output FILE]
      writes the policy in the configuration language of another system, or says what that
      system cannot express; nothing is ever approximated. --gateway-responses is for REST APIs
      of API Gateway: where the errors that it makes by itself get their origin from

  onecors --version
  onecors --help

FILE may be -, for standard input. The status is 0, 1 for a document with problems or a policy
that the target cannot express, and 2 for a call that is wrong.
";

/// How a call of the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It did what was asked: status 0.
    Done,
    /// The document has problems, or the target cannot express it: status 1.
    Refused,
    /// The call was wrong, or a file could not be read or written: status 2.
    Failed,
}

impl From<Status> for std::process::ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// What the call asks for.
enum Command {
    Check { file: OsString },
    Export { file: OsString, target: &'static Target, options: Options, output: Option<OsString> },
    Version,
    Help,
}

/// Why a call did not do what was asked.
enum Failure {
    /// What is wrong with the document, or with the policy for the target.
    Refused(String),
    /// What is wrong with the call.
    Call(String),
}

/// What another library says of the call may quote it as it is.
impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Call(printable(error.to_string().as_bytes()).into_owned())
    }
}

/// Runs the command with these arguments, of which the program's name is none.
///
/// What was asked for goes to `out`, and everything else to `err`.
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
    // There is nobody left to tell when this fails.
    let _ = writeln!(err, "onecors: {text}");
    status
}

fn parse(mut parser: lexopt::Parser) -> Result<Command, Failure> {
    let command = match parser.next()? {
        Some(Value(command)) => command.string()?,
        Some(Long("version") | Short('V')) => return Ok(Command::Version),
        Some(Long("help") | Short('h')) => return Ok(Command::Help),
        Some(other) => return Err(other.unexpected().into()),
        None => return Err("say what to do".into()),
    };
    match command.as_str() {
        "check" => parse_check(parser),
        "export" => parse_export(parser),
        "help" => Ok(Command::Help),
        other => Err(Failure::Call(format!("there is no command {}", Whole(other)))),
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
    Ok(Command::Check { file: file.ok_or("check needs the file of a policy document")? })
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
    let file = file.ok_or("export needs the file of a policy document")?;
    let target = target.ok_or_else(|| format!("export needs --to and a target: {}", names()))?;
    if gateway_responses.is_some() && !target.has_gateway_responses() {
        return Err(Failure::Call(format!("--gateway-responses means nothing to {target}")));
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
            "--gateway-responses is fixed, authorizer or reflect, not {}",
            Whole(other)
        ))),
    }
}

fn find_target(name: &str) -> Result<&'static Target, Failure> {
    export::target(name).ok_or_else(|| {
        Failure::Call(format!("there is no target {}, but {}", Whole(name), names()))
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
