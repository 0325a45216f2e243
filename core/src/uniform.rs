//! What a host can decide by itself.

use crate::index::ExactOrigins;
use crate::verdict::Verdict;

/// What a host can decide without a call to the engine, where calls are dear: a policy that is one
/// rule for every path has one verdict for all requests without an `Origin`, and one for the actual
/// requests of all exact origins. [`Policy::uniform`](crate::Policy::uniform) gives it.
#[derive(Clone, Copy)]
pub struct Uniform<'p> {
    /// The verdict on every request without an `Origin`.
    pub not_cors: Verdict,
    /// The verdict on every request that is not `OPTIONS` and whose `Origin` is, byte for byte, one
    /// of [`Uniform::origins`].
    pub actual_allowed: Verdict,
    pub(crate) exact: &'p ExactOrigins,
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
