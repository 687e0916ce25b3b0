//! What is said of a policy, at once or when its turn comes.

use std::fmt::Display;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use super::output_error;
use crate::report::{self, Failure};

/// Whether standard output took no more: what is not begun yet is not written,
/// as its diff could not be shown.
static IS_FULL: AtomicBool = AtomicBool::new(false);

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
    ///
    /// # Errors
    /// If standard output takes none, so that nothing is to be written either.
    pub fn result(&mut self, result: &dyn Display) -> Result<(), Failure> {
        match self {
            Self::AtOnce => report::output(result).map_err(output_error),
            Self::Later(..) if IS_FULL.load(Ordering::Relaxed) => {
                let error = io::Error::other("it took nothing from the files before");
                Err(output_error(error))
            }
            Self::Later(words) => {
                words.push(Word::Result(result.to_string()));
                Ok(())
            }
        }
    }

    /// Tells what was kept; all that is for a person, also where standard
    /// output takes none of the results.
    pub fn tell(self) -> Result<(), Failure> {
        let Self::Later(words) = self else {
            return Ok(());
        };
        let mut told = Ok(());
        for word in words {
            match word {
                Word::Said(text) => report::say(&text),
                Word::Result(text) => {
                    if let Err(error) = report::output(&text) {
                        IS_FULL.store(true, Ordering::Relaxed);
                        told = told.and(Err(output_error(error)));
                    }
                }
            }
        }
        told
    }
}
