//! The command line: one file for each subcommand.

mod add_account;
mod arguments;

use clap::{Parser, Subcommand};

use crate::flow::Status;

/// Let CloudTrail encrypt with a KMS key, account by account: edit the key's
/// policy, and change nothing else in it.
#[derive(Debug, Parser)]
#[command(name = "ctpolicy", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    color: colorchoice_clap::Color,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    AddAccount(add_account::AddAccount),
}

impl Cli {
    /// Runs the command.
    #[must_use]
    pub fn run(self) -> Status {
        self.color.write_global();
        match self.command {
            Command::AddAccount(command) => command.run(),
        }
    }
}
