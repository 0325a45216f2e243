//! The readings of a path: what those who read it next may make of it.
//!
//! Some decode a path, some merge its slashes, some resolve its dot segments, and some do it in
//! another order. A reading is a way to split a path into segments, and a way to spell them.

use std::cmp::Ordering;

/// The most segments of a pattern: matching goes as deep as the patterns do.
pub(crate) const MAX_SEGMENTS: usize = 256;

/// The segments of a path as it was sent, behind its first slash.
#[derive(Clone, Copy)]
pub(crate) struct Sent<'p>(Option<&'p [u8]>);

impl<'p> Sent<'p> {
    /// Splits what follows the first slash of a path.
    pub(crate) fn of(path: &'p [u8]) -> Self {
        Self(Some(path))
    }
}

impl<'p> Iterator for Sent<'p> {
    type Item = &'p [u8];

    fn next(&mut self) -> Option<&'p [u8]> {
        let rest = self.0?;
        let slash = rest.iter().position(|&byte| byte == b'/');
        self.0 = slash.map(|slash| &rest[slash + 1..]);
        Some(&rest[..slash.unwrap_or(rest.len())])
    }
}

/// What a path has that is read in several ways.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Oddities {
    /// `%2F`, `%5C` or a backslash, which some take for a slash.
    separators: bool,
    /// Segments that begin with a dot, of which some may be dot segments.
    dots: bool,
    /// Empty segments that are not the last one.
    empty: bool,
    /// Percent-encoded bytes.
    encoded: bool,
    /// Parameters behind `;`.
    parameters: bool,
    /// Upper-case letters, or what may decode to them.
    upper_case: bool,
    /// A last slash, or what may be read as one.
    last_slash: bool,
}

impl Oddities {
    /// What the path has, or a little more: a reading too many costs time, and changes nothing.
    pub(crate) fn of(path: &[u8]) -> Self {
        let last_slash = path.ends_with(b"/");
        if is_plain(path) {
            return Self { last_slash, ..Self::default() };
        }
        // Others may be found behind parameters, encoded slashes and dot segments.
        let mut found = Self { last_slash: true, ..Self::default() };
        let mut starts_segment = true;
        let mut rest = path;
        while let [byte, after @ ..] = rest {
            let separator = separator(rest, true);
            if separator.is_some() && *byte != b'/' {
                found.separators = true;
            }
            match byte {
                b'.' => found.dots |= starts_segment,
                b'%' => {
                    found.encoded = true;
                    found.upper_case = true;
                    found.dots |= starts_segment;
                }
                b';' => found.parameters = true,
                b'A'..=b'Z' => found.upper_case = true,
                _ => {}
            }
            found.empty |= starts_segment && (separator.is_some() || *byte == b';');
            starts_segment = separator.is_some();
            rest = separator.map_or(after, |length| &rest[length..]);
        }
        found
    }

    /// Without what no proxy and no static file server reads in another way: parameters are a
    /// convention of some frameworks, and so is to ignore case or a last slash.
    pub(crate) fn without_conventions(self) -> Self {
        Self { parameters: false, upper_case: false, last_slash: false, ..self }
    }

    /// The ways to split the path, the one as it was sent included.
    pub(crate) fn splits(self) -> impl Iterator<Item = Split> {
        let empty = match (self.empty, self.dots) {
            (false, _) => &[Empty::Kept][..],
            (true, false) => &[Empty::Kept, Empty::Dropped],
            (true, true) => &[Empty::Kept, Empty::Dropped, Empty::DroppedLast],
        };
        choices(self.separators, &[false, true]).iter().flat_map(move |&separators| {
            // Where nothing comes later, there is no difference in coming first.
            let parameters = choices(self.parameters, Parameters::choices(separators));
            let dots = choices(self.dots, DotSegments::choices(separators || self.parameters));
            parameters.iter().flat_map(move |&parameters| {
                dots.iter().flat_map(move |&dots| {
                    empty.iter().map(move |&empty| Split { separators, dots, empty, parameters })
                })
            })
        })
    }

    /// The ways to spell its segments, the one as they were sent included.
    pub(crate) fn spellings(self) -> impl Iterator<Item = Spelling> {
        choices(self.encoded, &[false, true]).iter().flat_map(move |&decoded| {
            choices(self.upper_case, &[false, true]).iter().flat_map(move |&folded| {
                choices(self.last_slash, &[false, true])
                    .iter()
                    .map(move |&slash_ignored| Spelling { decoded, folded, slash_ignored })
            })
        })
    }
}

