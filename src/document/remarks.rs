//! What is to be known of a policy's host whatever is asked of the policy.

use json_patch::jsonptr::PointerBuf;

use super::cloudformation::sub::{self, Piece};
use super::text::Position;
use super::yaml::number::is_octal;
use super::{Candidate, Document, cloudformation};
use crate::policy::walk::walk;
use crate::policy::{Code, Finding};
use crate::value::Value;

impl Document {
    /// What the host makes doubtful.
    pub fn remarks(&self) -> Vec<Finding> {
        let mut remarks = self.numbers();
        remarks.extend(self.macros());
        remarks.extend(self.without_sub());
        remarks.extend(self.others_passed_over());
        remarks
    }

    /// The host's other key policies, where it is not said which is meant.
    fn others_passed_over(&self) -> Option<Finding> {
        let place = |one: &Candidate| match one.remark {
            Some(remark) => format!("{} (line {}, {remark})", one.address, one.at.line),
            None => format!("{} (line {})", one.address, one.at.line),
        };
        let others: Vec<String> = self.passed_over.iter().map(place).collect();
        let number = others.len();
        let (policies, are) = if number == 1 {
            ("policy", "is")
        } else {
            ("policies", "are")
        };
        let message = format!(
            "{number} other key {policies} of the file {are} passed over: {}",
            others.join(", ")
        );
        let finding = Finding::note(Code::PassedOver, message, PointerBuf::new());
        (number > 0).then(|| {
            finding.help("--resource takes an address, or '*' for all where nothing is edited")
        })
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
                let what = if is_octal(text) { "that account" } else { "an account" };
                let message = format!(
                    "{text} at {line}:{column} has no quotes: {why}, so it is not counted as {what}"
                );
                if found.iter().all(|own| own.message != message) {
                    found.push(
                        Finding::warning(Code::UnquotedNumber, message, at.to_owned()).help(help),
                    );
                }
            }
        });
        found
    }

    /// Names of `Fn::Sub` that stand in the policy as text, since no `Fn::Sub`
    /// is around them.
    fn without_sub(&self) -> Option<Finding> {
        const START: &str = "${AWS::";
        if !self.host().contains(START) {
            return None;
        }
        let mut names: Vec<&str> = Vec::new();
        let mut first = None;
        walk(self.value(), &PointerBuf::new(), &mut |text, at| {
            for piece in sub::pieces(text) {
                if let Piece::Name(name) = piece
                    && name.starts_with("AWS::")
                {
                    first.get_or_insert_with(|| at.clone());
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        });
        let names: Vec<String> = names.iter().map(|name| format!("${{{name}}}")).collect();
        let (are, them) = if names.len() == 1 {
            ("stands", "it")
        } else {
            ("stand", "them")
        };
        let message = format!(
            "{} {are} in the policy as text, with no !Sub around {them}: no ARN of AWS has {them}",
            names.join(" and ")
        );
        let finding = Finding::warning(Code::WithoutSub, message, first?);
        Some(if self.template().is_some() {
            finding
                .help("put !Sub (in JSON: Fn::Sub) before the text, and CloudFormation fills it in")
        } else {
            finding.help("only CloudFormation fills it in, in a template and by !Sub: write it out")
        })
    }

    /// Macros that may make another policy of the one that is written.
    fn macros(&self) -> Option<Finding> {
        let names = self.macro_names()?;
        let message = format!("the template goes through {names}, which may change the policy");
        Some(Finding::note(Code::Macro, message, PointerBuf::new()))
    }

    /// The names of these macros.
    pub(super) fn macro_names(&self) -> Option<String> {
        let names = cloudformation::macros(self.template()?);
        (!names.is_empty()).then(|| names.join(", "))
    }
}
