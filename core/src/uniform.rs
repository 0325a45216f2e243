//! What a host can decide by itself.

use crate::index::ExactOrigins;
use crate::verdict::Verdict;

/// What a host can decide without a call to the engine, where calls are dear: a policy that is one
/// rule for every path has one verdict for all requests without an `Origin`, and one for the actual
/// requests of all exact origins. [`Policy::uniform`](crate::Policy::uniform) gives it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Uniform<'p> {
    /// The verdict on every request without an `Origin`.
    pub not_cors: Verdict,
    /// The verdict on every request that is not `OPTIONS` and whose `Origin` is, byte for byte, one
    /// of [`Uniform::origins`].
    pub actual_allowed: Verdict,
    /// What every other `Origin` gets; `None` when there are patterns that may allow one.
    pub denied: Option<Denied>,
    pub(crate) exact: &'p ExactOrigins,
}

/// The verdicts on requests whose `Origin` is none of the exact ones, but for the reason, which is
/// one of the origin: who wants to know asks the engine.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Denied {
    /// The verdict on every request that is no preflight.
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
