//! A browser in a page of code: the Fetch standard's CORS check and CORS-preflight fetch, step by
//! step, against random policies. Both ways: what the policy allows, the browser lets through; what
//! it does not allow, the browser blocks.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use onecors_core::{Outcome, Policy, Request};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

/// Origin patterns with the origins of `ORIGINS` that they cover. No pattern covers another one.
const PATTERNS: &[(&str, &[&str])] = &[
    ("https://app.example.com", &["https://app.example.com"]),
    ("https://app.example.com:8443", &["https://app.example.com:8443"]),
    (
        "https://*.tenant.example.org",
        &["https://a.tenant.example.org", "https://b.a.tenant.example.org"],
    ),
    ("https://pr-*.preview.example.net", &["https://pr-12.preview.example.net"]),
    ("http://localhost:*", &["http://localhost", "http://localhost:3000"]),
];

const ORIGINS: &[&str] = &[
    "https://app.example.com",
    "https://app.example.com:8443",
    "https://a.tenant.example.org",
    "https://b.a.tenant.example.org",
    "https://tenant.example.org",
    "https://pr-12.preview.example.net",
    "https://pr-_.preview.example.net",
    "http://localhost",
    "http://localhost:3000",
    "http://app.example.com",
    "https://evil.example",
    "null",
];

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "patch", "QUERY"];
const SAFELISTED_METHODS: &[&str] = &["GET", "HEAD", "POST"];
const HEADERS: &[&str] = &["authorization", "content-type", "x-a", "x-b"];
const EXPOSED: &[&str] = &["etag", "x-request-id"];

/// What a page asks of `fetch()`, after the parts that never reach a server.
#[derive(Debug)]
struct Fetch {
    origin: &'static str,
    include_credentials: bool,
    method: &'static str,
    /// The CORS-unsafe request-header names, as the page wrote them.
    unsafe_headers: Vec<&'static str>,
    /// The use-CORS-preflight flag: an upload listener, or a stream for a body.
    use_preflight: bool,
}

