//! Runs the conformance vectors of `tests/conformance`, which every language runs.
//!
//! This runner also looks at the vectors themselves: they follow their schema, no two cases of a
//! file share a name, and every outcome, reason and problem code has a case.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use onecors_core::{Code, Outcome, Policy, Reason, Request, Verdict};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decisions {
    #[serde(rename = "description")]
    _description: String,
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    policy: Value,
    cases: Vec<Decision>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    name: String,
    #[serde(rename = "source")]
    _source: String,
    request: RequestParts,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestParts {
    method: Option<Bytes>,
    path: Option<Bytes>,
    origin: Option<Bytes>,
    access_control_request_method: Option<Bytes>,
    access_control_request_headers: Option<Bytes>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    outcome: String,
    reason: Option<String>,
    status: Option<u16>,
    headers: Vec<(String, Bytes)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Documents {
    #[serde(rename = "description")]
    _description: String,
    cases: Vec<Document>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    #[serde(rename = "source")]
    _source: String,
    document: Option<Value>,
    text: Option<Bytes>,
    problems: Vec<ExpectedProblem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedProblem {
    code: String,
    pointer: String,
    help: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Bytes {
    Text(String),
    Hex { hex: String },
    Concat { concat: Vec<Self> },
    Repeat { repeat: Box<Self>, count: usize },
}

impl Bytes {
    fn to_vec(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Hex { hex } => {
                let digits = hex.as_bytes();
                assert!(digits.len().is_multiple_of(2), "half a byte in {hex:?}");
                let value = |digit: u8| char::from(digit).to_digit(16).expect("a digit") as u8;
                digits.chunks(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect()
            }
            Self::Concat { concat } => concat.iter().flat_map(Self::to_vec).collect(),
            Self::Repeat { repeat, count } => repeat.to_vec().repeat(*count),
        }
    }
}

/// What the cases came to, and which words they used.
#[derive(Default)]
struct Tally {
    cases: usize,
    run: usize,
    passed: usize,
    failures: Vec<String>,
    seen: BTreeSet<String>,
}

impl Tally {
    fn case(&mut self, place: &str, result: Result<(), String>) {
        self.run += 1;
        match result {
            Ok(()) => self.passed += 1,
            Err(difference) => self.failures.push(format!("{place}\n{difference}")),
        }
    }

    fn require_unique<'a>(&mut self, file: &Path, names: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(name) {
                self.failures.push(format!("{}: two cases named {name:?}", file.display()));
            }
        }
    }

    /// A word that no case expects has no test, so it must not be there.
    fn require_coverage(&mut self) {
        let words = Outcome::ALL.map(Outcome::as_str).into_iter();
        let words =
            words.chain(Reason::ALL.map(Reason::as_str)).chain(Code::all().map(Code::as_str));
        for word in words {
            if !self.seen.contains(word) {
                self.failures.push(format!("no case expects {word}"));
            }
        }
    }
}

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance");
    let schema = read_json(&root.join("case.schema.json"));
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let mut tally = Tally::default();
    for file in json_files(&root.join("decisions")) {
        run_decisions(&file, &load(&file, &schema), &mut tally);
    }
    for file in json_files(&root.join("documents")) {
        run_documents(&file, &load(&file, &schema), &mut tally);
    }
    // What runs them is whatever applies plans to responses, and whatever prints texts.
    for folder in ["responses", "texts"] {
        for file in json_files(&root.join(folder)) {
            let cases: Value = load(&file, &schema);
            let names = cases["cases"].as_array().into_iter().flatten();
            tally.require_unique(&file, names.filter_map(|case| case["name"].as_str()));
        }
    }
    tally.require_coverage();
    report(&tally)
}

fn report(tally: &Tally) -> ExitCode {
    for failure in &tally.failures {
        eprintln!("FAILED {failure}");
    }
    let line = format!("conformance rust: {} run, {} passed", tally.run, tally.passed);
    if let Some(directory) = env::var_os("ONECORS_CONFORMANCE_REPORT") {
        let file = PathBuf::from(directory).join("rust.txt");
        fs::write(&file, format!("{line}\n")).expect("the report is written");
    }
    println!("{line}");
    if tally.failures.is_empty() && tally.run == tally.cases {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn json_files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory of vectors");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no vectors in {}", directory.display());
    for file in &files {
        assert_eq!(file.extension().and_then(|it| it.to_str()), Some("json"), "{}", file.display());
    }
    files
}

