//! Which values of a condition can concern an account: a look-up in the place
//! of a comparison with each value.
//!
//! A trail's ARN has exactly five colons. A value with exactly five can match
//! it only colon by colon, so its account field alone must match the account,
//! under each operator; what its other fields match is the same for every
//! account. A value without digits, whatever its colons, matches the ARNs of
//! all accounts alike.

use std::collections::HashMap;

use super::AccountId;
use super::asked::AccountSet;
use super::named::{Compared, Named, Namer};

/// Values that match the same accounts.
#[derive(Debug, Clone, Default)]
struct Bucket {
    values: Vec<usize>,
    /// What each is but for the account.
    shapes: Vec<u32>,
    /// The same for buckets of the same shapes.
    id: u32,
}

/// A value that names one account in full.
#[derive(Debug, Clone)]
struct Own {
    /// The account's digits.
    account: u64,
    place: usize,
    /// What it is but for the account; nothing where that cannot be told apart
    /// from it.
    shape: Option<u32>,
}

/// A condition's values by the accounts that they can concern.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    /// Values that name one account in full, by the account and in order.
    own: Vec<Own>,
    /// Values with wildcards for the account: for each set of digits that some
    /// fix, those that fix them to the same ones.
    masks: Vec<(u64, HashMap<u64, Bucket>)>,
    /// Values that may concern any account.
    any: Vec<usize>,
    /// Whether some of them may treat accounts differently.
    is_partial: bool,
}

impl Index {
    /// Indexes values; of those that name an account in full, only those for
    /// the accounts that are `wanted`.
    pub(super) fn new<'v>(
        values: impl Iterator<Item = (usize, &'v str)>,
        compared: Compared,
        wanted: &AccountSet,
    ) -> Self {
        let mut index = Self::default();
        let mut shapes: HashMap<(&str, &str), u32> = HashMap::new();
        let mut namer = Namer::new(compared);
        for (place, value) in values {
            match namer.named(value) {
                Named::Nobody => {}
                Named::One(account, around) => {
                    if wanted.place(account).is_none() {
                        continue;
                    }
                    let next = u32::try_from(shapes.len()).unwrap_or(u32::MAX);
                    let shape = around.map(|around| *shapes.entry(around).or_insert(next));
                    index.own.push(Own {
                        account,
                        place,
                        shape,
                    });
                }
                Named::Like {
                    before,
                    pattern,
                    behind,
                } => {
                    let next = u32::try_from(shapes.len()).unwrap_or(u32::MAX);
                    let shape = *shapes.entry((before, behind)).or_insert(next);
                    for (mask, digits) in masks(pattern) {
                        index.insert(mask, digits, place, shape);
                    }
                }
                Named::Everybody => index.any.push(place),
                Named::Anybody => {
                    index.any.push(place);
                    index.is_partial = true;
                }
            }
        }
        index
            .own
            .sort_unstable_by_key(|own| (own.account, own.place));
        index.number();
        index
    }

    /// Gives buckets of the same shapes the same number.
    fn number(&mut self) {
        let mut ids: HashMap<&[u32], u32> = HashMap::new();
        for bucket in self.masks.iter_mut().flat_map(|(_, all)| all.values_mut()) {
            let next = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            bucket.id = *ids.entry(&bucket.shapes).or_insert(next);
        }
    }

    fn insert(&mut self, mask: u64, digits: u64, place: usize, shape: u32) {
        let at = self.masks.iter().position(|(own, _)| *own == mask);
        let at = at.unwrap_or_else(|| {
            self.masks.push((mask, HashMap::new()));
            self.masks.len() - 1
        });
        let Some((_, buckets)) = self.masks.get_mut(at) else {
            return;
        };
        let bucket = buckets.entry(digits).or_default();
        // A pattern may reach the same digits in several ways.
        if bucket.values.last() != Some(&place) {
            bucket.values.push(place);
            bucket.shapes.push(shape);
        }
    }

