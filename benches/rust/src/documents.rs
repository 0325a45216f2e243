//! The policies and the requests, which all languages share.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Where `benches/documents` wrote them.
fn folder() -> PathBuf {
    std::env::var_os("DOCUMENTS").expect("DOCUMENTS names the folder of the documents").into()
}

fn read<T: DeserializeOwned>(file: &str) -> T {
    let text = fs::read(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A policy document, as text and as what peers are configured with.
pub struct Document {
    pub text: Vec<u8>,
    /// Its exact origins; `None` where it has wildcards or regexes.
    pub exact: Option<Vec<String>>,
}

impl Document {
    pub fn of(set: &str) -> Self {
        Self::read(fs::read(folder().join(format!("{set}.json"))).expect("a policy document"))
    }

    pub fn read(text: Vec<u8>) -> Self {
        #[derive(Deserialize)]
        struct Keys {
            allow_origins: Vec<Value>,
        }
        let keys: Keys = serde_json::from_slice(&text).expect("a policy document");
        let exact = keys.allow_origins.iter().map(|entry| {
            let text = entry.as_str().filter(|text| !text.contains('*'))?;
            Some(text.to_owned())
        });
        let exact = exact.collect();
        Self { text, exact }
    }
}

/// The keys that all the policies share.
#[derive(Clone, Deserialize)]
pub struct Shared {
    pub allow_methods: Vec<String>,
    pub allow_headers: Vec<String>,
    pub expose_headers: Vec<String>,
    pub max_age: u64,
}

#[derive(Deserialize)]
struct Scenarios {
    policy: Shared,
    request_headers: Map<String, Value>,
    scenarios: Map<String, Value>,
}

fn scenarios_file() -> Scenarios {
    serde_json::from_str(include_str!("../../scenarios.json")).expect("the scenarios")
}

pub fn shared() -> Shared {
    scenarios_file().policy
}

/// A request that is sent again and again, each time from the next of its origins.
#[derive(Clone)]
pub struct Scenario {
    pub name: String,
    pub method: String,
    pub origins: Arc<[String]>,
    pub request_method: Option<String>,
    pub request_headers: Option<String>,
    /// The header fields besides those of CORS.
    pub others: Arc<[(String, String)]>,
}

impl Scenario {
    /// The origin of the n-th request.
    pub fn origin(&self, number: usize) -> Option<&str> {
        (!self.origins.is_empty()).then(|| &*self.origins[number % self.origins.len()])
    }

    pub fn is_allowed(&self) -> bool {
        self.name.ends_with("-allowed")
    }

    /// The header fields of the n-th request.
    pub fn fields(&self, number: usize) -> impl Iterator<Item = (&str, &str)> {
        let cors = [
            ("origin", self.origin(number)),
            ("access-control-request-method", self.request_method.as_deref()),
            ("access-control-request-headers", self.request_headers.as_deref()),
        ];
        let others = self.others.iter().map(|(name, value)| (&**name, &**value));
        others.chain(cors.into_iter().filter_map(|(name, value)| Some((name, value?))))
    }

    /// The five scenarios for a set of origins.
    pub fn all(set: &str) -> Vec<Self> {
        let file = scenarios_file();
        let others = file.request_headers.iter();
        let others: Arc<[_]> = others
            .map(|(name, value)| (name.to_lowercase(), value.as_str().expect("text").to_owned()))
            .collect();
        #[derive(Deserialize)]
        struct Requests {
            hits: Vec<String>,
            misses: Vec<String>,
        }
        let requests: Requests = read(&format!("{set}.requests.json"));
        let all = file.scenarios.iter();
        all.map(|(name, parts)| {
            let text = |key: &str| parts.get(key).and_then(Value::as_str).map(str::to_owned);
            let origins = match text("origin").as_deref() {
                Some("hit") => requests.hits.clone(),
                Some(_) => requests.misses.clone(),
                None => Vec::new(),
            };
            Self {
                name: name.clone(),
                method: text("method").expect("a method"),
                origins: origins.into(),
                request_method: text("access_control_request_method"),
                request_headers: text("access_control_request_headers"),
                others: Arc::clone(&others),
            }
        })
        .collect()
    }
}

/// A hostile value, in the request that it is sent with.
pub struct Hostile {
    pub input: String,
    pub origins: String,
    pub length: usize,
    pub scenario: Scenario,
}

pub fn hostile() -> Vec<Hostile> {
    #[derive(Deserialize)]
    struct Case {
        field: String,
        origins: String,
        values: Vec<String>,
    }
    let cases: Map<String, Value> = read("hostile.json");
    let mut all = Vec::new();
    for (input, case) in cases {
        let case: Case = serde_json::from_value(case).expect("a hostile case");
        let base = if case.field == "origin" { "actual-allowed" } else { "preflight-allowed" };
        let base = Scenario::all("exact-10").into_iter().find(|it| it.name == base);
        for value in case.values {
            let mut scenario = base.clone().expect("the scenario");
            let length = value.len();
            if case.field == "origin" {
                scenario.origins = [value].into();
            } else {
                scenario.request_headers = Some(value);
            }
            scenario.name = "hostile".to_owned();
            all.push(Hostile {
                input: input.clone(),
                origins: case.origins.clone(),
                length,
                scenario,
            });
        }
    }
    all
}
