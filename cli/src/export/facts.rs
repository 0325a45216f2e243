//! What an export is made from: the rules of a policy as they are in force.

use onecors_core::Policy;
use onecors_core::introspect;
pub(crate) use onecors_core::introspect::RuleView;

/// A policy, as exports see it.
pub(crate) struct Facts<'p> {
    /// The rules, in the document's order.
    pub(crate) rules: Vec<RuleView<'p>>,
    /// Whether the document is a single rule, which governs every path.
    pub(crate) is_uniform: bool,
}

impl<'p> Facts<'p> {
    pub(super) fn of(policy: &'p Policy) -> Self {
        Self { rules: introspect::rules(policy), is_uniform: policy.uniform().is_some() }
    }
}
