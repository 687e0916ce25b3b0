//! What can be wrong with a text.

use std::fmt;

use super::holes::Holes;
use super::text::Position;

/// Why a text is no document that can be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Nothing, or nothing but white space.
    #[error("the file is empty")]
    Empty,
    #[error("the file is in UTF-16, and policies are in UTF-8")]
    Utf16,
    /// Some byte is no UTF-8.
    #[error("not UTF-8")]
    NotUtf8 {
        /// The first such byte.
        at: Position,
    },
    /// RFC 8259 does not allow it.
    #[error("not JSON: {message}")]
    NotJson {
        message: String,
        at: Position,
        help: Option<&'static str>,
    },
    /// YAML 1.2 does not allow it, or holds more than one document.
    #[error("not YAML: {message}")]
    NotYaml {
        message: String,
        at: Position,
        help: Option<&'static str>,
    },
    /// An expression stands in the place of the policy.
    #[error("{}", computed_message(expression))]
    Computed { expression: String, at: Position },
    /// A macro may change the policy, or a loop makes several of it.
    #[error("{}", changed_message(by))]
    Changed {
        /// The function.
        by: String,
        at: Position,
    },
    /// A template engine decides what the policy holds.
    #[error("{placeholder} decides what the policy holds, and only its template engine knows how")]
    Placeholder { placeholder: String, at: Position },
    /// Two keys of one object are the same, or differ only by case.
    #[error("{}", twins_message(key, *differ_by_case))]
    Twins {
        key: String,
        /// The first one's place.
        first: Position,
        /// The second one's place.
        second: Position,
        differ_by_case: bool,
    },
    /// It writes a character that stands for expressions here.
    #[error("a character of Unicode's private use area, which KMS takes in no policy")]
    PrivateUse {
        /// The first such character.
        at: Position,
    },
    /// HCL does not allow it.
    #[error("not HCL: {message}")]
    NotHcl { message: String, at: Position },
    /// A directive decides on what is JSON and what is not.
    #[error("cannot tell what the policy is: with this directive the text is no JSON in itself")]
    Ambiguous {
        /// The directive.
        at: Position,
    },
    /// The policy is an expression whose text is not in the file.
    #[error("the policy is {expression}, which this file does not spell out")]
    Elsewhere { expression: String, at: Position },
    /// The policy is put together of parts, not all of which are known.
    #[error("what the policy is cannot be told from this expression: {expression}")]
    Unclear { expression: String, at: Position },
    /// A name that the policy draws on is defined twice.
    #[error("{name} is defined twice: which of the two counts cannot be told")]
    Twice {
        name: String,
        /// The first definition.
        first: Position,
        second: Position,
    },
    /// Several policies, and none is named.
    #[error("holds {} policies", candidates.len())]
    Several { candidates: Vec<Candidate> },
    /// No policy at the address.
    #[error("holds no policy called {name:?}")]
    NoSuchResource {
        name: String,
        /// Those that it holds.
        candidates: Vec<Candidate>,
    },
    /// Nothing in it is a key policy.
    #[error("holds no key policy")]
    NoPolicy {
        /// The policies of other kinds that it holds.
        others: Vec<Candidate>,
    },
    /// Its only key is one of a template inside it.
    #[error(
        "holds no key policy of its own: a template with a key stands in {logical_id}'s TemplateBody, which is not looked into"
    )]
    Nested {
        /// The resource that has the template.
        logical_id: String,
        /// Where the template is.
        at: Position,
    },
    /// The policy's text, inside what the AWS CLI saved, is no document.
    #[error("the policy's text: {0}")]
    Inner(Box<DocumentError>),
}

/// A policy that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub address: String,
    pub at: Position,
    /// What tells it from the others.
    pub remark: Option<&'static str>,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.remark {
            Some(remark) => write!(f, "{}, which {remark}", self.address),
            None => f.write_str(&self.address),
        }
    }
}

/// An edit that the text did not take as meant: a defect of this program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The patch does not fit the value.
    #[error("the patch does not apply: {0}")]
    Patch(String),
    /// What is to be written has no place in this host.
    #[error("{message}")]
    Unwritable { message: String, help: &'static str },
    #[error("two edits of one place")]
    Overlap,
    /// The edited text does not read as the patched value.
    #[error("the edited text does not read back as the patched policy")]
    Mismatch,
}

impl ApplyError {
    pub(super) fn no_place() -> Self {
        Self::Patch("no such place in the text".to_owned())
    }
}

/// Whether an expression chooses between values that are written in it.
fn is_choice(expression: &str) -> bool {
    let words = ["!If", "Fn::If", "{\"Fn::If", "{ \"Fn::If"];
    words.iter().any(|word| expression.starts_with(word))
}

fn computed_message(expression: &str) -> String {
    const MOST: usize = 80;
    let mut short: String = expression.chars().take(MOST).collect();
    if short.len() < expression.len() {
        short.push('…');
    }
    if is_choice(expression) {
        format!("the policy is chosen by {short}: which one counts is not known from the text")
    } else {
        format!("the policy is computed by {short}: there is no text of it to read")
    }
}