fn read_json(file: &Path) -> Value {
    let text = fs::read_to_string(file).expect("a readable file");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn load<T: DeserializeOwned>(file: &Path, schema: &jsonschema::Validator) -> T {
    let value = read_json(file);
    let errors: Vec<_> = schema
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{} does not follow the schema: {errors:#?}", file.display());
    serde_json::from_value(value).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn run_decisions(file: &Path, decisions: &Decisions, tally: &mut Tally) {
    let cases = || decisions.groups.iter().flat_map(|group| &group.cases);
    tally.require_unique(file, cases().map(|case| case.name.as_str()));
    tally.cases += cases().count();
    for group in &decisions.groups {
        let policy = Policy::from_json(&group.policy.to_string());
        for case in &group.cases {
            tally.seen.insert(case.expect.outcome.clone());
            tally.seen.extend(case.expect.reason.clone());
            let result = match &policy {
                Ok(policy) => check_decision(policy, case),
                Err(problems) => Err(problems.to_string()),
            };
            tally.case(&format!("{}: {}: {}", file.display(), group.name, case.name), result);
        }
    }
}

fn check_decision(policy: &Policy, case: &Decision) -> Result<(), String> {
    let field = |bytes: &Option<Bytes>| bytes.as_ref().map(Bytes::to_vec);
    let method = field(&case.request.method);
    let path = field(&case.request.path);
    let origin = field(&case.request.origin);
    let requested_method = field(&case.request.access_control_request_method);
    let requested_headers = field(&case.request.access_control_request_headers);
    let request = Request::default()
        .method(method.as_deref())
        .path(path.as_deref())
        .origin(origin.as_deref())
        .access_control_request_method(requested_method.as_deref())
        .access_control_request_headers(requested_headers.as_deref());
    let verdict = policy.decide(&request);
    let plan = &policy.plans()[verdict.plan()];
    let expected: Vec<_> =
        case.expect.headers.iter().map(|(name, value)| (name.as_str(), value.to_vec())).collect();
    let lines: Vec<_> = plan.lines(&request).map(|(name, value)| (name, value.to_vec())).collect();
    compare("outcome", verdict.outcome().as_str(), case.expect.outcome.as_str())?;
    compare("reason", verdict.reason().map(Reason::as_str), case.expect.reason.as_deref())?;
    compare("status", plan.status, case.expect.status)?;
    compare("headers", readable(&lines), readable(&expected))?;
    compare("the explained verdict", policy.explain(&request).verdict(), verdict)?;
    if let Some(by_host) = without_the_engine(policy, &request) {
        compare("the host's own verdict", by_host, verdict)?;
    }
    match denied_without_the_engine(policy, &request) {
        Some(by_host) => compare(
            "the host's own denial",
            (by_host.outcome(), by_host.plan()),
            (verdict.outcome(), verdict.plan()),
        ),
        None => Ok(()),
    }
}

/// The verdict of a host that decides by itself what it can.
fn without_the_engine(policy: &Policy, request: &Request<'_>) -> Option<Verdict> {
    let uniform = policy.uniform()?;
    let Some(origin) = request.origin else { return Some(uniform.not_cors) };
    let listed = uniform.origins().any(|listed| listed.as_bytes() == origin);
    (listed && request.method != Some(b"OPTIONS")).then_some(uniform.actual_allowed)
}

/// The verdict, without its reason, of a host that denies by itself what it can.
fn denied_without_the_engine(policy: &Policy, request: &Request<'_>) -> Option<Verdict> {
    let uniform = policy.uniform()?;
    let (denied, origin) = (uniform.denied?, request.origin?);
    if uniform.origins().any(|listed| listed.as_bytes() == origin) {
        return None;
    }
    let is_preflight =
        request.method == Some(b"OPTIONS") && request.access_control_request_method.is_some();
    Some(if is_preflight { denied.preflight } else { denied.actual })
}

fn readable<'a>(lines: &[(&'a str, Vec<u8>)]) -> Vec<(&'a str, String)> {
    lines.iter().map(|(name, value)| (*name, value.escape_ascii().to_string())).collect()
}

fn run_documents(file: &Path, documents: &Documents, tally: &mut Tally) {
    tally.require_unique(file, documents.cases.iter().map(|case| case.name.as_str()));
    tally.cases += documents.cases.len();
    for case in &documents.cases {
        tally.seen.extend(case.problems.iter().map(|problem| problem.code.clone()));
        tally.case(&format!("{}: {}", file.display(), case.name), check_document(case));
    }
}

fn check_document(case: &Document) -> Result<(), String> {
    let bytes = match (&case.document, &case.text) {
        (Some(document), None) => document.to_string().into_bytes(),
        (None, Some(text)) => text.to_vec(),
        _ => return Err("a case has either a document or a text".to_owned()),
    };
    let result = Policy::from_slice(&bytes);
    let mut problems: Vec<_> = result
        .as_ref()
        .err()
        .map(|problems| problems.as_slice().iter().collect())
        .unwrap_or_default();
    problems.sort_by_key(|problem| (problem.pointer.as_str(), problem.code.as_str()));
    let mut expected: Vec<_> = case.problems.iter().collect();
    expected.sort_by_key(|problem| (problem.pointer.as_str(), problem.code.as_str()));
    compare(
        "problems",
        problems.iter().map(|it| (it.pointer.as_str(), it.code.as_str())).collect::<Vec<_>>(),
        expected.iter().map(|it| (it.pointer.as_str(), it.code.as_str())).collect(),
    )?;
    for (problem, expected) in problems.iter().zip(&expected) {
        if expected.help.is_some() {
            compare(&format!("help at {}", problem.pointer), &problem.help, &expected.help)?;
        }
    }
    Ok(())
}

fn compare<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: T,
    expected: T,
) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("  {what}\n    found    {found:?}\n    expected {expected:?}"))
    }
}
