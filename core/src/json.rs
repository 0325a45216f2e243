//! JSON with what a policy document needs and `serde_json::Value` loses: repeated keys, and
//! whether a number was written as a whole one.

use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

use crate::problem::MAX_PROBLEMS;

/// How deep arrays and objects may nest.
const MAX_DEPTH: usize = 128;

/// A JSON value (RFC 8259).
#[derive(Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A number written without point and exponent. One beyond `i64` is held at the nearest end,
    /// since every key's bounds are narrower.
    Whole(i64),
    /// Any other number.
    Fraction,
    String(String),
    Array(Vec<Json>),
    /// A run of this many nulls, booleans and numbers in an array, beyond the first thousand. No list
    /// of a document takes such values, so each is a problem that is counted and not listed, and the
    /// run needs no more memory than one value.
    More(usize),
    /// Members in the order of the text, repeated keys included.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole text.
    ///
    /// # Errors
    ///
    /// What is no JSON, with line and column in the message: a byte order mark, bytes that are not
    /// UTF-8, a lone surrogate, a number beyond a double, nesting deeper than 128.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, String> {
        if text.starts_with(b"\xEF\xBB\xBF") {
            return Err("a byte order mark at line 1 column 1; save the file without one".into());
        }
        let text = std::str::from_utf8(text).map_err(|e| not_utf8(text, e.valid_up_to()))?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        // The depth is counted here instead, since serde_json stops one level earlier.
        deserializer.disable_recursion_limit();
        let json = AtDepth(0).deserialize(&mut deserializer).map_err(|e| e.to_string())?;
        deserializer.end().map_err(|e| e.to_string())?;
        Ok(json)
    }

    /// What a message calls a value of this type.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Whole(_) => "a whole number",
            Self::Fraction => "a number with a point or an exponent",
            Self::String(_) => "a string",
            Self::Array(_) => "a list",
            Self::More(_) => "a value",
            Self::Object(_) => "an object",
        }
    }

    /// How many values of an array this stands for.
    pub(crate) fn count(&self) -> usize {
        if let Self::More(count) = *self { count } else { 1 }
    }

    fn is_word_or_number(&self) -> bool {
        matches!(self, Self::Null | Self::Bool(_) | Self::Whole(_) | Self::Fraction)
    }
}

fn not_utf8(text: &[u8], place: usize) -> String {
    let before = &text[..place];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
    format!("bytes that are not UTF-8 at line {line} column {column}")
}

/// Reads a value that so many arrays and objects surround.
#[derive(Clone, Copy)]
struct AtDepth(usize);

impl AtDepth {
    fn inner<E: de::Error>(self) -> Result<Self, E> {
        if self.0 == MAX_DEPTH {
            return Err(E::custom(format!("nesting deeper than {MAX_DEPTH}")));
        }
        Ok(Self(self.0 + 1))
    }
}

impl<'de> DeserializeSeed<'de> for AtDepth {
    type Value = Json;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AtDepth {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Whole(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        // A whole number beyond 64 bits comes as a double, too.
        if value.abs() >= i64::MAX as f64 {
            return Ok(Json::Whole(if value > 0.0 { i64::MAX } else { i64::MIN }));
        }
        Ok(Json::Fraction)
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let (mut items, mut others) = (Vec::new(), 0);
        while let Some(item) = seq.next_element_seed(inner)? {
            others += usize::from(item.is_word_or_number());
            match items.last_mut() {
                _ if others <= MAX_PROBLEMS || !item.is_word_or_number() => items.push(item),
                Some(Json::More(count)) => *count += 1,
                _ => items.push(Json::More(1)),
            }
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut members = Vec::new();
        while let Some(key) = map.next_key()? {
            members.push((key, map.next_value_seed(inner)?));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> String {
        "[".repeat(depth) + &"]".repeat(depth)
    }

    #[test]
    fn nesting_of_128_is_read_and_of_129_is_not() {
        assert!(Json::parse(nested(128).as_bytes()).is_ok());
        let error = Json::parse(nested(129).as_bytes()).unwrap_err();
        assert!(error.contains("deeper than 128 at line 1 column"), "{error}");
        // Deep enough to overflow the stack, were the depth not bounded.
        assert!(Json::parse(nested(10_000_000).as_bytes()).is_err());
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (text, part) in [
            (&b"\xEF\xBB\xBF{}"[..], "byte order mark"),
            (b"{\n \"a\": \xFF}", "not UTF-8 at line 2 column 7"),
            (br#"["\ud800"]"#, "line 1"),
            (b"[1e400]", "out of range"),
            (b"{} {}", "trailing characters at line 1 column 4"),
            (b"", "EOF"),
            (b"{\"a\":1,}", "trailing comma"),
        ] {
            let error = Json::parse(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn whole_numbers_are_told_from_others() {
        let parse = |text: &str| Json::parse(text.as_bytes()).unwrap();
        assert_eq!(parse("600"), Json::Whole(600));
        assert_eq!(parse("-1"), Json::Whole(-1));
        assert_eq!(parse("600.0"), Json::Fraction);
        assert_eq!(parse("6e2"), Json::Fraction);
        assert_eq!(parse("99999999999999999999"), Json::Whole(i64::MAX));
    }

    #[test]
    fn repeated_keys_are_kept() {
        let Json::Object(members) = Json::parse(br#"{"a":1,"a":2}"#).unwrap() else { panic!() };
        assert_eq!(members.len(), 2);
    }
}
