//! Hosts: which syntax a text is in, and which policies it holds.

use std::borrow::Cow;
use std::sync::Arc;

use super::embed::Embedding;
use super::holes::Holes;
use super::kind::{detect, is_template};
use super::text::without_bom;
use super::tree::Tree;
use super::{
    ApplyError, DocumentError, Position, TextEdit, cloudformation, hcl, json, template, yaml,
};
use crate::operations::Operation;
use crate::value::Value;

/// A syntax that policies stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum HostKind {
    /// A key policy in JSON, or the AWS CLI's envelope of one
    Json,
    /// A Terraform or OpenTofu file: .tf, .tf.json, or a template of one
    Terraform,
    /// A CloudFormation or SAM template, or a key policy in YAML
    Cloudformation,
}

/// Which policy in which kind of host is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The kind, if it is not to be found from the content.
    pub kind: Option<HostKind>,
    /// The policy's address in the host.
    pub resource: Option<String>,
    /// The host's name: its extension is a hint.
    pub name: String,
}

/// Who knows how the policy's values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `document::json`
    Json,
    /// `document::hcl`
    Hcl,
    /// `document::hcl::json`
    HclJson,
    /// `document::json`, with `CloudFormation`'s functions as objects
    JsonTemplate,
    /// `document::yaml`, with `CloudFormation`'s functions as tags or objects
    Yaml,
}

impl Syntax {
    /// Whether it is that of a `CloudFormation` template.
    pub(super) fn is_of_template(self) -> bool {
        matches!(self, Self::Yaml | Self::JsonTemplate)
    }

    /// An operation in the steps that its writer makes, one after the other.
    pub(super) fn steps(self, operation: &Operation) -> Vec<Cow<'_, Operation>> {
        match (self, operation) {
            (Self::Hcl | Self::HclJson | Self::Yaml, Operation::TakeOut { array, indices }) => {
                let step = |index: &usize| {
                    let (array, indices) = (array.clone(), vec![*index]);
                    Cow::Owned(Operation::TakeOut { array, indices })
                };
                indices.iter().map(step).collect()
            }
            _ => vec![Cow::Borrowed(operation)],
        }
    }
}

/// A policy as a syntax has read it.
#[derive(Debug, Clone)]
pub struct Body {
    /// The policy in IAM's JSON form, a hole for each expression.
    pub value: Value,
    /// The same shape, with places: in the embedding's text, or in the host.
    pub tree: Tree,
    /// The JSON text inside the host, if the host is not the policy's own text.
    pub embedding: Option<Embedding>,
    /// Who writes its values.
    pub syntax: Syntax,
}

/// A place in a host where a policy stands.
#[derive(Debug, Clone)]
pub struct Found {
    /// How the host names it: `data.aws_iam_policy_document.this`, a logical
    /// ID; nothing if the host is the policy.
    pub address: Option<String>,
    /// Other addresses for it: those of the resources that use it.
    pub aliases: Vec<String>,
    /// Where it is named, in the host.
    pub at: usize,
    /// Whether its host says or its content shows that it is no key policy.
    pub is_other: bool,
    /// The policy, or why it cannot be read.
    pub body: Result<Body, DocumentError>,
}

/// What decides whether a policy, or its key, is there at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existence {
    /// What is there or not: a key, or a policy.
    pub what: &'static str,
    /// As it is written: `count = var.create ? 1 : 0`.
    pub text: String,
    /// Where it stands, in the host.
    pub at: usize,
    /// Whether it says that there is none.
    pub is_none: bool,
}

impl Found {
    /// The host is the policy.
    #[must_use]
    pub fn whole(body: Body) -> Self {
        Self {
            address: None,
            aliases: Vec::new(),
            at: 0,
            is_other: false,
            body: Ok(body),
        }
    }

    fn is_used_by(&self, name: &str) -> bool {
        self.aliases.iter().any(|alias| alias == name)
    }
}

/// A policy that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its address.
    pub address: String,
    /// Where it is.
    pub at: Position,
}

/// A host, as it was read.
pub(super) struct Read {
    /// Every policy in it.
    pub(super) found: Vec<Found>,
    /// The file, if it is one of Terraform's.
    pub(super) file: Option<Arc<hcl::File>>,
}