fn changed_message(by: &str) -> String {
    if by.starts_with("Fn::ForEach") {
        format!("the key is made by {by}, once for each value: there is no text of its own to edit")
    } else {
        format!("{by} may make another policy of the one that is written")
    }
}

fn twins_message(key: &str, differ_by_case: bool) -> String {
    if differ_by_case {
        format!("the key {key:?} stands twice in one object, differing only by case")
    } else {
        format!("the key {key:?} stands twice in one object")
    }
}

impl DocumentError {
    /// The same at another place.
    pub(super) fn moved(self, to: &dyn Fn(Position) -> Position) -> Self {
        match self {
            Self::NotJson { message, at, help } => Self::NotJson {
                message,
                at: to(at),
                help,
            },
            Self::Twins {
                key,
                first,
                second,
                differ_by_case,
            } => Self::Twins {
                key,
                first: to(first),
                second: to(second),
                differ_by_case,
            },
            other => other,
        }
    }

    /// The same with expressions as they are written.
    pub(super) fn spelled(mut self, holes: &Holes) -> Self {
        if let Self::Twins { key, .. } = &mut self {
            *key = holes.spell(key).into_owned();
        }
        self
    }

    /// The policies that are there, with their places.
    pub fn candidates(&self) -> &[Candidate] {
        match self {
            Self::Several { candidates } | Self::NoSuchResource { candidates, .. } => candidates,
            Self::NoPolicy { others } => others,
            _ => &[],
        }
    }

    /// The error itself, if it is one of a policy's text inside of another.
    pub fn innermost(&self) -> &Self {
        match self {
            Self::Inner(inner) => inner.innermost(),
            own => own,
        }
    }

    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Empty
            | Self::Utf16
            | Self::Several { .. }
            | Self::NoSuchResource { .. }
            | Self::NoPolicy { .. } => None,
            Self::NotUtf8 { at }
            | Self::PrivateUse { at }
            | Self::NotHcl { at, .. }
            | Self::Ambiguous { at }
            | Self::Elsewhere { at, .. }
            | Self::Unclear { at, .. }
            | Self::NotYaml { at, .. }
            | Self::Computed { at, .. }
            | Self::Changed { at, .. }
            | Self::Nested { at, .. }
            | Self::Placeholder { at, .. }
            | Self::NotJson { at, .. } => Some(*at),
            Self::Twins { second, .. } | Self::Twice { second, .. } => Some(*second),
            Self::Inner(inner) => inner.position(),
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Empty => Some(
                "write the key policy into it first: aws kms get-key-policy --policy-name default --output text --query Policy --key-id KEY",
            ),
            Self::Utf16 => Some("save it as UTF-8; in PowerShell: … | Out-File -Encoding utf8"),
            Self::NotUtf8 { .. } => Some("save it as UTF-8"),
            Self::NotJson { help, .. } | Self::NotYaml { help, .. } => *help,
            Self::Placeholder { .. } => Some("edit it by hand, or the file that the engine writes"),
            Self::Computed { expression, .. } if is_choice(expression) => Some(
                "edit each by hand, or choose below KeyPolicy: an Fn::If for a statement or a value is kept",
            ),
            Self::Computed { .. } => Some("edit the policy where the expression takes it from"),
            Self::Changed { by, .. } if by.starts_with("Fn::ForEach") => {
                Some("edit it by hand, or write the key out as a resource of its own")
            }
            Self::Changed { .. } => {
                Some("edit it by hand, or write out in the policy what the function brings in")
            }
            Self::Twins { .. } => Some(
                "AWS refuses such a policy, or reads another value than you do: keep one of them",
            ),
            Self::PrivateUse { .. } | Self::NotHcl { .. } => None,
            Self::Ambiguous { .. } => {
                Some("edit it by hand there, or make it JSON whichever way the directive goes")
            }
            Self::Elsewhere { .. } => Some("give the file in which the policy is written"),
            Self::Unclear { .. } => Some(
                "edit it by hand there; or write the whole policy as one jsonencode({ … }), one heredoc or an aws_iam_policy_document",
            ),
            Self::Twice { .. } => Some("Terraform refuses such a file: keep one of them"),
            Self::Several { .. } => Some("say which one is meant: --resource ADDRESS"),
            Self::NoSuchResource { .. } => Some("--resource takes one of the addresses above"),
            Self::NoPolicy { others } if others.is_empty() => Some(
                "a key policy stands under KeyPolicy of an AWS::KMS::Key or AWS::KMS::ReplicaKey, under policy of an aws_kms_key, or in an aws_iam_policy_document; what a module makes of other arguments is not read",
            ),
            Self::NoPolicy { .. } => Some(
                "a key policy's statements have principals; --resource ADDRESS takes one of the others all the same",
            ),
            Self::Nested { .. } => Some(
                "put that template into a file of its own, and give this one TemplateURL; or edit it by hand",
            ),
            Self::Inner(inner) => inner.help(),
        }
    }
}
