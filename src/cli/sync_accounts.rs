//! `ctpolicy sync-accounts`

use std::path::PathBuf;

use clap::Args;

use super::arguments::{PolicyArgs, ScopeArgs, accounts_from};
use super::edit::{EditArgs, STATUS};
use crate::accounts::Which;
use crate::flow::{self, Status};
use crate::plan::Request;
use crate::plan::sync;
use crate::source::kms::Connect;

#[derive(Debug, Args)]
#[command(after_long_help = STATUS)]
#[command(
    before_help = "Example: ctpolicy sync-accounts --accounts-from accounts.txt key-policy.json"
)]
pub struct SyncAccounts {
    /// The accounts: one a line with # comments, or the JSON of
    /// `aws organizations list-accounts`; `-` is standard input
    #[arg(long, value_name = "FILE")]
    accounts_from: PathBuf,

    #[command(flatten)]
    policies: PolicyArgs,

    #[command(flatten)]
    edit: EditArgs,

    #[command(flatten)]
    scope: ScopeArgs,
}

impl SyncAccounts {
    /// Runs the command.
    pub fn run(self, connect: &Connect) -> Result<Status, String> {
        let policies = self.policies.resolve(self.edit.keys(), connect)?;
        let options = self.edit.resolve(&policies, self.policies.selection())?;
        let request = Request {
            accounts: accounts_from(&self.accounts_from, Which::Active)?,
            scope: self.scope.into(),
            ..Request::default()
        };
        Ok(flow::run(&policies, &options, &|case| {
            sync::plan(case, &request)
        }))
    }
}
