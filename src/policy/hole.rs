//! Holes: text that stands in a policy's host as an expression, and so is not
//! known. Each is one character of Unicode's plane 15 (private use), which no
//! policy can hold; what it stands for, the document knows.

use std::borrow::Cow;

use super::partition::Partition;
use crate::value::Value;

/// Part of a text.
pub const TEXT: std::ops::RangeInclusive<char> = '\u{f0000}'..='\u{f7fff}';
/// A whole value: a text, a list, an object; nobody knows.
pub const WHOLE: std::ops::RangeInclusive<char> = '\u{f8000}'..='\u{fbfff}';
/// The partition's name, whichever it is: always that of the accounts.
pub const PARTITION: std::ops::RangeInclusive<char> = '\u{fc000}'..='\u{fcfff}';

/// Whether a character is a hole of any kind.
pub fn is_hole(c: char) -> bool {
    ('\u{f0000}'..='\u{fcfff}').contains(&c)
}

/// Whether what stands in a hole is not known.
pub fn is_unknown(c: char) -> bool {
    TEXT.contains(&c) || WHOLE.contains(&c)
}

/// Whether part of a text is not known.
pub fn has_unknown(text: &str) -> bool {
    !text.is_ascii() && text.contains(is_unknown)
}

/// Whether a text is an expression that may be a value of any type.
pub fn is_whole(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| WHOLE.contains(&c)) && chars.next().is_none()
}

/// Whether a value is an expression that may be a value of any type.
pub fn is_whole_value(value: &Value) -> bool {
    value.as_str().is_some_and(is_whole)
}

/// The partition expression that a text uses.
pub fn partition(text: &str) -> Option<char> {
    text.chars().find(|c| PARTITION.contains(c))
}

/// A text with the accounts' partition where it has a partition expression.
pub fn fill(text: &str, partition: Partition) -> Cow<'_, str> {
    let is_partition = |c| PARTITION.contains(&c);
    if !text.is_ascii() && text.contains(is_partition) {
        Cow::Owned(text.replace(is_partition, partition.as_str()))
    } else {
        Cow::Borrowed(text)
    }
}
