//! The accounts that a request is about, and their trails.

use std::collections::HashMap;

use super::{AccountId, Partition, RegionPattern, TrailName, TrailPattern};

/// The trails that are asked about: those of each account, alike in all but
/// the account.
#[derive(Debug, Clone)]
pub struct Trails {
    /// The partition that the accounts are in.
    pub partition: Partition,
    region: RegionPattern,
    trail: TrailName,
    accounts: Vec<AccountId>,
    places: HashMap<AccountId, usize>,
}

impl Trails {
    /// These trails of these accounts.
    pub fn new(
        partition: Partition,
        region: RegionPattern,
        trail: TrailName,
        accounts: Vec<AccountId>,
    ) -> Self {
        let places = accounts.iter().cloned().zip(0..).collect();
        Self {
            partition,
            region,
            trail,
            accounts,
            places,
        }
    }

    /// Those of one account.
    pub fn one(trail: &TrailPattern) -> Self {
        let (region, name) = (trail.region.clone(), trail.trail.clone());
        Self::new(trail.partition, region, name, vec![trail.account.clone()])
    }

    /// Every trail of these accounts, in any Region.
    pub fn every(partition: Partition, accounts: Vec<AccountId>) -> Self {
        let (region, trail) = <(RegionPattern, TrailName)>::default();
        Self::new(partition, region, trail, accounts)
    }

    /// The accounts, in the order asked.
    pub fn accounts(&self) -> &[AccountId] {
        &self.accounts
    }

    /// The place of the account with this ID, if it is asked about.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.places.get(&AccountId::of_field(id)?).copied()
    }

    /// The account with this ID, if it is asked about.
    pub fn find(&self, id: &str) -> Option<&AccountId> {
        self.accounts.get(self.place(id)?)
    }

    /// The trails of one account.
    pub fn of(&self, account: &AccountId) -> TrailPattern {
        TrailPattern {
            partition: self.partition,
            region: self.region.clone(),
            account: account.clone(),
            trail: self.trail.clone(),
        }
    }

    /// The trails of the first account.
    pub fn first(&self) -> Option<TrailPattern> {
        self.accounts.first().map(|account| self.of(account))
    }

    /// The trails of each account, in the order asked.
    pub fn patterns(&self) -> impl Iterator<Item = TrailPattern> {
        self.accounts.iter().map(|account| self.of(account))
    }

    /// The same trails of other accounts.
    pub fn with(&self, accounts: Vec<AccountId>) -> Self {
        let (region, trail) = (self.region.clone(), self.trail.clone());
        Self::new(self.partition, region, trail, accounts)
    }
}