    fn own(&self, account: &AccountId) -> &[Own] {
        let account = account.digits();
        let start = self.own.partition_point(|own| own.account < account);
        let own = &self.own[start..];
        // Mostly it is one.
        let is_other = |own: &Own| own.account != account;
        &own[..own.iter().position(is_other).unwrap_or(own.len())]
    }

    fn buckets(&self, account: &AccountId) -> impl Iterator<Item = &Bucket> {
        let digits = account.digits();
        self.masks
            .iter()
            .filter_map(move |(mask, buckets)| buckets.get(&(digits & mask)))
    }

    /// The first value that can concern the account.
    pub(super) fn first(&self, account: &AccountId) -> Option<usize> {
        let own = self.own(account).first();
        let masked = self.buckets(account).filter_map(|b| b.values.first());
        let own = own.map(|own| &own.place);
        own.into_iter()
            .chain(masked)
            .chain(self.any.first())
            .min()
            .copied()
    }

    /// By what accounts that are treated alike are known, if that can be told;
    /// and whether some values are about the account and not about all.
    pub(super) fn kind(&self, account: &AccountId) -> (Option<Vec<u32>>, bool) {
        let own = self.own(account);
        let shapes: Option<Vec<u32>> = own.iter().map(|own| own.shape).collect();
        let kind = shapes.filter(|_| !self.is_partial).map(|mut kind| {
            // No shape and no bucket has this number.
            kind.push(u32::MAX);
            kind.extend(self.buckets(account).map(|bucket| bucket.id));
            kind
        });
        let has_own = !own.is_empty() || self.buckets(account).next().is_some();
        (kind, has_own)
    }

    /// The values that can concern the account, in order.
    pub(super) fn values(&self, account: &AccountId) -> Vec<usize> {
        let own = self.own(account).iter();
        let masked = self.buckets(account).flat_map(|bucket| &bucket.values);
        let own = own.map(|own| &own.place);
        let mut values: Vec<usize> = own.chain(masked).chain(&self.any).copied().collect();
        values.sort_unstable();
        values.dedup();
        values
    }
}

/// The sets of account IDs that a pattern stands for, each as the digits that
/// it fixes (four bits of ones for each) and what it fixes them to.
fn masks(pattern: &str) -> Vec<(u64, u64)> {
    let fixed = pattern.bytes().filter(|byte| *byte != b'*').count();
    let Some(free) = 12_usize.checked_sub(fixed) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut todo = vec![(pattern.as_bytes(), free, 0_u64, 0_u64)];
    while let Some((rest, free, mask, digits)) = todo.pop() {
        match rest.split_first() {
            None if free == 0 => found.push((mask, digits)),
            None => {}
            Some((b'*', rest)) if !rest.contains(&b'*') => {
                let shift = 4 * free;
                todo.push((rest, 0, mask << shift, digits << shift));
            }
            // Stars side by side are one.
            Some((b'*', rest)) if rest.first() == Some(&b'*') => {
                todo.push((rest, free, mask, digits));
            }
            Some((b'*', rest)) => {
                for taken in 0..=free {
                    let shift = 4 * taken;
                    todo.push((rest, free - taken, mask << shift, digits << shift));
                }
            }
            Some((b'?', rest)) => todo.push((rest, free, mask << 4, digits << 4)),
            Some((digit, rest)) => {
                let digits = digits << 4 | u64::from(digit - b'0');
                todo.push((rest, free, mask << 4 | 0xf, digits));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pattern::Matcher;

    #[test]
    fn masks_are_what_the_pattern_matches() {
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
        ] {
            let masks = masks(pattern);
            for account in accounts {
                let account: AccountId = account.parse().unwrap();
                let hit = |(mask, digits): &(u64, u64)| account.digits() & mask == *digits;
                assert_eq!(
                    masks.iter().any(hit),
                    Matcher::glob(pattern).matches(account.as_str()),
                    "{pattern} {account}"
                );
            }
        }
    }
}
