//! The layout of what crosses the boundary in one byte array.
//!
//! A request is its five fields one after the other, with their lengths beside it; -1 stands for an
//! absent one. A result is a sequence of 32-bit big-endian integers and of texts, each a length and so
//! many bytes of UTF-8; the length -1 stands for none. `io.onecors.Unpacker` reads it.

use jni::sys::jint;
use onecors_core::{Plan, Problems, Request, Uniform};

use crate::failure::Failure;

/// How many bytes the fields have together.
pub(crate) fn total(lengths: [jint; 5]) -> usize {
    lengths.iter().filter_map(|&length| usize::try_from(length).ok()).sum()
}

/// The request whose fields stand in `bytes`.
pub(crate) fn request(bytes: &[u8], lengths: [jint; 5]) -> Request<'_> {
    let mut rest = bytes;
    let mut next = |length: jint| {
        let (field, after) = rest.split_at(usize::try_from(length).ok()?);
        rest = after;
        Some(field)
    };
    let [method, path, origin, access_control_request_method, access_control_request_headers] =
        lengths;
    Request::default()
        .method(next(method))
        .path(next(path))
        .origin(next(origin))
        .access_control_request_method(next(access_control_request_method))
        .access_control_request_headers(next(access_control_request_headers))
}

/// The text of all problems, how many are not listed, the number of the others, and of each the code,
/// pointer, message and help.
pub(crate) fn problems(problems: &Problems) -> Result<Vec<u8>, Failure> {
    let mut packer = Packer::default();
    packer.text(Some(&problems.to_string()))?;
    packer.count(problems.omitted())?;
    packer.count(problems.as_slice().len())?;
    for problem in problems.as_slice() {
        packer.text(Some(problem.code.as_str()))?;
        packer.text(Some(&problem.pointer))?;
        packer.text(Some(&problem.message))?;
        packer.text(problem.help.as_deref())?;
    }
    Ok(packer.bytes)
}

/// The number of plans, and of each the status (0 for none), the number of header lines, of each line
/// the name, the fixed value and the number of the slot (0 for none), then the number of tokens of
/// `Vary` and the tokens.
pub(crate) fn plans(plans: &[Plan]) -> Result<Vec<u8>, Failure> {
    let mut packer = Packer::default();
    packer.count(plans.len())?;
    for plan in plans {
        packer.count(plan.status.unwrap_or(0).into())?;
        packer.count(plan.headers.len())?;
        for header in &plan.headers {
            packer.text(Some(header.name))?;
            packer.text(header.value.text())?;
            packer.count(header.value.slot().map_or(0, |slot| slot as usize))?;
        }
        packer.count(plan.vary().len())?;
        for token in plan.vary() {
            packer.text(Some(token))?;
        }
    }
    Ok(packer.bytes)
}

/// The bits of the verdict on requests without `Origin`, those of the verdict on the actual requests of
/// exact origins, and the origins; none of them when there are more than `most`.
pub(crate) fn uniform(uniform: &Uniform<'_>, most: usize) -> Result<Vec<u8>, Failure> {
    let mut packer = Packer::default();
    packer.number(uniform.not_cors.bits().cast_signed());
    packer.number(uniform.actual_allowed.bits().cast_signed());
    let count = uniform.ends().len();
    packer.count(if count <= most { count } else { 0 })?;
    if count <= most {
        for origin in uniform.origins() {
            packer.text(Some(origin))?;
        }
    }
    Ok(packer.bytes)
}

#[derive(Default)]
struct Packer {
    bytes: Vec<u8>,
}

impl Packer {
    fn number(&mut self, number: jint) {
        self.bytes.extend_from_slice(&number.to_be_bytes());
    }

    fn count(&mut self, number: usize) -> Result<(), Failure> {
        self.number(jint::try_from(number).map_err(|_| Failure::TooLarge)?);
        Ok(())
    }

    fn text(&mut self, text: Option<&str>) -> Result<(), Failure> {
        let Some(text) = text else {
            self.number(-1);
            return Ok(());
        };
        self.count(text.len())?;
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
