//! What happens in a commit, and what becomes of it.

use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// The new bytes are there.
    Written,
    /// The source holds other bytes than the plan was made for, and other ones
    /// than the new.
    Changed(Attempt),
}

/// What is known of an attempt to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// There was none, or the answer was that it was not carried out.
    NotCarriedOut,
    /// No answer says whether it was carried out.
    Uncertain,
    /// The answer was that it was carried out.
    CarriedOut,
}

/// What is to be said while a commit is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Somebody else has the lock.
    Waiting,
    /// The file system has no locks.
    NoLocks,
    /// A file is written next.
    Writing,
    /// The old policy is kept, and the new one is put next.
    Saved(Saved),
    /// What a new file does not have of the old one, in whose place it is.
    Lost(Vec<String>),
}

/// An old policy that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub path: PathBuf,
    /// The command that puts it back, for a shell.
    pub command: String,
}
