//! The process: arguments in, an exit status out.

mod live_keys;

use std::process::ExitCode;

use clap::Parser;
use ctpolicy::cli::Cli;

fn main() -> ExitCode {
    ExitCode::from(Cli::parse().run(&live_keys::hand_over) as u8)
}
