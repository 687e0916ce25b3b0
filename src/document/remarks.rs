//! What is to be known of a policy's host whatever is asked of the policy.

use json_patch::jsonptr::PointerBuf;
use serde_json::Value;

use super::yaml::number::is_octal;
use super::{Document, Position, cloudformation};
use crate::policy::Finding;

impl Document {
    /// What the host makes doubtful.
    #[must_use]
    pub fn remarks(&self) -> Vec<Finding> {
        let mut remarks = self.numbers();
        remarks.extend(self.macros());
        remarks
    }

    /// Account IDs that not every reader of the host takes for themselves.
    fn numbers(&self) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        if !self.holes.has_numbers() {
            return found;
        }
        self.tree().visit(&PointerBuf::new(), &mut |at, _| {
            let Some(Value::String(text)) = self.body.value.pointer(at.as_str()) else {
                return;
            };
            for hole in self.holes.within(text).filter(|hole| hole.is_number()) {
                let Position { line, column } = Position::of(self.host(), hole.span.start);
                let text = &hole.text;
                let (why, help) = if is_octal(text) {
                    let why = "CloudFormation and others take a number that starts with 0 for an octal one, or drop the 0";
                    (why, format!("put it in quotes: \"{text}\""))
                } else {
                    let why = "CloudFormation and others take it for a number, and write that in other digits";
                    (why, "write the account ID's twelve digits, in quotes".to_owned())
                };
                let message = format!(
                    "{text} at {line}:{column} has no quotes: {why}, so it is not counted as {}"
,if is_octal(text) { "that account" } else { "an account" }
                );
                if found.iter().all(|own| own.message != message) {
                    found.push(
                        Finding::warning("unquoted-number", message, at.to_owned()).help(help),
                    );
                }
            }
        });
        found
    }

    /// Macros that may make another policy of the one that is written.
    fn macros(&self) -> Option<Finding> {
        let names = self.macro_names()?;
        let message = format!("the template goes through {names}, which may change the policy");
        Some(Finding::note("macro", message, PointerBuf::new()))
    }

    /// The names of these macros.
    pub(super) fn macro_names(&self) -> Option<String> {
        let rests = self.others.iter().filter(|(address, _)| address.is_none());
        let rests = rests.filter_map(|(_, rest)| rest.as_ref());
        let names: Vec<String> = rests.flat_map(cloudformation::macros).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}
