//! Resources whose changes Terraform is told to ignore.

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body, Structure};

use super::file::{KEYS, Parsed};
use super::json_document::blocks;
use super::names::is_variable;
use super::shared::Host;
use crate::document::text::Position;
use crate::document::tree::Node;

/// What there is to say of a resource whose policy is the edited one, and
/// whose `lifecycle` leaves the policy out.
pub fn ignored(host: &Host<'_>) -> Option<String> {
    let mut found = host.file.found.iter();
    let own = found.find(|one| one.address.as_deref() == host.address)?;
    let is_meant = |address: &str| {
        own.address.as_deref() == Some(address) || own.aliases.iter().any(|one| one == address)
    };
    let (address, at) = match &host.file.parsed {
        Parsed::Hcl(body) => in_hcl(body, &is_meant),
        Parsed::Json(tree, _) => in_json(host.text, tree, &is_meant),
    }?;
    let Position { line, .. } = Position::of(host.text, at);
    Some(format!(
        "Terraform will not apply an edit of the policy of {address}: ignore_changes on line {line}"
    ))
}

fn in_hcl(body: &Body, is_meant: &dyn Fn(&str) -> bool) -> Option<(String, usize)> {
    let mut blocks = body.iter().filter_map(Structure::as_block);
    blocks.find_map(|block| {
        let address = address(block).filter(|own| is_meant(own))?;
        let own = block.body.get_blocks("lifecycle");
        let mut ignored = own.filter_map(|own| own.body.get_attribute("ignore_changes"));
        let ignored = ignored.find(|own| leaves_out(&own.value))?;
        Some((address, ignored.span()?.start))
    })
}

fn address(block: &Block) -> Option<String> {
    match block.labels.as_slice() {
        [kind, name] if block.has_ident("resource") && KEYS.contains(&kind.as_str()) => {
            Some(format!("{}.{}", kind.as_str(), name.as_str()))
        }
        _ => None,
    }
}

fn leaves_out(expression: &Expression) -> bool {
    let is_policy = |one: &Expression| {
        is_variable(one, "policy")
            || matches!(one, Expression::String(text) if text.value() == "policy")
    };
    match expression {
        Expression::Array(items) => items.iter().any(is_policy),
        other => is_variable(other, "all"),
    }
}

fn in_json(host: &str, tree: &Node, is_meant: &dyn Fn(&str) -> bool) -> Option<(String, usize)> {
    let leaves_out = |node: &&Node| {
        let names = ["\"policy\"", "\"all\""];
        let mut items = blocks(node).into_iter();
        items.any(|own| {
            host.get(own.span.clone())
                .is_some_and(|own| names.contains(&own))
        })
    };
    KEYS.iter().find_map(|kind| {
        let mut labeled = super::json::labeled(tree, &["resource", kind]).into_iter();
        labeled.find_map(|(name, block)| {
            let address = format!("{kind}.{}", name.key);
            let lifecycle = block.child("lifecycle").filter(|_| is_meant(&address))?;
            let mut own = blocks(lifecycle).into_iter();
            let ignored = own.find_map(|own| own.child("ignore_changes").filter(leaves_out))?;
            Some((address, ignored.span.start))
        })
    })
}
