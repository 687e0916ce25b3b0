//! What an edit of a list is in the other places that use the list.

use json_patch::{AddOperation, PatchOperation};
use serde_json::Value;

use super::shared::Host;
use crate::document::tree::Form;

impl<'f> Host<'f> {
    /// The operations that those on one policy are on each, by its address.
    pub fn followed(
        &self,
        operations: &[PatchOperation],
    ) -> Vec<(Option<&'f str>, PatchOperation)> {
        let mut followed = Vec::new();
        for (edited, users) in self.shared(operations) {
            let Some(value) = edited.value.and_then(Value::as_str) else {
                continue;
            };
            for user in users {
                let node = user.body.tree.root(self.text).exact(&user.at);
                let made = node.and_then(|node| node.form.made(edited.node.form.element(value)?));
                if let Some(value) = made {
                    let mut path = user.at.clone();
                    path.push_back("-");
                    let value = Value::String(value);
                    let operation = PatchOperation::Add(AddOperation { path, value });
                    followed.push((user.policy.address.as_deref(), operation));
                }
            }
        }
        followed
    }
}

impl Form {
    /// What a value was made of.
    fn element<'v>(&self, value: &'v str) -> Option<&'v str> {
        match self {
            Self::Accounts { prefix, suffix } => {
                value.strip_prefix(&**prefix)?.strip_suffix(&**suffix)
            }
            _ => Some(value),
        }
    }

    /// The value that is made of an element.
    fn made(&self, element: &str) -> Option<String> {
        match self {
            Self::Accounts { prefix, suffix } => Some([prefix, element, suffix].concat()),
            Self::Value => Some(element.to_owned()),
            _ => None,
        }
    }
}
