//! What a fixed configuration can say: one rule for all paths, a list of origins that are known, and
//! lists of methods and header names, of which nothing is echoed.

use onecors_core::introspect::{
    HostPattern, Listed, PortPattern, SAFELISTED_METHODS, TuplePattern, Wildcard,
};
use onecors_core::text::Whole;

use super::facts::{Facts, RuleView};
use super::refusal::Refusals;

/// A header that no page can send (Fetch, "forbidden request-header"), for systems that a list without
/// a name means another thing to, or that may not take one.
pub(super) const NO_HEADER: &str = "host";

/// Collects what a system with one fixed configuration cannot express.
pub(super) struct Fixed<'r> {
    /// What people call the system.
    pub(super) system: &'static str,
    pub(super) refusals: &'r mut Refusals,
}

impl Fixed<'_> {
    /// The rule that is the whole policy: one without paths, or whose only path is `/*`. What that
    /// leaves out, a request without a path, is none that a browser makes.
    pub(super) fn only_rule<'f, 'p>(&mut self, facts: &'f Facts<'p>) -> Option<&'f RuleView<'p>> {
        match facts.rules.as_slice() {
            [rule] if facts.is_uniform || matches!(rule.paths, [path] if path == "/*") => {
                Some(rule)
            }
            rules => {
                for rule in rules {
                    self.refusals.push(
                        rule.key_pointer("paths"),
                        format!(
                            "{} governs some paths, and {} has one CORS configuration for all",
                            rule.label(),
                            self.system
                        ),
                        "export a policy of one rule for each part of the routes, without paths or with \"/*\" \
                         alone, or let onecors answer: through its module in Envoy or nginx, or through \
                         the adapter of each service, which know paths",
                    );
                }
                None
            }
        }
    }

    /// The exact origins, in the document's order; `*` alone where any origin is allowed, which never
    /// is with credentials. Everything else in `allow_origins` is refused, and so are origins of
    /// schemes other than http and https, which no documentation promises to be taken.
    pub(super) fn web_origins<'p>(&mut self, rule: &RuleView<'p>) -> Vec<&'p str> {
        if rule.origins.any.is_some() {
            return vec!["*"];
        }
        for &Wildcard { entry, text, pattern, .. } in &rule.origins.wildcards {
            self.refuse_wildcard(rule, entry, text, &pattern);
        }
        for &Listed { entry, text, .. } in &rule.origins.regexes {
            let what = format!("what the regex {} covers", Whole(text));
            self.refuse_origin(rule, entry, &what, "list the origins that it covers");
        }
        if let Some(entry) = rule.origins.null {
            self.refuse_origin(rule, entry, "\"null\"", "remove it");
        }
        for &Listed { entry, text, .. } in &rule.origins.exact {
            if !text.starts_with("https://") && !text.starts_with("http://") {
                let what = format!("{}, which is neither http nor https", Whole(text));
                self.refuse_origin(rule, entry, &what, "remove it");
            }
        }
        rule.origins.exact.iter().map(|origin| origin.text).collect()
    }

    fn refuse_wildcard(
        &mut self,
        rule: &RuleView<'_>,
        entry: usize,
        text: &str,
        pattern: &TuplePattern<'_>,
    ) {
        let what = match pattern {
            TuplePattern { port: PortPattern::Any, .. } => "any port",
            TuplePattern { host: HostPattern::Partial { .. }, .. } => "a wildcard in a label",
            _ => "subdomains of any depth",
        };
        let what = format!("{}, {what}", Whole(text));
        self.refuse_origin(rule, entry, &what, "list each origin that it is for");
    }

    fn refuse_origin(&mut self, rule: &RuleView<'_>, entry: usize, what: &str, help: &str) {
        self.refusals.push(
            rule.origin_pointer(entry),
            format!("{} allows {what}: {} has no way to say that", rule.label(), self.system),
            format!("{help}, or let the services or a proxy answer through onecors"),
        );
    }

    /// The listed methods behind the safelisted ones, or `*` alone.
    pub(super) fn methods<'p>(&mut self, rule: &RuleView<'p>) -> Vec<&'p str> {
        if rule.methods.iter().any(|method| method == "*") {
            self.refuse_echo(rule, "allow_methods");
            return vec!["*"];
        }
        let listed = rule.methods.iter().map(String::as_str);
        let more = listed.filter(|method| !SAFELISTED_METHODS.contains(method));
        SAFELISTED_METHODS.into_iter().chain(more).collect()
    }

    /// The listed header names, or `*` alone.
    pub(super) fn headers<'p>(&mut self, rule: &RuleView<'p>) -> Vec<&'p str> {
        if rule.headers.iter().any(|name| name == "*") {
            self.refuse_echo(rule, "allow_headers");
            if rule.headers.len() > 1 {
                self.refusals.push(
                    rule.key_pointer("allow_headers"),
                    format!(
                        "{} allows any header and authorization, and no documentation says that {} \
                         takes \"*\" beside a name",
                        rule.label(),
                        self.system
                    ),
                    "name each header that pages send",
                );
            }
        }
        rule.headers.iter().map(String::as_str).collect()
    }

    /// With credentials browsers take `*` for a name, so that it has to be answered by an echo.
    fn refuse_echo(&mut self, rule: &RuleView<'_>, key: &str) {
        if rule.credentials {
            self.refusals.push(
                rule.key_pointer(key),
                format!(
                    "{} has \"*\" with credentials, which means \"*\" literally to browsers; the answer \
                     would have to repeat what was asked for, and {} sends a fixed list",
                    rule.label(),
                    self.system
                ),
                format!("name each of {key} that pages need"),
            );
        }
    }
}

/// Refuses `OPTIONS` among the methods, where the system answers every OPTIONS by itself.
pub(super) fn refuse_options(rule: &RuleView<'_>, system: &str, refusals: &mut Refusals) {
    if rule.methods.iter().any(|method| method == "OPTIONS") {
        refusals.push(
            rule.key_pointer("allow_methods"),
            format!(
                "{} lets pages send OPTIONS, and {system} answers every OPTIONS by itself, so that \
                 theirs never reaches the service",
                rule.label()
            ),
            "leave OPTIONS out of allow_methods; preflights need no listing",
        );
    }
}

/// The seconds of `max_age` as a number.
pub(super) fn max_age(rule: &RuleView<'_>) -> u32 {
    rule.max_age.parse().unwrap_or_default()
}

/// The names to expose, in the document's order.
pub(super) fn exposed<'p>(rule: &RuleView<'p>) -> Vec<&'p str> {
    rule.exposed.map(|list| list.split(", ").collect()).unwrap_or_default()
}
