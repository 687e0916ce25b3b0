//! What becomes of the accounts that a plan is about.

use std::sync::Arc;

use super::spelling::Spelling;
use super::target::Target;
use crate::policy::{AccountId, Verdict};

/// What becomes of one account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Change {
    /// Its ARN is added.
    Added,
    /// Its ARN is there.
    Present,
    /// A value that is there matches every trail of the account.
    Covered { by: String },
    /// The statement lets the account encrypt, and no list need name it.
    Allowed,
    /// Its values are taken out.
    Removed,
    /// It is not in the list, as asked.
    Absent,
}

/// One account's outcome in one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub account: AccountId,
    /// How its ARN is written there.
    pub spelling: Spelling,
    /// What becomes of it.
    pub change: Change,
    /// The statement, if it is in one.
    pub statement: Option<Arc<Target>>,
    /// Whether its trails may encrypt after the edit, by the whole policy.
    pub verdict: Verdict,
}

impl Outcome {
    pub(super) fn new(spelling: &Spelling, account: &AccountId, change: Change) -> Self {
        Self {
            account: account.clone(),
            spelling: spelling.clone(),
            change,
            statement: None,
            // `advice` sets it once the edit is known.
            verdict: Verdict::Depends,
        }
    }

    pub(super) fn within(self, statement: &Arc<Target>) -> Self {
        Self {
            statement: Some(Arc::clone(statement)),
            ..self
        }
    }

    /// The account's ARN for the context list, as it stands in the value.
    pub fn arn(&self) -> String {
        self.spelling.arn(&self.account)
    }
}
