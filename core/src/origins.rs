//! `allow_origins`: reads and checks the entries, and builds the index.

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::document::{Entry, OriginEntry, RuleDocument};
use crate::findings::Findings;
use crate::host;
use crate::index::OriginIndex;
use crate::opt_out::OptOut;
use crate::opt_outs::OptOuts;
use crate::origin;
use crate::pattern::{self, HostPattern, Pattern, TuplePattern};
use crate::problem::{Code, Problem};
use crate::regexes::{Branch, Regex, RegexSet};
use crate::suffix::{PublicSuffixes, Section};
use crate::text::Quoted;

/// Builds the index of a rule's origin patterns, as far as they are right.
pub(crate) fn compile(
    rule: &RuleDocument,
    opt_outs: &mut OptOuts,
    suffixes: &OnceCell<PublicSuffixes>,
    problems: &mut Findings,
) -> OriginIndex {
    let bytes = rule.allow_origins.iter().map(|entry| entry.value.text().len()).sum();
    let mut compiler = Compiler {
        rule,
        opt_outs,
        suffixes,
        problems,
        index: OriginIndex::with_capacity(rule.allow_origins.len(), bytes),
        wildcards: Vec::new(),
        regexes: Vec::new(),
        regex_texts: HashSet::new(),
        last_base: None,
    };
    for entry in &rule.allow_origins {
        match &entry.value {
            OriginEntry::Pattern(text) => compiler.pattern(text, entry.index),
            OriginEntry::Regex { regex } => compiler.regex(regex, entry.index),
        }
    }
    compiler.finish()
}

impl OriginEntry {
    fn text(&self) -> &str {
        match self {
            Self::Pattern(text) | Self::Regex { regex: text } => text,
        }
    }
}

