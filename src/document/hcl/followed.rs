//! What an edit of a list is in the other places that use the list.

use serde_json::Value;

use super::shared::Host;
use crate::document::tree::Form;
use crate::operations::{Operation, Operations};

impl<'f> Host<'f> {
    /// The operations that those on one policy are on each, by its address.
    pub fn followed(&self, operations: &Operations) -> Vec<(Option<&'f str>, Operation)> {
        let mut followed = Vec::new();
        for (edited, users) in self.shared(operations) {
            for user in users {
                let Some(node) = user.body.tree.exact(&user.at) else {
                    continue;
                };
                let values = edited.values.iter().filter_map(Value::as_str);
                let made = values
                    .filter_map(|own| node.form.made(edited.node.form.element(own)?))
                    .map(Value::String);
                let operation = Operation::append(user.at, made.collect());
                followed.push((user.policy.address.as_deref(), operation));
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
