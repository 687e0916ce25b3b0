//! A policy in its host: its value, where its nodes stand, and how an edit of
//! the value is made in the text. A syntax (a module each) reads the host and
//! writes values; choosing, applying and checking are the same for all.

pub mod cloudformation;
mod comments;
pub mod embed;
mod error;
mod explain;
mod hcl;
pub mod holes;
pub mod host;
pub mod json;
pub mod placeholder;
mod remarks;
mod template;
mod text;
pub mod tree;
pub mod yaml;

use std::borrow::Cow;

use json_patch::PatchOperation;
use json_patch::jsonptr::Pointer;
use serde_json::Value;

use embed::{Embedding, Shown};
pub use error::{ApplyError, DocumentError};
use holes::Holes;
use host::{Body, Found};
pub use host::{Candidate, HostKind, Selection};
use text::{BOM, run_length};
pub use text::{Position, TextEdit};
use tree::Node;

use crate::policy::{Partition, hole};

/// A host's text and the policy in it.
#[derive(Debug, Clone)]
pub struct Document {
    has_bom: bool,
    /// The whole text, without a byte order mark.
    host: String,
    selection: Selection,
    address: Option<String>,
    body: Body,
    /// The other policies in the host.
    others: Vec<(Option<String>, Option<Value>)>,
    holes: Holes,
}

