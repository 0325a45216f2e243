//! What a policy costs: no allocation in a decision, few bytes for an origin, and a few times the
//! document while it is loaded, whatever is wrong with it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use onecors_core::{Policy, Request};

/// The system's allocator, counting for each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<isize> = const { Cell::new(0) };
    /// The most bytes at a time.
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(allocations: usize, bytes: isize) {
    ALLOCATIONS.with(|cell| cell.set(cell.get() + allocations));
    let held = BYTES.with(|cell| {
        cell.set(cell.get() + bytes);
        cell.get()
    });
    PEAK.with(|cell| cell.set(cell.get().max(held)));
}

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as isize);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, -(layout.size() as isize));
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(1, size as isize - layout.size() as isize);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const POLICY: &str = r#"{ "rules": [
    { "paths": ["/api/*", "/users/{id}/x"], "allow_credentials": true,
      "allow_origins": ["https://app.example.com", "https://*.tenant.example.org:*",
        "https://pr-*.preview.example.net", {"regex": "https://x[0-9]+\\.example\\.net"}],
      "allow_methods": ["*"], "allow_headers": ["x-a", "x-b", "content-type"] },
    { "paths": ["/public/*"], "allow_origins": ["*"], "allow_headers": ["*"] }
]}"#;

#[test]
fn a_decision_allocates_nothing() {
    let policy = Policy::from_json(POLICY).unwrap();
    let huge = "a,".repeat(1 << 19);
    let dots = format!("/api{}", "/../api".repeat(10_000));
    let origins = [
        None,
        Some("https://app.example.com"),
        Some("https://a.b.tenant.example.org:8443"),
        Some("https://pr-1.preview.example.net"),
        Some("https://x1.example.net"),
        Some("https://evil.example"),
        Some("https://[2001:db8::1]:8443"),
        Some("null"),
        Some(""),
        Some(huge.as_str()),
    ];
    let paths = [None, Some("/api/x"), Some("/users/1/x"), Some("/public/x"), Some(&*dots)];
    let lists = [None, Some("x-a,x-b"), Some("X-B, content-type"), Some(&*huge)];
    let before = ALLOCATIONS.with(Cell::get);
    let mut decisions = 0;
    for (path, origin) in paths.iter().flat_map(|path| origins.iter().map(move |o| (path, o))) {
        for list in &lists {
            for method in ["GET", "OPTIONS"] {
                let request = Request::default()
                    .method(Some(method.as_bytes()))
                    .path(path.map(str::as_bytes))
                    .origin(origin.map(str::as_bytes))
                    .access_control_request_method(Some(b"PUT"))
                    .access_control_request_headers(list.map(str::as_bytes));
                let verdict = policy.decide(&request);
                decisions += policy.plans()[verdict.plan()].lines(&request).count().min(1);
            }
        }
    }
    assert_eq!(ALLOCATIONS.with(Cell::get), before);
    assert!(decisions > 100, "too few requests were governed to mean anything");
}

#[test]
fn a_check_of_a_handshake_allocates_nothing() {
    let policy = Policy::from_json(POLICY).unwrap();
    let dots = format!("/api{}", "/../api".repeat(10_000));
    let before = ALLOCATIONS.with(Cell::get);
    let mut passed = 0;
    for path in ["/api/x", "/public/x", "/none", "/none/../api/x", &dots] {
        for origin in ["https://app.example.com", "https://own.example:8443", "http://own.example"]
        {
            for host in [None, Some("own.example:8443"), Some("own.example:80"), Some("")] {
                let request =
                    Request::default().path(Some(path.as_bytes())).origin(Some(origin.as_bytes()));
                let host = host.map(str::as_bytes);
                passed += usize::from(policy.check_origin(&request, host));
            }
        }
    }
    assert_eq!(ALLOCATIONS.with(Cell::get), before);
    assert!(passed > 10, "too few handshakes passed to mean anything");
}

#[test]
fn a_million_origins_take_few_bytes_beyond_their_text() {
    const ORIGINS: usize = 1_000_000;
    let mut document = String::from(r#"{"allow_origins":["#);
    let mut text_bytes = 0;
    for number in 0..ORIGINS {
        let origin = format!("https://app-{number:07}.example.com");
        text_bytes += origin.len();
        document.push_str(if number == 0 { "\"" } else { ",\"" });
        document.push_str(&origin);
        document.push('"');
    }
    document.push_str("]}");
    let before = BYTES.with(Cell::get);
    let policy = Policy::from_json(&document).unwrap();
    let held = (BYTES.with(Cell::get) - before) as usize;
    let beyond = (held - text_bytes) / ORIGINS;
    assert!(beyond < 60, "{beyond} bytes for each origin beyond its text");
    let request =
        Request::default().method(Some(b"GET")).origin(Some(b"https://app-0500000.example.com"));
    assert_eq!(policy.decide(&request).outcome(), onecors_core::Outcome::ActualAllowed);
}

/// How many times its own size a document takes while it is refused.
fn times_its_size(document: &str) -> f64 {
    let before = BYTES.with(Cell::get);
    PEAK.with(|cell| cell.set(before));
    let problems = Policy::from_json(document).unwrap_err();
    assert!(problems.omitted() > 0);
    (PEAK.with(Cell::get) - before) as f64 / document.len() as f64
}

#[test]
fn bad_entries_take_a_few_times_the_document() {
    const ENTRIES: usize = 300_000;
    let origins = |entry: &dyn Fn(usize) -> String| {
        let entries: Vec<_> = (0..ENTRIES).map(entry).collect();
        format!(r#"{{"allow_origins":[{}]}}"#, entries.join(","))
    };
    let numbers = origins(&|_| "1".into());
    let slashes = origins(&|number| format!("\"https://app-{number}.example.com/\""));
    let repeated = origins(&|number| format!("\"https://app-{}.example.com\"", number % 7));
    let repeated_keys =
        format!(r#"{{"allow_origins":["*"],{}}}"#, vec![r#""max_age":1"#; ENTRIES].join(","));
    let long_pointers = format!(
        r#"{{"allow_origins":["*"],"{}":{{{}}}}}"#,
        "long".repeat(ENTRIES),
        vec![r#""max_age":1"#; ENTRIES].join(",")
    );
    for (what, document) in [
        ("numbers", numbers),
        ("slashes", slashes),
        ("repeated origins", repeated),
        ("repeated keys", repeated_keys),
        ("long pointers", long_pointers),
    ] {
        let times = times_its_size(&document);
        assert!(times < 10.0, "{what}: {times:.1} times the document of {} bytes", document.len());
    }
}
