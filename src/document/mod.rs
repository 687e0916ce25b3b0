//! A policy in its host: its value, where its nodes stand, and how an edit of
//! the value is made in the text. A syntax (a module each) reads the host and
//! writes values; choosing, applying and checking are the same for all.

mod apply;
mod choose;
pub mod cloudformation;
mod comments;
mod elsewhere;
pub mod embed;
mod error;
pub mod escaping;
mod explain;
pub mod found;
mod hcl;
pub mod holes;
mod host;
pub mod json;
mod kind;
mod parsers;
#[cfg(test)]
mod parses;
pub mod placeholder;
mod remarks;
mod template;
mod text;
pub mod tree;
mod unknown;
pub mod yaml;

use std::borrow::Cow;
use std::mem;
use std::sync::Arc;

use json_patch::jsonptr::Pointer;

use cloudformation::Whole;
use embed::Shown;
pub use error::{ApplyError, Candidate, DocumentError};
use found::{Body, Found, Syntax};
pub use found::{HostKind, Selection};
use hcl::file::File;
use holes::Holes;
pub use text::Position;
use text::{BOM, without_bom};
use tree::Node;

use crate::policy::{Partition, hole};
use crate::value::Value;

/// A host's text and the policy in it.
#[derive(Debug, Clone)]
pub struct Document {
    /// The whole text.
    text: Arc<String>,
    selection: Selection,
    address: Option<String>,
    /// Whether other policies of the host are asked about beside this one.
    is_one_of_several: bool,
    /// The host's key policies that are not meant, if this is to say so.
    passed_over: Vec<Candidate>,
    body: Body,
    /// The other policies in the host.
    others: Vec<(Option<String>, Option<Value>)>,
    /// The host, if it is a Terraform file.
    file: Option<Arc<File>>,
    /// All of the host, if it is a template of `CloudFormation` or in YAML.
    whole: Option<Arc<Whole>>,
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
    /// or hold several and it is not known which is meant.
    pub fn open(bytes: impl Into<Vec<u8>>, selection: &Selection) -> Result<Self, DocumentError> {
        Self::reopen(bytes.into(), selection, Holes::default())
    }

    /// Reads every policy of a file that a question is about, each in the
    /// host's order.
    ///
    /// # Errors
    /// If the bytes are not UTF-8 in the syntax of their kind, or hold no such
    /// policy.
    pub fn open_all(
        bytes: impl Into<Vec<u8>>,
        selection: &Selection,
    ) -> Result<Vec<Result<Self, DocumentError>>, DocumentError> {
        let mut holes = Holes::default();
        let text = Arc::new(text_of(bytes.into())?);
        let read = read_host(&text, selection, &mut holes)?;
        let chosen = choose::all(without_bom(&text), &read.found, selection)?;
        let is_one_of_several = chosen.meant.len() > 1;
        let mut passed_over = chosen.passed_over;
        let documents = chosen.meant.into_iter().map(|meant| {
            let (text, holes) = (text.clone(), holes.clone());
            let document = Self::of(text, selection, read.clone(), meant, holes)?;
            Ok(Self {
                is_one_of_several,
                passed_over: mem::take(&mut passed_over),
                ..document
            })
        });
        Ok(documents.collect())
    }

    fn reopen(
        bytes: Vec<u8>,
        selection: &Selection,
        mut holes: Holes,
    ) -> Result<Self, DocumentError> {
        let text = Arc::new(text_of(bytes)?);
        let read = read_host(&text, selection, &mut holes)?;
        let (meant, passed_over) = choose::one(without_bom(&text), &read.found, selection)?;
        let document = Self::of(text, selection, read, meant, holes)?;
        Ok(Self {
            passed_over,
            ..document
        })
    }

