//! Nodes that stand for several places: an edit of one changes all of them.

use json_patch::jsonptr::PointerBuf;

use super::convert::Shared;
use crate::document::tree::Node;
use crate::operations::{Operation, Operations};

/// An operation that would change several places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Several {
    pub at: PointerBuf,
    /// Where the anchored node stands.
    pub anchor: usize,
    pub aliases: Vec<usize>,
}

/// The first of the operations that would.
pub fn several(tree: &Node, shared: &[Shared], operations: &Operations) -> Option<Several> {
    if shared.is_empty() {
        return None;
    }
    let changed = operations.iter().filter_map(|operation| {
        let mut at = operation.target().to_buf();
        match operation {
            Operation::List { add, .. } if add.is_empty() => return None,
            Operation::Member { key, .. } => at.push_back(key.as_str()),
            _ => {}
        }
        Some((at, false))
    });
    let gone = operations.taken_out().map(|(list, index)| {
        let mut item = list.to_buf();
        item.push_back(index);
        (item, true)
    });
    changed.chain(gone).find_map(|(path, is_removed)| {
        let mut node = Some(tree);
        let mut tokens = path.tokens();
        while let Some(own) = node {
            let found = shared.iter().find(|shared| {
                let is_in = shared.span.start <= own.span.start && own.span.end <= shared.span.end;
                // A node with an anchor in it goes with the place that it names.
                let has = own.span.start <= shared.span.start && shared.span.end <= own.span.end;
                let is_whole = std::ptr::eq(own, tree.nearest(&path));
                is_in
                    || (has && is_removed && is_whole)
                    || shared.aliases.contains(&own.span.start) && !(is_removed && is_whole)
            });
            if let Some(shared) = found {
                return Some(Several {
                    at: path.clone(),
                    anchor: shared.span.start,
                    aliases: shared.aliases.clone(),
                });
            }
            node = tokens.next().and_then(|token| own.child(&token.decoded()));
        }
        None
    })
}
