//! Account IDs, and the trail ARNs made of them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::arn::Arn;
use super::partition::{FieldError, Partition};

/// An AWS account ID: exactly 12 digits, leading zeros kept.
///
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html>
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The 12 digits.
    pub fn as_str(&self) -> &str {
        // Digits are UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The digits, as they are written.
    pub(super) fn digits(&self) -> &[u8] {
        &self.0
    }

    /// The account with this ID, written as in an ARN.
    pub fn of_field(text: &str) -> Option<Self> {
        let id: [u8; 12] = text.as_bytes().try_into().ok()?;
        id.iter().all(u8::is_ascii_digit).then_some(Self(id))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AccountId {
    type Err = FieldError;

    /// Takes `222222222222` and, as the console shows it, `2222-2222-2222`.
    fn from_str(text: &str) -> Result<Self, FieldError> {
        let grouped = |at| matches!((text.len(), at), (14, 4 | 9));
        let mut id = [0; 12];
        let mut digits = id.iter_mut();
        for (at, byte) in text.bytes().enumerate() {
            match (grouped(at), byte) {
                (true, b'-') => {}
                (false, b'0'..=b'9') => *digits.next().ok_or(FieldError::Account)? = byte,
                _ => return Err(FieldError::Account),
            }
        }
        match digits.next() {
            None => Ok(Self(id)),
            Some(_) => Err(FieldError::Account),
        }
    }
}

/// `account A`, or `accounts A, B`.
pub fn accounts_text(accounts: &[&AccountId]) -> String {
    let plural = if accounts.len() == 1 { "" } else { "s" };
    let list: Vec<&str> = accounts.iter().map(|account| account.as_str()).collect();
    format!("account{plural} {}", list.join(", "))
}

fn is_wild(byte: u8) -> bool {
    matches!(byte, b'*' | b'?')
}

/// The Region field of a trail ARN: a Region or a pattern of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegionPattern(Cow<'static, str>);

impl RegionPattern {
    /// The Region's name, if this is one Region and no pattern.
    pub fn literal(&self) -> Option<&str> {
        (!self.0.bytes().any(is_wild)).then_some(&*self.0)
    }

    /// The name, or the pattern.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for RegionPattern {
    fn default() -> Self {
        Self(Cow::Borrowed("*"))
    }
}

impl fmt::Display for RegionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RegionPattern {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        let valid = if text.bytes().any(is_wild) {
            text.bytes()
                .all(|byte| is_wild(byte) || matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        } else {
            let parts: Vec<&str> = text.split('-').collect();
            parts.split_last().is_some_and(|(number, names)| {
                names.len() >= 2
                    && names.iter().all(|name| letters(name))
                    && !number.is_empty()
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        if valid {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(FieldError::Region)
        }
    }
}

/// The trail field of a trail ARN: a trail's name or a pattern of one.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TrailName(Cow<'static, str>);

impl TrailName {
    /// The trail's name, if this is one trail and no pattern.
    pub fn literal(&self) -> Option<&str> {
        (!self.0.bytes().any(is_wild)).then_some(&*self.0)
    }

    /// The name, or the pattern.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TrailName {
    fn default() -> Self {
        Self(Cow::Borrowed("*"))
    }
}

impl fmt::Display for TrailName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TrailName {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        let wild = text.bytes().any(is_wild);
        let least = if wild { 1 } else { 3 };
        let is_mark = |byte: &u8| matches!(byte, b'.' | b'_' | b'-');
        let bytes = text.as_bytes();
        let valid = (least..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| is_wild(byte) || byte.is_ascii_alphanumeric() || is_mark(&byte))
            && !bytes.first().is_some_and(is_mark)
            && !bytes.last().is_some_and(is_mark)
            && !bytes.windows(2).any(|pair| pair.iter().all(is_mark));
        if valid {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(FieldError::Trail)
        }
    }
}

/// The trails of one account, as a value of the context list:
/// `arn:PARTITION:cloudtrail:REGION:ACCOUNT:trail/TRAIL`.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailPattern {
    /// The partition that the account is in.
    pub partition: Partition,
    pub region: RegionPattern,
    /// The account that owns the trail.
    pub account: AccountId,
    pub trail: TrailName,
}

impl fmt::Display for TrailPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            region,
            account,
            trail,
        } = self;
        write!(
            f,
            "arn:{partition}:cloudtrail:{region}:{account}:trail/{trail}"
        )
    }
}

impl TrailPattern {
    /// Every trail of an account, in any Region.
    pub fn every(partition: Partition, account: AccountId) -> Self {
        Self {
            partition,
            region: RegionPattern::default(),
            account,
            trail: TrailName::default(),
        }
    }

    /// Those of an account that an ARN, or a pattern of one, names but for its
    /// account.
    pub fn of(arn: Arn<'_>, account: AccountId) -> Option<Self> {
        if !arn.is_cloudtrail() {
            return None;
        }
        Some(Self {
            partition: arn.partition?.parse().ok()?,
            region: arn.region?.parse().ok()?,
            account,
            trail: arn.resource?.strip_prefix("trail/")?.parse().ok()?,
        })
    }

    /// Whether this is a pattern, not the ARN of one trail.
    pub fn is_wild(&self) -> bool {
        self.to_string().bytes().any(is_wild)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether each text is taken.
    fn check<T: FromStr>(texts: &[(&str, bool)]) {
        for (text, is_taken) in texts {
            assert_eq!(text.parse::<T>().is_ok(), *is_taken, "{text}");
        }
    }

    #[test]
    fn fields_are_what_aws_takes() {
        check::<AccountId>(&[
            ("012345678901", true),
            ("2222-2222-2222", true),
            ("2222-22222222", false),
            ("222222222222-", false),
            ("22222222222", false),
            ("2222222222222", false),
        ]);
        check::<RegionPattern>(&[
            ("eu-west-1", true),
            ("us-gov-west-1", true),
            ("*-1", true),
            ("west-1", false),
            ("eu-west", false),
            ("eu--1", false),
            ("eu-West-1", false),
            ("EU*", false),
        ]);
        check::<TrailName>(&[
            ("abc", true),
            ("a.b-c_d", true),
            ("?", true),
            ("ab", false),
            ("abc-", false),
            (".abc", false),
            ("a-_b", false),
        ]);
    }
}
