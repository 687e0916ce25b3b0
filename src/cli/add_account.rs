//! `ctpolicy add-account`

use clap::Args;

use super::arguments::{Accounts, EditArgs};
use crate::flow::{self, Status};
use crate::plan::add::{self, Request};
use crate::policy::{Partition, RegionPattern, TrailName};
use crate::report;

/// Let CloudTrail encrypt for more accounts: add their trail ARNs to the key
/// policy's encrypt statement.
///
/// Example: ctpolicy add-account 222222222222 key-policy.json
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct AddAccount {
    /// Account IDs of 12 digits, separated by commas
    #[arg(value_name = "ACCOUNT[,ACCOUNT…]")]
    accounts: Accounts,

    #[command(flatten)]
    edit: EditArgs,

    /// The statement's Sid, exactly; nothing else is looked at then
    /// [default: Enable CloudTrail Encrypt Permissions, in either of AWS's
    /// spellings]
    #[arg(long, value_name = "SID")]
    sid: Option<String>,

    /// The accounts' partition [default: that of the policy's ARNs, else aws]
    #[arg(long, value_name = "PARTITION")]
    partition: Option<Partition>,

    /// Only trails of this Region, or of a pattern of Regions
    #[arg(long, value_name = "REGION", default_value = "*")]
    region: RegionPattern,

    /// Only trails of this name, or of a pattern of names
    #[arg(long, value_name = "TRAIL", default_value = "*")]
    trail: TrailName,

    /// Give the list to a statement that has none, and so takes every account
    /// now; accounts not given here are cut off
    #[arg(long)]
    restrict: bool,

    /// Also add this trail ARN to the statement's condition on aws:SourceArn
    #[arg(long = "source-arn", value_name = "ARN", value_parser = trail_arn)]
    source_arns: Vec<String>,

    /// Also add the accounts to the statement's condition on aws:SourceAccount
    #[arg(long)]
    source_account: bool,
}

const AFTER_HELP: &str = "\
An organization trail carries the management account's ID: add that account \
alone, the members need no entry.

A multi-Region key's replicas have policies of their own, which no edit of \
this file changes: edit each.

Adding an account lets CloudTrail encrypt its logs; reading them (kms:Decrypt) \
is another statement.

Status: 0 done, or nothing to do; 1 --check found a change, or you said no; \
2 an error, and nothing was written.";

fn trail_arn(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "cloudtrail", _, account, trail]
            if partition.parse::<Partition>().is_ok()
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && trail
                    .strip_prefix("trail/")
                    .is_some_and(|name| name.parse::<TrailName>().is_ok()) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(
            "not a trail ARN: it looks like arn:aws:cloudtrail:eu-west-1:222222222222:trail/NAME"
                .to_owned(),
        ),
    }
}

impl AddAccount {
    /// Runs the command.
    pub fn run(self) -> Status {
        let (sources, options) = match self.edit.resolve() {
            Ok(resolved) => resolved,
            Err(message) => {
                report::say(&report::error(&message));
                return Status::Failed;
            }
        };
        let request = Request {
            accounts: self.accounts.0,
            sid: self.sid,
            partition: self.partition,
            region: self.region,
            trail: self.trail,
            restrict: self.restrict,
            source_arns: self.source_arns,
            source_account: self.source_account,
            choice: None,
        };
        flow::run(&sources, &options, &|value, choice| {
            let request = Request {
                choice: choice.cloned(),
                ..request.clone()
            };
            add::plan(value, &request)
        })
    }
}
