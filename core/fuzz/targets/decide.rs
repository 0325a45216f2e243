//! A decision against the naive model.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::{Corpus, fuzz_target};
use onecors_core::{Policy, Request};
use onecors_fuzz::document::Document;
use onecors_fuzz::model;

const ORIGINS: [&str; 14] = [
    "https://a.example",
    "https://a.example:8443",
    "https://b.a.example",
    "https://c.b.a.example",
    "https://x-1.b.example",
    "https://x1y.b.example:9000",
    "https://1-x.b.example",
    "http://localhost:1",
    "http://localhost",
    "http://127.0.0.1:3000",
    "http://[::1]:8080",
    "capacitor://localhost",
    "https://d.c.example.",
    "null",
];
const PATHS: [&str; 10] =
    ["/", "/a", "/a/b", "/a/", "/a/c", "/b/", "/c/b/d", "/a//b", "/a/%62", "/x/../a"];
const METHODS: [&str; 8] = ["GET", "PUT", "DELETE", "patch", "PURGE", "TRACE", "get", "a b"];
const LISTS: [&str; 8] =
    ["", "x-a", "x-a,x-b", "content-type, authorization", " X-A ,", "x-c", "a b", ",,,x-a"];

/// A text of a list, with one byte changed, or any bytes.
#[derive(Arbitrary, Debug)]
enum Text {
    Listed(u8),
    Changed(u8, u8, u8),
    Any(Vec<u8>),
}

impl Text {
    fn bytes(&self, list: &[&str]) -> Vec<u8> {
        let listed = |place: u8| list[usize::from(place) % list.len()].as_bytes().to_vec();
        match self {
            Self::Listed(place) => listed(*place),
            Self::Changed(place, at, byte) => {
                let mut text = listed(*place);
                let at = usize::from(*at) % (text.len() + 1);
                if at < text.len() {
                    text[at] = *byte
                } else {
                    text.push(*byte)
                }
                text
            }
            Self::Any(bytes) => bytes.clone(),
        }
    }
}

#[derive(Arbitrary, Debug)]
struct Input {
    preflight: bool,
    origin: Option<Text>,
    request_method: Option<Text>,
    request_headers: Option<Text>,
    path: Option<Text>,
    // Last, since it takes as many bytes as there are.
    document: Document,
}

fuzz_target!(|input: Input| -> Corpus {
    let Some((rules, text)) = input.document.model() else { return Corpus::Reject };
    let Ok(policy) = Policy::from_json(&text) else { return Corpus::Reject };
    let bytes = |text: &Option<Text>, list: &[&str]| text.as_ref().map(|text| text.bytes(list));
    let request = model::Request {
        method: Some(if input.preflight { b"OPTIONS".to_vec() } else { b"GET".to_vec() }),
        path: bytes(&input.path, &PATHS),
        origin: bytes(&input.origin, &ORIGINS),
        request_method: bytes(&input.request_method, &METHODS),
        request_headers: bytes(&input.request_headers, &LISTS),
    };
    let view = Request::default()
        .method(request.method.as_deref())
        .path(request.path.as_deref())
        .origin(request.origin.as_deref())
        .access_control_request_method(request.request_method.as_deref())
        .access_control_request_headers(request.request_headers.as_deref());

    let verdict = policy.decide(&view);
    let plan = &policy.plans()[verdict.plan()];
    let found = model::Answer {
        outcome: verdict.outcome().as_str(),
        reason: verdict.reason().map(|reason| reason.as_str()),
        status: plan.status,
        lines: plan.lines(&view).map(|(name, value)| (name.to_owned(), value.to_vec())).collect(),
    };
    let single = policy.uniform().is_some();
    assert_eq!(found, model::decide(&rules, single, &request), "{text} {request:?}");
    assert_eq!(policy.explain(&view).verdict(), verdict);
    check_uniform(&policy, &view);
    Corpus::Keep
});

/// What a host may decide by itself is what the engine decides.
fn check_uniform(policy: &Policy, request: &Request<'_>) {
    let Some(uniform) = policy.uniform() else { return };
    let verdict = policy.decide(request);
    let Some(origin) = request.origin else {
        assert_eq!(verdict, uniform.not_cors);
        return;
    };
    let is_listed = uniform.origins().any(|listed| listed.as_bytes() == origin);
    if is_listed && request.method != Some(b"OPTIONS") {
        assert_eq!(verdict, uniform.actual_allowed);
    }
    if let (false, Some(denied)) = (is_listed, uniform.denied) {
        let is_preflight =
            request.method == Some(b"OPTIONS") && request.access_control_request_method.is_some();
        let expected = if is_preflight { denied.preflight } else { denied.actual };
        assert_eq!((verdict.outcome(), verdict.plan()), (expected.outcome(), expected.plan()));
    }
}
