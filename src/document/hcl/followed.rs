//! What an edit of a list is in the other places that use the list.

use json_patch::jsonptr::PointerBuf;

use super::shared::Host;
use crate::document::tree::Form;
use crate::operations::Operations;
use crate::value::Value;

/// Values that come to a list of a policy too.
pub(in crate::document) struct Followed {
    /// The policy's address.
    pub(in crate::document) address: Option<String>,
    list: PointerBuf,
    /// Before which item they come; none for the end.
    before: Option<usize>,
    values: Vec<Value>,
}

impl Followed {
    /// Puts the values in.
    pub(in crate::document) fn apply(&self, policy: &mut Value) -> Option<()> {
        let items = policy.pointer_mut(self.list.as_str())?.as_array_mut()?;
        let at = self.before.unwrap_or(items.len());
        (at <= items.len()).then(|| items.splice(at..at, self.values.iter().cloned()))?;
        Some(())
    }
}

impl Host<'_> {
    /// What the operations on one policy put into lists beside them, the last in
    /// each list first.
    pub fn followed(&self, operations: &Operations) -> Vec<Followed> {
        let mut followed = Vec::new();
        for (edited, users) in self.shared(operations) {
            for user in users {
                let Some(node) = user.body.tree.exact(&user.at) else {
                    continue;
                };
                let form = user.part.map_or(&node.form, |part| &part.form);
                let values = edited.values.iter().filter_map(serde_json::Value::as_str);
                let values = values
                    .filter_map(|own| form.made(edited.node.form.element(own)?))
                    .map(Value::from);
                let mut before = user.part.map(|part| part.items.end);
                if self.is_own(&user) {
                    let gone = operations.taken_out().filter(|(list, index)| {
                        **list == *user.at && before.is_some_and(|before| *index < before)
                    });
                    let gone = gone.count();
                    before = before.map(|before| before - gone);
                }
                followed.push(Followed {
                    address: user.policy.address.clone(),
                    values: values.collect(),
                    list: user.at,
                    before,
                });
            }
        }
        followed.sort_by_key(|own| std::cmp::Reverse(own.before.unwrap_or(usize::MAX)));
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