struct Compiler<'d, 'c> {
    rule: &'d RuleDocument,
    opt_outs: &'c mut OptOuts,
    suffixes: &'c OnceCell<PublicSuffixes>,
    problems: &'c mut Findings,
    index: OriginIndex,
    /// The patterns in the index that are no exact origins.
    wildcards: Vec<(Pattern<'d>, usize)>,
    regexes: Vec<(Regex, &'d str, usize)>,
    /// Their texts.
    regex_texts: HashSet<&'d str>,
    /// What was found of the base that was last asked for.
    last_base: Option<(&'d str, bool)>,
}

impl<'d> Compiler<'d, '_> {
    fn pattern(&mut self, text: &'d str, entry: usize) {
        let pattern = match Pattern::parse(text) {
            Ok(pattern) => pattern,
            Err(code) => return self.report_unparsed(code, text, entry),
        };
        let before = self.problems.count();
        match &pattern {
            Pattern::Any => self.check_any(text, entry),
            Pattern::Null => self.check_null(text, entry),
            Pattern::Tuple(tuple) => self.check_tuple(tuple, text, entry),
        }
        if self.problems.count() > before {
            return;
        }
        self.index.insert(&pattern, text, entry);
        if !matches!(&pattern, Pattern::Tuple(tuple) if tuple.is_exact()) {
            self.wildcards.push((pattern, entry));
        }
    }

    fn report_unparsed(&mut self, code: Code, text: &str, entry: usize) {
        let pointer = self.rule.entry_pointer("allow_origins", entry);
        self.problems.push_with(pointer, |pointer| {
            let problem = Problem::new(code, pointer, Quoted(text.as_bytes()));
            match code {
                Code::SeveralOrigins => problem.help("write each origin as a separate entry"),
                Code::InvalidWildcard => problem.help_instead(leftmost_wildcard(text)),
                _ => problem.help_instead(pattern::correct(text)),
            }
        });
    }

    fn check_any(&mut self, text: &str, entry: usize) {
        if self.rule.allow_credentials {
            let problem = self.problem(Code::AnyOriginWithCredentials, text, entry);
            self.problems
                .push(problem.help(
                    "list the origins that may act as the user, or remove allow_credentials",
                ));
        }
    }

    fn check_null(&mut self, text: &str, entry: usize) {
        if !self.opt_outs.lifts(OptOut::NullOrigin) {
            let problem = self.problem(Code::NullOrigin, text, entry);
            self.problems.push(problem.help(lift(OptOut::NullOrigin)));
        }
    }

    fn check_tuple(&mut self, tuple: &TuplePattern<'d>, text: &str, entry: usize) {
        if is_websocket(tuple.scheme) {
            let problem = self.problem(Code::WebsocketScheme, text, entry);
            self.problems.push(problem.help_instead(pattern::correct(text)));
        }
        let base = tuple.host.fixed();
        if self.rule.allow_credentials
            && is_insecure(tuple.scheme)
            && !host::is_loopback(base)
            && !self.opt_outs.lifts(OptOut::InsecureOrigins)
        {
            let problem = self.problem(Code::InsecureOrigin, text, entry);
            self.problems.push(
                problem.help(format_args!("use https, or {}", lift(OptOut::InsecureOrigins))),
            );
        }
        if let HostPattern::Partial { suffix, .. } = tuple.host
            && self.is_registry(base)
        {
            let problem = self.problem(Code::PartialWildcardUnderSuffix, text, entry);
            let base = format!("{suffix}.{base}");
            let instead = TuplePattern { host: HostPattern::Subdomains { base: &base }, ..*tuple };
            self.problems.push(problem.help_instead(valid(instead.to_string())));
        }
        if self.rule.allow_credentials && !tuple.host.is_exact() && self.is_shared(base) {
            self.check_shared(text, base, entry);
        }
    }

    fn check_shared(&mut self, text: &str, base: &str, entry: usize) {
        if !self.opt_outs.lifts(OptOut::PublicSuffixWildcards) {
            let problem = self.problem(Code::PublicSuffixWildcard, text, entry);
            let is_suffix = self.suffixes().section(base).is_some();
            self.problems.push(
                problem
                    .detail(format_args!(
                        "{} {}",
                        Quoted(base.as_bytes()),
                        if is_suffix {
                            "is a public suffix"
                        } else {
                            "has public suffixes below it"
                        }
                    ))
                    .help(format_args!(
                        "use a domain of your own, or {}",
                        lift(OptOut::PublicSuffixWildcards)
                    )),
            );
        }
    }

    /// Whether a registry hands out the domains beneath this one. Many wildcards in a row have the
    /// same base.
    fn is_registry(&mut self, base: &'d str) -> bool {
        match self.last_base {
            Some((last, is_registry)) if last == base => is_registry,
            _ => {
                let is_registry = self.suffixes().section(base) == Some(Section::Icann);
                self.last_base = Some((base, is_registry));
                is_registry
            }
        }
    }

    /// Whether strangers can have names beneath this domain.
    fn is_shared(&self, domain: &str) -> bool {
        !host::is_loopback(domain)
            && (self.suffixes().section(domain).is_some()
                || self.suffixes().has_suffixes_beneath(domain))
    }

    fn suffixes(&self) -> &PublicSuffixes {
        self.suffixes.get_or_init(PublicSuffixes::new)
    }

    fn regex(&mut self, text: &'d str, entry: usize) {
        let regex = Regex::parse(text).and_then(|regex| {
            // Alone first, so that a regex that is too large is told from one too many.
            match RegexSet::compile(&[(&regex, entry)]) {
                Ok(_) => Ok(regex),
                Err(what) => Err((Code::RegexTooLarge, what)),
            }
        });
        let regex = match regex {
            Ok(regex) => regex,
            Err((code, what)) => {
                let problem = self.problem(code, text, entry);
                return self.problems.push(problem.detail(what));
            }
        };
        let before = self.problems.count();
        self.check_regex(regex.branches(), text, entry);
        if self.problems.count() > before {
            return;
        }
        if self.regex_texts.insert(text) {
            self.regexes.push((regex, text, entry));
        } else {
            self.report_repeated(text, entry);
        }
    }

    fn check_regex(&mut self, branches: &[Branch], text: &str, entry: usize) {
        let scheme =
            |branch: &Branch, is: fn(&str) -> bool| branch.scheme.as_deref().is_some_and(is);
        if branches.iter().any(|branch| scheme(branch, is_websocket)) {
            let problem = self.problem(Code::WebsocketScheme, text, entry);
            self.problems.push(problem.help("use https or http"));
        }
        let is_bounded = |branch: &Branch| {
            let domain = branch.domain.as_deref();
            domain.is_some_and(|domain| self.suffixes().is_registrable_or_beneath(domain))
        };
        if !branches.iter().all(is_bounded) && !self.opt_outs.lifts(OptOut::UnboundedRegex) {
            let problem = self.problem(Code::UnboundedRegex, text, entry);
            self.problems.push(problem.help(format_args!(
                r"let each branch end in a domain of your own with its dots escaped, such as \.example\.com, or {}",
                lift(OptOut::UnboundedRegex)
            )));
        }
        if !self.rule.allow_credentials {
            return;
        }
        let is_secure = |branch: &Branch| scheme(branch, |scheme| !is_insecure(scheme));
        if !branches.iter().all(is_secure) && !self.opt_outs.lifts(OptOut::InsecureOrigins) {
            let problem = self.problem(Code::InsecureOrigin, text, entry);
            self.problems.push(problem.help(format_args!(
                "let each branch begin with https://, or {}",
                lift(OptOut::InsecureOrigins)
            )));
        }
        let shared = branches
            .iter()
            .filter(|branch| !branch.literal_host)
            .find_map(|branch| branch.domain.as_deref().filter(|domain| self.is_shared(domain)));
        if let Some(domain) = shared {
            self.check_shared(text, domain, entry);
        }
    }

    fn finish(mut self) -> OriginIndex {
        let regexes = self.compile_regexes();
        let texts: Vec<(usize, &str)> =
            self.regexes.iter().map(|&(_, text, entry)| (entry, text)).collect();
        let repeated = self.index.finish(regexes, &texts);
        let is_repeated = |entry: usize| repeated.binary_search(&(entry as u32)).is_ok();
        for Entry { index, value } in &self.rule.allow_origins {
            if is_repeated(*index) {
                self.report_repeated(value.text(), *index);
            }
        }
        self.wildcards.retain(|&(_, entry)| !is_repeated(entry));
        self.report_covered();
        self.index
    }

    fn compile_regexes(&mut self) -> Option<RegexSet> {
        if self.regexes.is_empty() {
            return None;
        }
        let all: Vec<(&Regex, usize)> =
            self.regexes.iter().map(|(regex, _, entry)| (regex, *entry)).collect();
        let what = match RegexSet::compile(&all) {
            Ok(set) => return Some(set),
            Err(what) => what,
        };
        // The first that is too much beside the ones in front of it.
        let sizes: Vec<usize> = (1..=all.len()).collect();
        let fit = sizes.partition_point(|&size| RegexSet::compile(&all[..size]).is_ok());
        let (_, text, entry) = self.regexes[fit.min(all.len() - 1)];
        let problem = self.problem(Code::RegexTooLarge, text, entry);
        self.problems
            .push(problem.detail(format_args!("together with the regexes before it: {what}")));
        None
    }

    fn report_covered(&mut self) {
        let index = std::mem::take(&mut self.index);
        for (text, entry, by) in index.covered_exact_origins() {
            self.report_covered_by(&index, text, entry, by);
        }
        for (pattern, entry) in std::mem::take(&mut self.wildcards) {
            let tuple = match &pattern {
                Pattern::Tuple(tuple) => Some(tuple),
                Pattern::Any | Pattern::Null => None,
            };
            if let Some(by) = index.covering(tuple, entry) {
                self.report_covered_by(&index, &pattern.to_string(), entry, by);
            }
        }
        for (_, text, entry) in std::mem::take(&mut self.regexes) {
            if let Some(by) = index.covering(None, entry) {
                self.report_covered_by(&index, text, entry, by);
            }
        }
        self.index = index;
    }

    fn report_covered_by(&mut self, index: &OriginIndex, text: &str, entry: usize, by: usize) {
        let wide = Quoted(index.text(by).unwrap_or_default().as_bytes());
        let place = self.rule.entry_pointer("allow_origins", by);
        let problem = self.problem(Code::CoveredOrigin, text, entry);
        self.problems.push(problem.detail(format_args!("{place} is {wide}")).help("remove it"));
    }

    fn problem(&self, code: Code, text: &str, entry: usize) -> Problem {
        let pointer = self.rule.entry_pointer("allow_origins", entry);
        Problem::new(code, pointer, Quoted(text.as_bytes()))
    }

    fn report_repeated(&mut self, text: &str, entry: usize) {
        let problem = self.problem(Code::RepeatedOrigin, text, entry);
        self.problems.push(problem.help("remove it"));
    }
}

/// Whether a scheme has no transport security, so that the network can speak for its origins.
fn is_insecure(scheme: &str) -> bool {
    matches!(scheme, "http" | "ws" | "ftp")
}

fn is_websocket(scheme: &str) -> bool {
    matches!(scheme, "ws" | "wss")
}

fn lift(opt_out: OptOut) -> String {
    format!("accept the risk with \"dangerously_allow\": [\"{}\"]", opt_out.as_str())
}

/// The pattern that a text with a `*` in a wrong place most likely means.
fn leftmost_wildcard(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let (host, _) = origin::split_port(rest.as_bytes());
    let (host, port) = rest.split_at(host.len());
    let base = host.rsplit('*').next()?.trim_start_matches('.');
    valid(format!("{scheme}://*.{base}{port}"))
}

fn valid(pattern: String) -> Option<String> {
    Pattern::parse(&pattern).is_ok().then_some(pattern)
}
