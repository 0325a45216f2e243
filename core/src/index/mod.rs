//! The origin index: which entry of `allow_origins`, if any, covers an origin, in time that does not
//! depend on how many origins are listed.

mod affixes;
mod exact;
#[cfg(test)]
mod tests;
mod wildcards;

pub(crate) use self::exact::ExactOrigins;
use self::wildcards::Wildcards;
use crate::origin::{MAX_ORIGIN, Origin};
use crate::pattern::{Pattern, TuplePattern};
use crate::regexes::RegexSet;

/// What the index says of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// This entry of `allow_origins` covers it.
    Entry(usize),
    /// It is an origin, and no entry covers it.
    NotAllowed,
    /// It is no serialised origin.
    Malformed,
}

/// The origin patterns of one rule.
#[derive(Default)]
pub(crate) struct OriginIndex {
    any: Option<usize>,
    null: Option<usize>,
    exact: ExactOrigins,
    wildcards: Wildcards,
    regexes: Option<RegexSet>,
    /// The texts of wildcards and regexes, in the document's order.
    texts: Vec<PatternText>,
    /// While the index is made: the entries that repeat an earlier one.
    repeated: Vec<u32>,
}

/// The text of an entry that is no exact origin.
struct PatternText {
    entry: usize,
    text: Box<str>,
}

/// An entry of `allow_origins`, as it is written.
#[derive(Clone, Copy)]
pub(crate) enum Written<'p> {
    /// A string.
    Pattern(&'p str),
    /// A regular expression.
    Regex(&'p str),
}

impl OriginIndex {
    pub(crate) fn with_capacity(origins: usize, bytes: usize) -> Self {
        Self { exact: ExactOrigins::with_capacity(origins, bytes), ..Self::default() }
    }

    /// Adds a pattern. [`OriginIndex::finish`] has to follow the last call.
    pub(crate) fn insert(&mut self, pattern: &Pattern<'_>, text: &str, entry: usize) {
        let is_new = match pattern {
            Pattern::Any => self.any.replace(self.any.unwrap_or(entry)).is_none(),
            Pattern::Null => self.null.replace(self.null.unwrap_or(entry)).is_none(),
            Pattern::Tuple(tuple) if tuple.is_exact() => self.exact.insert(text, entry),
            Pattern::Tuple(tuple) => {
                self.texts.push(PatternText { entry, text: text.into() });
                self.wildcards.insert(tuple, entry, &mut self.repeated);
                true
            }
        };
        if !is_new {
            self.repeated.push(entry as u32);
        }
    }

    /// Makes the index ready for look-ups, and returns the entries that repeat an earlier one, sorted.
    pub(crate) fn finish(
        &mut self,
        regexes: Option<RegexSet>,
        regex_texts: &[(usize, &str)],
    ) -> Vec<u32> {
        let mut repeated = std::mem::take(&mut self.repeated);
        self.wildcards.finish(&mut repeated);
        repeated.sort_unstable();
        self.regexes = regexes;
        let texts = regex_texts.iter();
        self.texts.extend(texts.map(|&(entry, text)| PatternText { entry, text: text.into() }));
        self.texts.sort_unstable_by_key(|text| text.entry);
        repeated
    }

    /// Whether any origin is allowed.
    pub(crate) fn allows_any(&self) -> bool {
        self.any.is_some()
    }

    /// Looks an origin up.
    pub(crate) fn find(&self, origin: &[u8]) -> Found {
        // No hash of whatever a client sends.
        if origin.len() > MAX_ORIGIN {
            return Found::Malformed;
        }
        // What is listed exactly has passed the grammar when the document was loaded.
        if let Some(entry) = self.exact.entry(origin) {
            return Found::Entry(entry);
        }
        if origin == b"null" {
            return self.null.or(self.any).map_or(Found::NotAllowed, Found::Entry);
        }
        let Some(parsed) = Origin::parse(origin) else { return Found::Malformed };
        let wildcards = (!self.wildcards.is_empty()).then_some(&self.wildcards);
        wildcards
            .and_then(|wildcards| wildcards.find(&parsed))
            .or_else(|| self.regexes.as_ref()?.find(origin))
            .or(self.any)
            .map_or(Found::NotAllowed, Found::Entry)
    }

    /// The text of an entry, if the index has it.
    pub(crate) fn text(&self, entry: usize) -> Option<&str> {
        if self.any == Some(entry) {
            return Some("*");
        }
        if self.null == Some(entry) {
            return Some("null");
        }
        match self.texts.binary_search_by_key(&entry, |text| text.entry) {
            Ok(place) => Some(&self.texts[place].text),
            Err(_) => self.exact.text_of(entry),
        }
    }

    /// Every entry as it is written, in the document's order.
    pub(crate) fn written(&self) -> Vec<(usize, Written<'_>)> {
        let words = [(self.any, "*"), (self.null, "null")];
        let words = words.into_iter().filter_map(|(entry, word)| Some((entry?, word)));
        let exact = self.exact.iter().map(|(text, entry)| (entry, text));
        let mut all: Vec<_> =
            words.chain(exact).map(|(entry, text)| (entry, Written::Pattern(text))).collect();
        let regexes = self.regexes.as_ref();
        all.extend(self.texts.iter().map(|PatternText { entry, text }| {
            let is_regex = regexes.is_some_and(|regexes| regexes.has(*entry));
            let written = if is_regex { Written::Regex(text) } else { Written::Pattern(text) };
            (*entry, written)
        }));
        all.sort_unstable_by_key(|&(entry, _)| entry);
        all
    }

    /// Whether the exact origins are all that is allowed.
    pub(crate) fn is_exact(&self) -> bool {
        self.any.is_none()
            && self.null.is_none()
            && self.wildcards.is_empty()
            && self.regexes.is_none()
    }

    /// The exact origins.
    pub(crate) fn exact(&self) -> &ExactOrigins {
        &self.exact
    }

    /// The exact origins that another entry covers, with that entry.
    pub(crate) fn covered_exact_origins(&self) -> impl Iterator<Item = (&str, usize, usize)> {
        let nothing_covers =
            self.any.is_none() && self.wildcards.is_empty() && self.regexes.is_none();
        let origins = (!nothing_covers).then(|| self.exact.iter());
        origins.into_iter().flatten().filter_map(|(text, entry)| {
            let by = self.any.or_else(|| self.wildcards.find(&Origin::parse(text.as_bytes())?));
            let by = by.or_else(|| self.regexes.as_ref()?.find(text.as_bytes()))?;
            Some((text, entry, by))
        })
    }

    /// The entry that covers all that another entry, no exact origin, covers.
    pub(crate) fn covering(
        &self,
        pattern: Option<&TuplePattern<'_>>,
        entry: usize,
    ) -> Option<usize> {
        let any = self.any.filter(|&any| any != entry);
        any.or_else(|| self.wildcards.find_covering(pattern?, entry))
    }
}
