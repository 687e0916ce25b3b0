//! Which kind of host a text is, from its content and its name.

use std::sync::Arc;

use super::found::HostKind;
use super::template;
use super::text::without_bom;
use crate::value::{Value, json};

/// The kind of a host, from its content; its name's extension is a hint. And
/// its value, if that is known of it; it shares the `whole` text.
pub(super) fn detect(whole: &Arc<String>, name: &str) -> (HostKind, Option<Value>) {
    let host = without_bom(whole);
    let of_json = |value: &Value| match of_json(value, name) {
        HostKind::Json if is_json_template(host, name) => HostKind::Terraform,
        kind => kind,
    };
    if let Ok(value) = json::read(host, Some(whole)) {
        return (of_json(&value), Some(value));
    }
    let kind = match json::parse(host) {
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
pub(super) fn is_template(host: &str, name: &str) -> bool {
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
