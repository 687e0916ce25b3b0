//! Many short texts.

use std::sync::Arc;

use crate::value::Text;

/// Texts one behind the other in one: there may be a hundred thousand, and each
/// as a `String` takes twice the room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    all: Arc<String>,
    ends: Vec<usize>,
}

impl Texts {
    pub fn push(&mut self, text: &str) {
        Arc::make_mut(&mut self.all).push_str(text);
        self.ends.push(self.all.len());
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let text = &self.all[start..*end];
            start = *end;
            text
        })
    }

    /// Each of them, all in one text.
    pub fn shared(&self) -> impl ExactSizeIterator<Item = Text> {
        self.iter().map(|text| Text::within(&self.all, text))
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut all = Self::default();
        texts.into_iter().for_each(|text| all.push(text.as_ref()));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_that_were_put_in() {
        for texts in [&[][..], &[""], &["", "é", "", "ab"]] {
            let all: Texts = texts.iter().collect();
            assert_eq!(all.iter().collect::<Vec<_>>(), texts);
            assert_eq!(all.shared().collect::<Vec<_>>(), texts);
            assert_eq!(all.is_empty(), texts.is_empty());
        }
    }
}
