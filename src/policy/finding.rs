//! What there is to say about a policy or an edit of it.

use json_patch::jsonptr::PointerBuf;

use super::code::Code;
use crate::value::Value;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Note,
    /// The edit is made, but may not do what was meant.
    Warning,
    /// The edit is refused.
    Error,
}

/// One thing to say, with the place in the policy that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// A stable name for programs.
    pub code: Code,
    /// One line for a person.
    pub message: String,
    /// What to do, a line each.
    pub help: Vec<String>,
    /// The place in the policy.
    pub at: PointerBuf,
    /// Other places that belong to it, each with a word on why.
    pub related: Vec<(PointerBuf, String)>,
}

impl Finding {
    fn new(severity: Severity, code: Code, message: String, at: PointerBuf) -> Self {
        Self {
            severity,
            code,
            message,
            help: Vec::new(),
            at,
            related: Vec::new(),
        }
    }

    /// A reason to refuse.
    pub fn error(code: Code, message: impl Into<String>, at: PointerBuf) -> Self {
        Self::new(Severity::Error, code, message.into(), at)
    }

    pub fn warning(code: Code, message: impl Into<String>, at: PointerBuf) -> Self {
        Self::new(Severity::Warning, code, message.into(), at)
    }

    pub fn note(code: Code, message: impl Into<String>, at: PointerBuf) -> Self {
        Self::new(Severity::Note, code, message.into(), at)
    }

    /// Adds a line that says what to do.
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// Adds another place.
    pub fn related(mut self, at: PointerBuf, why: impl Into<String>) -> Self {
        self.related.push((at, why.into()));
        self
    }
}

/// What a value is, for a person.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a Boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

pub(super) fn wrong_type(name: &str, wanted: &str, found: &Value, at: PointerBuf) -> Finding {
    Finding::error(
        Code::WrongType,
        format!("{name:?} must be {wanted}, and this is {}", kind(found)),
        at,
    )
}
