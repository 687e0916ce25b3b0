//! `ctpolicy completions` and `ctpolicy man`

use clap::builder::PossibleValuesParser;
use clap::{Arg, Args, Command, ValueHint};
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
        root.build();
        let names: Vec<String> = root
            .get_subcommands()
            .map(|command| command.get_name().to_owned())
            .filter(|name| name != "help")
            .collect();
        let mut root = root
            .mut_subcommand("man", |man| {
                man.mut_arg("command", |command| {
                    command.value_parser(PossibleValuesParser::new(names))
                })
            })
            .mut_subcommands(|command| command.mut_args(without_files));
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut root, "ctpolicy", &mut script);
        let mut script = String::from_utf8_lossy(&script).into_owned();
        if self.shell == Shell::Zsh {
            // Behind two colons the words are the arguments alone, and zsh
            // completes no option after the first of them.
            script = script.replace("'*::", "'*:");
        }
        flow::print(&script, Status::Done)
    }
}

/// An argument that is no path gets no files offered.
fn without_files(argument: Arg) -> Arg {
    match argument.get_value_hint() {
        ValueHint::Unknown => argument.value_hint(ValueHint::Other),
        _ => argument,
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
