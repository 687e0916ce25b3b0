//! What is found in a host: the policies, and how each is written.

use super::embed::Embedding;
use super::error::DocumentError;
use super::tree::Node;
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
    /// The policies' addresses in the host, or patterns of them; none for those
    /// that the policies' statements tell.
    pub resources: Vec<String>,
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
}

/// A policy as a syntax has read it.
#[derive(Debug, Clone)]
pub struct Body {
    /// The policy in IAM's JSON form, a hole for each expression.
    pub value: Value,
    /// The same shape, with places: in the embedding's text, or in the host.
    pub tree: Node,
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
    pub fn whole(body: Body) -> Self {
        Self {
            address: None,
            aliases: Vec::new(),
            at: 0,
            is_other: false,
            body: Ok(body),
        }
    }

    pub(super) fn is_used_by(&self, name: &str) -> bool {
        self.aliases.iter().any(|alias| alias == name)
    }
}
