//! How an edit of the value is made in the text.

use super::Document;
use super::embed::Shown;
use super::error::ApplyError;
use super::found::{Selection, Syntax};
use super::host;
use super::text::Position;
use crate::operations::Operations;
use crate::text::edit::TextEdit;
use crate::value::Value;

impl Document {
    /// The document after the operations, each other byte as it was. The
    /// operations are applied to the value and to the text; the edited host
    /// must read back as the patched value, with every other policy in it as
    /// it was.
    ///
    /// # Errors
    /// If the operations do not fit, or the two differ.
    pub fn apply(&self, operations: &Operations) -> Result<Self, ApplyError> {
        let edit = self.host_edit(operations)?;
        let after = self.reread(edit.apply(self.host()))?;
        self.check(&after, operations)?;
        Ok(after)
    }

    /// Whether the host is JSON that is the policy, and nothing else is in it.
    pub(super) fn is_plain_json(&self) -> bool {
        self.body.syntax == Syntax::Json && self.body.embedding.is_none()
    }

    /// The edit of the host that the operations are.
    fn host_edit(&self, operations: &Operations) -> Result<TextEdit, ApplyError> {
        let file = self.file.as_deref();
        let (view, holes) = (self.view(), &self.holes);
        let whole = self.whole.as_deref();
        let edit = host::edit(view, &self.body, file, whole, operations, holes);
        let edit = edit.map_err(|error| match error {
            ApplyError::Overlap if !self.is_plain_json() => more_than_meant(),
            other => other,
        })?;
        let Some(inner) = &self.body.embedding else {
            return Ok(edit);
        };
        if let Some(at) = inner.guard(&edit) {
            return Err(ApplyError::Unwritable {
                message: format!(
                    "the place for the edit, line {}, is there only if a directive says so",
                    Position::of(self.host(), at).line
                ),
                help: "put it in by hand, where it is meant",
            });
        }
        inner.edit(&edit, &self.holes).ok_or(ApplyError::Overlap)
    }

    /// Reads an edited host, the whole way that a later run would take: from
    /// the bytes.
    fn reread(&self, host: String) -> Result<Self, ApplyError> {
        let selection = Selection {
            resources: self.address.iter().cloned().collect(),
            ..self.selection.clone()
        };
        Self::reopen(
            self.with_bom(host).into_bytes(),
            &selection,
            self.holes.clone(),
        )
        .map_err(|_| ApplyError::Mismatch)
    }

    fn check(&self, after: &Self, operations: &Operations) -> Result<(), ApplyError> {
        let mut patched = self.body.value.clone();
        operations.apply(&mut patched).map_err(ApplyError::Patch)?;
        let mut others = self.others.clone();
        let followed = self.with_shared("", |host| host.followed(operations));
        for own in followed.unwrap_or_default() {
            let other = others.iter_mut().find(|(other, _)| *other == own.address);
            let value = match other {
                Some((_, Some(value))) => value,
                _ => &mut patched,
            };
            own.apply(value).ok_or_else(ApplyError::no_place)?;
        }
        // `after` was read from the edited text.
        let is_same = match self.body.syntax {
            Syntax::Json | Syntax::JsonTemplate | Syntax::Yaml => after.body.value == patched,
            // Blocks have lists where JSON has a value or a list.
            Syntax::Hcl | Syntax::HclJson => unlisted(&after.body.value) == unlisted(&patched),
        };
        match self.body.embedding.as_ref().map(|inner| inner.shown) {
            _ if is_same && after.others == others => Ok(()),
            Some(Shown::Inner) => Err(ApplyError::Mismatch),
            None if self.is_plain_json() => Err(ApplyError::Mismatch),
            _ => Err(more_than_meant()),
        }
    }
}

/// The refusal of an edit of a text that stands for more than one place.
fn more_than_meant() -> ApplyError {
    ApplyError::Unwritable {
        message: "the edit would change more than is meant: what it edits stands for several parts of the policy, or for another policy too".to_owned(),
        help: "write the values out where they are used, or edit the file by hand",
    }
}

/// A value without brackets around single texts: to IAM these are the same.
fn unlisted(value: &Value) -> Value {
    match value {
        Value::Array(items) => match items.as_slice() {
            [only @ Value::String(_)] => only.clone(),
            items => Value::Array(items.iter().map(unlisted).collect()),
        },
        Value::Object(map) => {
            let members = map.iter();
            Value::Object(
                members
                    .map(|(key, value)| (key.clone(), unlisted(value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}
