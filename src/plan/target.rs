//! Which statement is meant, and which trails.

use json_patch::jsonptr::PointerBuf;

use super::partition;
use super::spelling::Spelling;
use crate::policy::statement::name;
use crate::policy::{
    AccountId, CURRENT_SID, DEFAULT_SID, Finding, Partition, Policy, RegionPattern, Statement,
    TrailName, Trails,
};

/// Where the ARNs go when no statement has the Sid but others look like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Into a new statement.
    New,
    /// Into this one.
    Into(Target),
}

/// The statement that a plan is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Its place in `Statement`, from 0.
    pub index: usize,
    /// Its Sid.
    pub sid: Option<String>,
    /// Where it stands, or will stand.
    pub at: PointerBuf,
    /// Whether the plan inserts it.
    pub is_new: bool,
}

impl Target {
    pub(super) fn of(statement: &Statement<'_>) -> Self {
        Self {
            index: statement.index,
            sid: statement.sid.map(str::to_owned),
            at: statement.at.clone(),
            is_new: false,
        }
    }

    /// How messages name the statement.
    #[must_use]
    pub fn name(&self) -> String {
        name(self.index, self.sid.as_deref())
    }
}

/// The statement and the ARNs that a request is about.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Exactly this Sid.
    pub sid: Option<String>,
    /// The partition, if not the one of the policy's ARNs.
    pub partition: Option<Partition>,
    /// The ARN's Region field.
    pub region: RegionPattern,
    /// The ARN's trail field.
    pub trail: TrailName,
    /// A person's answer, if one was asked for.
    pub choice: Option<Choice>,
}

impl Scope {
    /// The accounts' partition in this policy.
    pub(crate) fn partition_of(&self, policy: &Policy<'_>) -> Result<Partition, Finding> {
        Ok(partition::resolve(policy, self.partition, &self.region)?.0)
    }

    /// The accounts' trails in this policy, and a warning if the partition
    /// asked for is not the policy's.
    pub(crate) fn asked(
        &self,
        policy: &Policy<'_>,
        accounts: &[AccountId],
    ) -> Result<(Trails, Option<Finding>), Finding> {
        let (partition, mismatch) = partition::resolve(policy, self.partition, &self.region)?;
        let (region, trail) = (self.region.clone(), self.trail.clone());
        let asked = Trails::new(partition, region, trail, accounts.to_vec());
        Ok((asked, mismatch))
    }
}

impl Scope {
    /// How the trails' ARNs are written among these values.
    pub(super) fn spelling<'v>(
        &self,
        policy: &Policy<'_>,
        values: impl DoubleEndedIterator<Item = &'v str>,
        asked: &Trails,
    ) -> Spelling {
        let expression = match self.partition {
            Some(_) => None,
            None => partition::expression(policy, values),
        };
        Spelling::of(asked, expression)
    }
}

/// The statement that is meant by its Sid.
pub(super) fn find<'s, 'a>(
    policy: &'s Policy<'a>,
    scope: &Scope,
) -> Result<Option<&'s Statement<'a>>, Finding> {
    let sids = match &scope.sid {
        Some(sid) => vec![sid.as_str()],
        None => vec![DEFAULT_SID, CURRENT_SID],
    };
    for sid in sids {
        match policy.with_sid(sid).as_slice() {
            [] => {}
            [only] => return Ok(Some(*only)),
            [first, second, ..] => {
                return Err(Finding::error(
                    "duplicate-sid",
                    format!("two statements have the Sid {sid:?}"),
                    second.path("Sid"),
                )
                .related(first.path("Sid"), "the first one")
                .help("give one of them another Sid, and name the one you mean with --sid"));
            }
        }
    }
    Ok(match &scope.choice {
        Some(Choice::Into(target)) => policy
            .statements
            .get(target.index)
            .filter(|statement| statement.sid == target.sid.as_deref()),
        _ => None,
    })
}
