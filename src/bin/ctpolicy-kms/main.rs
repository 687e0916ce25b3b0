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
use ctpolicy::report;
use ctpolicy::source::kms::{Api, Settings};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    if arguments.next().is_none_or(|version| version != VERSION) {
        report::say(&report::error(&format!(
            "this is the part of ctpolicy {VERSION} that speaks to KMS, and ctpolicy {VERSION} runs it\n  help: ctpolicy COMMAND --key KEY; if that was it, the two are of different versions: install both anew"
        )));
        return ExitCode::from(Status::Failed as u8);
    }
    let cli = Cli::parse_from(std::iter::once("ctpolicy".into()).chain(arguments));
    log::start(cli.verbose());
    ExitCode::from(cli.run(&connect) as u8)
}

fn connect(settings: &Settings) -> Result<Box<dyn Api>, String> {
    Ok(Box::new(client::AwsClient::new(settings)?))
}
