//! The conformance cases of responses, which every adapter plays.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use onecors_core::Policy;
use serde_json::Value as Json;

use crate::live::LivePolicy;

/// Names and values: of header lines, or of the parts of a request, whose method and path are called so.
pub(crate) type Lines = Vec<(String, String)>;

/// Plays every case. `play` gets a policy, the parts of a request, and the lines that the application set;
/// it returns the status of a preflight's answer, and the lines that the adapter makes of them.
pub(crate) fn play_responses(play: impl Fn(LivePolicy, &Lines, &Lines) -> (Option<u16>, Lines)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/responses");
    let mut run = 0;
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let vectors: Json = serde_json::from_str(&text).unwrap();
        for case in vectors["cases"].as_array().unwrap() {
            let policy = Policy::from_json(&case["document"].to_string()).unwrap();
            let (status, found) =
                play(policy.into(), &parts(&case["request"]), &lines(&case["response"]));
            assert_eq!(status.map(u64::from), case["expect"]["status"].as_u64(), "{case}");
            assert_eq!(comparable(found), comparable(lines(&case["expect"]["headers"])), "{case}");
            run += 1;
        }
    }
    assert!(run > 20, "only {run} cases");
}

fn text(value: &Json) -> String {
    value.as_str().unwrap().to_owned()
}

fn parts(request: &Json) -> Lines {
    let parts = request.as_object().unwrap().iter();
    parts.map(|(part, value)| (part.replace('_', "-"), text(value))).collect()
}

fn lines(pairs: &Json) -> Lines {
    pairs.as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

/// Lines in one order, their names in lower case, those of `Vary` joined.
fn comparable(lines: Lines) -> Lines {
    let lower = lines.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let (vary, mut others): (Lines, Lines) = lower.partition(|(name, _)| name == "vary");
    let vary: Vec<String> = vary.into_iter().map(|(_, value)| value).collect();
    others.push(("vary".into(), vary.join(", ")));
    others.sort();
    others
}
