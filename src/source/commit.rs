//! What became of a commit.

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