/// Whether a path has nothing odd, as nearly all have.
fn is_plain(path: &[u8]) -> bool {
    let mut previous = b'/';
    path.iter().all(|&byte| {
        let before = std::mem::replace(&mut previous, byte);
        match byte {
            b'%' | b'\\' | b';' | b'A'..=b'Z' => false,
            b'/' | b'.' => before != b'/',
            _ => true,
        }
    })
}

/// The first choice, and the others where they make a difference.
fn choices<T>(differ: bool, all: &'static [T]) -> &'static [T] {
    if differ { all } else { &all[..1] }
}

/// A way to split a path into segments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split {
    /// Whether `%2F`, `%5C` and backslashes separate segments, too.
    separators: bool,
    dots: DotSegments,
    empty: Empty,
    parameters: Parameters,
}

/// What becomes of dot segments (RFC 3986, section 5.2.4), `%2e` counting as a dot.
#[derive(Clone, Copy, Debug, PartialEq)]
enum DotSegments {
    Kept,
    /// They are removed from all segments.
    Removed,
    /// Those between slashes are removed, before parameters are cut off and other separators count.
    RemovedFirst,
    /// They are removed at both moments.
    RemovedTwice,
}

impl DotSegments {
    fn choices(differ: bool) -> &'static [Self] {
        let all = &[Self::Kept, Self::Removed, Self::RemovedFirst, Self::RemovedTwice];
        if differ { all } else { &all[..2] }
    }
}

/// What becomes of empty segments. One at the end is a last slash, and stays.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Empty {
    Kept,
    /// They are dropped before dot segments are removed.
    Dropped,
    /// They are dropped when dot segments have been removed.
    DroppedLast,
}

/// What becomes of parameters behind `;`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Parameters {
    Kept,
    /// Each segment ends at its `;`.
    Cut,
    /// The path ends at its first `;`.
    CutWithRest,
    /// What is between slashes ends at its `;`, before other separators count.
    CutFirst,
}

impl Parameters {
    fn choices(differ: bool) -> &'static [Self] {
        let all = &[Self::Kept, Self::Cut, Self::CutWithRest, Self::CutFirst];
        if differ { all } else { &all[..3] }
    }
}

/// How many segments are kept: one more than a pattern can have.
const KEPT: usize = MAX_SEGMENTS + 1;

/// The first segments of a path in one of its readings, behind its first slash.
pub(crate) struct Segments<'p> {
    /// The segments from `start` on, and those that do not fit behind it from the beginning on.
    ring: [&'p [u8]; KEPT],
    start: usize,
    count: usize,
}

impl<'p> Segments<'p> {
    /// Splits what follows the first slash of a path.
    ///
    /// It is read from the end, where a `..` says how many segments in front of it are removed. So no
    /// stack is needed, which would be as deep as an attacker likes.
    pub(crate) fn of(path: &'p [u8], split: Split) -> Self {
        let mut segments = Self { ring: [b""; KEPT], start: 0, count: 0 };
        let mut first =
            Removal::new(split, &[DotSegments::RemovedFirst, DotSegments::RemovedTwice]);
        let mut second = Removal::new(split, &[DotSegments::Removed, DotSegments::RemovedTwice]);
        let mut is_last = true;
        let mut rest = Some(split.shortened(path));
        while let Some(path) = rest {
            let (before, part) = last_part(path, false);
            let mut parts = first.pass(split.cut(part, Parameters::CutFirst), is_last);
            while let Some(part) = parts {
                let (before, segment) = last_part(part, split.separators);
                let segment = second.pass(split.cut(segment, Parameters::Cut), is_last);
                let dropped = split.empty != Empty::Kept && segment == Some(b"") && !is_last;
                if let Some(segment) = segment.filter(|_| !dropped) {
                    segments.keep_in_front(segment);
                }
                is_last = false;
                parts = before;
            }
            is_last = false;
            rest = before;
        }
        segments
    }

    /// Keeps a segment in front of the others, and gives up the last one where there is no place.
    fn keep_in_front(&mut self, segment: &'p [u8]) {
        self.start = self.start.checked_sub(1).unwrap_or(KEPT - 1);
        self.ring[self.start] = segment;
        self.count = KEPT.min(self.count + 1);
    }

    /// The segments in the order of the path, as far as patterns can go.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'p [u8]> + Clone + '_ {
        let (from_beginning, from_start) = self.ring.split_at(self.start);
        from_start.iter().chain(from_beginning).take(self.count).copied()
    }
}

impl Split {
    /// The path up to where it ends.
    fn shortened(self, path: &[u8]) -> &[u8] {
        let end = match self.parameters {
            Parameters::CutWithRest => path.iter().position(|&byte| byte == b';'),
            Parameters::Kept | Parameters::Cut | Parameters::CutFirst => None,
        };
        &path[..end.unwrap_or(path.len())]
    }

