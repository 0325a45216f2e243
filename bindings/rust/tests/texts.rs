//! No line of the log and no error shows untrusted text as it is.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../core/tests/corpus/mod.rs"]
mod corpus;
mod events;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use corpus::{Corpus, request_of};
use onecors::{LivePolicy, Policy};
use tracing::Level;

/// What the formatter of `tracing-subscriber` prints of events, with all their fields.
fn printed(log: impl FnOnce()) -> String {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, log);
    String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The event whose text contains some words, once it is there.
fn wait_for(words: &str) -> events::Logged {
    let start = Instant::now();
    loop {
        if let Some(event) = events::about(words).into_iter().next() {
            return event;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "no line in the log: {words}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_problems_of_a_watched_file_are_printed_escaped() {
    let corpus = Corpus::read();
    let folder = tempfile::tempdir().unwrap();
    for (document, _) in corpus.refused() {
        let file = corpus.file(folder.path(), &document);
        corpus.require_clean(&LivePolicy::watch(&file).unwrap_err().to_string());
    }
}

/// Bytes that are not UTF-8 are shown, too.
#[cfg(unix)]
#[test]
fn a_file_name_that_is_not_utf8_is_escaped() {
    use std::os::unix::ffi::OsStringExt;

    let name = OsString::from_vec(b"no\xff\x9b.json".to_vec());
    let error = LivePolicy::watch(PathBuf::from(name)).unwrap_err().to_string();
    assert!(error.starts_with(r#""no\xff\x9b.json": "#), "{error}");
}

#[test]
fn denials_are_logged_escaped() {
    events::record();
    let corpus = Corpus::read();
    for case in corpus.cases().filter(|case| case["request"].is_object()) {
        let policy = Policy::from_json(&case["document"].to_string()).unwrap();
        let (live, request) = (LivePolicy::new(policy), request_of(case));
        let verdict = live.current().decide(&request);
        live.in_force().log_denial(verdict, &request, || None);
        // What tracing's own formatter prints, with all fields.
        let printed = printed(|| {
            LivePolicy::new(live.current()).in_force().log_denial(verdict, &request, || None);
        });
        corpus.require_clean(&printed);
        assert_eq!(printed.lines().count(), 1, "{printed}");
    }
    let logged = events::about("denied the ");
    assert_eq!(logged.len(), 4);
    for event in logged {
        assert_eq!((event.level, &*event.target), (Level::WARN, "onecors"));
        corpus.require_clean_line(event.message());
    }
}

#[test]
fn a_watched_file_is_named_escaped() {
    events::record();
    let corpus = Corpus::read();
    let folder = tempfile::tempdir().unwrap();
    let file = corpus.file(folder.path(), br#"{ "allow_origins": ["https://a.example"] }"#);
    let live = LivePolicy::watch(&file).unwrap();
    fs::write(&file, br#"{ "allow_origins": ["https://b.example"] }"#).unwrap();
    let loaded = wait_for("loaded the changed policy");
    fs::write(&file, br#"{ "allow_origins": [] }"#).unwrap();
    let refused = wait_for("keeping the current policy");
    live.close();
    for event in [loaded, refused] {
        corpus.require_clean(event.message());
        assert_eq!(event.field("path"), file.to_str());
    }
}
