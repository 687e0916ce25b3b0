//! A statement, and whom and what it is about.

use json_patch::jsonptr::PointerBuf;
use serde_json::{Map, Value};

use super::condition::{Condition, Truth};
use super::pattern::Matcher;
use super::{ENCRYPT_ACTION, Finding, SERVICE, arn, hole, wrong_type};

/// Whether a statement allows or denies; the value matches with case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
    /// An expression: one or the other
    Unknown,
}

/// A view of one statement.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    /// Its place in `Statement`, from 0.
    pub index: usize,
    /// Where it stands.
    pub at: PointerBuf,
    /// Its Sid; optional, and in a key policy any text.
    pub sid: Option<&'a str>,
    /// Allow or deny.
    pub effect: Effect,
    /// Every condition key of every condition operator; all must hold.
    pub conditions: Vec<Condition<'a>>,
    /// What of the policy's host brings it in, if it is written elsewhere.
    pub brought_by: Option<&'a str>,
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
                "wrong-type",
                "\"Effect\" must be \"Allow\" or \"Deny\", in just this spelling",
                statement.path("Effect"),
            )),
            None => findings.push(Finding::error(
                "no-effect",
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
    fn check_both(&self, map: &Map<String, Value>, findings: &mut Vec<Finding>) {
        for name in ["Principal", "Action", "Resource"] {
            let opposite = format!("Not{name}");
            if map.contains_key(name) && map.contains_key(&opposite) {
                let message = format!(
                    "{} has both {name:?} and {opposite:?}: a statement has one of them, and KMS refuses the policy",
                    self.name()
                );
                findings.push(
                    Finding::error("both-elements", message, self.path(&opposite))
                        .related(self.path(name), "the other one")
                        .help("take one of the two out"),
                );
            }
        }
    }

    fn check_names(&self, map: &Map<String, Value>, findings: &mut Vec<Finding>) {
        for key in map.keys() {
            let near = ELEMENTS
                .iter()
                .find(|element| element.eq_ignore_ascii_case(key));
            if let Some(element) = near.filter(|element| *element != key) {
                findings.push(Finding::error(
                    "element-case",
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
    #[must_use]
    pub fn path(&self, element: &str) -> PointerBuf {
        let mut at = self.at.clone();
        at.push_back(element);
        at
    }

    /// How messages name the statement: counted from 1, with its Sid.
    #[must_use]
    pub fn name(&self) -> String {
        match self.brought_by {
            Some(by) => format!("the statements that {by} brings"),
            None => name(self.index, self.sid),
        }
    }

    /// The statement's value.
    #[must_use]
    pub fn body(&self) -> &'a Value {
        self.body
    }

    fn get(&self, element: &str) -> Option<&'a Value> {
        self.body.get(element)
    }

    /// Whether the whole statement is an expression.
    #[must_use]
    pub fn is_expression(&self) -> bool {
        hole::is_whole_value(self.body)
    }

    /// Whether it says whom it is about, as each statement of a key policy must.
    #[must_use]
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

    /// Whether `CloudTrail`, calling as itself, is a principal of the
    /// statement.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
    #[must_use]
    pub fn is_for_cloudtrail(&self) -> Truth {
        let is = |name: &str, own: &str| Matcher::literal(name).truth(own);
        let any = |kinds: &Value, kind: &str, own: &[&str]| {
            let each = |name| own.iter().map(move |own| is(name, own));
            let truths: Vec<Truth> = strings(kinds.get(kind)).flat_map(each).collect();
            truths.into_iter().max().unwrap_or(Truth::False)
        };
        let names = |principal: &Value| match principal {
            Value::String(text) => is(text, "*"),
            Value::Object(kinds) => {
                let least = if kinds.keys().any(|kind| hole::has_unknown(kind)) {
                    Truth::Unknown
                } else {
                    Truth::False
                };
                least.max(any(principal, "AWS", &["*"])).max(any(
                    principal,
                    "Service",
                    &[SERVICE, "*"],
                ))
            }
            _ => Truth::False,
        };
        match (self.get("Principal"), self.get("NotPrincipal")) {
            _ if self.is_expression() => Truth::Unknown,
            (Some(principal), _) => names(principal),
            (None, Some(others)) => names(others).opposite(),
            (None, None) => Truth::False,
        }
    }

    /// Whether the statement names `CloudTrail` itself.
    #[must_use]
    pub fn names_cloudtrail(&self) -> bool {
        self.principals("Service").any(|name| name == SERVICE)
    }

    /// Whether the statement is about an action; names match without case.
    #[must_use]
    pub fn covers_action(&self, action: &str) -> Truth {
        let any = |value| {
            let truths = strings(value).map(|pattern| Matcher::action(pattern).truth(action));
            truths.max().unwrap_or(Truth::False)
        };
        match (self.get("Action"), self.get("NotAction")) {
            _ if self.is_expression() => Truth::Unknown,
            (Some(_), _) => any(self.get("Action")),
            (None, Some(_)) => any(self.get("NotAction")).opposite(),
            (None, None) => Truth::False,
        }
    }

    /// Whether the statement lets, or may let, `CloudTrail` encrypt where its
    /// conditions hold.
    #[must_use]
    pub fn lets_cloudtrail_encrypt(&self) -> bool {
        self.effect != Effect::Deny
            && self.is_for_cloudtrail() != Truth::False
            && self.covers_action(ENCRYPT_ACTION) != Truth::False
    }

    /// Whether the statement is about this key. In a key policy the resource
    /// is `*`; whether an ARN is this key's own, the policy does not say.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html>
    #[must_use]
    pub fn covers_key(&self) -> Truth {
        let may_be_key = |arn: &str| {
            let service = arn::service(arn);
            hole::has_unknown(arn) || service.is_some_and(|s| s == "kms" || s.contains('*'))
        };
        match (self.get("Resource"), self.get("NotResource")) {
            _ if self.is_expression() => Truth::Unknown,
            (Some(_), _) if self.resources().any(|resource| resource == "*") => Truth::True,
            (Some(_), _) if self.resources().any(may_be_key) => Truth::Unknown,
            (None, Some(_)) if strings(self.get("NotResource")).all(|arn| arn != "*") => {
                Truth::Unknown
            }
            _ => Truth::False,
        }
    }

    /// The elements that may hold ARNs, with their names.
    fn with_arns(&self) -> impl Iterator<Item = (&'static str, &'a Value)> {
        let names = [
            "Principal",
            "NotPrincipal",
            "Resource",
            "NotResource",
            "Condition",
        ];
        names
            .into_iter()
            .filter_map(|name| Some((name, self.get(name)?)))
    }

    /// Calls `visit` with every ARN that the statement holds, and its place.
    pub fn each_arn(&self, visit: &mut impl FnMut(&'a str, &PointerBuf)) {
        for (element, value) in self.with_arns() {
            walk(value, &self.path(element), &mut |text, at| {
                if text.starts_with("arn:") {
                    visit(text, at);
                }
            });
        }
    }

    /// Whether something holds for every ARN of the statement.
    pub fn all_arns(&self, holds: &mut impl FnMut(&'a str) -> bool) -> bool {
        let mut holds = |text: &'a str| !text.starts_with("arn:") || holds(text);
        self.with_arns()
            .all(|(_, value)| all_texts(value, &mut holds))
    }
}

fn all_texts<'a>(value: &'a Value, holds: &mut impl FnMut(&'a str) -> bool) -> bool {
    match value {
        Value::String(text) => holds(text),
        Value::Array(items) => items.iter().all(|item| all_texts(item, holds)),
        Value::Object(map) => map.values().all(|item| all_texts(item, holds)),
        _ => true,
    }
}

/// How messages name a statement: counted from 1, with its Sid.
#[must_use]
pub fn name(index: usize, sid: Option<&str>) -> String {
    let number = index + 1;
    sid.map_or_else(
        || format!("statement {number} (no Sid)"),
        |sid| format!("statement {number}, \"{sid}\""),
    )
}

/// A scalar and a one-element array are the same to IAM.
fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(scalar) => std::slice::from_ref(scalar),
        None => &[],
    };
    items.iter().filter_map(Value::as_str)
}

/// Calls `visit` with every string in a value, and its place.
pub fn walk<'a>(value: &'a Value, at: &PointerBuf, visit: &mut impl FnMut(&'a str, &PointerBuf)) {
    walk_at(value, &mut at.clone(), visit);
}

fn walk_at<'a>(
    value: &'a Value,
    at: &mut PointerBuf,
    visit: &mut impl FnMut(&'a str, &PointerBuf),
) {
    match value {
        Value::String(text) => visit(text, at),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push_back(index);
                walk_at(item, at, visit);
                at.pop_back();
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                at.push_back(key.as_str());
                walk_at(item, at, visit);
                at.pop_back();
            }
        }
        _ => {}
    }
}