    /// A segment without its parameters, where these are cut off at this moment.
    fn cut(self, segment: &[u8], moment: Parameters) -> &[u8] {
        if self.parameters != moment {
            return segment;
        }
        let end = segment.iter().position(|&byte| byte == b';');
        &segment[..end.unwrap_or(segment.len())]
    }
}

/// The last part of a path, and what is in front of its separator.
fn last_part(path: &[u8], others: bool) -> (Option<&[u8]>, &[u8]) {
    let mut places = (0..path.len()).rev();
    match places.find_map(|place| Some((place, separator(&path[place..], others)?))) {
        Some((place, length)) => (Some(&path[..place]), &path[place + length..]),
        None => (None, path),
    }
}

/// Removes dot segments from segments that come from the last to the first.
struct Removal {
    is_active: bool,
    /// Whether empty segments are gone already.
    drops_empty: bool,
    /// How many of the next segments are removed.
    count: usize,
}

impl Removal {
    fn new(split: Split, active: &[DotSegments]) -> Self {
        let drops_empty = split.empty == Empty::Dropped;
        Self { is_active: active.contains(&split.dots), drops_empty, count: 0 }
    }

    /// What stays of a segment. Of the last one, the slash in front of it does.
    fn pass<'p>(&mut self, segment: &'p [u8], is_last: bool) -> Option<&'p [u8]> {
        if !self.is_active {
            return Some(segment);
        }
        let dots = Dots::of(segment);
        if dots != Dots::None {
            self.count += usize::from(dots == Dots::Two);
            return is_last.then_some(b"");
        }
        if self.count == 0 || (self.drops_empty && segment.is_empty()) {
            return Some(segment);
        }
        self.count -= 1;
        None
    }
}

/// A way to spell the segments of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spelling {
    /// Whether they are percent-decoded, once. A percent sign that encodes nothing stays.
    decoded: bool,
    /// Whether upper-case letters of ASCII are the lower-case ones.
    pub(crate) folded: bool,
    /// Whether a pattern covers a path with one slash more at the end, too.
    pub(crate) slash_ignored: bool,
}

impl Spelling {
    /// As they were sent.
    pub(crate) const SENT: Self = Self { decoded: false, folded: false, slash_ignored: false };

    /// Compares the text of a pattern with a segment in this spelling.
    pub(crate) fn compare(self, text: &[u8], segment: &[u8]) -> Ordering {
        match (self.decoded, self.folded) {
            (false, false) => text.cmp(segment),
            (true, false) => text.iter().copied().cmp(decoded(segment)),
            (false, true) => folded(text.iter().copied()).cmp(folded(segment.iter().copied())),
            (true, true) => folded(text.iter().copied()).cmp(folded(decoded(segment))),
        }
    }
}

fn folded(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    bytes.map(|byte| byte.to_ascii_lowercase())
}

fn decoded(mut segment: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let (byte, rest) = match segment {
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (digit(*high) << 4 | digit(*low), rest)
            }
            [byte, rest @ ..] => (*byte, rest),
            [] => return None,
        };
        segment = rest;
        Some(byte)
    })
}

/// The value of a hexadecimal digit.
fn digit(digit: u8) -> u8 {
    char::from(digit).to_digit(16).unwrap_or_default() as u8
}

/// The length of the separator that a text begins with: 1, or 3 for an encoded one.
fn separator(text: &[u8], others: bool) -> Option<usize> {
    match text {
        [b'/', ..] => Some(1),
        [b'\\', ..] if others => Some(1),
        [b'%', b'2', b'f' | b'F', ..] | [b'%', b'5', b'c' | b'C', ..] if others => Some(3),
        _ => None,
    }
}

/// Whether a segment is a dot segment, `%2e` counting as a dot.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Dots {
    None,
    One,
    Two,
}

