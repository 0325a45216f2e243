//! Public suffixes: the domains beneath which strangers can register names.

use std::collections::{HashMap, HashSet};

/// The rules of the Public Suffix List, as made by `data/update.py`.
const RULES: &str = include_str!("../data/public_suffixes.txt");

/// Which part of the list a suffix comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// Suffixes of registries.
    Icann,
    /// Suffixes of companies that hand out subdomains.
    Private,
    /// No rule but the default one, `*`: an unknown top-level domain.
    Unlisted,
}

/// The list, made ready for look-ups. Takes about a millisecond to build; not kept in a static, so
/// that a library that is loaded twice shares nothing.
pub(crate) struct PublicSuffixes {
    rules: HashMap<&'static str, Section>,
    /// Every domain that has a rule beneath it.
    parents: HashSet<&'static str>,
}

impl PublicSuffixes {
    pub(crate) fn new() -> Self {
        let mut suffixes = Self { rules: HashMap::new(), parents: HashSet::new() };
        let mut section = Section::Icann;
        for line in RULES.lines() {
            if line == "// PRIVATE" {
                section = Section::Private;
            }
            if line.starts_with("//") {
                continue;
            }
            suffixes.rules.insert(line, section);
            if !line.starts_with('!') {
                suffixes.parents.extend(parents(line));
            }
        }
        suffixes
    }

    /// The list's own version, a date.
    #[cfg(test)]
    fn version() -> &'static str {
        RULES.lines().find_map(|line| line.strip_prefix("// version ")).unwrap_or_default()
    }

    /// The section of the rule that makes this domain a public suffix; `None` when it is none. A
    /// trailing dot makes no difference.
    pub(crate) fn section(&self, domain: &str) -> Option<Section> {
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        let (suffix, section) = self.suffix(domain);
        (suffix == domain).then_some(section)
    }

    /// Whether a rule of the list lies beneath this domain.
    pub(crate) fn has_suffixes_beneath(&self, domain: &str) -> bool {
        self.parents.contains(domain.strip_suffix('.').unwrap_or(domain))
    }

    /// Whether one can register this domain: it is exactly one label longer than a public suffix,
    /// or lies beneath such a domain.
    pub(crate) fn is_registrable_or_beneath(&self, domain: &str) -> bool {
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        self.suffix(domain).0 != domain
    }

    /// The public suffix of a domain (<https://github.com/publicsuffix/list/wiki/Format>): of the
    /// rules that match, an exception prevails, else the longest, else `*`.
    fn suffix<'d>(&self, domain: &'d str) -> (&'d str, Section) {
        let mut candidate = domain;
        loop {
            let parent = candidate.split_once('.').map(|(_, parent)| parent);
            if let (Some(parent), Some(&section)) =
                (parent, self.rules.get(format!("!{candidate}").as_str()))
            {
                return (parent, section);
            }
            if let Some(&section) = self.rules.get(candidate) {
                return (candidate, section);
            }
            let Some(parent) = parent else { return (candidate, Section::Unlisted) };
            if let Some(&section) = self.rules.get(format!("*.{parent}").as_str()) {
                return (candidate, section);
            }
            candidate = parent;
        }
    }
}

/// The domains above this one: `b.c` and `c` for `a.b.c`.
fn parents(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(domain.split_once('.'), |(_, rest)| rest.split_once('.'))
        .map(|(_, parent)| parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_and_their_sections() {
        let list = PublicSuffixes::new();
        for (domain, section) in [
            ("com", Some(Section::Icann)),
            ("co.uk", Some(Section::Icann)),
            ("co.uk.", Some(Section::Icann)),
            ("example.com", None),
            ("github.io", Some(Section::Private)),
            ("vercel.app", Some(Section::Private)),
            ("internal", Some(Section::Unlisted)),
            ("corp.internal", None),
            // The rules *.ck and !www.ck.
            ("anything.ck", Some(Section::Icann)),
            ("www.ck", None),
            ("city.kobe.jp", None),
            ("other.kobe.jp", Some(Section::Icann)),
            ("xn--p1ai", Some(Section::Icann)),
        ] {
            assert_eq!(list.section(domain), section, "{domain}");
        }
    }

    #[test]
    fn suffixes_beneath_a_base_are_found() {
        let list = PublicSuffixes::new();
        for domain in ["amazonaws.com", "kobe.jp", "windows.net", "fastly.net", "com", "uk."] {
            assert!(list.has_suffixes_beneath(domain), "{domain}");
        }
        for domain in ["example.com", "github.io", "s3.amazonaws.com"] {
            assert!(!list.has_suffixes_beneath(domain), "{domain}");
        }
    }

    #[test]
    fn the_list_is_whole_and_dated() {
        let list = PublicSuffixes::new();
        assert!(list.rules.len() > 9_000);
        assert!(list.rules.values().any(|&section| section == Section::Private));
        assert!(PublicSuffixes::version().starts_with("20"));
        assert!(RULES.is_ascii());
    }
}
