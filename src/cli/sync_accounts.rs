//! `ctpolicy sync-accounts`

use std::path::PathBuf;

use clap::Args;

use super::arguments::{AdditionArgs, PolicyArgs, ScopeArgs, accounts_from};
use super::edit::{EditArgs, STATUS};
use crate::accounts::Which;
use crate::flow::{self, Status};
use crate::plan::Request;
use crate::plan::sync;
use crate::report::{self, escape::one_line};
use crate::source::Source;
use crate::source::kms::Connect;

#[derive(Debug, Args)]
#[command(
    override_usage = "ctpolicy sync-accounts [OPTIONS] --accounts-from FILE (POLICY | --key KEY)…"
)]
#[command(after_long_help = STATUS)]
#[command(
    before_help = "Example: ctpolicy sync-accounts --accounts-from accounts.txt key-policy.json"
)]
pub struct SyncAccounts {
    /// The accounts: IDs separated by white space or commas, with # comments, a
    /// JSON array of them, or the JSON of `aws organizations list-accounts`; `-`
    /// is standard input
    #[arg(long, value_name = "FILE")]
    accounts_from: PathBuf,

    #[command(flatten)]
    policies: PolicyArgs,

    #[command(flatten)]
    edit: EditArgs,

    #[command(flatten)]
    scope: ScopeArgs,

    #[command(flatten)]
    addition: AdditionArgs,
}

impl SyncAccounts {
    pub fn run(self, connect: &Connect) -> Result<Status, String> {
        let policies = self.policies.resolve(self.edit.keys(), connect)?;
        let (selection, number) = (self.policies.selection(), self.scope.number());
        let options = self.edit.resolve(&policies, selection, number)?;
        let list = accounts_from(&self.accounts_from, Which::Active)?;
        if list.is_organization {
            let name = Source::of_file(&self.accounts_from).to_string();
            report::say(&report::note(&format!(
                "{}: the accounts of a whole organization: an organization trail needs its management account alone",
                one_line(&name)
            )));
        }
        let request = Request {
            accounts: list.accounts,
            scope: self.addition.scope(self.scope),
            restrict: false,
            source_arns: self.addition.source_arns(),
            source_account: self.addition.source_account,
        };
        Ok(flow::run(&policies, &options, &|case| {
            sync::plan(case, &request)
        }))
    }
}