impl Dots {
    fn of(mut segment: &[u8]) -> Self {
        let mut dots = 0;
        while !segment.is_empty() {
            segment = match segment {
                [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => rest,
                _ => return Self::None,
            };
            dots += 1;
        }
        match dots {
            1 => Self::One,
            2 => Self::Two,
            _ => Self::None,
        }
    }
}

/// Whether a segment of a pattern is a dot segment, or has an encoded slash.
pub(crate) fn is_unsafe(segment: &[u8]) -> bool {
    let encoded_slash = |text: &[u8]| matches!(text, [b'%', b'2', b'f' | b'F', ..]);
    Dots::of(segment) != Dots::None
        || (0..segment.len()).any(|place| encoded_slash(&segment[place..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The segments of a path by the letter, with a stack and a pass for each step.
    fn by_steps(path: &str, split: Split) -> Vec<String> {
        let mut path = path.to_owned();
        if split.parameters == Parameters::CutWithRest {
            path.truncate(path.find(';').unwrap_or(path.len()));
        }
        if split.parameters == Parameters::CutFirst {
            path = without_parameters(parts(&path)).join("/");
        }
        if matches!(split.dots, DotSegments::RemovedFirst | DotSegments::RemovedTwice) {
            let mut segments = parts(&path);
            if split.empty == Empty::Dropped {
                segments = without_empty(segments);
            }
            path = without_dots(segments).join("/");
        }
        if split.separators {
            for separator in ["%2f", "%2F", "%5c", "%5C", "\\"] {
                path = path.replace(separator, "/");
            }
        }
        let mut segments = parts(&path);
        if split.parameters == Parameters::Cut {
            segments = without_parameters(segments);
        }
        if split.empty == Empty::Dropped {
            segments = without_empty(segments);
        }
        if matches!(split.dots, DotSegments::Removed | DotSegments::RemovedTwice) {
            segments = without_dots(segments);
        }
        if split.empty == Empty::DroppedLast {
            segments = without_empty(segments);
        }
        segments
    }

    fn parts(path: &str) -> Vec<String> {
        path.split('/').map(str::to_owned).collect()
    }

    fn without_parameters(mut segments: Vec<String>) -> Vec<String> {
        segments.iter_mut().for_each(|text| text.truncate(text.find(';').unwrap_or(text.len())));
        segments
    }

    fn without_empty(mut segments: Vec<String>) -> Vec<String> {
        let last = segments.pop().unwrap();
        segments.retain(|segment| !segment.is_empty());
        segments.push(last);
        segments
    }

    /// RFC 3986, section 5.2.4.
    fn without_dots(segments: Vec<String>) -> Vec<String> {
        let mut kept = Vec::new();
        let count = segments.len();
        for (place, segment) in segments.into_iter().enumerate() {
            let dots = segment.replace("%2e", ".").replace("%2E", ".");
            if dots == ".." {
                kept.pop();
            }
            if dots != "." && dots != ".." {
                kept.push(segment);
            } else if place + 1 == count {
                kept.push(String::new());
            }
        }
        kept
    }

    fn text(segments: &Segments<'_>) -> Vec<String> {
        segments.iter().map(|segment| String::from_utf8(segment.to_vec()).unwrap()).collect()
    }

    proptest! {
        #[test]
        fn each_way_to_split_agrees_with_the_steps(
            path in r"(/|%2f|%5C|\\|\.|%2e|;|a|B|%61){0,14}",
        ) {
            let everything = Oddities {
                separators: true,
                dots: true,
                empty: true,
                encoded: true,
                parameters: true,
                upper_case: true,
                last_slash: true,
            };
            let mut all: Vec<Vec<String>> = Vec::new();
            for split in everything.splits() {
                let segments = text(&Segments::of(path.as_bytes(), split));
                prop_assert_eq!(&segments, &by_steps(&path, split), "{:?}", split);
                all.push(segments);
            }
            // What the path lacks divides no reading.
            let mut found: Vec<Vec<String>> = Oddities::of(path.as_bytes())
                .splits()
                .map(|split| text(&Segments::of(path.as_bytes(), split)))
                .collect();
            all.sort();
            all.dedup();
            found.sort();
            found.dedup();
            prop_assert_eq!(found, all);
        }

        #[test]
        fn a_spelling_is_decoded_before_it_is_folded(segment in r"(%61|%41|%zz|%4g|A|a){0,6}%?") {
            let decoded = segment.replace("%61", "a").replace("%41", "A");
            let is_equal = |decoded, folded, text: &str| {
                let spelling = Spelling { decoded, folded, slash_ignored: false };
                spelling.compare(text.as_bytes(), segment.as_bytes()).is_eq()
            };
            prop_assert!(is_equal(false, false, &segment));
            prop_assert!(is_equal(true, false, &decoded));
            prop_assert!(is_equal(false, true, &segment.to_ascii_lowercase()));
            prop_assert!(is_equal(true, true, &decoded.to_ascii_lowercase()));
        }
    }

    #[test]
    fn no_more_segments_are_kept_than_patterns_have() {
        let split = Oddities::default().splits().next().unwrap();
        let path = "a/".repeat(100_000) + "b";
        let segments = Segments::of(path.as_bytes(), split);
        assert_eq!(segments.iter().count(), KEPT);
        assert!(segments.iter().all(|segment| segment == b"a"));
    }
}