#[derive(Debug)]
struct Rule {
    any_origin: bool,
    patterns: Vec<(&'static str, &'static [&'static str])>,
    null: bool,
    credentials: bool,
    any_method: bool,
    methods: Vec<&'static str>,
    any_header: bool,
    headers: Vec<&'static str>,
    any_exposed: bool,
    exposed: Vec<&'static str>,
}

impl Rule {
    /// Whether the words of the document allow this, with nothing of the protocol in between.
    fn allows(&self, fetch: &Fetch) -> bool {
        let origin = self.any_origin
            || (self.null && fetch.origin == "null")
            || self.patterns.iter().any(|(_, covered)| covered.contains(&fetch.origin));
        let method = SAFELISTED_METHODS.contains(&fetch.method)
            || self.any_method
            || self.methods.contains(&fetch.method);
        let headers = fetch.unsafe_headers.iter().all(|name| {
            self.headers.contains(name) || (self.any_header && *name != "authorization")
        });
        origin && method && headers && (self.credentials || !fetch.include_credentials)
    }

    fn exposes(&self, name: &str) -> bool {
        self.any_exposed || self.exposed.contains(&name)
    }

    /// The document, or `None` where the parts do not go together.
    fn document(&self) -> Option<Value> {
        let mut origins: Vec<&str> = self.patterns.iter().map(|(pattern, _)| *pattern).collect();
        if self.any_origin {
            origins = vec!["*"];
        } else if self.null {
            origins.push("null");
        }
        let star = |any: bool, list: &[&'static str], beside: &[&str]| -> Vec<&str> {
            let listed = list.iter().copied().filter(|name| !any || beside.contains(name));
            any.then_some("*").into_iter().chain(listed).collect()
        };
        let dangerous = if self.null && !self.any_origin { vec!["null_origin"] } else { vec![] };
        let bad = origins.is_empty() || (self.credentials && (self.any_origin || self.any_exposed));
        (!bad).then(|| {
            json!({
                "allow_origins": origins,
                "allow_credentials": self.credentials,
                "allow_methods": star(self.any_method, &self.methods, &[]),
                "allow_headers": star(self.any_header, &self.headers, &["authorization"]),
                "expose_headers": star(self.any_exposed, &self.exposed, &[]),
                "dangerously_allow": dangerous,
            })
        })
    }
}

/// A response as far as the CORS protocol looks at it.
struct Response {
    status: u16,
    lines: Vec<(String, String)>,
}

impl Response {
    /// What the policy makes of a request that the application answers with 200.
    fn to(policy: &Policy, request: &Request<'_>) -> Self {
        let plan = &policy.plans()[policy.decide(request).plan()];
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let lines = plan.lines(request).map(|(name, value)| (name.to_owned(), text(value)));
        Self { status: plan.status.unwrap_or(200), lines: lines.collect() }
    }

    /// Fetch, "get" of a header list: the values of all lines of this name, joined.
    fn get(&self, name: &str) -> Option<String> {
        let values: Vec<&str> =
            self.lines.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Fetch, "extract header list values".
    fn list(&self, name: &str) -> Vec<String> {
        let value = self.get(name).unwrap_or_default();
        value
            .split(',')
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect()
    }
}

/// Fetch, "CORS check".
fn cors_check(fetch: &Fetch, response: &Response) -> bool {
    let Some(origin) = response.get("Access-Control-Allow-Origin") else { return false };
    if !fetch.include_credentials && origin == "*" {
        return true;
    }
    if origin != fetch.origin {
        return false;
    }
    !fetch.include_credentials
        || response.get("Access-Control-Allow-Credentials").as_deref() == Some("true")
}

/// Fetch, "CORS-preflight fetch".
fn preflight(fetch: &Fetch, policy: &Policy) -> bool {
    let mut names = fetch.unsafe_headers.clone();
    names.sort_unstable();
    names.dedup();
    let names = names.join(",");
    let request = Request::default()
        .method(Some(b"OPTIONS"))
        .path(Some(b"/"))
        .origin(Some(fetch.origin.as_bytes()))
        .access_control_request_method(Some(fetch.method.as_bytes()))
        .access_control_request_headers((!names.is_empty()).then_some(names.as_bytes()));
    let response = Response::to(policy, &request);
    if !cors_check(fetch, &response) || !(200..300).contains(&response.status) {
        return false;
    }
    let mut methods = response.list("Access-Control-Allow-Methods");
    let headers = response.list("Access-Control-Allow-Headers");
    if methods.is_empty() && fetch.use_preflight {
        methods.push(fetch.method.to_owned());
    }
    let star = |list: &[String]| !fetch.include_credentials && list.iter().any(|item| item == "*");
    let method_passes = methods.iter().any(|method| method == fetch.method)
        || SAFELISTED_METHODS.contains(&fetch.method)
        || star(&methods);
    method_passes
        && fetch.unsafe_headers.iter().all(|name| {
            headers.iter().any(|header| header.eq_ignore_ascii_case(name))
                || (star(&headers) && *name != "authorization")
        })
}

/// Fetch, "HTTP fetch" of a cross-origin request: the response that the page gets to read.
fn fetch(fetch: &Fetch, policy: &Policy) -> Option<Response> {
    let needs_preflight = fetch.use_preflight
        || !SAFELISTED_METHODS.contains(&fetch.method)
        || !fetch.unsafe_headers.is_empty();
    if needs_preflight && !preflight(fetch, policy) {
        return None;
    }
    let request = Request::default()
        .method(Some(fetch.method.as_bytes()))
        .path(Some(b"/"))
        .origin(Some(fetch.origin.as_bytes()));
    let response = Response::to(policy, &request);
    cors_check(fetch, &response).then_some(response)
}

/// Fetch, "CORS-exposed header-name list": whether the page may read this header.
fn may_read(fetch: &Fetch, response: &Response, name: &str) -> bool {
    let exposed = response.list("Access-Control-Expose-Headers");
    exposed.iter().any(|header| header.eq_ignore_ascii_case(name))
        || (!fetch.include_credentials && exposed.iter().any(|header| header == "*"))
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let some = |list: &'static [&'static str]| subsequence(list, 0..=list.len());
    // "patch" is allowed as it is written; GET and the like may be listed.
    let lists = (some(METHODS), some(HEADERS), some(EXPOSED));
    let flags = prop::array::uniform6(prop::bool::weighted(0.3));
    (subsequence(PATTERNS, 0..=PATTERNS.len()), lists, flags).prop_map(
        |(patterns, lists, flags)| {
            let (methods, headers, exposed) = lists;
            let [any_origin, null, credentials, any_method, any_header, any_exposed] = flags;
            Rule {
                any_origin,
                patterns,
                null,
                credentials,
                any_method,
                methods,
                any_header,
                headers,
                any_exposed,
                exposed,
            }
        },
    )
}

fn any_fetch() -> impl Strategy<Value = Fetch> {
    let headers = subsequence(HEADERS, 0..=HEADERS.len());
    (select(ORIGINS), any::<bool>(), select(METHODS), headers, any::<bool>()).prop_map(
        |(origin, include_credentials, method, unsafe_headers, use_preflight)| Fetch {
            origin,
            include_credentials,
            method,
            unsafe_headers,
            use_preflight,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_browser_lets_through_what_the_policy_allows_and_nothing_else(
        rule in any_rule(),
        fetches in prop::collection::vec(any_fetch(), 8),
    ) {
        let Some(document) = rule.document() else { return Ok(()) };
        let policy = Policy::from_json(&document.to_string())
            .map_err(|problems| TestCaseError::fail(format!("{document}: {problems}")))?;
        for asked in &fetches {
            let response = fetch(asked, &policy);
            prop_assert_eq!(response.is_some(), rule.allows(asked), "{} {:?}", document, asked);
            for name in EXPOSED {
                let readable = response.as_ref().is_some_and(|r| may_read(asked, r, name));
                let expected = rule.allows(asked) && rule.exposes(name);
                prop_assert_eq!(readable, expected, "{} {:?} {}", document, asked, name);
            }
        }
    }

    #[test]
    fn no_answer_breaks_the_protocol_whatever_is_sent(
        rule in any_rule(),
        origin in prop::option::of(prop_oneof![
            select(ORIGINS).prop_map(|origin| origin.as_bytes().to_vec()),
            prop::collection::vec(any::<u8>(), 0..40),
            "https?://[a-z.@/#?%:*-]{0,24}(\\.tenant\\.example\\.org|\\.example)?".prop_map(String::into_bytes),
        ]),
        method in prop::option::of(select(&["OPTIONS", "GET", "options", "PUT"][..])),
        acrm in prop::option::of("[A-Za-z ,*]{0,8}"),
        acrh in prop::option::of("[a-zA-Z, \t*-]{0,40}"),
    ) {
        let Some(document) = rule.document() else { return Ok(()) };
        let policy = Policy::from_json(&document.to_string()).unwrap();
        let request = Request::default().method(method.map(str::as_bytes)).path(Some(b"/")).origin(origin.as_deref()).access_control_request_method(acrm.as_ref().map(String::as_bytes)).access_control_request_headers(acrh.as_ref().map(String::as_bytes));
        let verdict = policy.decide(&request);
        let response = Response::to(&policy, &request);
        let allow_origin = response.get("Access-Control-Allow-Origin");
        let with_credentials = response.get("Access-Control-Allow-Credentials");
        prop_assert!(with_credentials.is_none() || allow_origin.as_deref() != Some("*"));
        // Never reflects an origin that the words of the document do not allow.
        if let (Some(allowed), Some(origin)) = (&allow_origin, &origin)
            && allowed != "*"
        {
            prop_assert_eq!(allowed.as_bytes(), origin.as_slice());
            let known = rule.patterns.iter().any(|(pattern, covered)| {
                covered.contains(&allowed.as_str()) || pattern.contains('*')
            });
            prop_assert!(known || (rule.null && allowed == "null"), "{} {}", document, allowed);
        }
        if verdict.outcome() == Outcome::PreflightDenied {
            prop_assert!(response.lines.iter().all(|(name, _)| name == "Vary"));
            prop_assert_eq!(response.status, 403);
        }
        // One line of a name, and none that could split the response.
        for (place, (name, value)) in response.lines.iter().enumerate() {
            prop_assert!(response.lines[..place].iter().all(|(other, _)| other != name));
            prop_assert!(value.bytes().all(|byte| byte == b'\t' || (0x20..0x7F).contains(&byte)));
        }
        prop_assert_eq!(policy.explain(&request).verdict(), verdict);
    }
}
