//! Hosts: which syntax a text is in, and which policies it holds.

use std::borrow::Cow;

use serde_json::Value;

use super::embed::Embedding;
use super::holes::Holes;
use super::tree::Tree;
use super::{
    ApplyError, DocumentError, Position, TextEdit, cloudformation, hcl, json, template, yaml,
};
use crate::operations::Operation;

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

/// Every policy in a host. `holes` keeps the characters of expressions that an
/// earlier reading of the same host gave out.
pub(super) fn read(
    host: &str,
    selection: &Selection,
    holes: &mut Holes,
) -> Result<Vec<Found>, DocumentError> {
    let (kind, value) = match selection.kind {
        Some(kind) => (kind, None),
        None => detect(host, &selection.name),
    };
    match kind {
        HostKind::Json => Ok(vec![json::read(host, value)?]),
        HostKind::Cloudformation => cloudformation::read(host, holes),
        HostKind::Terraform if is_template(host, &selection.name) => template::read(host, holes),
        HostKind::Terraform => hcl::read(host, holes),
    }
}

/// The kind of a host, from its content; its name's extension is a hint. And
/// its value, if that is known of it.
fn detect(host: &str, name: &str) -> (HostKind, Option<Value>) {
    let of_json = |value: &Value| match of_json(value, name) {
        HostKind::Json if is_json_template(host, name) => HostKind::Terraform,
        kind => kind,
    };
    if let Ok(value) = json::value::read(host) {
        return (of_json(&value), Some(value));
    }
    let kind = match serde_json::from_str::<Value>(host) {
        // With two keys that are one.
        Ok(value) => of_json(&value),
        Err(_) => match of_extension(name) {
            None | Some(HostKind::Json) if template::is_template(host) => HostKind::Terraform,
            Some(kind) => kind,
            None => of_text(host),
        },
    };
    (kind, None)
}

/// Whether a text is a template of a policy, not a file of Terraform's: by its
/// extension, or because it starts as JSON does and is none.
fn is_template(host: &str, name: &str) -> bool {
    match serde_json::from_str::<serde::de::IgnoredAny>(host) {
        Ok(_) => is_json_template(host, name),
        Err(_) => has_template_name(name) || template::is_template(host),
    }
}

/// The same of a text that is JSON.
fn is_json_template(host: &str, name: &str) -> bool {
    has_template_name(name) || template::has_placeholders(host)
}

fn has_template_name(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    TEMPLATES.contains(&extension)
}

/// The extensions of templates.
const TEMPLATES: [&str; 6] = ["tpl", "tftpl", "tmpl", "j2", "jinja", "jinja2"];

/// The blocks of a Terraform file.
const BLOCKS: [&str; 10] = [
    "data",
    "resource",
    "locals",
    "variable",
    "output",
    "module",
    "provider",
    "terraform",
    "import",
    "moved",
];

fn of_json(value: &Value, name: &str) -> HostKind {
    let has = |key: &str| value.get(key).is_some();
    if has("Statement") || has("Policy") {
        HostKind::Json
    } else if has("AWSTemplateFormatVersion")
        || value.get("Resources").is_some_and(Value::is_object)
    {
        HostKind::Cloudformation
    } else if name.ends_with(".tf.json")
        || (BLOCKS[..3].iter().any(|block| {
            let body = value.get(block);
            body.is_some_and(|body| body.is_object() || body.is_array())
        }))
    {
        HostKind::Terraform
    } else {
        HostKind::Json
    }
}

fn of_extension(name: &str) -> Option<HostKind> {
    let (rest, extension) = name.rsplit_once('.')?;
    match extension.to_ascii_lowercase().as_str() {
        "tf" | "tofu" | "hcl" => Some(HostKind::Terraform),
        other if TEMPLATES.contains(&other) => {
            // `trail.yaml.j2` is YAML before all.
            let inner = of_extension(rest).filter(|kind| *kind == HostKind::Cloudformation);
            inner.or(Some(HostKind::Terraform))
        }
        "yaml" | "yml" | "template" => Some(HostKind::Cloudformation),
        "json" => Some(HostKind::Json),
        _ => None,
    }
}

/// Neither JSON nor known by its extension.
fn of_text(host: &str) -> HostKind {
    let starts_block = |line: &str| {
        let word = line.split([' ', '"', '{']).next().unwrap_or_default();
        BLOCKS.contains(&word) && line.trim_end().ends_with('{')
    };
    let starts_key = |line: &str| {
        line.split_once(':').is_some_and(|(key, rest)| {
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            !key.is_empty()
                && key.chars().all(is_word)
                && (rest.is_empty() || rest.starts_with(' '))
        })
    };
    if host.lines().any(starts_block) {
        HostKind::Terraform
    } else if host.lines().any(starts_key) {
        HostKind::Cloudformation
    } else {
        HostKind::Json
    }
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
            edit.map(|edit| vec![edit])
        }
    };
    edits.ok_or_else(|| ApplyError::Patch("no such place in the text".to_owned()))
}
