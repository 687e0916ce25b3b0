//! The command line: one file for each subcommand.

mod add_account;
mod arguments;
mod check;
mod completions;
mod edit;
mod keys;
mod lazy;
mod list_accounts;
mod remove_account;
mod restore;
mod sync_accounts;

use clap::{CommandFactory, Parser, Subcommand};

use crate::flow::Status;
use crate::report;
use crate::source::kms::Connect;
use lazy::Lazy;

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
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Let CloudTrail encrypt for more accounts: add their trail ARNs to the key
    /// policy's encrypt statement.
    AddAccount(Lazy<add_account::AddAccount>),
    /// Would CloudTrail, writing a trail of these accounts, be allowed to encrypt
    /// with the key?
    ///
    /// Status: 0 if all are allowed; 1 if any is not, or it depends on what the
    /// policy does not say; 2 on an error.
    Check(Lazy<check::Check>),
    /// The accounts and patterns that the policy lets encrypt, and the room left.
    ListAccounts(Lazy<list_accounts::ListAccounts>),
    /// Take accounts out of the key policy's encrypt statement: every value whose
    /// account is one of them.
    RemoveAccount(Lazy<remove_account::RemoveAccount>),
    /// Make the list of accounts in the key policy's encrypt statement equal to a
    /// list of accounts.
    SyncAccounts(Lazy<sync_accounts::SyncAccounts>),
    /// Put a saved policy back: the whole policy in FILE in the place of the one
    /// that the key has.
    Restore(Lazy<restore::Restore>),
    /// Print a shell's completion script.
    Completions(Lazy<completions::Completions>),
    /// Print the manual page, of ctpolicy or of one of its commands.
    Man(Lazy<completions::Man>),
}

impl Cli {
    /// How often `--verbose` is given.
    pub fn verbose(&self) -> u8 {
        self.verbose
    }

    /// Runs the command; `connect` is called if it names a live key, before
    /// anything is read or printed.
    pub fn run(self, connect: &Connect) -> Status {
        self.color.write_global();
        let status = match self.command {
            Command::AddAccount(Lazy(command)) => command.run(connect),
            Command::Check(Lazy(command)) => command.run(connect),
            Command::ListAccounts(Lazy(command)) => command.run(connect),
            Command::RemoveAccount(Lazy(command)) => command.run(connect),
            Command::SyncAccounts(Lazy(command)) => command.run(connect),
            Command::Restore(Lazy(command)) => command.run(connect),
            Command::Completions(Lazy(command)) => Ok(command.run(Self::command())),
            Command::Man(Lazy(command)) => command.run(Self::command()),
        };
        status.unwrap_or_else(|message| {
            report::say(&report::error(&message));
            Status::Failed
        })
    }
}
