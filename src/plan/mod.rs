//! A request and a policy in; the edits, and what they mean, out.

pub mod add;
mod advice;
mod blocked;
mod case;
mod insert;
mod limits;
mod lists;
mod outcome;
mod partition;
mod pitfalls;
pub mod remove;
mod request;
pub mod restore;
mod similar;
mod source;
mod spelling;
pub mod sync;
mod target;

use std::sync::Arc;

use json_patch::jsonptr::PointerBuf;
use json_patch::{Patch, PatchOperation, TestOperation};

use crate::operations::{Operation, Operations};
use crate::policy::{AccountId, Finding, Severity, pointer};
use crate::value::Value;

pub use case::Case;
pub use limits::{CURE, MAX_BYTES, limits};
pub use outcome::{Change, Outcome};
pub use request::Request;
pub use similar::COMPUTED_SID;
pub use spelling::Spelling;
pub use target::{Choice, Scope, Target};

/// The edits, and what they mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The edits; none if there is nothing to do.
    pub operations: Operations,
    /// The statement they are in, if it is one.
    pub target: Option<Target>,
    /// Each account asked for, in the order asked.
    pub outcomes: Vec<Outcome>,
    /// Warnings and notes.
    pub findings: Vec<Finding>,
    /// Statements that a person may want the edit in instead.
    pub candidates: Vec<Target>,
    /// Whether what was meant is not so even after the edit.
    pub is_unmet: bool,
}

impl Plan {
    /// A plan that edits nothing yet.
    fn about(target: Option<Target>) -> Self {
        Self {
            operations: Operations::default(),
            target,
            outcomes: Vec::new(),
            findings: Vec::new(),
            candidates: Vec::new(),
            is_unmet: false,
        }
    }

    /// The edits as a JSON Patch that applies to this policy alone: it tests
    /// the whole policy first, since what the edits mean rests on all of it
    /// (a Deny anywhere, the partition in any ARN).
    #[must_use]
    pub fn json_patch(&self, before: &Value) -> Patch {
        if self.operations.is_empty() {
            return Patch(Vec::new());
        }
        let test = PatchOperation::Test(TestOperation {
            path: PointerBuf::new(),
            value: before.into(),
        });
        Patch(
            std::iter::once(test)
                .chain(self.operations.patch(before))
                .collect(),
        )
    }

    /// Puts what people read into words that they know: not the operations and
    /// the ARNs, and not the findings, which a document explains.
    pub fn spell(&mut self, spell: &dyn Fn(&str) -> String) {
        let target = |target: &mut Target| target.sid = target.sid.as_deref().map(spell);
        self.target.iter_mut().for_each(target);
        for outcome in &mut self.outcomes {
            match &mut outcome.change {
                Change::Covered { by } => *by = spell(by),
                Change::AllowedBy { statement } => target(Arc::make_mut(statement)),
                _ => {}
            }
        }
    }

    /// Whether the plan takes its statement out.
    #[must_use]
    pub fn drops_statement(&self) -> bool {
        let mut taken_out = self.operations.taken_out();
        let target = self.target.as_ref();
        target.is_some_and(|own| taken_out.any(|one| one == (&pointer(["Statement"]), own.index)))
    }

    /// Whether the plan puts another policy in the place of the whole.
    #[must_use]
    pub fn replaces_policy(&self) -> bool {
        let mut operations = self.operations.iter();
        operations.any(|own| matches!(own, Operation::Whole(_)))
    }

    /// The accounts with this change.
    pub fn accounts(&self, wanted: impl Fn(&Change) -> bool) -> Vec<&AccountId> {
        self.outcomes
            .iter()
            .filter(|outcome| wanted(&outcome.change))
            .map(|outcome| &outcome.account)
            .collect()
    }
}

/// Findings that refuse an edit: the errors, and in strict mode the warnings.
#[must_use]
pub fn refusals(findings: &[Finding], strict: bool) -> Vec<Finding> {
    let least = if strict {
        Severity::Warning
    } else {
        Severity::Error
    };
    let refused = |finding: &&Finding| finding.severity >= least;
    let as_error = |finding: &Finding| Finding {
        severity: Severity::Error,
        ..finding.clone()
    };
    findings.iter().filter(refused).map(as_error).collect()
}

/// `account A`, or `accounts A, B`.
#[must_use]
pub fn accounts_text(accounts: &[&AccountId]) -> String {
    let plural = if accounts.len() == 1 { "" } else { "s" };
    let list: Vec<&str> = accounts.iter().map(|account| account.as_str()).collect();
    format!("account{plural} {}", list.join(", "))
}
