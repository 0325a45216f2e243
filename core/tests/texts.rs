//! No text that people read shows what somebody else wrote as it is: no control character, no line
//! end, no mark that turns the direction. What is of the document is exact in its fields.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod events;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use onecors::cli::{self, Status};
use onecors::{LivePolicy, Policy, Problems, Request, export};
use serde_json::{Value, json};
use tracing::Level;

/// The cases that every language plays, and what no text has.
struct Corpus(Value);

impl Corpus {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance");
        let text = fs::read(root.join("texts/invisible.json")).unwrap();
        Self(serde_json::from_slice(&text).unwrap())
    }

    /// All characters that no text has, and a line that is forged.
    fn hostile(&self) -> String {
        let characters = self.0["invisible"].as_array().unwrap();
        let characters = characters.iter().map(|character| character.as_str().unwrap());
        format!("{}\n{}", characters.collect::<String>(), self.0["forged"].as_str().unwrap())
    }

    /// Requires a text without any of them.
    fn require_clean(&self, text: &str) {
        for character in self.0["invisible"].as_array().unwrap() {
            assert!(!text.contains(character.as_str().unwrap()), "{character} in {text:?}");
        }
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        let forged = self.0["forged"].as_str().unwrap();
        assert!(!text.lines().any(|line| line.starts_with(forged)), "{text:?}");
    }

    fn require_clean_line(&self, text: &str) {
        self.require_clean(text);
        assert!(!text.contains('\n'), "{text:?}");
    }

    /// The cases of documents with problems, each with the document and a pointer.
    fn refused(&self) -> impl Iterator<Item = (Vec<u8>, &str)> {
        self.cases().filter_map(|case| {
            let document = match case["text"].as_str() {
                Some(text) => text.to_owned(),
                None => case["document"].to_string(),
            };
            Some((document.into_bytes(), case["pointer"].as_str()?))
        })
    }

    fn cases(&self) -> impl Iterator<Item = &Value> {
        self.0["cases"].as_array().unwrap().iter()
    }

    /// A file of a hostile name with this document.
    fn file(&self, folder: &Path, document: &[u8]) -> PathBuf {
        let path = folder.join(self.0["file"].as_str().unwrap());
        fs::write(&path, document).unwrap();
        path
    }
}

fn request_of(case: &Value) -> Request<'_> {
    let part = |name: &str| case["request"][name].as_str().map(str::as_bytes);
    Request {
        method: part("method"),
        path: part("path"),
        origin: part("origin"),
        access_control_request_method: part("access_control_request_method"),
        access_control_request_headers: part("access_control_request_headers"),
    }
}

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

