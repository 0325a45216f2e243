//! What a host can decide without a call to the engine.

use crate::index::ExactOrigins;
use crate::verdict::Verdict;

/// What a host can decide without a call to the engine, for hosts in which a call is expensive: a policy
/// of one rule for every path has one verdict for all requests without an `Origin`, and one for the
/// actual requests of all exact origins. [`Policy::uniform`](crate::Policy::uniform) returns it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Uniform<'p> {
    /// The verdict on every request without an `Origin`.
    pub not_cors: Verdict,
    /// The verdict on every request that is not `OPTIONS` and whose `Origin` is, byte for byte, one
    /// of [`Uniform::origins`].
    pub actual_allowed: Verdict,
    /// The verdicts on every other `Origin`; `None` when there are patterns that may allow one.
    pub denied: Option<Denied>,
    pub(crate) exact: &'p ExactOrigins,
}

/// The verdicts on requests whose `Origin` is not one of the exact ones, without their reason; call
/// [`Policy::decide`](crate::Policy::decide) to get it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Denied {
    /// The verdict on every request that is not a preflight.
    pub actual: Verdict,
    /// The verdict on every preflight: `OPTIONS` with `Access-Control-Request-Method`.
    pub preflight: Verdict,
}

impl<'p> Uniform<'p> {
    /// The exact origins, in the document's order.
    pub fn origins(&self) -> impl Iterator<Item = &'p str> {
        self.exact.iter().map(|(text, _)| text)
    }

    /// The exact origins one after the other, without anything between them.
    pub fn texts(&self) -> &'p str {
        self.exact.texts()
    }

    /// Where in [`Uniform::texts`] each origin ends; it begins where the one before ends.
    pub fn ends(&self) -> &'p [u32] {
        self.exact.ends()
    }
}
