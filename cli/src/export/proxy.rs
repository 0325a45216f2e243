//! What the exports to proxies share.

use super::facts::RuleView;
use super::refusal::Refusals;

/// The fields that are the policy's alone, by their names, for systems that remove headers by name
/// (`response::is_owned`). `Access-Control-Allow-Private-Network` is of a protocol that browsers have
/// given up.
pub(super) const OWNED: [&str; 7] = [
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Private-Network",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
];

/// Whether a list allows whatever is asked for.
pub(super) fn is_any(list: &[String]) -> bool {
    list.iter().any(|entry| entry == "*")
}

/// Whether pages may send `authorization`, which `*` does not cover.
pub(super) fn allows_authorization(rule: &RuleView<'_>) -> bool {
    rule.headers.iter().any(|name| name == "authorization")
}

/// Refuses `*` with credentials among the headers where it would cover `authorization` too: the
/// answer repeats what was asked for, and the system repeats all of it.
pub(super) fn refuse_echo_of_authorization(
    rule: &RuleView<'_>,
    system: &str,
    refusals: &mut Refusals,
) {
    if rule.credentials && is_any(rule.headers) && !allows_authorization(rule) {
        refusals.push(
            rule.key_pointer("allow_headers"),
            format!(
                "{} allows any header but authorization with credentials, and {system} repeats all \
                 names that were asked for, authorization too",
                rule.label()
            ),
            "name the headers that pages send, or add \"authorization\" if they may send it",
        );
    }
}

/// Where the policy comes from and what every export says of itself.
pub(super) fn heading(rule: &RuleView<'_>, system: &str) -> String {
    format!("The CORS configuration of {system} for {}, written by onecors.\n", rule.label())
}

#[cfg(test)]
mod tests {
    use super::OWNED;

    #[test]
    fn what_proxies_take_out_is_what_adapters_own() {
        assert!(OWNED.iter().all(|name| onecors_core::is_owned(name.as_bytes())));
    }
}
