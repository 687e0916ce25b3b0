//! Lists with a name that the file uses outside its key policies too.

use std::cell::OnceCell;

use json_patch::PatchOperation;

use super::shared::{Edited, Host, exact};
use super::uses::{Use, Uses};
use crate::document::Position;
use crate::policy::Finding;

/// How many other uses of a list are named.
const SHOWN: usize = 3;

impl<'f> Host<'f> {
    /// Each list that the operations edit and that has a name, with the other
    /// places in which the name ends up.
    fn named<'o>(&self, operations: &'o [PatchOperation]) -> Vec<(Edited<'o>, String, Vec<Use>)>
    where
        'f: 'o,
    {
        let Some(body) = self.own() else {
            return Vec::new();
        };
        let tree = body.tree.root(self.text);
        let uses = OnceCell::new();
        let edited = operations.iter().filter_map(|own| Edited::of(tree, own));
        let named = edited.filter_map(|edited| {
            let uses = uses.get_or_init(|| Uses::of(self.text));
            let element = edited.element.as_ref().unwrap_or(&edited.node.span);
            let name = uses.name_of(element.start)?.to_owned();
            let statement = exact(tree, edited.list.get(..2)?)?.span.clone();
            let others = uses.of_name(&name, &statement);
            Some((edited, name, others))
        });
        named.collect()
    }

    /// The refusal of an edit that would let less through elsewhere, or that
    /// takes out what another place has a use for.
    pub(super) fn denied(&self, operations: &[PatchOperation]) -> Option<Finding> {
        self.named(operations)
            .into_iter()
            .find_map(|(edited, name, others)| {
                let is_removed = edited.element.is_some();
                let other = others.iter().find(|one| one.is_denying);
                let other =
                    other.or_else(|| others.iter().find(|one| is_removed && !one.is_context))?;
                let place = self.place(other);
                let what = match (is_removed, other.is_denying) {
                    (false, _) => "the account would be denied or left out there",
                    (true, true) => {
                        "what denies or leaves out the account there would no longer do so"
                    }
                    (true, false) => "the account would be taken out there as well",
                };
                let message = format!("the list is {name}, which is used on {place} too: {what}");
                let finding = Finding::error("shared-list", message, edited.list.clone());
                Some(finding.help(
                    "write the values out in one of the two places first, or edit the file by hand",
                ))
            })
    }

    /// A use's place, and what it allows.
    fn place(&self, one: &Use) -> String {
        let Position { line, .. } = Position::of(self.text, one.at);
        let allowed = match &one.allows {
            Some(actions) if !one.is_denying && !actions.is_empty() => {
                let actions = actions.split_whitespace().collect::<Vec<_>>().join(" ");
                format!(" (it allows {actions})")
            }
            _ => String::new(),
        };
        format!("line {line}, {}{allowed}", one.place)
    }

    /// The warnings of lists that have other uses than CloudTrail's context.
    pub(super) fn elsewhere(&self, operations: &[PatchOperation]) -> Vec<Finding> {
        let mut warnings: Vec<Finding> = Vec::new();
        for (edited, name, mut others) in self.named(operations) {
            others.retain(|one| !one.is_context);
            let more = others.len().saturating_sub(SHOWN);
            let mut places: Vec<String> = others
                .iter()
                .take(SHOWN)
                .map(|one| self.place(one))
                .collect();
            if more > 0 {
                places.push(format!("and {more} more"));
            }
            let message = format!(
                "the list is {name}, which is used elsewhere too, and what is added is added there as well: {}",
                places.join("; ")
            );
            let is_told = warnings.iter().any(|own| own.message == message);
            if !others.is_empty() && !is_told {
                warnings.push(Finding::warning(
                    "shared-list",
                    message,
                    edited.list.clone(),
                ));
            }
        }
        warnings
    }
}
