//! How people name a KMS key.

use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;

use super::account::AccountId;
use super::arn::Arn;
use super::automaton::Builder;
use super::partition::Partition;
use super::pattern::Matcher;
use super::trails::STEPS;
use super::truth::Truth;
use super::variable;

/// The ARN of a key or of an alias.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html#awskeymanagementservice-resources-for-iam-policies>
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyArn {
    pub partition: Partition,
    pub region: String,
    /// The account that the key is in.
    pub account: AccountId,
    /// `key/ID` or `alias/NAME`.
    pub resource: String,
}

impl KeyArn {
    /// The key's ID, if it is a key's ARN.
    pub fn key_id(&self) -> Option<&str> {
        self.resource.strip_prefix("key/")
    }
}

impl fmt::Display for KeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            region,
            account,
            resource,
        } = self;
        write!(f, "arn:{partition}:kms:{region}:{account}:{resource}")
    }
}

impl FromStr for KeyArn {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let Arn {
            scheme: "arn",
            partition: Some(partition),
            service: Some("kms"),
            region: Some(region),
            account: Some(account),
            resource: Some(resource),
            ..
        } = Arn::of(text)
        else {
            return Err(NotAKey::new(text));
        };
        let is_region = !region.is_empty()
            && region
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let is_resource = resource.strip_prefix("key/").is_some_and(is_key_id)
            || resource.strip_prefix("alias/").is_some_and(is_alias);
        match (partition.parse(), account.parse()) {
            (Ok(partition), Ok(account)) if is_region && is_resource => Ok(Self {
                partition,
                region: region.to_owned(),
                account,
                resource: resource.to_owned(),
            }),
            _ => Err(NotAKey::new(text)),
        }
    }
}

/// Whether a pattern of ARNs may match that of a key.
pub(super) fn may_match(pattern: &str) -> bool {
    let mut builder = Builder::default();
    for matcher in [
        Matcher::glob(&variable::fill(pattern)),
        Matcher::arn("arn:*:kms:?*:????????????:key/?*"),
    ] {
        let part = builder.part();
        builder.add(part, &matcher.tokens, Truth::True);
    }
    let automaton = builder.build(|_| false);
    let next = |(), c| matches!(c, 'a'..='z' | '0'..='9' | ':' | '/' | '-').then_some(());
    let mut may = false;
    let is_whole = automaton.walk(
        ((), automaton.start()),
        next,
        &mut STEPS.clone(),
        |(), state| {
            may |= automaton.truths(state) == [Truth::True; 2];
            if may {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    );
    may || !is_whole
}

/// A key as a person names it.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyName {
    /// A key ID: a UUID, or `mrk-` and 32 hexadecimal digits.
    Id(String),
    /// `alias/NAME`
    Alias(String),
    /// The ARN of a key or of an alias.
    Arn(KeyArn),
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(text) | Self::Alias(text) => f.write_str(text),
            Self::Arn(arn) => arn.fmt(f),
        }
    }
}

impl FromStr for KeyName {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        if text.starts_with("arn:") {
            return text.parse().map(Self::Arn);
        }
        match text.strip_prefix("alias/") {
            Some(name) if is_alias(name) => Ok(Self::Alias(text.to_owned())),
            None if is_key_id(text) => Ok(Self::Id(text.to_owned())),
            _ => Err(NotAKey::new(text)),
        }
    }
}

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a key is named by its ID (1234abcd-12ab-34cd-56ef-1234567890ab), its ARN, alias/NAME or an alias's ARN{}",
    alias.as_ref().map_or_else(String::new, |alias| format!("; did you mean {alias}?"))
)]
pub struct NotAKey {
    /// The alias that may be meant.
    alias: Option<String>,
}

impl NotAKey {
    fn new(text: &str) -> Self {
        let is_near = is_alias(text) && !text.contains(['/', ':']);
        Self {
            alias: is_near.then(|| format!("alias/{text}")),
        }
    }
}

fn is_key_id(text: &str) -> bool {
    let is_hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let rest = text.strip_prefix("mrk-");
    if rest.is_some_and(|rest| is_hex(rest, 32)) {
        return true;
    }
    let parts: Vec<&str> = rest.unwrap_or(text).split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    parts.len() == lengths.len()
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| is_hex(part, length))
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>
fn is_alias(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
    (1..=250).contains(&name.len()) && name.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn a_key_has_four_kinds_of_name() {
        let mrk = format!("mrk-{}", "0a".repeat(16));
        for text in [
            ID.to_owned(),
            mrk,
            "alias/cloudtrail".to_owned(),
            "alias/aws/s3".to_owned(),
            format!("arn:aws:kms:eu-west-1:111122223333:key/{ID}"),
            "arn:aws-cn:kms:cn-north-1:111122223333:alias/a_b".to_owned(),
        ] {
            let name: KeyName = text.parse().unwrap();
            assert_eq!(name.to_string(), text);
        }
        for text in [
            "",
            "alias/",
            "key-policy.json",
            "1234abcd",
            "222222222222",
            "arn:aws:kms:eu-west-1:111122223333:key/x",
            "arn:aws:kms::111122223333:alias/x",
            "arn:aws:s3:::bucket",
            "alias/a b",
        ] {
            assert!(text.parse::<KeyName>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_pattern_may_match_a_key_s_arn_or_not() {
        for (pattern, may) in [
            ("arn:*", true),
            ("arn:aws:kms*", true),
            ("arn:*:kms:*", true),
            ("*key/*", true),
            ("arn:aws:*:*:111111111111:*", true),
            ("arn:aws:kms:eu-west-1:111111111111:key/mrk-*", true),
            ("arn:aws:kms:eu-west-1:111111111111:alias/*", false),
            ("arn:aws:s3:::*", false),
            ("arn:aws:kms:eu-west-1:11111111111:key/*", false),
            ("", false),
        ] {
            assert_eq!(may_match(pattern), may, "{pattern}");
        }
    }

    #[test]
    fn a_name_without_its_prefix_is_taken_for_an_alias() {
        let error = "cloudtrail".parse::<KeyName>().unwrap_err().to_string();
        assert!(error.ends_with("did you mean alias/cloudtrail?"), "{error}");
    }
}
