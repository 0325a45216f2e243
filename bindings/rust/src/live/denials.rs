//! The log of denials, each once.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};
use std::num::NonZeroU64;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use onecors_core::{Explanation, Policy, Reason, Request, Verdict};

/// How many denials of strangers are logged, and how many other origins are remembered.
const MOST: usize = 1000;

/// How many bytes of an origin are remembered.
const ORIGIN_BYTES: usize = 512;

/// Logs the denials of one policy, each once.
///
/// A denial whose origin a pattern covers, or nearly covers, is logged once for each verdict,
/// pattern and difference: the document bounds their number, so that nobody can use them up. Any
/// other is a stranger's. It is logged once for each verdict and origin, up to 1,000 of them.
///
/// A verdict stands for the reason and the rule.
#[derive(Default)]
pub(super) struct DenialLog {
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// The denials that need no second look, of strangers and of others.
    origins: HashTable<(Verdict, Box<[u8]>)>,
    /// Random, since clients choose the origins.
    seed: RandomState,
    /// The verdicts on origins that a pattern covers or nearly covers, each with the number of the
    /// pattern and the difference.
    near: HashSet<(u32, NonZeroU64)>,
    strangers: usize,
}

impl Seen {
    fn contains(&self, verdict: Verdict, origin: &[u8]) -> bool {
        let is_it = |(other, text): &(Verdict, Box<[u8]>)| *other == verdict && **text == *origin;
        self.origins.find(hash(&self.seed, verdict, origin), is_it).is_some()
    }

    fn insert(&mut self, verdict: Verdict, origin: &[u8]) {
        let Self { origins, seed, .. } = self;
        origins.insert_unique(
            hash(seed, verdict, origin),
            (verdict, origin.into()),
            |(verdict, origin)| hash(seed, *verdict, origin),
        );
    }

    fn remember(
        &mut self,
        verdict: Verdict,
        origin: &[u8],
        near: Option<NonZeroU64>,
    ) -> Option<Novelty> {
        let Some(near) = near else {
            self.insert(verdict, origin);
            self.strangers += 1;
            return Some(if self.strangers < MOST { Novelty::New } else { Novelty::LastStranger });
        };
        if self.origins.len() < 2 * MOST {
            self.insert(verdict, origin);
        }
        self.near.insert((verdict.bits(), near)).then_some(Novelty::New)
    }
}

