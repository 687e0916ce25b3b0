//! What became of a commit.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// The new bytes are there.
    Written,
    /// The source no longer holds the bytes that the plan was made for;
    /// nothing was written.
    Changed,
    /// The new bytes were there, and somebody else's are there now.
    Overtaken,
}
