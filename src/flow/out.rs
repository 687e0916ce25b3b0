//! What is said of a policy, at once or when its turn comes.

use super::output_error;
use crate::report::{self, Failure};

/// Where words about policies go.
#[derive(Debug)]
pub(super) enum Out {
    /// To standard error and standard output as they come.
    AtOnce,
    /// Kept, so that policies finished side by side are told of one after the
    /// other.
    Later(Vec<Word>),
}

/// A text for one of the two streams.
#[derive(Debug)]
pub(super) enum Word {
    /// For standard error.
    Said(String),
    /// For standard output.
    Result(String),
}

impl Out {
    /// Says something to a person.
    pub fn say(&mut self, text: String) {
        match self {
            Self::AtOnce => report::say(&text),
            Self::Later(words) => words.push(Word::Said(text)),
        }
    }

    /// Hands out a result.
    pub fn result(&mut self, text: String) -> Result<(), Failure> {
        match self {
            Self::AtOnce => report::output(&text).map_err(output_error),
            Self::Later(words) => {
                words.push(Word::Result(text));
                Ok(())
            }
        }
    }

    /// Tells what was kept.
    pub fn tell(self) -> Result<(), Failure> {
        let Self::Later(words) = self else {
            return Ok(());
        };
        for word in words {
            match word {
                Word::Said(text) => report::say(&text),
                Word::Result(text) => report::output(&text).map_err(output_error)?,
            }
        }
        Ok(())
    }
}