fn hash(seed: &RandomState, verdict: Verdict, origin: &[u8]) -> u64 {
    let mut hasher = seed.build_hasher();
    hasher.write_u32(verdict.bits());
    hasher.write(origin);
    hasher.finish()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Novelty {
    New,
    LastStranger,
}

impl DenialLog {
    /// Logs a denial, unless it has been. A page of the server's own origin is not denied anything:
    /// browsers send `Origin` with its POST requests, too, and look for no permission in the answer.
    pub(super) fn record<'h>(
        &self,
        policy: &Policy,
        verdict: Verdict,
        request: &Request<'_>,
        host: impl FnOnce() -> Option<&'h [u8]>,
    ) {
        let Some(novelty) = self.novelty(policy, verdict, request, host) else { return };
        // A subscriber that panics must not cost the client its answer.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| {
            write(&policy.explain(request));
            if novelty == Novelty::LastStranger {
                tracing::warn!(
                    target: "onecors",
                    "onecors: {MOST} denials of unknown origins were logged, and no more are until the policy is \
                     replaced; near misses are"
                );
            }
        }));
    }

    fn novelty<'h>(
        &self,
        policy: &Policy,
        verdict: Verdict,
        request: &Request<'_>,
        host: impl FnOnce() -> Option<&'h [u8]>,
    ) -> Option<Novelty> {
        let origin = request.origin.unwrap_or_default();
        let origin = &origin[..origin.len().min(ORIGIN_BYTES)];
        if self.seen().contains(verdict, origin) {
            return None;
        }
        let near = policy.nearest_pattern(request);
        if near.is_none() && self.seen().strangers == MOST {
            return None;
        }
        if verdict.reason() == Some(Reason::OriginNotAllowed)
            && policy.check_origin(request, host())
        {
            return None;
        }
        // Another thread may have been here meanwhile.
        let mut seen = self.seen();
        if seen.contains(verdict, origin) || near.is_none() && seen.strangers == MOST {
            return None;
        }
        seen.remember(verdict, origin, near)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(story: &Explanation) {
    let check = story.checks.iter().find(|check| check.check == "origin");
    tracing::warn!(
        target: "onecors",
        reason = story.reason.map(Reason::as_str),
        rule = story.rule.as_ref().map(|rule| rule.name.as_deref().unwrap_or(&rule.pointer)),
        origin = check.and_then(|check| check.received.as_deref()),
        nearest_miss = story.nearest_miss.as_ref().map(|miss| miss.difference.text()),
        "onecors: {}", story.summary
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Log {
        policy: Policy,
        denials: DenialLog,
    }

    impl Log {
        fn of(origins: &str) -> Self {
            let document = format!(r#"{{"allow_methods": ["PUT"], "allow_origins": {origins}}}"#);
            Self { policy: Policy::from_json(&document).unwrap(), denials: DenialLog::default() }
        }

        fn deny(&self, request: &Request<'_>) -> Option<Novelty> {
            let verdict = self.policy.decide(request);
            assert!(verdict.reason().is_some());
            self.denials.novelty(&self.policy, verdict, request, || None)
        }

        fn get(&self, origin: &str) -> Option<Novelty> {
            self.deny(&Request::default().method(Some(b"GET")).origin(Some(origin.as_bytes())))
        }

        fn purge(&self, origin: &str) -> Option<Novelty> {
            self.deny(
                &Request::default()
                    .method(Some(b"OPTIONS"))
                    .origin(Some(origin.as_bytes()))
                    .access_control_request_method(Some(b"PURGE")),
            )
        }
    }

    #[test]
    fn strangers_use_up_their_own_lines_alone() {
        let log = Log::of(r#"["https://app.example.com"]"#);
        let strangers = (0..1_200).map(|n| log.get(&format!("https://scanner-{n}.example")));
        let logged: Vec<_> = strangers.flatten().collect();
        assert_eq!(logged.len(), MOST);
        assert_eq!(logged.iter().position(|last| *last == Novelty::LastStranger), Some(MOST - 1));
        for _ in 0..2 {
            assert_eq!(log.get("https://scanner-0.example"), None);
        }

        assert_eq!(log.get("http://app.example.com"), Some(Novelty::New));
        assert_eq!(log.get("http://app.example.com"), None);
        assert_eq!(log.purge("https://app.example.com"), Some(Novelty::New));
        assert_eq!(log.purge("https://app.example.com"), None);
    }

    #[test]
    fn the_document_bounds_near_misses() {
        let log = Log::of(r#"["https://app.example.com", "https://*.tenant.example.org"]"#);
        let forged = (0..100_000).flat_map(|n| {
            let port = 1 + n % 65_535;
            [
                log.get(&format!("https://app.example.com:{port}")),
                log.get(&format!("http://t{n}.tenant.example.org")),
                log.get(&format!("https://t{n}.tenant.example.org/")),
                log.purge(&format!("https://t{n}.tenant.example.org")),
            ]
        });
        let logged = forged.flatten().count();
        assert!((4..20).contains(&logged), "{logged} are logged");
        assert_eq!(log.denials.seen().origins.len(), 2 * MOST);
        // Strangers have theirs still.
        assert_eq!(log.get("https://scanner.example"), Some(Novelty::New));
    }

    #[test]
    fn any_origin_is_one_pattern() {
        let log = Log::of(r#"["*"]"#);
        let origins = (0..2_000).map(|n| format!("https://{n}.example"));
        assert_eq!(origins.filter_map(|origin| log.purge(&origin)).count(), 1);
    }
}
