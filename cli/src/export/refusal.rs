//! What a target cannot express.

use std::collections::HashSet;
use std::fmt;

use onecors_core::text::place;

/// One thing of a policy that a target cannot express.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Refusal {
    /// Where it stands, as a JSON pointer (RFC 6901) into the policy document.
    pub pointer: String,
    /// What the target cannot express, and why not.
    pub message: String,
    /// What to do instead.
    pub help: String,
}

/// Everything of a policy that a target cannot express, in the order in which it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals {
    target: &'static str,
    refusals: Vec<Refusal>,
    /// The same, to be looked up.
    seen: HashSet<Refusal>,
}

impl Refusals {
    pub(super) fn of(target: &'static str) -> Self {
        Self { target, refusals: Vec::new(), seen: HashSet::new() }
    }

    /// Refuses something of the document, once for each place and message.
    pub(crate) fn push(
        &mut self,
        pointer: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let refusal =
            Refusal { pointer: pointer.into(), message: message.into(), help: help.into() };
        if self.seen.insert(refusal.clone()) {
            self.refusals.push(refusal);
        }
    }

    /// The refusals, as a slice.
    pub fn as_slice(&self) -> &[Refusal] {
        &self.refusals
    }
}

impl std::error::Error for Refusals {}

/// All refusals, each with its place, as people read them.
impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.refusals.len();
        let things = if count == 1 { "one thing" } else { "things" };
        write!(f, "the policy has {things} that {} cannot express", self.target)?;
        for refusal in &self.refusals {
            let place = place(&refusal.pointer);
            write!(f, "\n  {place}: {}\n    help: {}", refusal.message, refusal.help)?;
        }
        Ok(())
    }
}
