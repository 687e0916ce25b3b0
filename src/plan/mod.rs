//! A request and a policy in; the edits, and what they mean, out.

pub mod add;
mod advice;
mod blocked;
mod case;
pub mod cure;
mod insert;
mod limits;
mod lists;
mod outcome;
mod partition;
mod pitfalls;
pub mod remove;
mod request;
pub mod restore;
mod source;
mod spelling;
pub mod sync;
pub mod target;

use std::collections::HashSet;
use std::sync::Arc;

use json_patch::jsonptr::{Pointer, PointerBuf};
use json_patch::{Patch, PatchOperation, TestOperation};

use crate::operations::{Operation, Operations};
use crate::policy::{AccountId, Finding, Severity, Statement, pointer};
use crate::value::Value;

pub use case::Case;
pub use limits::{CURE, MAX_BYTES, limits};
pub use outcome::{Change, Outcome};
pub use request::Request;
pub use spelling::Spelling;
pub use target::{Choice, Question, Scope, Target};

/// The edits, and what they mean.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The edits; none if there is nothing to do.
    pub operations: Operations,
    /// The statements that they are in, or would be.
    pub targets: Vec<Arc<Target>>,
    /// Other statements whose conditions on the trails they extend.
    pub extended: Vec<Arc<Target>>,
    /// Each account asked for, in the order asked; once for each statement.
    pub outcomes: Vec<Outcome>,
    /// Warnings and notes.
    pub findings: Vec<Finding>,
    /// What a person has to say first: until then there is no edit.
    pub question: Option<Question>,
    /// Whether what was meant is not so even after the edit.
    pub is_unmet: bool,
}

impl Plan {
    /// No edit before a person has answered.
    fn asking(question: Question) -> Self {
        Self {
            question: Some(question),
            ..Self::default()
        }
    }

    /// The statement that the edits are in, if it is one.
    pub fn target(&self) -> Option<&Target> {
        match self.targets.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The edits as a JSON Patch that applies to this policy alone: it tests
    /// the whole policy first, since what the edits mean rests on all of it
    /// (a Deny anywhere, the partition in any ARN).
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
        let target = |target: &mut Arc<Target>| {
            if let Some(sid) = &target.sid {
                let sid = spell(sid);
                if target.sid.as_deref() != Some(&sid) {
                    Arc::make_mut(target).sid = Some(sid);
                }
            }
        };
        self.targets.iter_mut().for_each(target);
        self.extended.iter_mut().for_each(target);
        for outcome in &mut self.outcomes {
            outcome.statement.iter_mut().for_each(target);
            if let Change::Covered { by } = &mut outcome.change {
                *by = spell(by);
            }
        }
    }

    /// Whether the edits are in a statement.
    fn is_in(&self, statement: &Statement<'_>) -> bool {
        self.targets.iter().any(|own| own.at == statement.at)
    }

    /// Whether the plan edits what stands at a place.
    pub fn edits(&self, at: &Pointer) -> bool {
        self.operations.touch(at)
    }

    /// Whether the plan takes out the statement at this place.
    pub fn drops(&self, index: usize) -> bool {
        let mut taken_out = self.operations.taken_out();
        taken_out.any(|one| one == (&pointer(["Statement"]), index))
    }

    /// Whether the plan puts another policy in the place of the whole.
    pub fn replaces_policy(&self) -> bool {
        let mut operations = self.operations.iter();
        operations.any(|own| matches!(own, Operation::Whole(_)))
    }

    /// The accounts with this change, each once.
    pub fn accounts(&self, wanted: impl Fn(&Change) -> bool) -> Vec<&AccountId> {
        let mut told = HashSet::new();
        self.outcomes
            .iter()
            .filter(|outcome| wanted(&outcome.change))
            .map(|outcome| &outcome.account)
            .filter(|account| told.insert(*account))
            .collect()
    }
}

/// Findings that refuse an edit: the errors, and in strict mode the warnings.
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
