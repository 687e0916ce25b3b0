//! ctpolicy with the AWS client: what `ctpolicy` goes on in when a live key is
//! named.

mod client;
mod config;
mod error;
mod log;

use std::env;
use std::process::ExitCode;

use clap::Parser;
use ctpolicy::cli::Cli;
use ctpolicy::flow::Status;
use ctpolicy::report::{self, escape::one_line};
use ctpolicy::source::kms::{Api, Settings};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let caller = arguments.next().unwrap_or_default();
    let caller = caller.to_string_lossy();
    if caller != VERSION {
        let is_version = caller.starts_with(|first: char| first.is_ascii_digit());
        let message = if is_version {
            format!(
                "ctpolicy is {}, and the ctpolicy-kms beside it is {VERSION}\n  help: the two go together: install both anew",
                one_line(&caller)
            )
        } else {
            "this part of ctpolicy speaks to KMS, and ctpolicy runs it\n  help: ctpolicy COMMAND --key KEY".to_owned()
        };
        report::say(&report::error(&message));
        return ExitCode::from(Status::Failed as u8);
    }
    let cli = Cli::parse_from(std::iter::once("ctpolicy".into()).chain(arguments));
    log::start(cli.verbose());
    ExitCode::from(cli.run(&connect) as u8)
}

fn connect(settings: &Settings) -> Result<Box<dyn Api>, String> {
    Ok(Box::new(client::AwsClient::new(settings)?))
}
