//! Reasons in words.

use super::arn::Arn;
use super::code::Code;
use super::condition_key::is_key;
use super::evaluate::SHOWN;
use super::operator::{Comparison, Operator};
use super::{
    CONTEXT_KEY, ENCRYPT_ACTION, Obstacle, Policy, Reason, SOURCE_ACCOUNT, SOURCE_ARN, Statement,
    hole,
};

impl Reason {
    /// A stable name for programs.
    pub fn code(&self) -> Code {
        self.code_and_help().0
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        self.code_and_help().1
    }

    fn code_and_help(&self) -> (Code, &'static str) {
        match self {
            Reason::Condition { key, .. } if is_key(key, SOURCE_ARN) => (
                Code::SourceArn,
                "add the trail's ARN in the same edit: --source-arn ARN",
            ),
            Reason::Condition { key, .. } if is_key(key, SOURCE_ACCOUNT) => (
                Code::SourceAccount,
                "add the account there in the same edit: --source-account",
            ),
            Reason::Condition { operator, .. } if operator == "Null" => (
                Code::NullContradiction,
                "Null with \"true\" wants no encryption context, and CloudTrail always sends one: take it out",
            ),
            Reason::Condition { .. } => (
                Code::Condition,
                "all the conditions of a statement must hold",
            ),
            Reason::Unknown { .. } => (
                Code::ConditionUnknown,
                "all the conditions of a statement must hold; try it with one trail first",
            ),
            Reason::Expression { .. } => {
                (Code::Expression, "look at what the expression stands for")
            }
            Reason::Denied => (
                Code::Denied,
                "the Deny has to make an exception for the trail",
            ),
            Reason::MayBeDenied { .. } => (
                Code::MayBeDenied,
                "look whether the Deny means CloudTrail too; aws:PrincipalIsAWSService exempts AWS services",
            ),
            Reason::Resource(_) => (
                Code::Resource,
                "in a key policy the Resource is \"*\", which means this key",
            ),
            Reason::NoStatement => (Code::NoStatement, "add the account: ctpolicy add-account"),
            Reason::TooEntangled => (Code::TooEntangled, "read the statement's patterns"),
            Reason::Host { code, .. } => (*code, "look at what it rests on"),
        }
    }
}

impl Obstacle {
    /// What stands in the way, and in which statement; `who` is whom it stands
    /// in the way of.
    pub fn explain(&self, policy: &Policy<'_>, who: &str) -> String {
        let words = explain(&self.reason, who);
        let statement = self
            .statement
            .and_then(|index| policy.statements.get(index));
        match statement.map(Statement::name) {
            Some(name) => format!("{name}: {words}"),
            None => words,
        }
    }
}

fn explain(reason: &Reason, who: &str) -> String {
    let list = |values: &[String], more: usize| {
        let shown: Vec<String> = values
            .iter()
            .take(SHOWN)
            .map(|value| format!("{value:?}"))
            .collect();
        let more = more + values.len().saturating_sub(SHOWN);
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        if shown.is_empty() {
            "an empty list".to_owned()
        } else {
            shown.join(", ") + &rest
        }
    };
    match reason {
        Reason::NoStatement => "no statement allows CloudTrail to encrypt".to_owned(),
        Reason::Condition {
            operator,
            key,
            values,
            more,
        } if is_own(key) && operator_lists(operator) => {
            let has_wildcards = Operator::parse(operator).is_some_and(Operator::has_wildcards);
            let is_wild = |value: &String| value.contains(['*', '?']);
            if values.is_empty() {
                format!("{key} has an empty list, which allows none")
            } else if !has_wildcards && values.iter().any(is_wild) {
                let values = list(values, *more);
                format!("{key} allows only {values}, and under {operator} `*` is no wildcard")
            } else {
                format!("{key} allows only {}", list(values, *more))
            }
        }
        Reason::Condition {
            operator,
            key,
            values,
            more,
        } if is_own(key) && Operator::parse(operator).is_some_and(|own| own.negated) => {
            format!("{key} keeps out {}", list(values, *more))
        }
        Reason::Condition { operator, key, .. }
            if ["kms:ViaService", "aws:PrincipalOrgID"]
                .iter()
                .any(|own| key.eq_ignore_ascii_case(own)) =>
        {
            format!("it requires {key} ({operator}), which CloudTrail's own calls never have")
        }
        Reason::Condition {
            operator,
            key,
            values,
            more,
        } => {
            format!(
                "its condition {operator} on {key} ({}) never holds for {who}",
                list(values, *more)
            )
        }
        Reason::Expression { element, values } => {
            expression(element, values, who, &list(values, 0))
        }
        Reason::Unknown { words, .. } | Reason::Resource(words) => words.clone(),
        Reason::Denied => "a Deny beats every Allow".to_owned(),
        Reason::MayBeDenied { keys } => {
            format!(
                "it denies by {}; cannot tell whether it applies to CloudTrail",
                keys.join(", ")
            )
        }
        Reason::TooEntangled => "the patterns are too many and too entangled to tell".to_owned(),
        Reason::Host { on, .. } => {
            format!("cannot tell whether the key has this policy: {on}")
        }
    }
}

/// What rests on an expression; `shown` are its values.
fn expression(element: &str, values: &[String], who: &str, shown: &str) -> String {
    let whether = match element {
        "Statement" => return format!("{} may say anything", values.join(" ")),
        "Effect" => format!("its Effect {shown} is \"Allow\""),
        "Principal" | "NotPrincipal" => format!("its {element} {shown} is CloudTrail"),
        "Action" | "NotAction" => format!("its {element} {shown} covers {ENCRYPT_ACTION}"),
        "Resource" => format!("its Resource {shown} is this key"),
        "Condition" => {
            return format!(
                "cannot tell whether it applies: that is for {}",
                values.join(", ")
            );
        }
        key => format!("{key} {shown} means {who}"),
    };
    let is_account = |value: &str| Arn::of(value).account.is_some_and(hole::has_unknown);
    let what = match values {
        [one] if one.starts_with("arn:") && is_account(one) => "its account is an expression",
        [_] => "it is an expression",
        _ => "they are expressions",
    };
    format!("cannot tell whether {whether}: {what}")
}

/// Whether a key holds the trail's ARN or its account.
fn is_own(key: &str) -> bool {
    let keys = [CONTEXT_KEY, SOURCE_ARN, SOURCE_ACCOUNT];
    keys.iter().any(|own| is_key(key, own))
}

/// Whether an operator's values are those that it allows.
fn operator_lists(name: &str) -> bool {
    Operator::parse(name).is_some_and(|o| !o.negated && o.comparison != Comparison::Null)
}
