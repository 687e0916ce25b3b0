//! Lists with a name that the file uses outside its key policies too.

use super::shared::{Edited, Host};
use super::uses::Uses;
use crate::document::elsewhere::Elsewhere;
use crate::operations::Operations;
use crate::policy::Finding;

impl Host<'_> {
    /// Each list that the operations edit and that has a name.
    fn named(&self, operations: &Operations) -> Vec<Elsewhere> {
        let Some(body) = self.own() else {
            return Vec::new();
        };
        let tree = &body.tree;
        let edited = Edited::all(tree, operations);
        if edited.is_empty() {
            return Vec::new();
        }
        let uses = Uses::of(self.text, &self.file.parsed);
        let mut named: Vec<Elsewhere> = Vec::new();
        for edited in edited {
            let element = edited.element.unwrap_or(&edited.node.span);
            let is_removed = edited.element.is_some();
            let statement = edited.list.get(..2).and_then(|own| tree.exact(own));
            let (Some(name), Some(statement)) = (uses.name_of(element.start), statement) else {
                continue;
            };
            // Each account is an element.
            let is_known = |own: &Elsewhere| {
                own.name == name && *own.list == *edited.list && own.is_removed == is_removed
            };
            if !named.iter().any(is_known) {
                named.push(Elsewhere {
                    name: name.to_owned(),
                    is_removed,
                    others: uses.of_name(name, &statement.span),
                    list: edited.list.to_buf(),
                });
            }
        }
        named
    }

    pub(super) fn denied(&self, operations: &Operations) -> Option<Finding> {
        let named = self.named(operations);
        named.iter().find_map(|own| own.obstacle(self.text))
    }

    pub(super) fn elsewhere(&self, operations: &Operations) -> Vec<Finding> {
        let named = self.named(operations);
        let mut warnings: Vec<Finding> = Vec::new();
        for warning in named.iter().filter_map(|own| own.warning(self.text)) {
            if !warnings.iter().any(|own| own.message == warning.message) {
                warnings.push(warning);
            }
        }
        warnings
    }
}
