//! Any bytes as a document: they are compiled or refused, and a refusal is bounded and points into the
//! document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onecors_core::{Code, MAX_PROBLEMS, Policy};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    match Policy::from_slice(bytes) {
        Ok(policy) => {
            assert!(policy.plans().len() > 1);
            let again = Policy::from_slice(bytes).expect("the same bytes");
            assert_eq!(policy.plans_json(), again.plans_json());
        }
        Err(problems) => {
            assert!((1..=MAX_PROBLEMS).contains(&problems.len()));
            let text = problems.to_string();
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
            let Ok(document) = serde_json::from_slice::<Value>(bytes) else { return };
            // Of a key that is there twice, this reader keeps the last value alone.
            if problems.iter().any(|problem| problem.code == Code::RepeatedKey) {
                return;
            }
            let points_at_nothing = [Code::MissingKey, Code::InvalidJson, Code::DocumentTooLarge];
            for problem in problems.iter().filter(|it| !points_at_nothing.contains(&it.code)) {
                assert!(document.pointer(&problem.pointer).is_some(), "{problem:?}");
            }
        }
    }
});
