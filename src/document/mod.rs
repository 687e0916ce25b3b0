//! A policy's text: its value, where its nodes stand, and where the policy
//! stands inside its host (the whole file, or the AWS CLI's envelope).

pub mod envelope;
mod error;
pub mod layout;
pub mod splice;
pub mod tree;

use json_patch::PatchOperation;
use json_patch::jsonptr::Pointer;
use serde_json::Value;

use envelope::Envelope;
pub use error::DocumentError;
use error::not_json;
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

/// A container's children are laid out over several lines, or on one.
fn is_multiline(text: &str, node: &Node) -> bool {
    match (&node.kind, node.children().first()) {
        (Kind::Scalar, _) | (_, None) => false,
        (_, Some(first)) => text[node.span.start..first.start].contains('\n'),
    }
}
