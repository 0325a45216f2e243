//! The path patterns of all rules as regexes of which the first that matches says the rule.

use std::fmt::Write;

use onecors_core::text::is_invisible;

/// A path pattern's place in the order of all: a literal segment beats `{name}`, which beats the end
/// of a pattern, which beats `/*` (`paths.rs`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step<'p> {
    Literal(&'p str),
    Parameter,
    End,
    Rest,
}

/// A path pattern of a rule.
pub(super) struct Route<'p> {
    steps: Vec<Step<'p>>,
    /// The index of the rule.
    pub(super) rule: usize,
}

/// A way to read a path: what a service may do to it before it chooses a handler. Another one does
/// not, and nobody in front of them knows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    /// Each segment is percent-decoded, once.
    decoded: bool,
    /// Empty segments are left out.
    merged: bool,
    /// An encoded slash, and a backslash, separates segments.
    split: bool,
}

/// Paths with a dot segment, whose removal no regex does. Browsers remove them, but for those beside
/// an encoded slash.
pub(super) const DOT_SEGMENT: &str =
    r"^/(?:[^?]*(?:[/\x5c]|%2[fF]|%5[cC]))?(?:\.|%2[eE]){1,2}(?:[/\x5c]|%2[fF]|%5[cC]|\?|\z)";
/// Targets with a fragment, which no client sends: some servers cut it off, and others do not.
pub(super) const FRAGMENT: &str = r"^[^?]*\x23";
/// Paths that may have more than one reading. All others have the one that they were sent in.
pub(super) const SPELLED: &str = r"^[^?]*(?:[%\x5c]|//)";

impl Reading {
    /// Every combination.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..8).map(|bits| Self {
            decoded: bits & 4 != 0,
            merged: bits & 2 != 0,
            split: bits & 1 != 0,
        })
    }

    /// What it does to a path, such as `decoded_merged`.
    pub(super) fn name(self) -> String {
        let parts = [(self.decoded, "decoded"), (self.merged, "merged"), (self.split, "split")];
        let parts: Vec<_> = parts.into_iter().filter(|(is_so, _)| *is_so).collect();
        match parts.as_slice() {
            [] => "sent".into(),
            parts => parts.iter().map(|(_, name)| *name).collect::<Vec<_>>().join("_"),
        }
    }

    /// What separates segments, in PCRE.
    fn separator(self) -> &'static str {
        match (self.split, self.merged) {
            (false, false) => "/",
            (false, true) => "/+",
            (true, false) => r"(?:[/\x5c]|%2[fF]|%5[cC])",
            (true, true) => r"(?:[/\x5c]|%2[fF]|%5[cC])+",
        }
    }

    /// What the first segment stands behind. A path begins with a slash, in whatever reading.
    fn beginning(self) -> &'static str {
        match (self.split, self.merged) {
            (_, false) => "/",
            (false, true) => "/+",
            (true, true) => r"/(?:[/\x5c]|%2[fF]|%5[cC])*",
        }
    }

    /// What a segment is made of, in PCRE.
    fn byte(self) -> &'static str {
        if self.split { r"(?:(?!%2[fF]|%5[cC])[^/?\x5c])" } else { "[^/?]" }
    }

    /// A segment that stands for itself, with no quote in it.
    fn literal(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        if self.decoded {
            text.bytes().for_each(|byte| push_decoded(&mut out, byte));
        } else {
            text.chars().for_each(|c| push_character(&mut out, c));
        }
        out
    }
}

/// The patterns of all rules, the most specific first.
pub(super) fn in_order<'p>(rules: impl IntoIterator<Item = &'p [String]>) -> Vec<Route<'p>> {
    let mut routes: Vec<Route<'p>> = Vec::new();
    for (rule, paths) in rules.into_iter().enumerate() {
        routes.extend(paths.iter().map(|path| Route { steps: steps(path), rule }));
    }
    routes.sort_by(|one, other| one.steps.cmp(&other.steps));
    routes
}

fn steps(pattern: &str) -> Vec<Step<'_>> {
    let (segments, last) = match pattern.strip_suffix("/*") {
        Some(segments) => (segments, Step::Rest),
        None => (pattern, Step::End),
    };
    let segment = |text| match text {
        text if str::starts_with(text, '{') => Step::Parameter,
        text => Step::Literal(text),
    };
    segments.split('/').skip(1).map(segment).chain([last]).collect()
}