/// Every policy in a host; where it is JSON, its values share the text. `holes`
/// keeps the characters of expressions that an earlier reading of the same host
/// gave out.
pub(super) fn read(
    whole: &Arc<String>,
    selection: &Selection,
    holes: &mut Holes,
) -> Result<Read, DocumentError> {
    let host = without_bom(whole);
    let (kind, value) = match selection.kind {
        Some(kind) => (kind, None),
        None => detect(whole, &selection.name),
    };
    let found = match kind {
        HostKind::Json => vec![json::read(whole, value)?],
        HostKind::Cloudformation => cloudformation::read(host, holes)?,
        HostKind::Terraform if is_template(host, &selection.name) => template::read(host, holes)?,
        HostKind::Terraform => {
            let file = hcl::read(host, holes)?;
            let (found, file) = (file.found.clone(), Some(Arc::new(file)));
            return Ok(Read { found, file });
        }
    };
    Ok(Read { found, file: None })
}

/// The policy that is meant: the one that is named, or the only one that may be
/// a key policy.
pub(super) fn choose(
    host: &str,
    found: &[Found],
    selection: &Selection,
) -> Result<usize, DocumentError> {
    let candidate = |found: &Found| {
        found.address.as_ref().map(|address| Candidate {
            address: address.clone(),
            at: Position::of(host, found.at),
        })
    };
    if let Some(name) = &selection.resource {
        let own = |one: &Found| one.address.as_deref() == Some(name);
        if let Some(index) = found.iter().position(own) {
            return Ok(index);
        }
        let mut called = found
            .iter()
            .enumerate()
            .filter(|(_, one)| one.is_used_by(name));
        return match (called.next(), called.next()) {
            (Some((index, _)), None) => Ok(index),
            (None, _) => Err(DocumentError::NoSuchResource {
                name: name.clone(),
                candidates: found.iter().filter_map(candidate).collect(),
            }),
            (Some(_), Some(_)) => Err(DocumentError::Several {
                candidates: found
                    .iter()
                    .filter(|one| one.is_used_by(name))
                    .filter_map(candidate)
                    .collect(),
            }),
        };
    }
    let mut meant = found.iter().enumerate().filter(|(_, one)| !one.is_other);
    match (meant.next(), meant.next()) {
        (Some((index, _)), None) => Ok(index),
        (None, _) => Err(DocumentError::NoPolicy {
            others: found.iter().filter_map(candidate).collect(),
        }),
        (Some(_), Some(_)) => Err(DocumentError::Several {
            candidates: found
                .iter()
                .filter(|one| !one.is_other)
                .filter_map(candidate)
                .collect(),
        }),
    }
}

/// The edits that a step is in a policy's text; in its order, and
/// disjoint.
pub(super) fn edits(
    text: &str,
    body: &Body,
    step: &Operation,
    holes: &Holes,
) -> Result<Vec<TextEdit>, ApplyError> {
    let edits = match body.syntax {
        Syntax::Json => json::splice::text_edits(text, &body.tree, &body.value, step),
        Syntax::Hcl => hcl::edits(text, body, &step.patch(), holes)?,
        Syntax::HclJson => hcl::json_edits(text, body, &step.patch(), holes)?,
        Syntax::JsonTemplate => {
            let edits = json::splice::text_edits(text, &body.tree, &body.value, step);
            let tree = body.tree.root(text);
            let functions = |edit| cloudformation::write::functions(text, tree, holes, edit);
            edits.map(|edits| edits.into_iter().map(functions).collect())
        }
        Syntax::Yaml => {
            let substitute = |value: &str| cloudformation::write::sub_text(value, holes);
            let tree = body.tree.root(text);
            let layout = yaml::layout::Layout::new(text, tree, &substitute);
            let edit = yaml::splice::text_edit(layout, tree, &body.value, &step.patch());
            if let Some(edit) = &edit {
                yaml::chomping::check(layout, edit)?;
            }
            edit.map(|edit| vec![edit])
        }
    };
    edits.ok_or_else(|| ApplyError::Patch("no such place in the text".to_owned()))
}
