//! Lists that several parts of a policy, or several policies, use: an edit for
//! one of them would be one of the others too.

use std::ops::Range;

use json_patch::PatchOperation;
use json_patch::jsonptr::{Pointer, PointerBuf};
use serde_json::Value;

use crate::document::Position;
use crate::document::host::Found;
use crate::document::text::append;
use crate::document::tree::{Form, Kind, Node};
use crate::policy::statement::name;
use crate::policy::{Finding, pointer};

/// What an edit changes: a list, or an element of it.
struct Edited<'n> {
    list: PointerBuf,
    node: &'n Node,
    element: Option<Range<usize>>,
}

impl<'n> Edited<'n> {
    fn of(tree: &'n Node, operation: &PatchOperation) -> Option<Self> {
        let exact = |pointer: &Pointer| {
            let mut tokens = pointer.tokens();
            tokens.try_fold(tree, |node, token| node.child(&token.decoded()))
        };
        let (list, element) = match (append(operation), operation) {
            (Some((list, _)), _) => (list, None),
            (None, PatchOperation::Remove(own)) => {
                (own.path.parent()?, Some(exact(&own.path)?.span.clone()))
            }
            _ => return None,
        };
        let node = exact(list)?;
        is_list(node).then(|| Self {
            list: list.to_owned(),
            node,
            element,
        })
    }

    /// Where a tree uses it too.
    fn again(&self, tree: &Node, is_own: bool) -> Option<PointerBuf> {
        let mut found = None;
        tree.visit(&PointerBuf::new(), &mut |at, node| {
            let is_it = is_list(node)
                && !(is_own && *at == self.list)
                && match &self.element {
                    None => node.span == self.node.span,
                    Some(element) => node.children().contains(element),
                };
            if is_it && found.is_none() {
                found = Some(at.clone());
            }
        });
        found
    }
}

fn is_list(node: &Node) -> bool {
    matches!(node.kind, Kind::Array(_)) && node.form != Form::Blocks
}

/// The refusal of an edit that would be more than one; `file` is the host's
/// name, and the policy is the one of these at an address.
pub fn obstacle(
    (host, file): (&str, &str),
    address: Option<&str>,
    found: &[Found],
    operations: &[PatchOperation],
) -> Option<Finding> {
    let own = found.iter().find(|one| one.address.as_deref() == address)?;
    let body = own.body.as_ref().ok()?;
    let tree = body.tree.root(host);
    let edited = operations
        .iter()
        .filter_map(|operation| Edited::of(tree, operation));
    for edited in edited {
        let what = match &edited.node.origin {
            Some(origin) => format!("the list is {}, which", origin.name),
            None => "the list is one that".to_owned(),
        };
        let refuse = |who: &str| {
            Finding::error(
                "shared-list",
                format!("{what} {who} uses too: the edit would change both"),
                edited.list.clone(),
            )
            .help("write the values out in one of the two places first, or edit the file by hand")
        };
        if let Some(at) = edited.again(tree, true) {
            let (who, at) = user(&body.value, &at);
            return Some(refuse(&who).related(at, "there"));
        }
        for other in found.iter().filter(|one| one.address.as_deref() != address) {
            let Ok(other_body) = &other.body else {
                continue;
            };
            // Places in texts of their own cannot be the same.
            if body.embedding.is_some() || other_body.embedding.is_some() {
                continue;
            }
            if edited.again(other_body.tree.root(host), false).is_some() {
                let address = other.address.as_deref().unwrap_or("another policy");
                let Position { line, column } = Position::of(host, other.at);
                let place = format!("{file}:{line}:{column}: {address}");
                return Some(refuse(address).help(place));
            }
        }
    }
    None
}

/// The statement that a place is in: its name, and where it stands.
fn user(policy: &Value, at: &Pointer) -> (String, PointerBuf) {
    let tokens: Vec<String> = at.tokens().map(|own| own.decoded().into_owned()).collect();
    let index = tokens.get(1).and_then(|index| index.parse::<usize>().ok());
    let at = match index {
        Some(index) => pointer(["Statement", &index.to_string()]),
        None => pointer(["Statement"]),
    };
    let sid = policy.pointer(&format!("{at}/Sid")).and_then(Value::as_str);
    (name(index.unwrap_or(0), sid), at)
}
