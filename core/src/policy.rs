//! The compiled policy.

use crate::{Explanation, Plan, Problems, Request, Verdict};

/// The size in bytes of the largest document that is read: 64 MiB, room for a million origins.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024 * 1024;

/// A compiled policy document: immutable, and safe to use from any number of threads at once.
pub struct Policy {}

impl Policy {
    /// Compiles a policy document.
    ///
    /// # Errors
    ///
    /// Every problem of the document at once; a policy with any problem is never built.
    pub fn from_json(text: &str) -> Result<Self, Problems> {
        Self::from_slice(text.as_bytes())
    }

    /// Compiles a policy document as it was read from a file: bytes that should be UTF-8.
    ///
    /// # Errors
    ///
    /// As [`Policy::from_json`]; bytes that are not UTF-8 are the problem `invalid_json`.
    pub fn from_slice(_document: &[u8]) -> Result<Self, Problems> {
        Ok(Self {})
    }

    /// Decides on a request. Allocates nothing; the time it takes does not depend on the number of
    /// origins.
    pub fn decide(&self, _request: &Request<'_>) -> Verdict {
        Verdict::new(crate::Outcome::Ungoverned, None, 0)
    }

    /// Every answer this policy can give. [`Verdict::plan`] is an index into it.
    pub fn plans(&self) -> &[Plan] {
        &[]
    }

    /// The plans as a JSON array, for bindings.
    pub fn plans_json(&self) -> String {
        serde_json::to_string(self.plans()).expect("strings always serialise")
    }

    /// Decides on a request and tells the story.
    pub fn explain(&self, request: &Request<'_>) -> Explanation {
        Explanation { verdict: self.decide(request) }
    }
}
