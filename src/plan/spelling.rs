//! How the ARN of an account's trails is written in a policy.

use std::sync::Arc;

use crate::policy::{AccountId, TrailPattern};

/// What is written before and behind an account: the same for each of them, so
/// that nothing need be kept for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spelling(Arc<(String, String)>);

impl Spelling {
    /// That of trails that differ in the account alone, with the policy's
    /// expression for the partition if there is one.
    pub(super) fn of(patterns: &[TrailPattern], partition: Option<char>) -> Self {
        let Some(any) = patterns.first() else {
            // There is no account to write.
            return Self::default();
        };
        let mut arn = any.to_string();
        if let Some(hole) = partition {
            arn = arn.replacen(any.partition.as_str(), &hole.to_string(), 1);
        }
        let mut colons = arn.match_indices(':').map(|(at, _)| at).skip(3);
        let (before, behind) = (colons.next(), colons.next());
        let (before, behind) = (before.map_or(0, |at| at + 1), behind.unwrap_or(arn.len()));
        let (before, behind) = (&arn[..before], &arn[behind..]);
        Self(Arc::new((before.to_owned(), behind.to_owned())))
    }

    /// The ARN of an account's trails.
    #[must_use]
    pub fn arn(&self, account: &AccountId) -> String {
        let (before, behind) = &*self.0;
        [before, account.as_str(), behind].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_that_of_the_pattern() {
        for (region, trail) in [("*", "*"), ("eu-west-1", "management"), ("eu-*", "a?")] {
            for account in ["111111111111", "222222222222"] {
                let pattern = TrailPattern {
                    region: region.parse().unwrap(),
                    trail: trail.parse().unwrap(),
                    ..TrailPattern::every("aws-cn".parse().unwrap(), account.parse().unwrap())
                };
                let arn = pattern.to_string();
                let spelling = Spelling::of(std::slice::from_ref(&pattern), None);
                assert_eq!(spelling.arn(&pattern.account), arn);
                let spelling = Spelling::of(std::slice::from_ref(&pattern), Some('\u{e000}'));
                let spelled = arn.replace("aws-cn", "\u{e000}");
                assert_eq!(spelling.arn(&pattern.account), spelled);
            }
        }
    }
}
