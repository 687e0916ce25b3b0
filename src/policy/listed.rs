//! Whom the values of a context list mean.

use std::borrow::Cow;

use super::arn::Arn;
use super::condition::Condition;
use super::truth::Truth;
use super::{AccountId, CONTEXT_KEY, Statement, hole, variable};

/// A statement's context lists that let accounts encrypt.
pub fn lists<'s, 'a>(statement: &'s Statement<'a>) -> impl Iterator<Item = &'s Condition<'a>> {
    let conditions = statement.conditions.iter();
    conditions.filter(|own| own.is_on(CONTEXT_KEY) && own.allows_only() == Truth::True)
}

/// Whom a value means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Account(AccountId),
    /// Accounts of this pattern.
    Accounts(String),
    /// Any AWS account.
    Anyone,
    /// None: no account has such an ID.
    Nobody,
    /// Whom an expression names.
    Expression(String),
}

impl Who {
    /// Of a value of a context list.
    pub fn of(value: &str) -> Self {
        let arn = Arn::of(value);
        let field = arn.account.unwrap_or("*");
        match field.parse::<AccountId>() {
            _ if hole::has_unknown(field) => Self::Expression(field.to_owned()),
            _ if arn.resource.is_none() && hole::has_unknown(value) => {
                Self::Expression(value.to_owned())
            }
            Ok(account) if account.as_str() == field => Self::Account(account),
            _ if field.bytes().all(|byte| byte == b'*') => Self::Anyone,
            _ if samples(field).is_empty() => Self::Nobody,
            _ => Self::Accounts(field.to_owned()),
        }
    }

    /// In words.
    pub fn text(&self) -> String {
        match self {
            Self::Account(account) => account.to_string(),
            Self::Accounts(pattern) => format!("accounts like {pattern}"),
            Self::Anyone => "any AWS account".to_owned(),
            Self::Nobody => "no account".to_owned(),
            Self::Expression(expression) => expression.clone(),
        }
    }
}

/// A value as a pattern, with what matches every account where a policy variable
/// stands for the account or the trail.
pub fn meant(value: &str) -> Cow<'_, str> {
    match variable::fill(value) {
        Cow::Owned(filled) if filled.contains([variable::ACCOUNT, variable::ARN]) => {
            let filled = filled.replace(variable::ACCOUNT, "*");
            Cow::Owned(filled.replace(variable::ARN, "arn:*:cloudtrail:*:*:trail/*"))
        }
        other => other,
    }
}

/// Two accounts whose IDs match a pattern: what is so for both is taken to be
/// so for all, since nothing else in a policy names them.
pub fn samples(field: &str) -> Vec<AccountId> {
    let stars = field.bytes().filter(|byte| *byte == b'*').count();
    let fixed = field.len() - stars;
    let sample = |digit: char, other: char| {
        let mut free = 12_usize.saturating_sub(fixed);
        let text: String = field
            .chars()
            .map(|c| match c {
                '?' => other.to_string(),
                '*' => digit.to_string().repeat(std::mem::take(&mut free)),
                c => c.to_string(),
            })
            .collect();
        text.parse::<AccountId>().ok()
    };
    [sample('0', '1'), sample('9', '8')]
        .into_iter()
        .flatten()
        .collect()
}
