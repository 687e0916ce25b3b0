//! `dynamic` blocks of `aws_iam_policy_document`: they are there as often as an
//! expression says.

use hcl_edit::structure::{Block, Structure};

use super::blocks::{Pair, head, whole};
use super::lower::{Lower, Lowered, span};
use crate::document::holes::{Hole, HoleKind};
use crate::document::tree::{Kind, Node};
use crate::value::Value;

impl Lower<'_, '_> {
    /// Blocks that an expression makes: nobody knows how many, or which.
    pub(super) fn dynamic(&mut self, block: &Block) -> Lowered {
        let hole = self.dynamic_hole(block);
        let at = head(block);
        let node = Node::new(at.clone(), Kind::Scalar);
        let mut unknown = Pair::default();
        unknown.add(&hole, at, (Value::from(hole.clone()), node));
        unknown.finish(whole(block))
    }

    fn dynamic_hole(&mut self, block: &Block) -> String {
        let label = block.labels.first().map_or("", |label| label.as_str());
        let each = block.body.get_attribute("for_each");
        let over = each.map_or("", |attribute| &self.host[span(&attribute.value)]);
        let sources = each.map_or_else(Vec::new, |attribute| self.scope.sources(&attribute.value));
        let hole = Hole {
            text: format!("dynamic \"{label}\" over {over}"),
            kind: HoleKind::Whole,
            span: whole(block),
            sources,
        };
        self.holes.intern(hole).to_string()
    }

    /// A statement that is there as often as an expression says: under one
    /// more condition, which nobody can tell.
    pub(super) fn dynamic_statement(&mut self, block: &Block) -> Lowered {
        let content = block.body.iter().filter_map(Structure::as_block);
        let mut content = content.filter(|inner| inner.has_ident("content"));
        let hole = self.dynamic_hole(block);
        let at = head(block);
        let Some(content) = content.next() else {
            let node = Node::new(whole(block), Kind::Scalar);
            return (Value::from(hole), node);
        };
        let (value, node) = self.statement(&content.body, whole(block));
        let (Value::Object(map), Kind::Object(members)) = (value, node.kind) else {
            return (Value::from(hole), Node::new(at, Kind::Scalar));
        };
        let mut statement = Pair { map, members };
        let scalar = Node::new(at.clone(), Kind::Scalar);
        let mut unknown = Pair::default();
        unknown.add(&hole, at.clone(), (Value::from(hole.clone()), scalar));
        statement.add("Condition", at, unknown.finish(whole(block)));
        statement.finish(whole(block))
    }
}
