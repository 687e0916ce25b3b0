//! Whether the trails of an account may encrypt, and what stands in the way.

use json_patch::jsonptr::PointerBuf;

use super::code::Code;

/// The answer for all the trails that a pattern stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Every trail may encrypt.
    Allowed,
    /// Some trails may, others may not.
    Partly,
    /// No trail may.
    Blocked,
    /// The policy alone does not tell.
    Depends,
}

/// Why a trail may not encrypt, or why nobody can tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No statement allows `CloudTrail` to encrypt at all.
    NoStatement,
    /// A condition of an allowing statement fails.
    Condition {
        operator: String,
        key: String,
        /// The first few of the values that the policy asks for.
        values: Vec<String>,
        /// How many more there are.
        more: usize,
    },
    /// A condition rests on what the policy does not say: in words.
    Unknown { key: String, words: String },
    /// It rests on an expression in the policy's host.
    Expression {
        /// The element of the statement, or the condition key.
        element: String,
        /// The values that have one, or are one.
        values: Vec<String>,
    },
    /// The statement's resource is not `*`: in words.
    Resource(String),
    /// A statement denies it.
    Denied,
    /// A statement may deny it, by the value of a condition key.
    MayBeDenied {
        /// The keys that decide.
        keys: Vec<String>,
    },
    /// The patterns are too many and too entangled to tell.
    TooEntangled,
    /// The policy's host does not tell whether the key gets this policy.
    Host {
        /// A stable name for programs.
        code: Code,
        /// What it rests on.
        on: String,
    },
}

/// A reason, and the statement that it is in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Obstacle {
    /// The statement's place in the policy, from 0.
    pub statement: Option<usize>,
    /// Where to look.
    pub at: PointerBuf,
    pub reason: Reason,
}

/// The answer, with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    pub verdict: Verdict,
    /// What stands in the way, each once; none if `Allowed`.
    pub obstacles: Vec<Obstacle>,
    /// If `Partly`, the patterns that bind, or the first of them.
    pub patterns: Vec<String>,
    pub has_more: bool,
}

impl Evaluation {
    /// What is left of the answer if it is not certain that the key has this
    /// policy: another one may allow what this one does not.
    pub fn doubt(&mut self, doubts: &[Obstacle]) {
        self.verdict = self.verdict.doubted(doubts);
        if !doubts.is_empty() {
            self.patterns.clear();
            self.obstacles.extend_from_slice(doubts);
        }
    }
}

impl Verdict {
    /// What is left of the verdict if it is not certain that the key has this
    /// policy.
    pub fn doubted(self, doubts: &[Obstacle]) -> Self {
        if doubts.is_empty() {
            self
        } else {
            Self::Depends
        }
    }
}
