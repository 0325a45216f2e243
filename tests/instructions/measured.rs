//! The engine's `decide`, with nothing around it. Each argument names a case: see `guard`.

use std::hint::black_box;
use std::{env, fs};

use onecors_core::{Policy, Request};

unsafe extern "C" {
    safe fn marks_begin();
    safe fn marks_end();
}

/// What is counted. The guard knows it by its name.
#[unsafe(no_mangle)]
#[inline(never)]
fn measured_decide(policy: &Policy, request: &Request<'_>) -> u32 {
    policy.decide(request).bits()
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read_request(line: &str) -> Request<'_> {
    let mut fields =
        line.split('\t').map(|field| Some(field.as_bytes()).filter(|field| !field.is_empty()));
    let mut next = || fields.next().flatten();
    Request::default()
        .method(next())
        .path(next())
        .origin(next())
        .access_control_request_method(next())
        .access_control_request_headers(next())
}

fn decide_all(policy: &Policy, requests: &[Request<'_>]) {
    for request in requests {
        black_box(measured_decide(policy, black_box(request)));
    }
}

fn measure(case: &str) {
    let case = read(case);
    let mut lines = case.lines();
    let document = read(lines.next().expect("a case begins with its document"));
    let policy = Policy::from_slice(document.as_bytes()).expect("the document is right");
    let requests: Vec<_> = lines.map(read_request).collect();
    decide_all(&policy, &requests);
    marks_begin();
    decide_all(&policy, &requests);
    marks_end();
}

fn main() {
    for case in env::args().skip(1) {
        measure(&case);
    }
}
