//! `ctpolicy remove-account`

use clap::Args;

use super::arguments::{ScopeArgs, TargetArgs};
use super::edit::{EditArgs, STATUS};
use crate::accounts::Which;
use crate::flow::{self, Status};
use crate::plan::remove::{self, Request};
use crate::source::kms::Connect;

#[derive(Debug, Args)]
#[command(
    override_usage = "ctpolicy remove-account [OPTIONS] ACCOUNT[,ACCOUNT…] (POLICY | --key KEY)…\n       ctpolicy remove-account [OPTIONS] --accounts-from FILE (POLICY | --key KEY)…"
)]
#[command(before_help = "Example: ctpolicy remove-account 222222222222 key-policy.json")]
#[command(after_long_help = STATUS)]
pub struct RemoveAccount {
    #[command(flatten)]
    targets: TargetArgs,

    #[command(flatten)]
    edit: EditArgs,

    #[command(flatten)]
    scope: ScopeArgs,

    /// Take the whole statement out when its list would be left empty
    #[arg(long, conflicts_with = "statement")]
    drop_statement: bool,
}

impl RemoveAccount {
    pub fn run(self, connect: &Connect) -> Result<Status, String> {
        let (accounts, policies) =
            self.targets
                .resolve("remove-account", Which::All, self.edit.keys(), connect)?;
        let (selection, number) = (self.targets.selection(), self.scope.number());
        let options = self.edit.resolve(&policies, selection, number)?;
        let request = Request {
            accounts,
            scope: self.scope.into(),
            drop_statement: self.drop_statement,
        };
        Ok(flow::run(&policies, &options, &|case| {
            remove::plan(case, &request)
        }))
    }
}