    /// The policy at an index of those that were found in a host.
    fn of(
        text: Arc<String>,
        selection: &Selection,
        host::Read {
            mut found,
            file,
            whole,
        }: host::Read,
        meant: usize,
        holes: Holes,
    ) -> Result<Self, DocumentError> {
        let Found { address, body, .. } = found.swap_remove(meant);
        let other = |found: Found| (found.address, found.body.ok().map(|body| body.value));
        let mut others: Vec<_> = found.into_iter().map(other).collect();
        others.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self {
            selection: selection.clone(),
            address,
            is_one_of_several: false,
            passed_over: Vec::new(),
            body: body.map_err(|error| error.spelled(&holes))?,
            others,
            file,
            whole,
            holes,
            text,
        })
    }

    /// The whole text, without a byte order mark.
    fn host(&self) -> &str {
        without_bom(&self.text)
    }

    /// A host with the byte order mark that this one has.
    fn with_bom(&self, mut host: String) -> String {
        if self.host().len() < self.text.len() {
            host.insert_str(0, BOM);
        }
        host
    }

    /// What a person sees: the host's text, or in the AWS CLI's envelope the
    /// policy's.
    pub fn text(&self) -> &str {
        match &self.body.embedding {
            Some(inner) if inner.shown == Shown::Inner => &inner.text,
            _ => self.host(),
        }
    }

    /// What a diff is about: what a person sees, with the byte order mark that
    /// the file has, since a patch of its first line needs it.
    pub fn diff_text(&self) -> &str {
        if self.is_enveloped() {
            self.text()
        } else {
            &self.text
        }
    }

    /// The text that the tree's places are in.
    fn view(&self) -> &str {
        let embedding = self.body.embedding.as_ref();
        embedding.map_or_else(|| self.host(), |inner| &inner.text)
    }

    fn tree(&self) -> &Node {
        &self.body.tree
    }

    /// The tree, where its nodes may come from elsewhere. JSON's are all in
    /// their places.
    fn origins(&self) -> Option<&Node> {
        (!self.is_plain_json()).then(|| self.tree())
    }

    /// The policy alone, as KMS will get it as far as that is known.
    pub fn policy_text(&self) -> Cow<'_, str> {
        match self.body.syntax {
            Syntax::Json => self.as_sent(self.view().into()),
            Syntax::Hcl | Syntax::HclJson | Syntax::JsonTemplate | Syntax::Yaml => {
                self.minified().into()
            }
        }
    }

    /// The policy without white space, as KMS will get it as far as that is
    /// known.
    pub fn minified(&self) -> String {
        self.as_sent(self.value().to_string().into()).into_owned()
    }

    /// A partition's name is about as long as the usual one.
    fn as_sent<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if self.holes.is_empty() {
            return text;
        }
        let filled = hole::fill(&text, Partition::AWS);
        self.holes.spell_whole(&filled).into_owned().into()
    }

    /// The policy's value, with a hole for each expression.
    pub fn value(&self) -> &Value {
        &self.body.value
    }

    /// Whether there is a node at a pointer.
    pub fn has(&self, pointer: &Pointer) -> bool {
        self.value().pointer(pointer.as_str()).is_some()
    }

    /// How the host names the policy, if it is not the whole host.
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// The address, where answers about several policies of the host are told
    /// apart by it.
    pub fn label(&self) -> Option<&str> {
        self.address().filter(|_| self.is_one_of_several)
    }

    /// The address, where an edit has to be told which of the host's policies is
    /// meant.
    pub fn resource(&self) -> Option<&str> {
        let is_named = !self.selection.resources.is_empty();
        self.address()
            .filter(|_| is_named || self.is_one_of_several || !self.passed_over.is_empty())
    }

    /// Whether the policy stands inside the AWS CLI's envelope; then positions
    /// are counted in the policy's own text.
    pub fn is_enveloped(&self) -> bool {
        let embedding = self.body.embedding.as_ref();
        embedding.is_some_and(|inner| inner.shown == Shown::Inner)
    }

    /// Where the policy starts.
    pub fn start(&self) -> Position {
        self.position(Pointer::root())
    }

    /// Where the node at a pointer, or the nearest above it, starts.
    pub fn position(&self, pointer: &Pointer) -> Position {
        let own = self.tree().nearest(pointer).span.start;
        let offset = match &self.body.embedding {
            Some(inner) if inner.shown == Shown::Host => inner.start(own),
            _ => own,
        };
        Position::of(self.text(), offset)
    }

    /// A text as people read it: expressions as they are written.
    pub fn spell<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.holes.spell(text)
    }

    /// The host's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

/// A host's text.
fn text_of(bytes: Vec<u8>) -> Result<String, DocumentError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(DocumentError::Utf16);
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid_up_to = error.utf8_error().valid_up_to();
        let valid = String::from_utf8_lossy(&error.as_bytes()[..valid_up_to]);
        DocumentError::NotUtf8 {
            at: Position::of(&valid, valid.len()),
        }
    })
}

/// Every policy in a host.
fn read_host(
    text: &str,
    selection: &Selection,
    holes: &mut Holes,
) -> Result<host::Read, DocumentError> {
    let host = without_bom(text);
    if let Some(offset) = holes::private(host) {
        let at = Position::of(host, offset);
        return Err(DocumentError::PrivateUse { at });
    }
    host::read(host, selection, holes)
}

/// Two documents are the same if their bytes are.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
