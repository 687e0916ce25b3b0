//! How the ARN of an account's trails is written in a policy.

use std::sync::Arc;

use crate::policy::{AccountId, Arn, Trails, hole};

/// What is written before and behind an account: the same for each of them, so
/// that nothing need be kept for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spelling(Arc<(String, String)>);

impl Spelling {
    /// That of trails that differ in the account alone, with the policy's
    /// expression for the partition if there is one.
    pub(super) fn of(asked: &Trails, partition: Option<char>) -> Self {
        let Some(any) = asked.first() else {
            // There is no account to write.
            return Self::default();
        };
        let mut arn = any.to_string();
        if let Some(hole) = partition {
            arn = arn.replacen(any.partition.as_str(), &hole.to_string(), 1);
        }
        Self::around(&arn)
    }

    /// That of an ARN, but for its account.
    pub(super) fn around(arn: &str) -> Self {
        let (before, behind) = Arn::of(arn).around_account().unwrap_or_default();
        Self(Arc::new((before.to_owned(), behind.to_owned())))
    }

    /// The ARN of an account's trails.
    pub fn arn(&self, account: &AccountId) -> String {
        let (before, behind) = &*self.0;
        [before, account.as_str(), behind].concat()
    }

    /// What stands in a value in the place of the account.
    fn account<'v>(&self, value: &'v str) -> Option<&'v str> {
        let (before, behind) = &*self.0;
        value.strip_prefix(&**before)?.strip_suffix(&**behind)
    }
}

/// Tells the values of a list that are nothing but the ARN that is asked for.
pub(super) struct Written<'q> {
    asked: &'q Trails,
    spelling: Spelling,
}

impl<'q> Written<'q> {
    pub(super) fn of(asked: &'q Trails) -> Self {
        Self {
            asked,
            spelling: Spelling::of(asked, None),
        }
    }

    /// Whether a value is the ARN of this or another account.
    pub(super) fn is_like(&self, value: &str) -> bool {
        let is_it = |value: &str| {
            let account = self.spelling.account(value);
            account.and_then(AccountId::of_field).is_some()
        };
        is_it(value) || is_it(&hole::fill(value, self.asked.partition))
    }

    /// The account asked about whose ARN a value is.
    pub(super) fn account(&self, value: &str) -> Option<&'q AccountId> {
        let filled = hole::fill(value, self.asked.partition);
        self.asked.find(self.spelling.account(&filled)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_that_of_the_pattern() {
        for (region, trail) in [("*", "*"), ("eu-west-1", "management"), ("eu-*", "a?")] {
            for account in ["111111111111", "222222222222"] {
                let (region, trail) = (region.parse().unwrap(), trail.parse().unwrap());
                let accounts = vec![account.parse().unwrap()];
                let asked = Trails::new("aws-cn".parse().unwrap(), region, trail, accounts);
                let arn = asked.first().unwrap().to_string();
                let [account] = asked.accounts() else {
                    unreachable!()
                };
                assert_eq!(Spelling::of(&asked, None).arn(account), arn);
                assert_eq!(Written::of(&asked).account(&arn), Some(account));
                let partition = '\u{fc000}';
                let spelled = arn.replace("aws-cn", &partition.to_string());
                assert_eq!(Spelling::of(&asked, Some(partition)).arn(account), spelled);
                assert_eq!(Written::of(&asked).account(&spelled), Some(account));
                let other = arn.replace("222222222222", "333333333333") + "x";
                assert_eq!(Written::of(&asked).account(&other), None);
            }
        }
    }
}
