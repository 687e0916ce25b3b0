//! A policy, and what is known of it beside its text.

use super::{Choice, Scope};
use crate::policy::Partition;
use crate::value::Value;

/// What a plan is made for.
#[derive(Debug, Clone, Copy)]
pub struct Case<'c> {
    /// The policy.
    pub value: &'c Value,
    /// A person's choice of statement, if one was asked for.
    pub choice: Option<&'c Choice>,
    /// The Sids that are expressions, each as it is written and as it stands in
    /// the value.
    pub sids: &'c [(String, String)],
    /// The partition that the policy's key is in, if that is known.
    pub partition: Option<Partition>,
}

impl<'c> Case<'c> {
    /// A policy of which nothing else is known.
    pub fn of(value: &'c Value) -> Self {
        Self {
            value,
            choice: None,
            sids: &[],
            partition: None,
        }
    }
}

impl Scope {
    /// The scope for this policy: what is not asked for is as the case is.
    pub fn in_case(&self, case: &Case<'_>) -> Self {
        let written = |sid: &String| {
            let mut sids = case.sids.iter();
            let found = sids.find(|(written, _)| written == sid);
            found.map_or(sid, |(_, own)| own).clone()
        };
        Self {
            sid: self.sid.as_ref().map(written),
            choice: case.choice.or(self.choice.as_ref()).cloned(),
            partition: self.partition.or(case.partition),
            ..self.clone()
        }
    }
}
