//! The process: arguments in, an exit status out.

use std::process::ExitCode;

use clap::Parser;
use ctpolicy::cli::Cli;

fn main() -> ExitCode {
    ExitCode::from(Cli::parse().run() as u8)
}
