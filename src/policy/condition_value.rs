//! The values of conditions, and which accounts each can concern.
//!
//! A trail's ARN has exactly five colons. A value with as many can match it only
//! colon by colon, so the value's account field alone must match the account,
//! under each operator; what its other fields match is the same for every
//! account. A value with more colons matches no ARN, and one without digits
//! matches the ARNs of all accounts alike.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, Range};

use super::account::AccountId;
use super::arn::Arn;
use super::condition_key::{CONTEXT_KEY, SOURCE_ACCOUNT, SOURCE_ARN, is_key};
use super::hole;
use super::variable::has_variable;

/// What the values under a condition key are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// The ARN of the trail.
    Trail,
    /// The trail's account.
    Account,
    /// Something that is the same for every account.
    Other,
}

impl Subject {
    pub fn of(key: &str) -> Self {
        let is = |own: &str| is_key(key, own);
        match key {
            _ if is(CONTEXT_KEY) || is(SOURCE_ARN) => Self::Trail,
            _ if is(SOURCE_ACCOUNT) => Self::Account,
            _ => Self::Other,
        }
    }
}

/// The accounts that a value can concern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Whom {
    /// None that there can be.
    Nobody,
    /// This one alone.
    One(AccountId),
    /// Those that the value's account field matches.
    Like,
    /// Whichever.
    Anybody,
}

/// A value of a condition.
#[derive(Clone)]
pub struct ConditionValue<'a> {
    text: Cow<'a, str>,
    whom: Whom,
    /// Where the account stands, if no other part of the text depends on it.
    account: Option<Range<usize>>,
}

impl<'a> ConditionValue<'a> {
    pub(super) fn new(text: Cow<'a, str>, subject: Subject) -> Self {
        let (whom, account) = match subject {
            Subject::Trail => of_trail(&text),
            Subject::Account => of_account(&text),
            Subject::Other => (Whom::Anybody, None),
        };
        Self {
            text,
            whom,
            account,
        }
    }

    /// Whether the value can match a trail of the account, or the account. Most
    /// values of a long list cannot, which a comparison of IDs tells.
    pub(super) fn concerns(&self, account: &AccountId) -> bool {
        match &self.whom {
            Whom::Nobody => false,
            Whom::One(own) => own == account,
            Whom::Like => {
                let field = self.account.clone().map_or("", |place| &self.text[place]);
                is_like(field.as_bytes(), account.digits())
            }
            Whom::Anybody => true,
        }
    }

    /// Whether it tells which accounts it concerns.
    pub(super) fn is_narrow(&self) -> bool {
        self.account.is_some() || matches!(self.whom, Whom::One(_))
    }

    /// Whether it matches alike for all the accounts that it concerns.
    pub(super) fn is_alike(&self) -> bool {
        self.account.is_some()
    }
}

impl Deref for ConditionValue<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for ConditionValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl AsRef<str> for ConditionValue<'_> {
    fn as_ref(&self) -> &str {
        self
    }
}

/// A value that is compared with a trail's ARN.
fn of_trail(text: &str) -> (Whom, Option<Range<usize>>) {
    if has_variable(text) {
        return (Whom::Anybody, None);
    }
    let arn = Arn::of(text);
    let around = arn.around_account().filter(|_| !hole::has_unknown(text));
    let place = around.map(|(before, after)| before.len()..text.len() - after.len());
    let field = place.clone().map(|place| &text[place]);
    let ids = text.split(':').skip(1).filter_map(AccountId::of_field);
    let ids: Vec<AccountId> = ids.collect();
    if let Some((id, others)) = ids.split_first() {
        // A trail's ARN holds the ID of its own account between colons, and no
        // other one.
        if others.iter().any(|other| other != id) {
            return (Whom::Nobody, None);
        }
        let place = place.filter(|_| field == Some(id.as_str()));
        return (Whom::One(id.clone()), place);
    }
    match field {
        Some(field) => (like(field), place),
        None if text.bytes().any(|byte| byte.is_ascii_digit()) => (Whom::Anybody, None),
        None => (Whom::Anybody, Some(0..0)),
    }
}

/// A value that is compared with an account's ID.
fn of_account(text: &str) -> (Whom, Option<Range<usize>>) {
    if hole::has_unknown(text) || has_variable(text) {
        return (Whom::Anybody, None);
    }
    let whom = AccountId::of_field(text).map_or_else(|| like(text), Whom::One);
    (whom, Some(0..text.len()))
}

