//! Verdicts for programs.

use crate::policy::Verdict;

pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::Partly => "partly",
        Verdict::Blocked => "blocked",
        Verdict::Depends => "depends",
    }
}
