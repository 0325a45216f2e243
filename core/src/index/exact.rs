//! Exact origins: one hash look-up, however many there are.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// A set of exact origins with the places of their entries in the document.
///
/// The texts stand one after the other in one allocation, and the table holds their numbers, so
/// that an origin costs some twenty bytes beyond its text.
#[derive(Default)]
pub(crate) struct ExactOrigins {
    texts: String,
    /// Where each text ends; it begins where the one before ends.
    ends: Vec<u32>,
    /// The index of each text's entry in `allow_origins`.
    entries: Vec<u32>,
    table: HashTable<u32>,
}

impl ExactOrigins {
    pub(super) fn with_capacity(origins: usize, bytes: usize) -> Self {
        Self {
            texts: String::with_capacity(bytes),
            ends: Vec::with_capacity(origins),
            entries: Vec::with_capacity(origins),
            table: HashTable::with_capacity(origins),
        }
    }

    /// Adds an origin; false when it is there already.
    pub(super) fn insert(&mut self, origin: &str, entry: usize) -> bool {
        if self.number(origin.as_bytes()).is_some() {
            return false;
        }
        self.texts.push_str(origin);
        // A document has at most 64 MiB, so 32 bits hold every place in it.
        self.ends.push(self.texts.len() as u32);
        self.entries.push(entry as u32);
        let Self { table, texts, ends, .. } = self;
        let number = (ends.len() - 1) as u32;
        table.insert_unique(hash(origin.as_bytes()), number, |&n| hash(text(texts, ends, n)));
        true
    }

    /// The entry of this origin.
    pub(super) fn entry(&self, origin: &[u8]) -> Option<usize> {
        self.number(origin).map(|number| self.entries[number as usize] as usize)
    }

    /// All origins with their entries, in the document's order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        let mut start = 0;
        self.ends.iter().zip(&self.entries).map(move |(&end, &entry)| {
            let text = &self.texts[start..end as usize];
            start = end as usize;
            (text, entry as usize)
        })
    }

    /// All origins, one after the other.
    pub(crate) fn texts(&self) -> &str {
        &self.texts
    }

    /// Where in the texts each origin ends.
    pub(crate) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// The origin of this entry.
    pub(super) fn text_of(&self, entry: usize) -> Option<&str> {
        let number = self.entries.binary_search(&(entry as u32)).ok()?;
        std::str::from_utf8(text(&self.texts, &self.ends, number as u32)).ok()
    }

    fn number(&self, origin: &[u8]) -> Option<u32> {
        if self.ends.is_empty() {
            return None;
        }
        self.table.find(hash(origin), |&n| text(&self.texts, &self.ends, n) == origin).copied()
    }
}

fn text<'t>(texts: &'t str, ends: &[u32], number: u32) -> &'t [u8] {
    let number = number as usize;
    let start = if number == 0 { 0 } else { ends[number - 1] as usize };
    &texts.as_bytes()[start..ends[number] as usize]
}

/// The seed is fixed: only the document's own texts are ever in the table, so that no request can
/// make it slow.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(bytes);
    hasher.finish()
}
