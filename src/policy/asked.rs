//! The accounts that a request is about, and their trails.

use super::digits::digits;
use super::{AccountId, Partition, RegionPattern, TrailName, TrailPattern};

/// A list of accounts in which each is found by its ID. Sorted and not hashed:
/// mostly it holds one, and every value of a policy's lists is looked up.
#[derive(Debug, Clone, Default)]
pub struct AccountSet(Vec<(u64, usize)>);

impl AccountSet {
    /// Of these accounts.
    #[must_use]
    pub fn new<'i>(accounts: impl IntoIterator<Item = &'i AccountId>) -> Self {
        let accounts = accounts.into_iter().enumerate();
        let mut all: Vec<(u64, usize)> = accounts.map(|(at, id)| (id.digits(), at)).collect();
        all.sort_unstable();
        Self(all)
    }

    /// The place in the list of the account with these digits.
    pub(super) fn place(&self, digits: u64) -> Option<usize> {
        let at = self.0.partition_point(|(own, _)| *own < digits);
        let (found, place) = self.0.get(at)?;
        (*found == digits).then_some(*place)
    }

    /// The place in the list of the account with this ID.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<usize> {
        self.place(digits(id)?)
    }

    /// Whether the account is in the list.
    #[must_use]
    pub fn contains(&self, account: &AccountId) -> bool {
        self.place(account.digits()).is_some()
    }
}

/// The trails that are asked about: those of each account, alike in all but
/// the account.
#[derive(Debug, Clone)]
pub struct Trails {
    /// The partition that the accounts are in.
    pub partition: Partition,
    region: RegionPattern,
    trail: TrailName,
    accounts: Vec<AccountId>,
    set: AccountSet,
}

impl Trails {
    /// These trails of these accounts.
    #[must_use]
    pub fn new(
        partition: Partition,
        region: RegionPattern,
        trail: TrailName,
        accounts: Vec<AccountId>,
    ) -> Self {
        Self {
            partition,
            region,
            trail,
            set: AccountSet::new(&accounts),
            accounts,
        }
    }

    /// Every trail of these accounts, in any Region.
    #[must_use]
    pub fn every(partition: Partition, accounts: Vec<AccountId>) -> Self {
        let (region, trail) = <(RegionPattern, TrailName)>::default();
        Self::new(partition, region, trail, accounts)
    }

    /// The accounts, in the order asked.
    #[must_use]
    pub fn accounts(&self) -> &[AccountId] {
        &self.accounts
    }

    /// The accounts, to look one up.
    #[must_use]
    pub fn set(&self) -> &AccountSet {
        &self.set
    }

    /// The account with this ID, if it is asked about.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&AccountId> {
        self.accounts.get(self.set.find(id)?)
    }

    /// The trails of one account.
    #[must_use]
    pub fn of(&self, account: &AccountId) -> TrailPattern {
        TrailPattern {
            partition: self.partition,
            region: self.region.clone(),
            account: account.clone(),
            trail: self.trail.clone(),
        }
    }

    /// The trails of the first account.
    #[must_use]
    pub fn first(&self) -> Option<TrailPattern> {
        self.accounts.first().map(|account| self.of(account))
    }

    /// The trails of each account, in the order asked.
    pub fn patterns(&self) -> impl Iterator<Item = TrailPattern> {
        self.accounts.iter().map(|account| self.of(account))
    }

    /// The same trails of other accounts.
    #[must_use]
    pub fn with(&self, accounts: Vec<AccountId>) -> Self {
        let (region, trail) = (self.region.clone(), self.trail.clone());
        Self::new(self.partition, region, trail, accounts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_at_its_place() {
        let ids = ["222222222222", "000000000001", "999999999999"];
        let accounts = ids.map(|id| id.parse::<AccountId>().unwrap());
        let set = AccountSet::new(&accounts);
        for (place, id) in ids.iter().enumerate() {
            assert_eq!(set.find(id), Some(place));
        }
        for other in ["000000000000", "1", "", "22222222222x", "2222-2222-2222"] {
            assert_eq!(set.find(other), None);
        }
        assert_eq!(AccountSet::default().find(ids[0]), None);
    }
}
