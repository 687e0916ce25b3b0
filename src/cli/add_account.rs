//! `ctpolicy add-account`

use clap::Args;

use super::arguments::{AdditionArgs, ScopeArgs, TargetArgs};
use super::edit::{EditArgs, STATUS};
use crate::accounts::Which;
use crate::flow::{self, Status};
use crate::plan::{Request, add};
use crate::source::kms::Connect;

#[derive(Debug, Args)]
#[command(
    override_usage = "ctpolicy add-account [OPTIONS] ACCOUNT[,ACCOUNT…] (POLICY | --key KEY)…\n       ctpolicy add-account [OPTIONS] --accounts-from FILE (POLICY | --key KEY)…"
)]
#[command(before_help = "Example: ctpolicy add-account 222222222222 key-policy.json")]
#[command(after_long_help = [AFTER_HELP, STATUS].concat())]
pub struct AddAccount {
    #[command(flatten)]
    targets: TargetArgs,

    #[command(flatten)]
    edit: EditArgs,

    #[command(flatten)]
    scope: ScopeArgs,

    /// Give the list to a statement that has none, and so takes every account
    /// now; accounts not given here are cut off
    #[arg(long)]
    restrict: bool,

    #[command(flatten)]
    addition: AdditionArgs,
}

const AFTER_HELP: &str = "\
An organization trail carries the management account's ID: add that account \
alone, the members need no entry.

A multi-Region key's replicas have policies of their own, which no edit of \
a file changes: edit each, or all of them with --key and --replicas.

In Terraform, an expression is not known: what rests on one is said. A list \
that is computed is edited where its account IDs stand, if that is in the same \
file; else the message says where the account belongs.

Adding an account lets CloudTrail encrypt its logs; reading them (kms:Decrypt) \
is another statement.

";

impl AddAccount {
    pub fn run(self, connect: &Connect) -> Result<Status, String> {
        let (accounts, policies) =
            self.targets
                .resolve("add-account", Which::Active, self.edit.keys(), connect)?;
        let (selection, number) = (self.targets.selection(), self.scope.number());
        let options = self.edit.resolve(&policies, selection, number)?;
        let request = Request {
            accounts,
            scope: self.addition.scope(self.scope),
            restrict: self.restrict,
            source_arns: self.addition.source_arns(),
            source_account: self.addition.source_account,
        };
        Ok(flow::run(&policies, &options, &|case| {
            add::plan(case, &request)
        }))
    }
}
