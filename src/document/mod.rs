//! A policy's text: its value, where its nodes stand, and where the policy
//! stands inside its host (the whole file, or the AWS CLI's envelope).

pub mod envelope;
pub mod layout;
pub mod splice;
pub mod tree;

use json_patch::PatchOperation;
use json_patch::jsonptr::Pointer;
use serde_json::Value;

use envelope::Envelope;
use tree::{Kind, Node};

const BOM: &str = "\u{feff}";

/// A place in a text, both counted from 1; the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    fn of(text: &str, offset: usize) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        Self {
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
            column: 1 + String::from_utf8_lossy(&before[line_start..])
                .chars()
                .count(),
        }
    }
}

/// Why a text is no document that can be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Nothing, or nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// Written in UTF-16.
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
        /// What is wrong.
        message: String,
        /// Where.
        at: Position,
        /// What to do.
        help: Option<&'static str>,
    },
    /// Two keys of one object are the same, or differ only by case.
    #[error("{}", twins_message(key, *differ_by_case))]
    Twins {
        /// The key.
        key: String,
        /// The first one's place.
        first: Position,
        /// The second one's place.
        second: Position,
        /// Whether they differ by case.
        differ_by_case: bool,
    },
    /// The text in an envelope's `Policy` is no document.
    #[error("the text in \"Policy\": {0}")]
    Inner(Box<DocumentError>),
}

fn twins_message(key: &str, differ_by_case: bool) -> String {
    if differ_by_case {
        format!("the key {key:?} stands twice in one object, differing only by case")
    } else {
        format!("the key {key:?} stands twice in one object")
    }
}

impl DocumentError {
    /// Where it is.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Empty | Self::Utf16 => None,
            Self::NotUtf8 { at } | Self::NotJson { at, .. } => Some(*at),
            Self::Twins { second, .. } => Some(*second),
            Self::Inner(inner) => inner.position(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Empty => Some(
                "write the key policy into it first: aws kms get-key-policy --policy-name default --output text --query Policy --key-id KEY",
            ),
            Self::Utf16 => Some("save it as UTF-8; in PowerShell: … | Out-File -Encoding utf8"),
            Self::NotUtf8 { .. } => Some("save it as UTF-8"),
            Self::NotJson { help, .. } => *help,
            Self::Twins { .. } => Some(
                "AWS refuses such a policy, or reads another value than you do: keep one of them",
            ),
            Self::Inner(inner) => inner.help(),
        }
    }
}

/// An edit that the text did not take as meant: a defect of this program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The patch does not fit the value.
    #[error("the patch does not apply: {0}")]
    Patch(String),
    /// The edited text does not read as the patched value.
    #[error("the edited text does not read back as the patched policy")]
    Mismatch,
}

/// A policy's text and its value.
#[derive(Debug, Clone)]
pub struct Document {
    has_bom: bool,
    envelope: Option<Envelope>,
    text: String,
    tree: Node,
    value: Value,
}

