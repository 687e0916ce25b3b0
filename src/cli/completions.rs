//! `ctpolicy completions` and `ctpolicy man`

use clap::{Args, Command};
use clap_complete::Shell;

use crate::flow::{self, Status};

#[derive(Debug, Args)]
#[command(before_help = "Example: ctpolicy completions bash > ctpolicy.bash")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Runs the command; `root` is that of `ctpolicy` itself.
    pub fn run(self, mut root: Command) -> Status {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut root, "ctpolicy", &mut script);
        flow::print(&String::from_utf8_lossy(&script), Status::Done)
    }
}

#[derive(Debug, Args)]
#[command(before_help = "Example: ctpolicy man add-account > ctpolicy-add-account.1")]
pub struct Man {
    /// The command
    command: Option<String>,
}

impl Man {
    /// Runs the command; `root` is that of `ctpolicy` itself.
    pub fn run(self, mut root: Command) -> Result<Status, String> {
        root.build();
        let command = match &self.command {
            None => root,
            Some(name) => root
                .find_subcommand(name)
                .cloned()
                .ok_or_else(|| format!("{name:?} is no command of ctpolicy"))?,
        };
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(|error| format!("cannot render the page: {error}"))?;
        Ok(flow::print(&String::from_utf8_lossy(&page), Status::Done))
    }
}
