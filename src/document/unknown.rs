//! What a policy's host does not tell of it.

use json_patch::jsonptr::PointerBuf;

use super::Document;
use super::tree::Origin;
use crate::policy::Finding;
use crate::policy::hole::is_hole;
use crate::policy::statement::walk;

impl Document {
    /// What an answer about the policy rests on that its host does not tell.
    #[must_use]
    pub fn provisos(&self) -> Vec<Finding> {
        let mut notes: Vec<Finding> = Vec::new();
        let tree = self.tree();
        tree.visit(&PointerBuf::new(), &mut |at, node| {
            let found = node.origin.as_ref().and_then(|own| proviso(own, at));
            if let Some((code, message)) = found
                && notes.iter().all(|note| note.message != message)
            {
                notes.push(Finding::note(code, message, at.clone()));
            }
        });
        notes
    }

    /// Whether some of the policy is an expression.
    #[must_use]
    pub fn has_expressions(&self) -> bool {
        self.expression().is_some()
    }

    /// The first expression in the policy, and where it stands.
    fn expression(&self) -> Option<(String, PointerBuf)> {
        if self.holes.is_empty() {
            return None;
        }
        let whole = self.body.value.to_string();
        let mut found = None;
        if whole.contains(is_hole) {
            walk(&self.body.value, &PointerBuf::new(), &mut |text, at| {
                let hole = text.chars().find(|c| is_hole(*c));
                found = found.take().or_else(|| Some((hole?, at.clone())));
            });
            // A key may be one too.
            let key = whole.chars().find(|c| is_hole(*c));
            found = found.or_else(|| Some((key?, PointerBuf::new())));
        }
        found.map(|(hole, at)| (hole.to_string(), at))
    }

    /// Why there is no JSON Patch of an edit.
    #[must_use]
    pub fn no_patch(&self) -> Option<Finding> {
        let (expression, at) = self.expression()?;
        let message = format!(
            "a JSON Patch of this edit would apply to no policy: KMS has another text where the file has {expression}"
        );
        let finding = Finding::error("no-json-patch", message, at);
        Some(finding.help("the default format's diff is of the file, and applies to it; --key edits the key's own policy"))
    }
}

/// When what is written at a place does not count.
pub(super) fn proviso(origin: &Origin, at: &PointerBuf) -> Option<(&'static str, String)> {
    let Origin {
        name,
        is_default,
        only_if,
        ..
    } = origin;
    match only_if {
        Some(condition) if at.is_root() => Some((
            "policy-conditional",
            format!("the key has this policy only if {condition}"),
        )),
        _ if *is_default => Some((
            "variable-default",
            format!(
                "the list is the default of {name}: where the variable is set, the default does not count"
            ),
        )),
        _ => None,
    }
}