impl Document {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// If they are not one JSON value in UTF-8 whose keys are all distinct.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err(DocumentError::Utf16);
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            DocumentError::NotUtf8 {
                at: Position::of(&valid, valid.len()),
            }
        })?;
        let has_bom = text.starts_with(BOM);
        let host = text.strip_prefix(BOM).unwrap_or(text);
        let (value, tree) = read(host)?;
        let plain = Self {
            has_bom,
            envelope: None,
            text: host.to_owned(),
            tree,
            value,
        };
        match plain.enveloped() {
            None => Ok(plain),
            Some((envelope, text)) => {
                let (value, tree) =
                    read(&text).map_err(|inner| DocumentError::Inner(Box::new(inner)))?;
                Ok(Self {
                    has_bom,
                    envelope: Some(envelope),
                    text,
                    tree,
                    value,
                })
            }
        }
    }

    /// The AWS CLI's JSON output: the policy is the string under `Policy`.
    fn enveloped(&self) -> Option<(Envelope, String)> {
        let inner = self.value.get("Policy")?.as_str()?;
        if self.value.get("Statement").is_some() {
            return None;
        }
        let span = self.tree.child("Policy")?.span.clone();
        Some((Envelope::new(self.text.clone(), span), inner.to_owned()))
    }

    /// The policy's text, without its host.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The policy's value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether the policy stands inside the AWS CLI's envelope; then positions
    /// are counted in the policy's own text.
    #[must_use]
    pub fn is_enveloped(&self) -> bool {
        self.envelope.is_some()
    }

    /// Where the policy starts.
    #[must_use]
    pub fn start(&self) -> Position {
        Position::of(&self.text, self.tree.span.start)
    }

    /// Where the node at a pointer, or the nearest above it, starts.
    #[must_use]
    pub fn position(&self, pointer: &Pointer) -> Position {
        Position::of(&self.text, self.tree.nearest(pointer).span.start)
    }

    /// The document after the operations, each other byte as it was. The
    /// operations are applied to the value and to the text, and the edited
    /// text must read back as the patched value.
    ///
    /// # Errors
    /// If the operations do not fit, or the two differ.
    pub fn apply(&self, operations: &[PatchOperation]) -> Result<Self, ApplyError> {
        let mut patched = self.value.clone();
        json_patch::patch(&mut patched, operations)
            .map_err(|error| ApplyError::Patch(error.to_string()))?;
        let mut text = self.text.clone();
        let mut tree = self.tree.clone();
        let mut value = self.value.clone();
        let mut envelope = self.envelope.clone();
        let mut rest = operations;
        while !rest.is_empty() {
            let (run, after) = rest.split_at(splice::run_length(rest));
            rest = after;
            let edit = splice::text_edit(&text, &tree, &value, run)
                .ok_or_else(|| ApplyError::Patch("no such place in the text".to_owned()))?;
            if let Some(envelope) = &mut envelope {
                envelope.apply(&edit);
            }
            edit.apply_to(&mut text);
            (value, tree) = read(&text).map_err(|_| ApplyError::Mismatch)?;
        }
        let edited = Self {
            has_bom: self.has_bom,
            envelope,
            text,
            tree,
            value,
        };
        // The whole way that a later run would take: from the bytes.
        let again = Self::parse(&edited.to_bytes()).map_err(|_| ApplyError::Mismatch)?;
        if again.value == patched && edited.value == patched && again.text == edited.text {
            Ok(edited)
        } else {
            Err(ApplyError::Mismatch)
        }
    }

    /// The host's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let host = self
            .envelope
            .as_ref()
            .map_or(self.text.as_str(), Envelope::text);
        let bom = if self.has_bom { BOM } else { "" };
        [bom, host].concat().into_bytes()
    }
}

/// Two documents are the same if their bytes are.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}

fn read(text: &str) -> Result<(Value, Node), DocumentError> {
    if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
        return Err(DocumentError::Empty);
    }
    let value: Value = serde_json::from_str(text).map_err(|error| not_json(text, &error))?;
    let tree = Node::parse(text).map_err(|error| not_json(text, &error))?;
    match tree.twins() {
        None => Ok((value, tree)),
        Some(twins) => Err(DocumentError::Twins {
            first: Position::of(text, twins.first),
            second: Position::of(text, twins.second),
            key: twins.key,
            differ_by_case: twins.differ_by_case,
        }),
    }
}

/// `serde_json` counts columns in bytes, and names the last byte it read.
fn not_json(text: &str, error: &serde_json::Error) -> DocumentError {
    let line_start = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let offset = (line_start + error.column().saturating_sub(1)).min(text.len());
    let at_error = text.as_bytes().get(offset).copied();
    let full = error.to_string();
    let plain = full
        .rsplit_once(" at line ")
        .map_or(full.as_str(), |(message, _)| message);
    let (message, help) = match (plain, at_error) {
        (_, Some(b'/' | b'#')) => ("a comment", Some("JSON has no comments: take them out")),
        ("trailing comma", _) => (
            "a comma before the closing bracket",
            Some("JSON has no trailing commas: take it out"),
        ),
        ("trailing characters", _) => (
            "something follows the policy",
            Some("a file holds one policy, and a policy one \"Statement\""),
        ),
        ("recursion limit exceeded", _) => ("nested more than 127 levels deep", None),
        (_, Some(b'\'')) => (
            "a single quote",
            Some("JSON strings stand in double quotes"),
        ),
        (other, _) if error.is_eof() => (other, Some("the file ends too early: is it whole?")),
        (other, _) => (other, None),
    };
    let mut at = Position::of(text, offset);
    if error.is_eof() {
        at = Position::of(text, text.len());
    }
    DocumentError::NotJson {
        message: message.to_owned(),
        at,
        help,
    }
}

/// A container's children are laid out over several lines, or on one.
fn is_multiline(text: &str, node: &Node) -> bool {
    match (&node.kind, node.children().first()) {
        (Kind::Scalar, _) | (_, None) => false,
        (_, Some(first)) => text[node.span.start..first.start].contains('\n'),
    }
}
