//! What became of each of several policies.

use std::fmt::Write as _;

use crate::report::{self, escape::one_line};

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
    const ALL: [Self; 5] = [
        Self::Written,
        Self::WouldChange,
        Self::Unchanged,
        Self::NotWritten,
        Self::Failed,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Unchanged => "nothing to do",
            Self::WouldChange => "would be written",
            Self::NotWritten => "not written",
            Self::Failed => "failed",
        }
    }
}

/// How many policies met each fate; with `names`, a line for each policy before.
pub(super) fn summary(fates: &[(String, Fate)], names: bool) -> String {
    let mut out = String::new();
    if names {
        out.push_str("summary:\n");
        for (name, fate) in fates {
            let see = if *fate == Fate::Failed {
                ", see above"
            } else {
                ""
            };
            // Writing to a string does not fail.
            let _ = writeln!(out, "  {}: {}{see}", one_line(name), fate.words());
        }
    }
    let count = |fate: Fate| fates.iter().filter(|(_, own)| *own == fate).count();
    out + &report::counts(&Fate::ALL.map(|fate| (count(fate), fate.words())))
}