impl Document {
    /// Reads a file's bytes, of a kind that is found from the content.
    ///
    /// # Errors
    /// As `open`.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        Self::open(bytes, &Selection::default())
    }

    /// Reads a file's bytes.
    ///
    /// # Errors
    /// If they are not UTF-8 in the syntax of their kind, hold no key policy,
    /// or hold several and none is selected.
    pub fn open(bytes: &[u8], selection: &Selection) -> Result<Self, DocumentError> {
        Self::reopen(bytes, selection, Holes::default())
    }

    fn reopen(
        bytes: &[u8],
        selection: &Selection,
        mut holes: Holes,
    ) -> Result<Self, DocumentError> {
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
        if let Some(offset) = holes::private(host) {
            let at = Position::of(host, offset);
            return Err(DocumentError::PrivateUse { at });
        }
        let mut found = host::read(host, selection, &mut holes)?;
        let meant = host::choose(host, &found, selection)?;
        let Found { address, body, .. } = found.swap_remove(meant);
        let other = |found: Found| (found.address, found.body.ok().map(|body| body.value));
        let mut others: Vec<_> = found.into_iter().map(other).collect();
        others.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self {
            has_bom,
            host: host.to_owned(),
            selection: selection.clone(),
            address,
            body: body.map_err(|error| error.spelled(&holes))?,
            others,
            holes,
        })
    }

    /// What a person sees: the host's text, or in the AWS CLI's envelope the
    /// policy's.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.body.embedding {
            Some(inner) if inner.shown == Shown::Inner => &inner.text,
            _ => &self.host,
        }
    }

    /// The text that the tree's places are in.
    fn view(&self) -> &str {
        let embedding = self.body.embedding.as_ref();
        embedding.map_or(&self.host, |inner| &inner.text)
    }

    /// The policy alone, as KMS will get it as far as that is known.
    #[must_use]
    pub fn policy_text(&self) -> String {
        match self.body.syntax {
            host::Syntax::Json => self.as_sent(self.view()),
            host::Syntax::Hcl
            | host::Syntax::HclJson
            | host::Syntax::JsonTemplate
            | host::Syntax::Yaml => self.as_sent(&self.body.value.to_string()),
        }
    }

    /// The policy without white space, as KMS will get it as far as that is
    /// known.
    #[must_use]
    pub fn minified(&self) -> String {
        self.as_sent(&self.body.value.to_string())
    }

    /// A partition's name is about as long as the usual one.
    fn as_sent(&self, text: &str) -> String {
        let filled = hole::fill(text, Partition::AWS);
        self.holes.spell_whole(&filled).into_owned()
    }

    /// The policy's value, with a hole for each expression.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.body.value
    }

    /// How the host names the policy, if it is not the whole host.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// Whether the policy stands inside the AWS CLI's envelope; then positions
    /// are counted in the policy's own text.
    #[must_use]
    pub fn is_enveloped(&self) -> bool {
        let embedding = self.body.embedding.as_ref();
        embedding.is_some_and(|inner| inner.shown == Shown::Inner)
    }

    /// Where the policy starts.
    #[must_use]
    pub fn start(&self) -> Position {
        self.position_of(&self.body.tree)
    }

    /// Where the node at a pointer, or the nearest above it, starts.
    #[must_use]
    pub fn position(&self, pointer: &Pointer) -> Position {
        self.position_of(self.body.tree.nearest(pointer))
    }

    fn position_of(&self, node: &Node) -> Position {
        let offset = match &self.body.embedding {
            Some(inner) if inner.shown == Shown::Host => inner.start(node.span.start),
            _ => node.span.start,
        };
        Position::of(self.text(), offset)
    }

    /// A text as people read it: expressions as they are written.
    #[must_use]
    pub fn spell<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.holes.spell(text)
    }

    /// A value as people read it.
    #[must_use]
    pub fn spell_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.spell(&text).into_owned()),
            Value::Array(items) => {
                let items = items.into_iter().map(|item| self.spell_value(item));
                Value::Array(items.collect())
            }
            Value::Object(map) => {
                let members = map.into_iter();
                let spell = |(key, value): (String, Value)| {
                    (self.spell(&key).into_owned(), self.spell_value(value))
                };
                Value::Object(members.map(spell).collect())
            }
            other => other,
        }
    }

    /// The document after the operations, each other byte as it was. The
    /// operations are applied to the value and to the text; the edited host
    /// must read back as the patched value, with every other policy in it as
    /// it was.
    ///
    /// # Errors
    /// If the operations do not fit, or the two differ.
    pub fn apply(&self, operations: &[PatchOperation]) -> Result<Self, ApplyError> {
        let mut patched = self.body.value.clone();
        json_patch::patch(&mut patched, operations)
            .map_err(|error| ApplyError::Patch(error.to_string()))?;
        let mut edited = self.clone();
        let mut rest = operations;
        while !rest.is_empty() {
            let (run, after) = rest.split_at(run_length(rest));
            rest = after;
            let edits = host::edits(edited.view(), &edited.body, run, &edited.holes)?;
            if let Some(inner) = &edited.body.embedding
                && let Some(at) = edits.iter().find_map(|edit| inner.guard(edit))
            {
                return Err(ApplyError::Unwritable {
                    message: format!(
                        "the place for the edit, line {}, is there only if a directive says so",
                        Position::of(&edited.host, at).line
                    ),
                    help: "put it in by hand, where it is meant",
                });
            }
            let mut host = edited.host.clone();
            for edit in edits.iter().rev() {
                let embedding: Option<&Embedding> = edited.body.embedding.as_ref();
                match embedding {
                    Some(inner) => inner.edit(edit, &edited.holes).apply_to(&mut host),
                    None => edit.apply_to(&mut host),
                }
            }
            edited = edited.with_host(&host)?;
        }
        // The whole way that a later run would take: from the bytes.
        let again = edited.with_host(&edited.host)?;
        let is_same = match self.body.syntax {
            host::Syntax::Json | host::Syntax::JsonTemplate | host::Syntax::Yaml => {
                again.body.value == patched
            }
            // Blocks have lists where JSON has a value or a list.
            host::Syntax::Hcl | host::Syntax::HclJson => {
                unlisted(&again.body.value) == unlisted(&patched)
            }
        };
        match self.body.syntax {
            _ if is_same && again.others == self.others => Ok(edited),
            host::Syntax::Json => Err(ApplyError::Mismatch),
            _ => Err(ApplyError::Unwritable {
                message: "the edit would change more than is meant: what it edits stands for several parts of the policy, or for another policy too".to_owned(),
                help: "write the values out where they are used, or edit the file by hand",
            }),
        }
    }

    fn with_host(&self, host: &str) -> Result<Self, ApplyError> {
        let bom = if self.has_bom { BOM } else { "" };
        let bytes = [bom, host].concat().into_bytes();
        let selection = Selection {
            resource: self.address.clone(),
            ..self.selection.clone()
        };
        Self::reopen(&bytes, &selection, self.holes.clone()).map_err(|_| ApplyError::Mismatch)
    }

    /// The host's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let bom = if self.has_bom { BOM } else { "" };
        [bom, &self.host].concat().into_bytes()
    }
}

/// A value without brackets around single texts: to IAM these are the same.
fn unlisted(value: &Value) -> Value {
    match value {
        Value::Array(items) => match items.as_slice() {
            [Value::String(only)] => Value::String(only.clone()),
            items => Value::Array(items.iter().map(unlisted).collect()),
        },
        Value::Object(map) => {
            let members = map.iter();
            Value::Object(
                members
                    .map(|(key, value)| (key.clone(), unlisted(value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

/// Two documents are the same if their bytes are.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}
