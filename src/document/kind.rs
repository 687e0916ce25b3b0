//! Who reads a host, by its name and its content.

use super::found::{HostKind, Selection};
use super::json::scan::{Json, scan};
use super::template;
use crate::value::Value;

/// Who reads a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// `document::json`
    Json,
    /// `document::cloudformation`
    Cloudformation,
    /// `document::hcl`
    Terraform,
    /// `document::hcl`, in Terraform's JSON syntax
    TerraformJson,
    /// `document::template`
    Template,
}

/// Who reads a host; and what became of it as JSON, if that was tried. Terraform
/// goes by its files' names alone, and so it is here.
pub(super) fn reader(host: &str, selection: &Selection) -> (Reader, Option<Json>) {
    let name = selection.name.as_str();
    let is_named = |endings: [&str; 2]| endings.iter().any(|own| name.ends_with(own));
    let reader = match selection.kind {
        Some(HostKind::Json) => Reader::Json,
        Some(HostKind::Cloudformation) => Reader::Cloudformation,
        _ if is_named([".tf.json", ".tofu.json"]) => Reader::TerraformJson,
        _ if is_named([".tf", ".tofu"]) => Reader::Terraform,
        _ => return of_content(host, selection),
    };
    (reader, None)
}

/// By the content; the name's extension is a hint.
fn of_content(host: &str, selection: &Selection) -> (Reader, Option<Json>) {
    let name = selection.name.as_str();
    let of_json = |value: &Value| {
        // What KMS has in an envelope is no template.
        let is_policy = value.get("Statement").is_some();
        let is_template = has_template_name(name) || template::has_placeholders(host);
        match selection.kind.unwrap_or_else(|| of_json(value)) {
            HostKind::Cloudformation => Reader::Cloudformation,
            _ if is_template => Reader::Template,
            HostKind::Json if is_policy && template::name(host, 0).is_some() => Reader::Template,
            HostKind::Json => Reader::Json,
            HostKind::Terraform => Reader::TerraformJson,
        }
    };
    let read = scan(host);
    if let Ok((value, _)) = &read {
        return (of_json(value), Some(read));
    }
    let kind = selection.kind.or_else(|| of_extension(name));
    let reader = match kind {
        None | Some(HostKind::Json) if template::is_template(host) => Reader::Template,
        Some(HostKind::Terraform) if has_template_name(name) || template::is_template(host) => {
            Reader::Template
        }
        kind => match kind.unwrap_or_else(|| of_text(host)) {
            HostKind::Json => Reader::Json,
            HostKind::Cloudformation => Reader::Cloudformation,
            HostKind::Terraform => Reader::Terraform,
        },
    };
    (reader, Some(read))
}

fn has_template_name(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    TEMPLATES.contains(&extension)
}

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

fn of_json(value: &Value) -> HostKind {
    let has = |key: &str| value.get(key).is_some();
    if has("Statement") || has("Policy") {
        HostKind::Json
    } else if has("AWSTemplateFormatVersion")
        || value.get("Resources").is_some_and(Value::is_object)
    {
        HostKind::Cloudformation
    } else if BLOCKS[..3].iter().any(|block| {
        let body = value.get(block);
        body.is_some_and(|body| body.is_object() || body.is_array())
    }) {
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
