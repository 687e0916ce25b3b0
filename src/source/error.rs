//! Why a source could not be read or written.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::commit::Attempt;
use super::hash::Sha256Hex;
use super::kms::error::KmsError;

/// Why a source could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It is something else than a file.
    #[error("is {0}, not a file")]
    NotAFile(&'static str),
    #[error(
        "{size}; ctpolicy {reads} files of at most {most} MiB; KMS takes policies of 32,768 bytes"
    )]
    TooLarge {
        /// With its verb.
        size: String,
        /// What it would be read for.
        reads: &'static str,
        /// In MiB.
        most: u64,
    },
    /// There is nobody to ask whether to write it.
    #[error("not written: there is no terminal to ask on")]
    NoTerminal,
    /// It does not hold what was reviewed.
    #[error("is not the policy that was reviewed: its SHA-256 is {found}")]
    NotReviewed {
        /// The SHA-256 of what it holds, in hexadecimal.
        found: Sha256Hex,
    },
    /// KMS, or the way there, refused.
    #[error(transparent)]
    Kms(#[from] KmsError),
    /// A put was taken, and the old policy still shows.
    #[error("KMS took the new policy, and still shows the old one after {} s", wait.as_secs())]
    NotShown {
        /// How long it was waited for.
        wait: Duration,
    },
    /// A put was taken, and cannot be read back.
    #[error("KMS took the new policy, but then: {0}")]
    NotReadBack(KmsError),
    /// A put may have been carried out or not.
    #[error("it is not known whether the policy was put: {0}")]
    Unanswered(KmsError),
    /// Others edit the policy again and again.
    #[error("somebody else edits it at the same time, again and again")]
    Contended,
    /// The whole policy was to be replaced, and it is neither the one that was
    /// read nor the one that was put.
    #[error("{}", overtaken(*_0))]
    Overtaken(Attempt),
    /// Somebody else has held the lock for too long.
    #[error("another program holds its lock, and still does after {} s", wait.as_secs())]
    Locked { wait: Duration },
    /// No new file can take the place of the file.
    #[error("cannot {action}: {}", describe(error))]
    NotReplaced {
        /// What was tried.
        action: String,
        /// What the system said.
        error: io::Error,
    },
    /// The old bytes of a file cannot be kept, and so it was not written.
    #[error("not written, since its old bytes cannot be kept: {0}")]
    NotKept(Box<SourceError>),
    /// A file was overwritten in part.
    #[error("it is overwritten in part ({}), and its old bytes are in {}", describe(error), saved.display())]
    Torn { saved: PathBuf, error: io::Error },
    /// An earlier run was ended while it overwrote a file.
    #[error("an earlier run was ended while it overwrote this file, whose old bytes are in {}", saved.display())]
    CutShort { saved: PathBuf },
    /// The old policy could not be kept, and so no new one was put.
    #[error("cannot save the old policy in {} (nothing was put): {}", directory.display(), describe(error))]
    NotSaved {
        directory: PathBuf,
        /// What the system said.
        error: io::Error,
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
    pub(super) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |error| Self::Io { action, error }
    }

    pub(super) fn not_replaced(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |error| Self::NotReplaced { action, error }
    }

    /// Whether KMS refused the policy for a principal, which it does not name.
    pub fn is_invalid_principal(&self) -> bool {
        matches!(self, Self::Kms(error) if error.is_invalid_principal())
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::NotAFile("a socket" | "a device") => {
                "to read from a pipe, give `-` as the only POLICY"
            }
            Self::NotReviewed { .. } => {
                "look at it again with --dry-run, which prints the hash to expect"
            }
            Self::NoTerminal => {
                "say what you want: --yes to write it, --dry-run to look, --check for CI"
            }
            Self::Kms(error) => return error.help(),
            Self::NotShown { .. } => {
                "KMS may take some minutes: run the same command again, it puts only what is missing"
            }
            Self::NotReadBack(_) | Self::Unanswered(_) => {
                "run the same command again: it looks first, and puts only what is missing"
            }
            Self::Locked { .. } => {
                "--wait SECONDS says how long to wait; lslocks shows who holds locks"
            }
            Self::Contended => "talk to them, and run it again",
            Self::Overtaken(_) => "look at it again, and run it again if that is still meant",
            Self::Io { error, .. } | Self::NotReplaced { error, .. }
                if error.kind() == io::ErrorKind::StorageFull =>
            {
                "make room and run it again"
            }
            Self::NotReplaced { .. } => {
                "--in-place overwrites the file itself, after its old bytes are saved"
            }
            Self::Torn { .. } | Self::CutShort { .. } => {
                "look at both, copy the old bytes back if they are right, and then remove them there"
            }
            Self::NotSaved { .. } => "name a directory that can be written: --backup-dir DIR",
            Self::Io { error, .. } if error.kind() == io::ErrorKind::NotFound => {
                "to take it from the key itself: --key KEY; to fetch it: aws kms get-key-policy --policy-name default --output text --query Policy --key-id KEY"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// KMS may also show what was put in another form: a principal of sts as one
/// of iam.
fn overtaken(attempt: Attempt) -> &'static str {
    match attempt {
        Attempt::NotCarriedOut => "somebody else has edited it meanwhile: it is not replaced",
        Attempt::Uncertain => {
            "it is not known whether the policy was put; KMS shows another one: somebody else's, or this one in another form"
        }
        Attempt::CarriedOut => {
            "the policy was put, and KMS shows another one: somebody else's, or this one in another form"
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
