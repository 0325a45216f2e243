//! Regular expressions for whole origins: what they must look like, and one automaton for all.

use regex_automata::dfa::{Automaton, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::{Hir, Look};

use crate::host;
use crate::origin;
use crate::problem::Code;

/// The most characters of a regex.
const MAX_CHARACTERS: usize = 1_024;
/// The most bytes of an automaton before it is determinised.
const MAX_NFA: usize = 1 << 20;
/// The most bytes of the automaton of one regex. Whatever needs more doubles with each repetition.
const MAX_DFA_OF_ONE: usize = 2 << 20;
/// The most bytes of the automaton of all regexes of a rule.
const MAX_DFA: usize = 16 << 20;

/// A regex that has been parsed.
pub(crate) struct Regex {
    hir: Hir,
    branches: Vec<Branch>,
}

/// One branch of a regex's top-level alternation, as far as it is literal at its ends.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Branch {
    /// The scheme, when the branch begins with a literal one and `://`.
    pub(crate) scheme: Option<String>,
    /// The whole labels that the host ends in, when it ends in literal ones.
    pub(crate) domain: Option<String>,
    /// Whether the host is literal from its beginning on.
    pub(crate) literal_host: bool,
}

impl Regex {
    /// Parses a regex, which is matched against whole origins.
    ///
    /// # Errors
    ///
    /// The code of the problem, and what the regex library says.
    pub(crate) fn parse(text: &str) -> Result<Self, (Code, String)> {
        let characters = text.chars().count();
        if characters > MAX_CHARACTERS {
            return Err((Code::RegexTooLong, format!("{characters} characters")));
        }
        let invalid = |what: String| (Code::InvalidRegex, what);
        let ast =
            ast::parse::Parser::new().parse(text).map_err(|e| invalid(e.kind().to_string()))?;
        // Origins are ASCII, so that ASCII classes say the same in a smaller automaton.
        let hir = regex_syntax::hir::translate::TranslatorBuilder::new()
            .unicode(false)
            .utf8(false)
            .build()
            .translate(text, &ast)
            .map_err(|e| invalid(e.kind().to_string()))?;
        let branches = match &ast {
            Ast::Alternation(alternation) => alternation.asts.iter().map(Branch::of).collect(),
            other => vec![Branch::of(other)],
        };
        Ok(Self { hir: anchored(hir), branches })
    }

    /// What is matched: the regex between assertions of the text's beginning and end.
    pub(crate) fn hir(&self) -> &Hir {
        &self.hir
    }

    /// The branches of the top-level alternation; one for a regex without.
    pub(crate) fn branches(&self) -> &[Branch] {
        &self.branches
    }
}

/// The regex between assertions of the text's beginning and end. As syntax, not as text: a regex
/// may end in a comment.
fn anchored(hir: Hir) -> Hir {
    Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)])
}

impl Branch {
    fn of(branch: &Ast) -> Self {
        let single = std::slice::from_ref(branch);
        let mut items = match branch {
            Ast::Concat(concat) => concat.asts.as_slice(),
            _ => single,
        };
        if let [Ast::Assertion(assertion), rest @ ..] = items
            && assertion.kind == ast::AssertionKind::StartLine
        {
            items = rest;
        }
        if let [rest @ .., Ast::Assertion(assertion)] = items
            && assertion.kind == ast::AssertionKind::EndLine
        {
            items = rest;
        }
        let start: String = items.iter().map_while(literal).collect();
        let host = match items.split_last() {
            Some((last, rest)) if is_optional_port(last) => rest,
            _ => strip_port(items).unwrap_or(items),
        };
        let mut end: Vec<char> = host.iter().rev().map_while(literal).collect();
        end.reverse();
        Self::between(&start, &String::from_iter(end))
    }

    fn between(start: &str, end: &str) -> Self {
        let scheme = start
            .split_once("://")
            .map(|(scheme, _)| scheme)
            .filter(|scheme| origin::is_scheme(scheme.as_bytes()))
            .map(str::to_owned);
        let (domain, literal_host) = match (end.rsplit_once("//"), end.split_once('.')) {
            (Some((_, host)), _) => (Some(host), true),
            // What stands in front of the first dot may be the end of a label only.
            (None, Some((_, labels))) => (Some(labels), false),
            (None, None) => (None, false),
        };
        let domain =
            domain.filter(|domain| host::classify(domain.as_bytes()) == Ok(host::HostKind::Name));
        Self { scheme, domain: domain.map(str::to_owned), literal_host }
    }
}

