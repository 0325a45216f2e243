//! Why a policy could not be made.

use std::any::Any;

use onecors_core::{Problem, Problems};

use crate::codes::{ONECORS_BAD_DOCUMENT, ONECORS_PANIC, describe, onecors_result};
use crate::guard::{Failure, guard_or};
use crate::strings::{onecors_str, onecors_string};

/// Why onecors_policy_new made no policy. Free it with onecors_error_free.
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

/// What to print: all problems, each with its place and help, in several lines; or what else was
/// wrong. It has a NUL behind it, is empty when error is NULL, and lives until the error is freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_error_text(error: Option<&onecors_error>) -> onecors_str {
    guard_or(onecors_str::EMPTY, || Some(error?.text.view()))
}

/// How many problems are listed, at most 1,000: the text counts the others. 0 when something else was
/// wrong, and when error is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_problem_count(error: Option<&onecors_error>) -> usize {
    guard_or(0, || Some(error?.problems().len()))
}

/// The stable code of a problem, such as `trailing_slash`. This and the following three strings
/// live until the error is freed, have no NUL behind them, and are empty when there is no such
/// problem.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_problem_code(
    error: Option<&onecors_error>,
    index: usize,
) -> onecors_str {
    part_of(error, index, |problem| Some(problem.code.as_str()))
}

/// Where the problem is, as a JSON pointer (RFC 6901); empty for the whole document. The keys in it
/// are as they are in the document, whatever their characters: onecors_printable makes it fit for a
/// text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_problem_pointer(
    error: Option<&onecors_error>,
    index: usize,
) -> onecors_str {
    part_of(error, index, |problem| Some(&problem.pointer))
}

/// What is wrong, and what a browser would do. Text of the document in it is escaped and cut.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_problem_message(
    error: Option<&onecors_error>,
    index: usize,
) -> onecors_str {
    part_of(error, index, |problem| Some(&problem.message))
}

/// What to write instead; empty where there is nothing to say. A corrected text is exact, as the
/// pointer is.
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

/// The problems as a JSON array of objects with `code`, `pointer`, `message` and `help` (or null), on
/// one line. What is not seen in print is escaped in it, as JSON escapes it. The caller's, to be freed
/// with onecors_string_free. NULL when error is NULL, and after an error inside the engine.
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

/// Frees an error. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn onecors_error_free(error: Option<Box<onecors_error>>) {
    guard_or((), || {
        drop(error);
        None
    });
}
