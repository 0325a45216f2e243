//! What a policy costs as it grows: the time to load it, the memory it holds, and a decision on an
//! origin that is not in any cache. Apart from the other measurements, since it counts allocations.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::time::Instant;

use onecors::{Policy, Request};
use serde::Serialize;
use serde_json::Value;

/// The system's allocator, counting the bytes that are held.
struct Counting;

static HELD: AtomicIsize = AtomicIsize::new(0);

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SETS: [&str; 7] = [
    "exact-10",
    "exact-1000",
    "exact-100000",
    "exact-1000000",
    "wildcard-100",
    "wildcard-1000",
    "regex-100",
];

/// So many decisions on origins that were chosen at random before.
const DECISIONS: usize = 100_000;

#[derive(Serialize)]
struct Line<'a> {
    part: &'a str,
    framework: &'a str,
    origins: &'a str,
    subject: &'a str,
    unit: &'a str,
    samples: Vec<f64>,
}

fn main() {
    let quick = std::env::var_os("QUICK").is_some();
    let folder: PathBuf = std::env::var_os("DOCUMENTS").expect("DOCUMENTS names a folder").into();
    for set in SETS {
        if quick && set.ends_with("000000") {
            continue;
        }
        let text = fs::read(folder.join(format!("{set}.json"))).expect("a document");
        measure(set, &text, if quick { 1 } else { 11 });
    }
}

fn measure(set: &str, text: &[u8], rounds: usize) {
    let document: Value = serde_json::from_slice(text).expect("a document");
    let entries = document["allow_origins"].as_array().expect("origins");
    let origins: Vec<String> = entries.iter().map(origin_of).collect();
    let (mut load, mut hits, mut held) = (Vec::new(), Vec::new(), 0);
    for _ in 0..rounds {
        let before = HELD.load(Ordering::Relaxed);
        let start = Instant::now();
        let policy = Policy::from_slice(text).expect("a policy");
        load.push(start.elapsed().as_secs_f64() * 1e3);
        held = HELD.load(Ordering::Relaxed) - before;
        hits.push(decide(&policy, &origins));
    }
    let text_bytes: usize = entries.iter().filter_map(Value::as_str).map(str::len).sum();
    let beyond = (held as f64 - text_bytes as f64) / origins.len() as f64;
    print(set, "load", "ms", load);
    print(set, "decision on any origin", "ns", hits);
    print(set, "memory beyond the text", "bytes an origin", vec![beyond]);
}

fn print(set: &str, subject: &str, unit: &str, samples: Vec<f64>) {
    let line = Line { part: "scale", framework: "decide", origins: set, subject, unit, samples };
    println!("{}", serde_json::to_string(&line).expect("text"));
}

/// An origin that an entry covers.
fn origin_of(entry: &Value) -> String {
    let text = entry.as_str().or(entry["regex"].as_str()).expect("text");
    text.replace("*.", "app-1.").replace("[0-9]+", "1").replace('\\', "")
}

/// Nanoseconds for a decision on one of all the origins, each a text of its own.
fn decide(policy: &Policy, origins: &[String]) -> f64 {
    let chosen: Vec<String> =
        (0..DECISIONS).map(|_| origins[fastrand::usize(..origins.len())].clone()).collect();
    let start = Instant::now();
    for origin in &chosen {
        let request = Request::default()
            .method(Some(b"GET"))
            .path(Some(b"/items"))
            .origin(Some(origin.as_bytes()));
        black_box(policy.decide(black_box(&request)));
    }
    start.elapsed().as_nanos() as f64 / DECISIONS as f64
}
