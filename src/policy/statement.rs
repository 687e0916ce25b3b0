//! A statement, and what it has in it.

use json_patch::jsonptr::PointerBuf;

use super::code::Code;
use super::condition::Condition;
use super::finding::{Finding, wrong_type};
use super::hole;
use super::key::KeyArn;
use crate::value::{Map, Value};

/// Whether a statement allows or denies; the value matches with case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
    /// An expression: one or the other
    Unknown,
}

/// A view of one statement.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    /// Its place in `Statement`, from 0.
    pub index: usize,
    pub at: PointerBuf,
    /// Its Sid; optional, and in a key policy any text.
    pub sid: Option<&'a str>,
    /// Allow or deny.
    pub effect: Effect,
    /// Every condition key of every condition operator; all must hold.
    pub conditions: Vec<Condition<'a>>,
    /// What of the policy's host brings it in, if it is written elsewhere.
    pub brought_by: Option<&'a str>,
    /// The key that has the policy, if that is known.
    pub(super) key: Option<&'a KeyArn>,
    body: &'a Value,
}

/// The elements of a statement, for a word on one that differs by case.
const ELEMENTS: [&str; 10] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "Statement",
];

impl<'a> Statement<'a> {
    pub(super) fn read(
        index: usize,
        at: PointerBuf,
        body: &'a Value,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let mut statement = Self {
            index,
            at,
            sid: None,
            effect: Effect::Deny,
            conditions: Vec::new(),
            brought_by: None,
            key: None,
            body,
        };
        if hole::is_whole_value(body) {
            statement.effect = Effect::Unknown;
            return statement;
        }
        let Value::Object(map) = body else {
            findings.push(wrong_type(
                "Statement",
                "an object",
                body,
                statement.at.clone(),
            ));
            return statement;
        };
        statement.check_names(map, findings);
        match map.get("Sid") {
            None => {}
            Some(Value::String(sid)) => statement.sid = Some(sid),
            Some(other) => {
                findings.push(wrong_type("Sid", "a string", other, statement.path("Sid")));
            }
        }
        match map.get("Effect").map(Value::as_str) {
            Some(Some("Allow")) => statement.effect = Effect::Allow,
            Some(Some("Deny")) => {}
            Some(Some(text)) if hole::has_unknown(text) => statement.effect = Effect::Unknown,
            Some(_) => findings.push(Finding::error(
                Code::WrongType,
                "\"Effect\" must be \"Allow\" or \"Deny\", in just this spelling",
                statement.path("Effect"),
            )),
            None => findings.push(Finding::error(
                Code::NoEffect,
                "the statement has no \"Effect\": it must say \"Allow\" or \"Deny\"",
                statement.at.clone(),
            )),
        }
        for name in ["Action", "NotAction", "Resource", "NotResource"] {
            statement.check_strings(name, map.get(name), &[name], findings);
        }
        for name in ["Principal", "NotPrincipal"] {
            match map.get(name) {
                Some(Value::Object(kinds)) => {
                    for (kind, value) in kinds {
                        statement.check_strings(kind, Some(value), &[name, kind], findings);
                    }
                }
                None | Some(Value::String(_)) => {}
                Some(other) => findings.push(wrong_type(
                    name,
                    "\"*\" or an object",
                    other,
                    statement.path(name),
                )),
            }
        }
        statement.check_both(map, findings);
        statement.conditions = Condition::read_all(&statement.at, map.get("Condition"), findings);
        statement
    }

    /// An element and its opposite exclude each other.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
    fn check_both(&self, map: &Map, findings: &mut Vec<Finding>) {
        for name in ["Principal", "Action", "Resource"] {
            let opposite = format!("Not{name}");
            if map.contains_key(name) && map.contains_key(&opposite) {
                let message = format!(
                    "{} has both {name:?} and {opposite:?}: a statement has one of them, and KMS refuses the policy",
                    self.name()
                );
                findings.push(
                    Finding::error(Code::BothElements, message, self.path(&opposite))
                        .related(self.path(name), "the other one")
                        .help("take one of the two out"),
                );
            }
        }
    }

    fn check_names(&self, map: &Map, findings: &mut Vec<Finding>) {
        for key in map.keys() {
            let near = ELEMENTS
                .iter()
                .find(|element| element.eq_ignore_ascii_case(key));
            if let Some(element) = near.filter(|element| key != *element) {
                findings.push(Finding::error(
                    Code::ElementCase,
                    format!("{key:?} is no element of a statement; did you mean {element:?}?"),
                    self.path(key),
                ));
            }
        }
    }

    fn check_strings(
        &self,
        name: &str,
        value: Option<&Value>,
        tokens: &[&str],
        findings: &mut Vec<Finding>,
    ) {
        let wrong = match value {
            None | Some(Value::String(_)) => None,
            Some(Value::Array(items)) => items.iter().find(|item| !item.is_string()),
            other => other,
        };
        if let Some(wrong) = wrong {
            let mut at = self.at.clone();
            for token in tokens {
                at.push_back(*token);
            }
            findings.push(wrong_type(
                name,
                "a string or an array of strings",
                wrong,
                at,
            ));
        }
    }

    /// The place of an element of this statement.
    pub fn path(&self, element: &str) -> PointerBuf {
        let mut at = self.at.clone();
        at.push_back(element);
        at
    }

    /// Its place in `Statement`, from 1, as messages count.
    pub fn number(&self) -> usize {
        self.index + 1
    }

    /// How messages name the statement: counted from 1, with its Sid.
    pub fn name(&self) -> String {
        match self.brought_by {
            Some(by) => format!("the statements that {by} brings"),
            None => name(self.index, self.sid),
        }
    }

    /// The statement's value.
    pub fn body(&self) -> &'a Value {
        self.body
    }

    pub(super) fn get(&self, element: &str) -> Option<&'a Value> {
        self.body.get(element)
    }

    /// Whether the whole statement is an expression.
    pub fn is_expression(&self) -> bool {
        hole::is_whole_value(self.body)
    }

    /// Whether it says whom it is about, as each statement of a key policy must.
    pub fn has_principal(&self) -> bool {
        self.is_expression()
            || self
                .get("Principal")
                .or_else(|| self.get("NotPrincipal"))
                .is_some()
    }

    /// The values of `Action`.
    pub fn actions(&self) -> impl Iterator<Item = &'a str> {
        strings(self.get("Action"))
    }

    /// The values of `Resource`.
    pub fn resources(&self) -> impl Iterator<Item = &'a str> {
        strings(self.get("Resource"))
    }

    /// The principals named under a kind: `AWS`, `Service`, ….
    pub fn principals(&self, kind: &str) -> impl Iterator<Item = &'a str> {
        strings(
            self.get("Principal")
                .and_then(|principal| principal.get(kind)),
        )
    }
}

/// How messages name a statement: counted from 1, with its Sid.
pub fn name(index: usize, sid: Option<&str>) -> String {
    let number = index + 1;
    sid.map_or_else(
        || format!("statement {number} (no Sid)"),
        |sid| format!("statement {number}, \"{sid}\""),
    )
}

/// A scalar and a one-element array are the same to IAM.
pub(super) fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(scalar) => std::slice::from_ref(scalar),
        None => &[],
    };
    items.iter().filter_map(Value::as_str)
}