/// The character that this part of a regex stands for, an escaped dot for instance.
fn literal(part: &Ast) -> Option<char> {
    match part {
        Ast::Literal(literal) => Some(literal.c),
        _ => None,
    }
}

/// Whether this is a port in an optional group: `(:8443)?`, `(?::[0-9]+)?`.
fn is_optional_port(part: &Ast) -> bool {
    let Ast::Repetition(repetition) = part else { return false };
    let (ast::RepetitionKind::ZeroOrOne, Ast::Group(group)) =
        (&repetition.op.kind, repetition.ast.as_ref())
    else {
        return false;
    };
    matches!(group.ast.as_ref(), Ast::Concat(port) if strip_port(&port.asts) == Some(&[]))
}

/// What is in front of a port at the end: `:8443`, `:[0-9]+`, `:\d{4,5}`.
fn strip_port(items: &[Ast]) -> Option<&[Ast]> {
    let (last, rest) = items.split_last()?;
    let before = match last {
        Ast::Repetition(repetition) if is_digits(repetition) => rest,
        _ => {
            let digits = items.iter().rev().map_while(literal);
            let digits = digits.take_while(char::is_ascii_digit).count();
            (digits > 0).then(|| &items[..items.len() - digits])?
        }
    };
    match before.split_last()? {
        (colon, rest) if literal(colon) == Some(':') => Some(rest),
        _ => None,
    }
}

/// Whether this is one or more digits: `[0-9]` or `\d`, repeated.
fn is_digits(repetition: &ast::Repetition) -> bool {
    let digit = match repetition.ast.as_ref() {
        Ast::ClassPerl(class) => class.kind == ast::ClassPerlKind::Digit && !class.negated,
        Ast::ClassBracketed(class) => {
            !class.negated
                && matches!(
                    &class.kind,
                    ast::ClassSet::Item(ast::ClassSetItem::Range(range))
                        if range.start.c == '0' && range.end.c == '9'
                )
        }
        _ => false,
    };
    let some = match &repetition.op.kind {
        ast::RepetitionKind::OneOrMore => true,
        ast::RepetitionKind::Range(
            ast::RepetitionRange::Exactly(least)
            | ast::RepetitionRange::AtLeast(least)
            | ast::RepetitionRange::Bounded(least, _),
        ) => *least > 0,
        _ => false,
    };
    digit && some
}

/// Regexes compiled into one deterministic automaton: one linear pass over an origin tells which
/// matches, and nothing is allocated.
pub(crate) struct RegexSet {
    dfa: dense::DFA<Vec<u32>>,
    /// The index of each regex's entry in `allow_origins`.
    entries: Vec<u32>,
}

impl RegexSet {
    /// Compiles regexes together.
    ///
    /// # Errors
    ///
    /// When the automaton would be larger than a policy may hold, with the library's words.
    pub(crate) fn compile(regexes: &[(&Regex, usize)]) -> Result<Self, String> {
        let max_dfa = if regexes.len() == 1 { MAX_DFA_OF_ONE } else { MAX_DFA };
        let hirs: Vec<&Hir> = regexes.iter().map(|(regex, _)| &regex.hir).collect();
        let nfa = thompson::Compiler::new()
            .configure(
                thompson::Config::new()
                    .utf8(false)
                    .which_captures(WhichCaptures::None)
                    .nfa_size_limit(Some(MAX_NFA)),
            )
            .build_many_from_hir(&hirs)
            .map_err(|e| e.to_string())?;
        let dfa = dense::Builder::new()
            .configure(
                dense::Config::new()
                    .start_kind(regex_automata::dfa::StartKind::Anchored)
                    .match_kind(MatchKind::LeftmostFirst)
                    .dfa_size_limit(Some(max_dfa))
                    // What determinising uses on the way is a few times the result.
                    .determinize_size_limit(Some(4 * max_dfa)),
            )
            .build_from_nfa(&nfa)
            .map_err(|e| e.to_string())?;
        Ok(Self { dfa, entries: regexes.iter().map(|&(_, entry)| entry as u32).collect() })
    }

    /// Whether this entry is one of the regexes.
    pub(crate) fn has(&self, entry: usize) -> bool {
        self.entries.binary_search(&(entry as u32)).is_ok()
    }

