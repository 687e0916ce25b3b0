//! Arguments that several commands take.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;

use crate::flow::{Format, Mode, Options};
use crate::policy::AccountId;
use crate::source::{BackupSuffix, Source};

/// Accounts, separated by commas, each once and in the order given.
#[derive(Debug, Clone)]
pub struct Accounts(pub Vec<AccountId>);

impl FromStr for Accounts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut accounts = Vec::new();
        for part in text.split(',') {
            let account: AccountId = part.trim().parse().map_err(|error| {
                if looks_like_file(part) {
                    "a file name stands where the account belongs: are the two swapped? \
                     (ctpolicy add-account ACCOUNT POLICY)"
                        .to_owned()
                } else {
                    format!("{part:?} is {error}")
                }
            })?;
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        }
        Ok(Self(accounts))
    }
}

fn looks_like_file(text: &str) -> bool {
    text == "-" || text.contains(['/', '.']) || Path::new(text).exists()
}

/// The policies and what happens to an edit of them.
#[derive(Debug, Args)]
pub struct EditArgs {
    /// Files that hold a key policy; `-` alone reads standard input and
    /// writes the edited policy to standard output
    #[arg(value_name = "POLICY", required = true)]
    policies: Vec<PathBuf>,

    /// Show the edit and write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Write nothing; status 1 if anything would change (for CI)
    #[arg(long)]
    check: bool,

    /// Write without asking
    #[arg(short, long)]
    yes: bool,

    /// Refuse what would only be warned of
    #[arg(long)]
    strict: bool,

    /// Keep the old bytes beside the file, under its name and SUFFIX
    #[arg(
        long,
        value_name = "SUFFIX",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ".bak"
    )]
    backup: Option<BackupSuffix>,

    /// Unchanged lines around each change in the diff
    #[arg(long, value_name = "N", default_value_t = 3)]
    context: usize,

    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = Format::Diff)]
    format: Format,
}

impl EditArgs {
    /// The policies' sources, and how to go about them.
    ///
    /// # Errors
    /// If the arguments do not go together.
    pub fn resolve(self) -> Result<(Vec<Source>, Options), String> {
        let sources: Vec<Source> = self
            .policies
            .iter()
            .map(|path| Source::from_argument(path))
            .collect();
        let mode = match (self.check, self.dry_run) {
            (true, _) => Mode::Check,
            (false, true) => Mode::DryRun,
            (false, false) => Mode::Write,
        };
        if sources.contains(&Source::Stdin) {
            if sources.len() > 1 {
                return Err("`-` (standard input) is taken as the only POLICY".to_owned());
            }
            if mode == Mode::Write && self.format != Format::Diff {
                return Err(
                    "with `-` the edited policy goes to standard output; for another --format \
                     there, add --dry-run"
                        .to_owned(),
                );
            }
            if self.backup.is_some() {
                return Err("with `-` there is no file to keep a --backup of".to_owned());
            }
        }
        let options = Options {
            mode,
            yes: self.yes,
            strict: self.strict,
            backup: self.backup,
            context: self.context,
            format: self.format,
        };
        Ok((sources, options))
    }
}
