//! The command line: one file for each subcommand.

mod add_account;
mod arguments;
mod check;
mod completions;
mod keys;
mod list_accounts;
#[cfg(feature = "kms")]
mod log;
mod remove_account;
mod restore;
mod sync_accounts;

use clap::{Parser, Subcommand};

use crate::flow::Status;
use crate::report;

/// Let CloudTrail encrypt with a KMS key, account by account: edit the key's
/// policy, and change nothing else in it.
#[derive(Debug, Parser)]
#[command(
    name = "ctpolicy",
    version,
    arg_required_else_help = true,
    before_help = "Example: ctpolicy add-account 222222222222 key-policy.json"
)]
pub struct Cli {
    #[command(flatten)]
    color: colorchoice_clap::Color,
    /// Tell on standard error which calls are made; twice: what the AWS client
    /// does. RUST_LOG, if set, decides instead
    #[cfg(feature = "kms")]
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    AddAccount(add_account::AddAccount),
    Check(check::Check),
    ListAccounts(list_accounts::ListAccounts),
    RemoveAccount(remove_account::RemoveAccount),
    SyncAccounts(sync_accounts::SyncAccounts),
    Restore(restore::Restore),
    Completions(completions::Completions),
    Man(completions::Man),
}

impl Cli {
    /// Runs the command.
    #[must_use]
    pub fn run(self) -> Status {
        self.color.write_global();
        #[cfg(feature = "kms")]
        log::start(self.verbose);
        let status = match self.command {
            Command::AddAccount(command) => command.run(),
            Command::Check(command) => command.run(),
            Command::ListAccounts(command) => command.run(),
            Command::RemoveAccount(command) => command.run(),
            Command::SyncAccounts(command) => command.run(),
            Command::Restore(command) => command.run(),
            Command::Completions(command) => Ok(command.run()),
            Command::Man(command) => command.run(),
        };
        status.unwrap_or_else(|message| {
            report::say(&report::error(&message));
            Status::Failed
        })
    }
}
