//! Nodes that stand for several places: an edit of one changes all of them.

use json_patch::PatchOperation;
use json_patch::jsonptr::Pointer;

use super::convert::Shared;
use crate::document::text::append;
use crate::document::tree::Node;

/// An operation that would change several places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Several<'o> {
    pub at: &'o Pointer,
    /// Where the anchored node stands.
    pub anchor: usize,
    pub aliases: Vec<usize>,
}

/// The first of the operations that would.
pub fn several<'o>(
    tree: &Node,
    shared: &[Shared],
    operations: &'o [PatchOperation],
) -> Option<Several<'o>> {
    operations.iter().find_map(|operation| {
        let path = match append(operation) {
            Some((sequence, _)) => sequence,
            None => operation.path(),
        };
        let mut node = Some(tree);
        let mut tokens = path.tokens();
        while let Some(own) = node {
            let found = shared.iter().find(|shared| {
                let is_in = shared.span.start <= own.span.start && own.span.end <= shared.span.end;
                // A node with an anchor in it goes with the place that it names.
                let has = own.span.start <= shared.span.start && shared.span.end <= own.span.end;
                let is_removed = matches!(operation, PatchOperation::Remove(_));
                let is_whole = std::ptr::eq(own, tree.nearest(path));
                is_in
                    || (has && is_removed && is_whole)
                    || shared.aliases.contains(&own.span.start) && !(is_removed && is_whole)
            });
            if let Some(shared) = found {
                return Some(Several {
                    at: path,
                    anchor: shared.span.start,
                    aliases: shared.aliases.clone(),
                });
            }
            node = tokens.next().and_then(|token| own.child(&token.decoded()));
        }
        None
    })
}
