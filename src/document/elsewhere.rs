//! What is said of a list with a name that its host uses in other places too.

use json_patch::jsonptr::PointerBuf;

use super::text::Position;
use crate::policy::{Code, Finding};

/// How many other uses of a list are named.
const SHOWN: usize = 3;

/// Another place that uses a list.
#[derive(Debug, Clone)]
pub struct Other {
    /// Where, in the host.
    pub at: usize,
    /// The address and the attribute: `module.org, blocked_accounts`.
    pub place: String,
    /// The statement that it is in, if that allows: what.
    pub allows: Option<String>,
    /// Whether a value more there lets less through.
    pub is_denying: bool,
    /// Whether it is what the context has to be, where `CloudTrail` encrypts.
    pub is_context: bool,
}

impl Other {
    /// Where it is, and what it allows.
    fn describe(&self, host: &str) -> String {
        let Position { line, .. } = Position::of(host, self.at);
        let allowed = match &self.allows {
            Some(actions) if !self.is_denying && !actions.is_empty() => {
                let actions = actions.split_whitespace().collect::<Vec<_>>().join(" ");
                format!(" (it allows {actions})")
            }
            _ => String::new(),
        };
        format!("line {line}, {}{allowed}", self.place)
    }
}

/// A list that is edited, and the other places that use it.
#[derive(Debug)]
pub struct Elsewhere {
    /// What the host calls it.
    pub name: String,
    /// Where it stands in the policy.
    pub list: PointerBuf,
    /// Whether a value goes from it.
    pub is_removed: bool,
    pub others: Vec<Other>,
}

impl Elsewhere {
    /// The refusal of an edit that would let less through elsewhere, or that
    /// takes out what another place has a use for.
    pub fn obstacle(&self, host: &str) -> Option<Finding> {
        let mut others = self.others.iter();
        let denying = self.others.iter().find(|one| one.is_denying);
        let other = denying.or_else(|| others.find(|one| self.is_removed && !one.is_context))?;
        let what = match (self.is_removed, other.is_denying) {
            (false, _) => "the account would be denied or left out there",
            (true, true) => "what denies or leaves out the account there would no longer do so",
            (true, false) => "the account would be taken out there as well",
        };
        let message = format!(
            "the list is {}, which is used on {} too: {what}",
            self.name,
            other.describe(host)
        );
        let finding = Finding::error(Code::SharedList, message, self.list.clone());
        Some(
            finding.help(
                "write the values out in one of the two places first, or edit the file by hand",
            ),
        )
    }

    /// What an edit is besides one of `CloudTrail`'s context.
    pub fn warning(&self, host: &str) -> Option<Finding> {
        let others = self.others.iter().filter(|one| !one.is_context);
        let mut places: Vec<String> = others.map(|one| one.describe(host)).collect();
        if places.is_empty() {
            return None;
        }
        let more = places.len().saturating_sub(SHOWN);
        places.truncate(SHOWN);
        if more > 0 {
            places.push(format!("and {more} more"));
        }
        let message = format!(
            "the list is {}, which is used elsewhere too, and what is added is added there as well: {}",
            self.name,
            places.join("; ")
        );
        Some(Finding::warning(
            Code::SharedList,
            message,
            self.list.clone(),
        ))
    }
}
