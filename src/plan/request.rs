//! What `add-account` and `sync-accounts` are asked for.

use super::target::Scope;
use crate::policy::AccountId;

#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The accounts, each once.
    pub accounts: Vec<AccountId>,
    /// The statement and the ARNs.
    pub scope: Scope,
    /// Add the list to a statement that has none.
    pub restrict: bool,
    /// Trail ARNs for the condition on `aws:SourceArn`.
    pub source_arns: Vec<String>,
    /// Add the accounts to the condition on `aws:SourceAccount`.
    pub source_account: bool,
}