impl Route<'_> {
    /// The regex of this pattern, for the target of a request: a path and perhaps a query.
    pub(super) fn regex(&self, reading: Reading) -> String {
        let mut regex = String::from("^");
        for (place, step) in self.steps.iter().enumerate() {
            let separator = if place == 0 { reading.beginning() } else { reading.separator() };
            match step {
                Step::Literal(text) => regex.extend([separator, &reading.literal(text)]),
                Step::Parameter => regex.extend([separator, reading.byte(), "+"]),
                Step::End => regex.push_str(r"(?:\?|\z)"),
                Step::Rest if place == 0 => regex.push('/'),
                Step::Rest => regex.extend(["(?:", separator, r"|\?|\z)"]),
            }
        }
        regex
    }
}

/// A character, as it was sent.
fn push_character(out: &mut String, c: char) {
    match c {
        '"' => out.push_str(r"\x22"),
        '\'' => out.push_str(r"\x27"),
        '\\' => out.push_str(r"\x5c"),
        // PCRE reads a path byte by byte here, and the configuration is read by people.
        c if is_invisible(c) && c != ' ' => {
            let mut utf8 = [0; 4];
            out.extend(c.encode_utf8(&mut utf8).bytes().map(|byte| format!(r"\x{byte:02x}")));
        }
        c if c.is_ascii_punctuation() && !"-_~%/".contains(c) => out.extend(['\\', c]),
        c => out.push(c),
    }
}

/// A byte, as it was sent or percent-encoded. A percent sign that encodes nothing stands for itself.
fn push_decoded(out: &mut String, byte: u8) {
    out.push_str("(?:");
    match byte {
        b'%' => out.push_str("%(?![0-9a-fA-F]{2})"),
        b'!'..=b'~' => push_character(out, byte.into()),
        // Writing to a string never fails.
        _ => drop(write!(out, r"\x{byte:02x}")),
    }
    out.push_str("|%");
    push_hex_digit(out, byte >> 4);
    push_hex_digit(out, byte & 0xf);
    out.push(')');
}

/// A hexadecimal digit in either case.
fn push_hex_digit(out: &mut String, digit: u8) {
    let digit = char::from_digit(digit.into(), 16).expect("four bits are one digit");
    if digit.is_ascii_digit() {
        out.push(digit);
    } else {
        out.extend(['[', digit, digit.to_ascii_uppercase(), ']']);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_pattern_comes_first() {
        let all = ["/*", "/a/*", "/a", "/a/{x}", "/a/b/c", "/a/{x}/d", "/{y}/b/e", "/a/", "/"];
        let rules: Vec<[String; 1]> = all.iter().map(|path| [(*path).to_owned()]).collect();
        let routes = in_order(rules.iter().map(|rule| &rule[..]));
        let order: Vec<&str> = routes.iter().map(|route| all[route.rule]).collect();
        let expected = ["/", "/a/", "/a/b/c", "/a/{x}/d", "/a/{x}", "/a", "/a/*", "/{y}/b/e", "/*"];
        assert_eq!(order, expected);
    }

    fn regex(pattern: &str, reading: Reading) -> String {
        let paths = [pattern.to_owned()];
        in_order([&paths[..]])[0].regex(reading)
    }

    #[test]
    fn regexes_know_where_a_path_ends() {
        assert_eq!(regex("/a.b/{x}/*", Reading::default()), r"^/a\.b/[^/?]+(?:/|\?|\z)");
        assert_eq!(
            regex("/a.b/{x}/*", Reading { split: true, ..Reading::default() }),
            concat!(
                r"^/a\.b(?:[/\x5c]|%2[fF]|%5[cC])(?:(?!%2[fF]|%5[cC])[^/?\x5c])+",
                r"(?:(?:[/\x5c]|%2[fF]|%5[cC])|\?|\z)"
            )
        );
        assert_eq!(
            regex("/a/", Reading { merged: true, ..Reading::default() }),
            r"^/+a/+(?:\?|\z)"
        );
    }

    #[test]
    fn a_decoded_segment_has_each_character_in_both_spellings() {
        let decoded = Reading { decoded: true, ..Reading::default() };
        assert_eq!(regex("/k.", decoded), r"^/(?:k|%6[bB])(?:\.|%2[eE])(?:\?|\z)");
        assert_eq!(regex("/%", decoded), r"^/(?:%(?![0-9a-fA-F]{2})|%25)(?:\?|\z)");
        assert_eq!(regex("/é", decoded), r"^/(?:\xc3|%[cC]3)(?:\xa9|%[aA]9)(?:\?|\z)");
    }

    #[test]
    fn readings_have_names_of_their_own() {
        let names: Vec<String> = Reading::all().map(Reading::name).collect();
        assert_eq!(names[0], "sent");
        assert_eq!(names[7], "decoded_merged_split");
        assert!(names.iter().enumerate().all(|(place, name)| !names[..place].contains(name)));
    }
}
