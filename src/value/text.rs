//! A string, or the part of a text that it is.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A string that may be a part of a longer text, which it shares: a policy's
/// values are mostly strings, and these stand in its text already.
#[derive(Clone, Default)]
pub struct Text {
    whole: Arc<String>,
    part: Range<usize>,
}

impl Text {
    /// A string; shared with `whole` if it is a slice of that, or else copied.
    pub fn within(whole: &Arc<String>, text: &str) -> Self {
        let start = text.as_ptr().addr().checked_sub(whole.as_ptr().addr());
        match start.map(|start| start..start + text.len()) {
            Some(part) if part.end <= whole.len() => Self {
                whole: Arc::clone(whole),
                part,
            },
            _ => text.into(),
        }
    }

    pub fn as_str(&self) -> &str {
        self
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        // It is one: `part` was taken from a slice of `whole`, or is all of it.
        self.whole.get(self.part.clone()).unwrap_or_default()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self {
            part: 0..text.len(),
            whole: Arc::new(text),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

/// As its string does, so that a map finds it by that.
impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_of_the_text_is_shared_and_another_string_copied() {
        let whole = Arc::new("é, b".to_owned());
        for part in ["", "é", ", b", "é, b"] {
            let at = whole.find(part).unwrap_or_default();
            let text = Text::within(&whole, &whole[at..at + part.len()]);
            assert_eq!(text, part);
            assert!(Arc::ptr_eq(&text.whole, &whole));
            let other = part.to_owned();
            let copied = Text::within(&whole, &other);
            assert_eq!(copied, text);
            assert!(part.is_empty() || !Arc::ptr_eq(&copied.whole, &whole));
        }
    }
}
