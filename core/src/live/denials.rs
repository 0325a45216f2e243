//! The log of denials, each once.

use std::hash::{BuildHasher, Hasher};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::explain::Explanation;
use crate::policy::Policy;
use crate::request::Request;
use crate::verdict::{Reason, Verdict};

/// How many denials are logged before no more are. Clients choose their origins.
const MOST: usize = 1000;

/// How many bytes of an origin are remembered.
const ORIGIN_BYTES: usize = 512;

/// Logs each distinct denial of one policy once, and remembers a bounded number of them.
///
/// A denial is known by its verdict, which stands for the reason and the rule, and its origin.
#[derive(Default)]
pub(super) struct DenialLog {
    seen: Mutex<Seen>,
    full: AtomicBool,
}

#[derive(Default)]
struct Seen {
    denials: HashTable<(Verdict, Box<[u8]>)>,
    /// Another one in each process, since clients choose the origins.
    seed: RandomState,
}

impl Seen {
    fn contains(&self, verdict: Verdict, origin: &[u8]) -> bool {
        let is_it = |(other, text): &(Verdict, Box<[u8]>)| *other == verdict && **text == *origin;
        self.denials.find(hash(&self.seed, verdict, origin), is_it).is_some()
    }

    fn insert(&mut self, verdict: Verdict, origin: &[u8]) {
        let Self { denials, seed } = self;
        denials.insert_unique(
            hash(seed, verdict, origin),
            (verdict, origin.into()),
            |(verdict, origin)| hash(seed, *verdict, origin),
        );
    }
}

fn hash(seed: &RandomState, verdict: Verdict, origin: &[u8]) -> u64 {
    let mut hasher = seed.build_hasher();
    hasher.write_u32(verdict.bits());
    hasher.write(origin);
    hasher.finish()
}

enum Novelty {
    Known,
    New,
    Last,
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
        if self.full.load(Ordering::Relaxed) {
            return;
        }
        let same_origin = || {
            verdict.reason() == Some(Reason::OriginNotAllowed)
                && policy.check_origin(request, host())
        };
        let novelty = self.remember(verdict, request.origin.unwrap_or_default(), same_origin);
        if let Novelty::Known = novelty {
            return;
        }
        // A subscriber that panics must not cost the client its answer.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| {
            write(&policy.explain(request));
            if let Novelty::Last = novelty {
                tracing::warn!(
                    target: "onecors",
                    "onecors: {MOST} different denials were logged, and no more are until the policy is replaced"
                );
            }
        }));
    }

    fn remember(
        &self,
        verdict: Verdict,
        origin: &[u8],
        same_origin: impl FnOnce() -> bool,
    ) -> Novelty {
        let origin = &origin[..origin.len().min(ORIGIN_BYTES)];
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.denials.len() == MOST || seen.contains(verdict, origin) || same_origin() {
            return Novelty::Known;
        }
        seen.insert(verdict, origin);
        if seen.denials.len() < MOST {
            return Novelty::New;
        }
        self.full.store(true, Ordering::Relaxed);
        Novelty::Last
    }
}

fn write(story: &Explanation) {
    let check = story.checks.iter().find(|check| check.check == "origin");
    tracing::warn!(
        target: "onecors",
        reason = story.reason.map(Reason::as_str),
        rule = story.rule.as_ref().map(|rule| rule.name.as_deref().unwrap_or(&rule.pointer)),
        origin = check.and_then(|check| check.received.as_deref()),
        nearest_miss = story.nearest_miss.as_ref().map(|miss| &*miss.difference),
        "onecors: {}", story.summary
    );
}
