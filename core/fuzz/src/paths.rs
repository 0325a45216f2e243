//! Path patterns, and the readings of a path, by plain lists of segments (rulings 27 to 29).

/// How a path is read.
#[derive(Clone, Copy)]
pub struct Reading {
    pub split: bool,
    pub dots_first: bool,
    pub dots_last: bool,
    pub merge: Merge,
    pub parameters: Parameters,
    pub decoded: bool,
    pub folded: bool,
    pub slash_ignored: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Merge {
    No,
    First,
    Last,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Parameters {
    Kept,
    Cut,
    CutFirst,
    CutRest,
}

impl Reading {
    /// Every reading; those of handshakes alone come with `conventions`.
    pub fn all(conventions: bool) -> Vec<Self> {
        let bools = [false, true];
        let parameters =
            [Parameters::Kept, Parameters::Cut, Parameters::CutFirst, Parameters::CutRest];
        let mut all = Vec::new();
        for bits in 0..64_u8 {
            let bit = |place: u8| bools[usize::from(bits >> place & 1)];
            for merge in [Merge::No, Merge::First, Merge::Last] {
                for parameters in parameters {
                    let reading = Self {
                        split: bit(0),
                        dots_first: bit(1),
                        dots_last: bit(2),
                        merge,
                        parameters,
                        decoded: bit(3),
                        folded: bit(4),
                        slash_ignored: bit(5),
                    };
                    let plain =
                        parameters == Parameters::Kept && !reading.folded && !reading.slash_ignored;
                    if plain || conventions {
                        all.push(reading);
                    }
                }
            }
        }
        all
    }

    /// The segments of a path behind its first slash.
    fn segments(self, path: &[u8]) -> Vec<Vec<u8>> {
        let path = match (self.parameters, path.iter().position(|&byte| byte == b';')) {
            (Parameters::CutRest, Some(end)) => &path[..end],
            _ => path,
        };
        let mut segments: Vec<Vec<u8>> =
            path.split(|&byte| byte == b'/').map(<[u8]>::to_vec).collect();
        if self.dots_first {
            segments = self.without_dots(segments);
        }
        if self.parameters == Parameters::CutFirst {
            segments.iter_mut().for_each(cut);
        }
        if self.split {
            segments = segments.iter().flat_map(|segment| split(segment)).collect();
        }
        if self.parameters == Parameters::Cut {
            segments.iter_mut().for_each(cut);
        }
        if self.dots_last {
            segments = self.without_dots(segments);
        }
        if self.merge != Merge::No {
            segments = merged(segments);
        }
        segments
    }

    /// Removes dot segments (RFC 3986, section 5.2.4).
    fn without_dots(self, segments: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut out: Vec<Vec<u8>> = Vec::new();
        let count = segments.len();
        for (place, segment) in segments.into_iter().enumerate() {
            let text = String::from_utf8_lossy(&segment).to_lowercase().replace("%2e", ".");
            let is_last = place + 1 == count;
            match text.as_str() {
                "." | ".." => {
                    if text == ".." {
                        // Where empty segments are gone already, a ".." removes one that is not.
                        while self.merge == Merge::First && out.last().is_some_and(Vec::is_empty) {
                            out.pop();
                        }
                        out.pop();
                    }
                    if is_last {
                        out.push(Vec::new());
                    }
                }
                _ => out.push(segment),
            }
        }
        out
    }
}

fn cut(segment: &mut Vec<u8>) {
    if let Some(end) = segment.iter().position(|&byte| byte == b';') {
        segment.truncate(end);
    }
}

/// Splits at what some take for a slash.
fn split(segment: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = vec![Vec::new()];
    let mut rest = segment;
    while let [byte, after @ ..] = rest {
        let lower = rest.get(..3).map(<[u8]>::to_ascii_lowercase);
        if *byte == b'\\' {
            parts.push(Vec::new());
            rest = after;
        } else if matches!(lower.as_deref(), Some(b"%2f" | b"%5c")) {
            parts.push(Vec::new());
            rest = &rest[3..];
        } else {
            parts.last_mut().expect("a part").push(*byte);
            rest = after;
        }
    }
    parts
}

/// Without empty segments, but for the last one: that is a last slash.
fn merged(segments: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let last = segments.len().saturating_sub(1);
    let kept = segments.into_iter().enumerate();
    kept.filter(|(place, it)| !it.is_empty() || *place == last).map(|(_, it)| it).collect()
}

fn decoded(segment: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = segment;
    while let [byte, after @ ..] = rest {
        let code = rest.get(1..3).and_then(|code| std::str::from_utf8(code).ok());
        let number = code.filter(|code| code.chars().all(|c| c.is_ascii_hexdigit()));
        match (byte, number.and_then(|code| u8::from_str_radix(code, 16).ok())) {
            (b'%', Some(number)) => {
                out.push(number);
                rest = &rest[3..];
            }
            _ => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    out
}

/// The rule of a path in one reading: of all patterns that match, the most specific one's.
pub fn rule_in(patterns: &[(usize, &str)], path: &[u8], reading: Reading) -> Option<usize> {
    let path = path.strip_prefix(b"/")?;
    let segments: Vec<Vec<u8>> = reading
        .segments(path)
        .into_iter()
        .map(|segment| if reading.decoded { decoded(&segment) } else { segment })
        .collect();
    let matching = patterns.iter().filter(|(_, pattern)| matches(pattern, &segments, reading));
    // A literal beats a parameter, which beats the end of a pattern, which beats "/*".
    matching.min_by_key(|(_, pattern)| specificity(pattern)).map(|(rule, _)| *rule)
}

fn specificity(pattern: &str) -> Vec<u8> {
    let (inner, is_open) = match pattern.strip_suffix("/*") {
        Some(inner) => (inner, true),
        None => (pattern, false),
    };
    let mut steps: Vec<u8> =
        inner.split('/').skip(1).map(|segment| u8::from(segment.starts_with('{'))).collect();
    steps.push(if is_open { 3 } else { 2 });
    steps
}

fn matches(pattern: &str, segments: &[Vec<u8>], reading: Reading) -> bool {
    let (inner, is_open) = match pattern.strip_suffix("/*") {
        Some(inner) => (inner, true),
        None => (pattern, false),
    };
    let wanted: Vec<&str> = inner.split('/').skip(1).collect();
    let fits = |wanted: &str, segment: &[u8]| {
        if wanted.starts_with('{') {
            !segment.is_empty()
        } else if reading.folded {
            wanted.as_bytes().eq_ignore_ascii_case(segment)
        } else {
            wanted.as_bytes() == segment
        }
    };
    let starts = segments.len() >= wanted.len()
        && wanted.iter().zip(segments).all(|(wanted, segment)| fits(wanted, segment));
    let rest = segments.get(wanted.len()..).unwrap_or_default();
    let slash = reading.slash_ignored && rest.len() == 1 && rest[0].is_empty();
    starts && (is_open || rest.is_empty() || slash)
}

/// The readings of a path have different rules.
#[derive(Debug, PartialEq)]
pub struct Divided;

/// The rule of a path, where all readings have the same one.
pub fn rule_of(
    patterns: &[(usize, &str)],
    path: &[u8],
    conventions: bool,
) -> Result<Option<usize>, Divided> {
    let mut rules =
        Reading::all(conventions).into_iter().map(|reading| rule_in(patterns, path, reading));
    let first = rules.next().expect("a reading");
    if rules.all(|rule| rule == first) { Ok(first) } else { Err(Divided) }
}
