//! What became of each of several policies.

use std::fmt::Write as _;

use crate::report::escape::one_line;

/// What became of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Written,
    /// There is nothing to do.
    Unchanged,
    /// It would be written, in a dry run or check.
    WouldChange,
    /// A person said no, or it was not reached.
    NotWritten,
    /// An error, said above.
    Failed,
}

impl Fate {
    fn words(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Unchanged => "nothing to do",
            Self::WouldChange => "would be written",
            Self::NotWritten => "not written",
            Self::Failed => "failed, see above",
        }
    }
}

/// A line for each policy.
pub(super) fn summary(fates: &[(String, Fate)]) -> String {
    let mut out = String::from("summary:\n");
    for (name, fate) in fates {
        // Writing to a string does not fail.
        let _ = writeln!(out, "  {}: {}", one_line(name), fate.words());
    }
    out
}
