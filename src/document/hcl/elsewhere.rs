//! Lists with a name that the file uses outside its key policies too.

use std::cell::OnceCell;

use json_patch::PatchOperation;

use super::shared::{Edited, Host};
use super::uses::Uses;
use crate::document::elsewhere::Elsewhere;
use crate::policy::Finding;

impl Host<'_> {
    /// Each list that the operations edit and that has a name.
    fn named(&self, operations: &[PatchOperation]) -> Vec<Elsewhere> {
        let Some(body) = self.own() else {
            return Vec::new();
        };
        let tree = body.tree.root(self.text);
        let uses = OnceCell::new();
        let edited = operations.iter().filter_map(|own| Edited::of(tree, own));
        let named = edited.filter_map(|edited| {
            let uses = uses.get_or_init(|| Uses::of(self.text, &self.file.parsed));
            let element = edited.element.as_ref().unwrap_or(&edited.node.span);
            let name = uses.name_of(element.start)?;
            let statement = &tree.exact(edited.list.get(..2)?)?.span;
            Some(Elsewhere {
                name: name.to_owned(),
                is_removed: edited.element.is_some(),
                others: uses.of_name(name, statement),
                list: edited.list,
            })
        });
        named.collect()
    }

    pub(super) fn denied(&self, operations: &[PatchOperation]) -> Option<Finding> {
        let named = self.named(operations);
        named.iter().find_map(|own| own.obstacle(self.text))
    }

    pub(super) fn elsewhere(&self, operations: &[PatchOperation]) -> Vec<Finding> {
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
