//! Why a policy could not be compiled.

use std::any::Any;

use onecors_core::{Problem, Problems};

use crate::codes::{ONECORS_BAD_DOCUMENT, ONECORS_PANIC, onecors_result};
use crate::guard::{Failure, guard_or};
use crate::names::describe;
use crate::strings::{onecors_str, onecors_string};

/// Why onecors_policy_new failed. The caller owns it, and frees it with onecors_error_free.
pub struct onecors_error {
    pub(crate) result: onecors_result,
    text: onecors_string,
    problems: Option<Problems>,
}

impl onecors_error {
    pub(crate) fn document(problems: Problems) -> Self {
        Self {
            result: ONECORS_BAD_DOCUMENT,
            text: onecors_string::new(problems.to_string()),
            problems: Some(problems),
        }
    }

    pub(crate) fn argument(failure: Failure) -> Self {
        Self::without_problems(failure, describe(failure).to_string_lossy().into_owned())
    }

    pub(crate) fn panic(payload: &(dyn Any + Send)) -> Self {
        let message = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("it carried no message");
        let what = describe(ONECORS_PANIC).to_string_lossy();
        Self::without_problems(ONECORS_PANIC, format!("{what}: {message}"))
    }

    fn without_problems(result: onecors_result, text: String) -> Self {
        Self { result, text: onecors_string::new(text), problems: None }
    }

    fn problems(&self) -> &[Problem] {
        self.problems.as_ref().map_or(&[], Problems::as_slice)
    }
}

/// The message to print: all problems, each with its place and help, on several lines; or the other
/// cause. NUL-terminated, borrowed from the error, and empty if error is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_error_text(error: Option<&onecors_error>) -> onecors_str {
    guard_or(onecors_str::EMPTY, || Some(error?.text.view()))
}

/// The number of problems that are listed: at most 1,000; the text says how many more there are. 0 if
/// the cause was another one, and if error is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_problem_count(error: Option<&onecors_error>) -> usize {
    guard_or(0, || Some(error?.problems().len()))
}

/// The stable code of a problem, such as `trailing_slash`. This and the following three strings are
/// borrowed from the error, not NUL-terminated, and empty if there is no such problem.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_problem_code(
    error: Option<&onecors_error>,
    index: usize,
) -> onecors_str {
    part_of(error, index, |problem| Some(problem.code.as_str()))
}

/// The place of a problem, as a JSON pointer (RFC 6901); empty for the whole document. It has the
/// document's keys unescaped: pass it through onecors_printable before you show it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_problem_pointer(
    error: Option<&onecors_error>,
    index: usize,
) -> onecors_str {
    part_of(error, index, |problem| Some(&problem.pointer))
}

/// What is wrong, and what a browser would do. Quoted text of the document is escaped and shortened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_problem_message(
    error: Option<&onecors_error>,
    index: usize,
) -> onecors_str {
    part_of(error, index, |problem| Some(&problem.message))
}

/// What to write instead; empty if there is no suggestion. Like the pointer, it is not escaped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_problem_help(
    error: Option<&onecors_error>,
    index: usize,
) -> onecors_str {
    part_of(error, index, |problem| problem.help.as_deref())
}

fn part_of(
    error: Option<&onecors_error>,
    index: usize,
    part: impl FnOnce(&Problem) -> Option<&str>,
) -> onecors_str {
    guard_or(onecors_str::EMPTY, || {
        let problem = error?.problems().get(index)?;
        Some(onecors_str::new(part(problem)?.as_bytes()))
    })
}

/// The problems as a JSON array of objects with `code`, `pointer`, `message` and `help` (or null), on one
/// line. Invisible characters have JSON escapes.
///
/// Returns a string that the caller frees with onecors_string_free, or NULL if error is NULL and after an
/// internal error.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn onecors_problems_json(
    error: Option<&onecors_error>,
) -> Option<Box<onecors_string>> {
    guard_or(None, || {
        let json = error?.problems.as_ref().map_or_else(|| "[]".to_owned(), Problems::to_json);
        Some(Some(Box::new(onecors_string::new(json))))
    })
}

/// Frees an error, and what was borrowed from it. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_error_free(error: Option<Box<onecors_error>>) {
    guard_or((), || {
        drop(error);
        None
    });
}
