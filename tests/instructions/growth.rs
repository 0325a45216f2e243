//! Loads policies, decides and exports, with nothing around it. The arguments come in threes: what
//! is done, the file of the document, and the file of the text that matters; see `growth`.

use std::hint::black_box;
use std::{env, fs};

use onecors_cli::export::{Options, target};
use onecors_core::{Policy, Request};

unsafe extern "C" {
    safe fn marks_begin();
    safe fn marks_end();
}

/// What is counted. The script knows it by its name.
#[unsafe(no_mangle)]
#[inline(never)]
fn measured_call(work: &dyn Fn()) {
    work();
}

fn count(work: impl Fn()) {
    marks_begin();
    measured_call(black_box(&work));
    marks_end();
}

fn count_decision(policy: &Policy, request: Request<'_>) {
    count(|| {
        black_box(policy.decide(black_box(&request)));
    });
}

fn measure(what: &str, document: &[u8], text: &[u8]) {
    if what == "load" {
        count(|| drop(black_box(Policy::from_slice(black_box(document)))));
        return;
    }
    let policy = Policy::from_slice(document).expect("the document is right");
    let preflight = Request::default()
        .method(Some(b"OPTIONS"))
        .path(Some(b"/"))
        .origin(Some(b"https://app.example.com"))
        .access_control_request_method(Some(b"PUT"))
        .access_control_request_headers(None);
    let text = Some(text);
    match what {
        "path" => count_decision(&policy, preflight.path(text)),
        "method" => {
            count_decision(&policy, preflight.access_control_request_method(text));
        }
        "headers" => {
            count_decision(&policy, preflight.access_control_request_headers(text));
        }
        name => {
            let target = target(name).unwrap_or_else(|| panic!("{name} is no target"));
            count(|| drop(black_box(target.export(&policy, &Options::default()))));
        }
    }
}

fn read(path: &str) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    for case in arguments.chunks_exact(3) {
        measure(&case[0], &read(&case[1]), &read(&case[2]));
    }
}