/// Runs the command: its status, and what it writes to each stream.
fn run(args: &[OsString]) -> (Status, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = cli::run(args.iter().cloned(), &mut out, &mut err);
    (status, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// The text of an error has the lines that the engine gives it: one for each problem, and for each help.
fn require_clean_problems(corpus: &Corpus, problems: &Problems) {
    let text = problems.to_string();
    corpus.require_clean(&text);
    let helps = problems.as_slice().iter().filter(|problem| problem.help.is_some()).count();
    assert_eq!(text.lines().count(), 1 + problems.as_slice().len() + helps, "{text}");
    for problem in problems.as_slice() {
        corpus.require_clean_line(&problem.message);
    }
    let json = problems.to_json();
    corpus.require_clean_line(&json);
    let read: Value = serde_json::from_str(&json).unwrap();
    let pointers = problems.as_slice().iter().map(|problem| json!(problem.pointer));
    let read = read.as_array().unwrap().iter().map(|problem| problem["pointer"].clone());
    assert_eq!(read.collect::<Vec<_>>(), pointers.collect::<Vec<_>>());
}

#[test]
fn problems_are_printed_escaped_and_point_exactly() {
    let corpus = Corpus::read();
    let folder = tempfile::tempdir().unwrap();
    for (document, pointer) in corpus.refused() {
        let problems = Policy::from_slice(&document).unwrap_err();
        assert!(problems.as_slice().iter().any(|problem| problem.pointer == pointer), "{problems}");
        require_clean_problems(&corpus, &problems);

        let file = corpus.file(folder.path(), &document);
        corpus.require_clean(&LivePolicy::watch(&file).unwrap_err().to_string());
        let (status, out, err) = run(&["check".into(), file.clone().into()]);
        assert_eq!((status, &*out), (Status::Refused, ""));
        corpus.require_clean(&err);
    }
}

/// Each character in each place of a document that takes a text.
#[test]
fn every_place_of_a_document_is_printed_escaped() {
    let corpus = Corpus::read();
    let hostile = corpus.hostile();
    let characters = hostile.chars().map(|character| character.to_string());
    for text in characters.chain([hostile.clone()]) {
        let rule = |key: &str, value: Value| {
            let mut rule = json!({ "paths": ["/a"], "allow_origins": ["https://a.example"] });
            rule[key] = value;
            rule
        };
        for value in ["", "https://", "https://*.", "https://a.example:", "*", "@", "/", "/{", "/%"]
            .map(|before| json!(format!("{before}{text}x")))
            .into_iter()
            .chain(
                ["(", "(?x)", "[a", "https://a\\."]
                    .map(|regex| json!({ "regex": format!("{regex}{text}") })),
            )
            .chain([
                json!({ "regex": "a", format!("x{text}"): 1 }),
                json!({ format!("x{text}"): 1 }),
            ])
        {
            let mut documents = vec![json!({ format!("x{text}"): value })];
            for key in [
                "allow_origins",
                "allow_methods",
                "allow_headers",
                "expose_headers",
                "dangerously_allow",
                "paths",
            ] {
                documents.push(json!({ "rules": [rule(key, json!([value, value]))] }));
            }
            for key in ["name", "max_age", "allow_credentials", "allow_origins"] {
                let rule = rule(key, value.clone());
                documents.push(json!({ "rules": [rule, rule], format!("x{text}"): value }));
            }
            for document in documents {
                if let Err(problems) = Policy::from_json(&document.to_string()) {
                    require_clean_problems(&corpus, &problems);
                }
            }
        }
    }
}

#[test]
fn explanations_are_escaped_and_exact_in_their_fields() {
    let corpus = Corpus::read();
    for case in corpus.cases().filter(|case| case["request"].is_object()) {
        let policy = Policy::from_json(&case["document"].to_string()).unwrap();
        let story = policy.explain(&request_of(case));
        assert!(story.reason.is_some(), "{case}");
        corpus.require_clean_line(&story.summary);
        corpus.require_clean_line(story.advice.as_deref().unwrap());
        corpus.require_clean_line(story.browser_message.as_deref().unwrap());
        for check in &story.checks {
            corpus.require_clean_line(&check.expected);
            corpus.require_clean_line(check.received.as_deref().unwrap_or_default());
        }
        corpus.require_clean_line(&story.to_json());
        let read: Value = serde_json::from_str(&story.to_json()).unwrap();
        assert_eq!(read, serde_json::to_value(&story).unwrap());

        let rule = story.rule.unwrap();
        assert_eq!(rule.name.as_deref(), case["rule"].as_str());
        assert_eq!(rule.path_pattern.as_deref(), case["path_pattern"].as_str());
        let miss = story.nearest_miss.map(|miss| miss.pattern);
        assert_eq!(miss.as_deref(), case["nearest_miss"].as_str());
    }
}

#[test]
fn nothing_of_the_document_is_cut_in_an_explanation() {
    // As many bytes as a preflight may ask for.
    let mut headers: Vec<String> = (0..62).map(|n| format!("{n:<126}").replace(' ', "-")).collect();
    headers.push("x".repeat(8_192 - 62 * 128));
    let base =
        format!("{}.example.com", ["a".repeat(60), "b".repeat(60), "c".repeat(60)].join("."));
    let document = json!({ "rules": [{
        "name": "n".repeat(1_000), "paths": ["/*"], "allow_credentials": true, "allow_headers": ["*", "authorization"],
        "allow_origins": [format!("https://{base}")], "allow_methods": headers, "expose_headers": headers,
    }]});
    let policy = Policy::from_json(&document.to_string()).unwrap();
    let asked = headers.join(",\t");
    let origin = format!("https://{base}");
    let preflight = Request {
        method: Some(b"OPTIONS"),
        path: Some(b"/"),
        origin: Some(origin.as_bytes()),
        access_control_request_method: Some(b"GET"),
        access_control_request_headers: Some(asked.as_bytes()),
    };
    let story = policy.explain(&preflight);
    let lines = policy.plans()[story.verdict().plan()].lines(&preflight);
    for ((name, value), (shown_name, shown)) in lines.zip(&story.headers) {
        let value = String::from_utf8(value.to_vec()).unwrap();
        assert_eq!((name, value.replace('\t', "\\u{9}")), (&**shown_name, shown.clone()));
    }

    // Nobody who sends requests chooses how much is told.
    let long = "A".repeat(1 << 20);
    let any = r#"{ "allow_origins": ["https://a.example"], "allow_credentials": true, "allow_methods": ["*"] }"#;
    let story = Policy::from_json(any).unwrap().explain(&Request {
        origin: Some(b"https://a.example"),
        access_control_request_method: Some(long.as_bytes()),
        access_control_request_headers: None,
        ..preflight
    });
    assert!(story.status == Some(204) && story.to_json().len() < 10_000);

    let near = format!("http://{base}");
    let story = policy.explain(&Request { origin: Some(near.as_bytes()), ..preflight });
    let miss = story.nearest_miss.unwrap();
    assert_eq!((&miss.covered_origin, &miss.pattern), (&origin, &origin));
    assert_eq!(story.rule.unwrap().name, Some("n".repeat(1_000)));
    for text in [story.summary, story.advice.unwrap()] {
        assert!(text.contains(&format!("\"{origin}\"")), "{text}");
    }
}

/// Policies with all that can hold such a character, in every way that a target can say or refuse.
fn policies(corpus: &Corpus) -> Vec<Policy> {
    let hostile = corpus.hostile();
    let path = "/p\u{202e}\u{2028}\u{2066}\u{200f}\u{ad}\u{feff}";
    let regex = format!("(?x) https://a[0-9]\\.example\\.com #{}\n", hostile.replace('\n', ""));
    let rule = |path: &str, origins: Value| {
        json!({ "name": format!("{path}{hostile}"), "paths": [path], "allow_origins": origins, "max_age": 0,
                "allow_methods": ["OPTIONS", "REPORT"], "allow_headers": ["x-a"] })
    };
    let origins = || json!(["https://a.example", "http://[::1]:3000", "https://*.b.example:*", { "regex": regex }]);
    let credentials = |mut rule: Value| {
        rule["allow_credentials"] = json!(true);
        rule["allow_methods"] = json!(["*"]);
        rule["allow_headers"] = json!(["*"]);
        rule
    };
    let mut rules = vec![
        json!([rule("/*", json!(["https://a.example"]))]),
        json!([rule("/*", json!(["*"]))]),
        json!([rule("/*", origins())]),
        json!([credentials(rule("/*", json!(["https://a.example", "https://b.example"])))]),
        json!([
            rule(path, origins()),
            rule(&format!("{path}/"), json!(["*"])),
            rule("/*", json!(["*"]))
        ]),
        json!([rule(&format!("{path}/{{x}}/*"), json!(["https://a.example"]))]),
    ];
    // Lists that are too long for some target.
    let many: Vec<String> = (0..400).map(|n| format!("https://origin-{n}.example.com")).collect();
    rules.push(json!([rule("/*", json!(many))]));
    let policies = rules.into_iter().map(|rules| json!({ "rules": rules }).to_string());
    policies.map(|document| Policy::from_json(&document).unwrap()).collect()
}

#[test]
fn exports_and_their_refusals_are_escaped() {
    let corpus = Corpus::read();
    let (mut written, mut refused) = (0, 0);
    for policy in policies(&corpus) {
        for target in export::TARGETS {
            let choices = [
                export::GatewayResponses::Fixed,
                export::GatewayResponses::Authorizer,
                export::GatewayResponses::Reflect,
            ];
            for gateway_responses in choices {
                match target.export(&policy, &export::Options { gateway_responses }) {
                    Ok(text) => {
                        written += 1;
                        corpus.require_clean(&text);
                    }
                    Err(refusals) => {
                        refused += 1;
                        corpus.require_clean(&refusals.to_string());
                        for refusal in refusals.as_slice() {
                            corpus.require_clean_line(&refusal.message);
                            corpus.require_clean_line(&refusal.help);
                        }
                    }
                }
            }
        }
    }
    assert!(written >= 40 && refused >= 40, "{written} written, {refused} refused");
}

#[test]
fn the_command_escapes_files_and_arguments() {
    let corpus = Corpus::read();
    let folder = tempfile::tempdir().unwrap();
    let document = json!({ "rules": [{
        "name": corpus.hostile(), "paths": ["/*"], "allow_origins": ["https://*.example.com"] }]});
    let file = corpus.file(folder.path(), document.to_string().as_bytes()).into_os_string();
    let hostile: OsString = corpus.hostile().replace('\0', "").into();
    let mut missing = hostile.clone();
    missing.push("missing");
    let mut option = OsString::from("--");
    option.push(&hostile);
    let text = OsString::from;
    for args in [
        vec![hostile.clone()],
        vec![option.clone()],
        vec![text("check"), missing.clone()],
        vec![text("check"), file.clone(), hostile.clone()],
        vec![text("check"), option.clone()],
        vec![text("export"), file.clone(), text("--to"), hostile.clone()],
        vec![text("export"), file.clone(), text("--to"), text("aws-http")],
        vec![text("export"), missing, text("--to"), text("kong")],
        vec![text("export"), file.clone(), option, text("--to"), text("kong")],
        vec![
            text("export"),
            file.clone(),
            text("--to=sam"),
            text("--gateway-responses"),
            hostile.clone(),
        ],
        vec![
            text("export"),
            file.clone(),
            text("--to=kong"),
            text("-o"),
            folder.path().join("no/").join(&hostile).into(),
        ],
    ] {
        let (status, out, err) = run(&args);
        assert!(status != Status::Done && out.is_empty() && !err.is_empty(), "{args:?}");
        corpus.require_clean(&err);
    }
    let (status, out, err) = run(&[text("export"), file, text("--to=nginx")]);
    assert_eq!((status, &*err), (Status::Done, ""));
    corpus.require_clean(&out);
}

/// Bytes that are not UTF-8 are shown, too.
#[cfg(unix)]
#[test]
fn a_file_name_that_is_not_utf8_is_escaped() {
    use std::os::unix::ffi::OsStringExt;

    let name = OsString::from_vec(b"no\xff\x9b.json".to_vec());
    let (_, _, err) = run(&["check".into(), name.clone()]);
    assert!(err.starts_with(r#"onecors: cannot read "no\xff\x9b.json": "#), "{err}");
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
    let loaded = wait_for("onecors: loaded the changed policy ");
    fs::write(&file, br#"{ "allow_origins": [] }"#).unwrap();
    let refused = wait_for("onecors: keeping the current policy: cannot reload ");
    live.close();
    for event in [loaded, refused] {
        corpus.require_clean(event.message());
        assert_eq!(event.field("path"), file.to_str());
    }
}