    /// The entry of a regex that matches the whole origin.
    pub(crate) fn find(&self, origin: &[u8]) -> Option<usize> {
        let input = Input::new(origin).anchored(Anchored::Yes);
        // A search that gives up has found nothing, and so denies.
        let found = self.dfa.try_search_fwd(&input).ok().flatten()?;
        Some(self.entries[found.pattern().as_usize()] as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branches(text: &str) -> Vec<(Option<String>, Option<String>, bool)> {
        let regex = Regex::parse(text).map_err(|(code, what)| format!("{code:?}: {what}")).unwrap();
        regex.branches.into_iter().map(|b| (b.scheme, b.domain, b.literal_host)).collect()
    }

    #[test]
    fn the_literal_ends_of_a_regex_are_seen() {
        let seen = |scheme: Option<&str>, domain: Option<&str>, literal_host| {
            (scheme.map(str::to_owned), domain.map(str::to_owned), literal_host)
        };
        for (text, expected) in [
            (
                r"https://pr-[0-9]+\.preview\.example\.net",
                seen(Some("https"), Some("preview.example.net"), false),
            ),
            (r"^https://example\.com$", seen(Some("https"), Some("example.com"), true)),
            (r"https://x[0-9]+-app\.example\.com", seen(Some("https"), Some("example.com"), false)),
            (r"https?://a\.example\.com", seen(None, Some("a.example.com"), true)),
            (r"https://[a-z]+example\.com", seen(Some("https"), Some("com"), false)),
            (r"https://.*.example.com", seen(Some("https"), None, false)),
            (r"https://a\.example\.com:8443", seen(Some("https"), Some("a.example.com"), true)),
            (
                r"https://[a-z]\.example\.com:[0-9]+",
                seen(Some("https"), Some("example.com"), false),
            ),
            (
                r"https://[a-z]\.example\.com:\d{4,5}",
                seen(Some("https"), Some("example.com"), false),
            ),
            (
                r"https://[a-z]\.example\.com(:\d+)?",
                seen(Some("https"), Some("example.com"), false),
            ),
            (
                r"https://[a-z]\.example\.com(?::8443)?$",
                seen(Some("https"), Some("example.com"), false),
            ),
            (r"https://[a-z]\.example\.com(:\d*)?", seen(Some("https"), None, false)),
            (r"https://[a-z]\.example\.com(\d+)?", seen(Some("https"), None, false)),
            (r"https://[a-z]\.example\.(com)", seen(Some("https"), None, false)),
            (r"(https://a\.example\.com)", seen(None, None, false)),
            (r"https://10\.0\.0\.[0-9]+", seen(Some("https"), None, false)),
            (r"https://[a-z]+\.0\.0\.1", seen(Some("https"), None, false)),
        ] {
            assert_eq!(branches(text), [expected], "{text}");
        }
        let two = branches(r"^https://a\.example\.com$|http://.*");
        assert_eq!(two[0], seen(Some("https"), Some("a.example.com"), true));
        assert_eq!(two[1], seen(Some("http"), None, false));
    }

    #[test]
    fn a_regex_matches_whole_origins_only() {
        let parse = |text| Regex::parse(text).map_err(|(_, what)| what).unwrap();
        let first = parse(r"https://pr-[0-9]+\.example\.net");
        let second = parse("(?x) https://a\\.example\\.net | https://b\\.example\\.net # why");
        let set = RegexSet::compile(&[(&first, 3), (&second, 7)]).unwrap();
        for (origin, entry) in [
            ("https://pr-12.example.net", Some(3)),
            ("https://b.example.net", Some(7)),
            ("https://pr-12.example.net.evil.com", None),
            ("https://pr-12.example.net\n", None),
            ("xhttps://b.example.net", None),
            ("https://pr-.example.net", None),
            ("", None),
        ] {
            assert_eq!(set.find(origin.as_bytes()), entry, "{origin}");
        }
    }

    #[test]
    fn a_regex_without_bound_is_refused() {
        assert_eq!(Regex::parse("(").err().unwrap().0, Code::InvalidRegex);
        assert_eq!(Regex::parse(&"a".repeat(1_025)).err().unwrap().0, Code::RegexTooLong);
        assert!(Regex::parse(&"é".repeat(1_024)).is_ok());
        let large = Regex::parse(r"https://(.*a.{40}b)\.example\.com").ok().unwrap();
        assert!(RegexSet::compile(&[(&large, 0)]).is_err());
        let larger = Regex::parse(r"https://([a-z]{1000}){1000}\.example\.com").ok().unwrap();
        assert!(RegexSet::compile(&[(&larger, 0)]).is_err());
    }
}
