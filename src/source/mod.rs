//! Where policies live: how their bytes are read, and written back so that
//! nothing is lost.

mod file;

use std::fmt::{self, Write as _};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sha2::{Digest, Sha256};

pub use file::BackupSuffix;

/// The largest input, in bytes.
pub const MAX_INPUT: u64 = 64 * 1024 * 1024;

/// A place where a policy lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input; the edited policy goes to standard output.
    Stdin,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// The new bytes are there.
    Written,
    /// The source no longer holds the bytes that the plan was made for;
    /// nothing was written.
    Changed,
}

/// Why a source could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It is something else than a file.
    #[error("is {0}, not a file")]
    NotAFile(&'static str),
    /// It is larger than `MAX_INPUT`.
    #[error("is larger than 64 MiB; a key policy has at most 32,768 bytes")]
    TooLarge,
    /// There is nobody to ask whether to write it.
    #[error("not written: there is no terminal to ask on")]
    NoTerminal,
    /// It does not hold what was reviewed.
    #[error("is not the policy that was reviewed: its SHA-256 is {found}")]
    NotReviewed {
        /// The SHA-256 of what it holds, in hexadecimal.
        found: Sha256Hex,
    },
    /// The system refused.
    #[error("cannot {action}: {}", describe(error))]
    Io {
        /// What was tried.
        action: String,
        /// What the system said.
        error: io::Error,
    },
}

impl SourceError {
    fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |error| Self::Io { action, error }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::NotAFile("a pipe" | "a device") => {
                Some("to read from a pipe, give `-` as the only POLICY")
            }
            Self::NotReviewed { .. } => {
                Some("look at it again with --dry-run, which prints the hash to expect")
            }
            Self::NoTerminal => {
                Some("say what you want: --yes to write it, --dry-run to look, --check for CI")
            }
            Self::Io { error, .. } if error.kind() == io::ErrorKind::StorageFull => {
                Some("the policy is as it was; make room and run it again")
            }
            Self::Io { error, .. } if error.kind() == io::ErrorKind::NotFound => Some(
                "to fetch it: aws kms get-key-policy --policy-name default --output text --query Policy --key-id KEY",
            ),
            _ => None,
        }
    }
}

/// The system's own words, without Rust's "(os error N)".
fn describe(error: &io::Error) -> String {
    let full = error.to_string();
    match full.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => full,
    }
}

/// A SHA-256 (FIPS 180-4) in hexadecimal, by which a policy that was reviewed
/// is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sha256Hex(String);

impl Sha256Hex {
    /// The hash of a source's bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(bytes) {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }
}

impl fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Sha256Hex {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err("a SHA-256 is 64 hexadecimal digits, as --dry-run prints it")
        }
    }
}

impl Source {
    /// The source that an argument names.
    #[must_use]
    pub fn from_argument(argument: &Path) -> Self {
        if argument.as_os_str() == "-" {
            Self::Stdin
        } else {
            Self::File(argument.to_owned())
        }
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// If it is no file, too large, or the system refuses. With `will_write`,
    /// also if it may not be written.
    pub fn read(&self, will_write: bool) -> Result<Vec<u8>, SourceError> {
        match self {
            Self::File(path) => file::read(path, will_write),
            Self::Stdin => read_limited(io::stdin().lock()),
        }
    }

    /// Puts `new` in the place of `old`, whole or not at all.
    ///
    /// # Errors
    /// If the system refuses; the source then holds what it held.
    pub fn commit(
        &self,
        old: &[u8],
        new: &[u8],
        backup: Option<&BackupSuffix>,
    ) -> Result<Commit, SourceError> {
        match self {
            Self::File(path) => file::commit(path, old, new, backup),
            Self::Stdin => {
                let mut stdout = io::stdout().lock();
                stdout
                    .write_all(new)
                    .and_then(|()| stdout.flush())
                    .map_err(SourceError::io("write the policy to standard output"))?;
                Ok(Commit::Written)
            }
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("<stdin>"),
        }
    }
}

fn read_limited(reader: impl Read) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::new();
    reader
        .take(MAX_INPUT + 1)
        .read_to_end(&mut bytes)
        .map_err(SourceError::io("read it"))?;
    if bytes.len() as u64 > MAX_INPUT {
        return Err(SourceError::TooLarge);
    }
    Ok(bytes)
}
