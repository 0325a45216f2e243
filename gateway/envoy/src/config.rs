//! The filter's configuration: the policy and the counters.

use std::ffi::c_void;
use std::ptr::null_mut;

use onecors::{LivePolicy, Outcome, Reason, Verdict, printable};
use serde_json::{Map, Value};

use crate::abi::{self, ModuleBuffer};
use crate::stream::Stream;

/// Envoy keeps one for each occurrence of the filter in its configuration.
pub(crate) struct Config {
    pub(crate) policy: LivePolicy,
    pub(crate) counters: Counters,
}

impl Config {
    /// Reads the configuration, and loads and watches the policy file that it names.
    ///
    /// # Safety
    ///
    /// `envoy` is the pointer that Envoy gave to its hook for new configurations, which runs.
    ///
    /// # Errors
    ///
    /// All problems of the configuration or of the policy, for the log.
    pub(crate) unsafe fn new(envoy: *mut c_void, text: &[u8]) -> Result<Self, String> {
        let path = policy_file(text)?;
        let policy = LivePolicy::watch(path).map_err(|error| error.to_string())?;
        // SAFETY: as the caller promises.
        let counters = unsafe { Counters::define(envoy) }?;
        Ok(Self { policy, counters })
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        // Waits for the thread: after the last configuration Envoy may shut down its log.
        self.policy.close();
    }
}

/// The policy file that a configuration names: `{ "policy": "<file>" }`.
fn policy_file(text: &[u8]) -> Result<String, String> {
    const EXPECTED: &str = r#"write {"policy": "<file>"} as a google.protobuf.Struct"#;
    let mut members: Map<String, Value> = serde_json::from_slice(text)
        .map_err(|error| format!("filter_config is not a JSON object ({error}): {EXPECTED}"))?;
    let mut problems = Vec::new();
    let path = match members.remove("policy") {
        Some(Value::String(path)) if !path.is_empty() => path,
        Some(_) => {
            problems.push("\"policy\" in filter_config is not a file name".to_owned());
            String::new()
        }
        None => {
            problems.push(
                "filter_config has no \"policy\", the file with the policy document".to_owned(),
            );
            String::new()
        }
    };
    let unknown = members
        .keys()
        .map(|key| format!("filter_config has an unknown key \"{}\"", printable(key.as_bytes())));
    problems.extend(unknown);
    if problems.is_empty() {
        return Ok(path);
    }
    problems.push(EXPECTED.to_owned());
    Err(problems.join("\n"))
}

/// The counters among Envoy's stats, by their handles.
pub(crate) struct Counters {
    /// By the number of the outcome.
    outcomes: [Option<usize>; Outcome::ALL.len()],
    /// By the number of the reason, starting at 1.
    reasons: [usize; Reason::ALL.len() + 1],
    handshake_refused: usize,
    failed: usize,
}

impl Counters {
    /// # Safety
    ///
    /// As for [`Config::new`].
    unsafe fn define(envoy: *mut c_void) -> Result<Self, String> {
        let define = |name: &str| {
            let name = format!("onecors.{name}");
            let mut id = 0;
            // SAFETY: the name outlives the call, and Envoy asks for a configuration.
            let result = unsafe {
                abi::envoy_dynamic_module_callback_http_filter_config_define_counter(
                    envoy,
                    ModuleBuffer::new(name.as_bytes()),
                    null_mut(),
                    0,
                    &mut id,
                )
            };
            match result {
                abi::STATS_OK => Ok(id),
                code => Err(format!("Envoy could not define the counter {name} (code {code})")),
            }
        };
        let mut outcomes = [None; Outcome::ALL.len()];
        for outcome in Outcome::ALL {
            // Envoy itself counts the requests.
            if !matches!(outcome, Outcome::Ungoverned | Outcome::NotCors) {
                outcomes[outcome as usize] = Some(define(outcome.as_str())?);
            }
        }
        let mut reasons = [0; Reason::ALL.len() + 1];
        for reason in Reason::ALL {
            reasons[reason as usize] = define(&format!("denied.{}", reason.as_str()))?;
        }
        Ok(Self {
            outcomes,
            reasons,
            handshake_refused: define("handshake_refused")?,
            failed: define("failed")?,
        })
    }

    /// Counts a decision.
    pub(crate) fn count(&self, stream: Stream, verdict: Verdict) {
        if let Some(counter) = self.outcomes[verdict.outcome() as usize] {
            stream.count(counter);
        }
        if let Some(reason) = verdict.reason() {
            stream.count(self.reasons[reason as usize]);
        }
    }

    /// Counts a handshake that was refused.
    pub(crate) fn count_refused_handshake(&self, stream: Stream) {
        stream.count(self.handshake_refused);
    }

    /// Counts an internal error of the module.
    pub(crate) fn count_failure(&self, stream: Stream) {
        stream.count(self.failed);
    }
}