fn like(field: &str) -> Whom {
    let is_digits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'?');
    if field.bytes().all(is_digits) {
        Whom::Like
    } else {
        Whom::Nobody
    }
}

/// Whether a pattern matches an ID. Where it does not go on, the last `*` takes
/// one more digit.
fn is_like(pattern: &[u8], id: &[u8]) -> bool {
    let (mut at, mut digit) = (0, 0);
    let mut last_star = None;
    while let Some(own) = id.get(digit) {
        match (pattern.get(at), last_star) {
            (Some(b'*'), _) => {
                at += 1;
                last_star = Some((at, digit));
            }
            (Some(token), _) if *token == b'?' || token == own => {
                at += 1;
                digit += 1;
            }
            (_, Some((behind, taken))) => {
                at = behind;
                digit = taken + 1;
                last_star = Some((at, digit));
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|token| *token == b'*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::operator::Operator;
    use crate::policy::pattern::Matcher;
    use crate::policy::truth::Truth;

    /// Nobody can tell what such a value matches.
    #[test]
    fn a_value_with_a_variable_concerns_every_account() {
        for text in [
            "${aws:SourceArn}",
            "arn:aws:cloudtrail:*:${aws:SourceAccount}:trail/*",
            "arn:aws:cloudtrail:${aws:RequestedRegion}:trail/2",
            "arn:aws:cloudtrail:*:${account}:trail/*",
            "arn:aws:cloudtrail:*:222222222222:trail/${aws:PrincipalTag/x, ':111111111111:'}",
        ] {
            for subject in [Subject::Trail, Subject::Account] {
                let value = ConditionValue::new(text.into(), subject);
                assert!(value.concerns(&"222222222222".parse().unwrap()), "{text}");
            }
        }
    }

    #[test]
    fn a_pattern_of_an_id_matches_as_iam_has_it() {
        let accounts = [
            "123456789012",
            "121212121212",
            "000000000000",
            "112233445566",
        ];
        for pattern in [
            "*",
            "**",
            "1*",
            "*2",
            "1*2",
            "*12*",
            "1*1*",
            "*1*2*",
            "????????????",
            "?",
            "",
            "123456789012",
            "1234567890123",
            "12345678901?",
            "*3?4*",
            "0*0",
            "*?*2",
            "1**2",
            "1*2*1*2*1*2*1*2",
            "*1212121212121",
            "*0**",
        ] {
            for account in accounts {
                assert_eq!(
                    is_like(pattern.as_bytes(), account.as_bytes()),
                    Matcher::glob(pattern).matches(account),
                    "{pattern} {account}"
                );
            }
        }
    }

    /// Few digits, so that values and accounts meet.
    fn id() -> impl Strategy<Value = String> {
        "[12]2{10}[123]"
    }

    fn value() -> impl Strategy<Value = String> {
        let account = prop_oneof![
            4 => id(),
            2 => "[12?]2{9}[2?][13?*]",
            2 => "[*12?]{0,3}",
            1 => "[12*?a]{0,14}",
            1 => Just("${aws:SourceAccount}".to_owned()),
            1 => Just("\u{f0000}".to_owned()),
        ];
        let around = prop_oneof!["arn:aws:cloudtrail:[*e:2]{1,2}:", "[*:a?2]{0,4}", "\\*:"];
        let after = prop_oneof![":trail/[*m2]{0,2}", "[*:t?2]{0,4}", ":\\*", ":222222222221"];
        prop_oneof![
            9 => (around, account, after).prop_map(|(one, id, other)| [one, id, other].concat()),
            1 => id(),
        ]
    }

    fn operator() -> impl Strategy<Value = Operator> {
        let names = [
            "StringLike",
            "ArnLike",
            "StringEquals",
            "StringEqualsIgnoreCase",
        ];
        prop::sample::select(names.to_vec()).prop_map(|name| Operator::parse(name).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_value_matches_none_but_the_accounts_that_it_concerns(
            value in value(),
            operator in operator(),
            id in id(),
            region in "[e2-]{1,3}",
            trail in "[m2]{1,3}",
        ) {
            let account: AccountId = id.parse().unwrap();
            let matcher = operator.matcher(&value);
            let arn = format!("arn:aws:cloudtrail:{region}:{id}:trail/{trail}");
            for (subject, text) in [(Subject::Trail, &arn), (Subject::Account, &id)] {
                if !ConditionValue::new(value.as_str().into(), subject).concerns(&account) {
                    prop_assert_eq!(matcher.truth(text), Truth::False, "{} {}", value, text);
                }
            }
        }
    }
}
