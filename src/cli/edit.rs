//! The arguments of every command that edits: what happens to the edit.

use std::time::Duration;

use clap::Args;

use super::keys::KeyEditArgs;
use crate::document::Selection;
use crate::flow::{Format, Mode, Options};
use crate::source::{Argument, BackupSuffix, Manner, Sha256Hex};

/// How a command that edits ends.
pub const STATUS: &str = "\
Status: 0 done, or nothing to do; 1 --check found a change, or you said no; \
2 an error: if a file cannot be planned nothing was written, and else the \
output says what became of each policy; 130 Ctrl-C.";

/// What happens to an edit.
#[derive(Debug, Args)]
pub struct EditArgs {
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

    /// Keep a file's old bytes beside it, under its name and SUFFIX
    #[arg(
        long,
        value_name = "SUFFIX",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ".bak"
    )]
    backup: Option<BackupSuffix>,

    /// Overwrite the file itself, where no other can take its place: it is
    /// mounted by itself, or its directory takes no file. Its old bytes are saved
    /// meanwhile; this is the one write that a crash can tear
    #[arg(long)]
    in_place: bool,

    /// Edit only the policy that was reviewed: the one that has this SHA-256,
    /// as --dry-run prints it; for one POLICY or KEY
    #[arg(long, value_name = "HEX")]
    expect_sha256: Option<Sha256Hex>,

    /// How long to wait, at most, for another program's lock on a file, and until
    /// KMS shows the new policy
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    wait: u64,

    /// Unchanged lines around each change in the diff
    #[arg(long, value_name = "N", default_value_t = 3)]
    context: usize,

    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = Format::Diff)]
    format: Format,

    #[command(flatten)]
    keys: KeyEditArgs,
}

impl EditArgs {
    /// How live keys are edited.
    pub fn keys(&self) -> &KeyEditArgs {
        &self.keys
    }

    /// How to go about the edit of these policies.
    ///
    /// # Errors
    /// If the arguments do not go together.
    pub fn resolve(
        self,
        policies: &[Argument],
        selection: Selection,
        statement: Option<usize>,
    ) -> Result<Options, String> {
        let mode = match (self.check, self.dry_run) {
            (true, _) => Mode::Check,
            (false, true) => Mode::DryRun,
            (false, false) => Mode::Write,
        };
        let is_key = |policy: &Argument| matches!(policy, Argument::Key(_));
        if self.backup.is_some() && policies.iter().all(is_key) {
            return Err("--backup is for files; the old policy of a live key is always saved, see --backup-dir".to_owned());
        }
        if self.in_place && !policies.iter().any(Argument::is_file) {
            return Err("--in-place is for files".to_owned());
        }
        if self.expect_sha256.is_some() && policies.len() > 1 {
            return Err("--expect-sha256 is for one POLICY".to_owned());
        }
        if statement.is_some() && policies.len() > 1 {
            return Err(
                "--statement is for one POLICY: in another the same number is another statement"
                    .to_owned(),
            );
        }
        if policies.iter().any(Argument::is_pipe) {
            if mode == Mode::Write && policies.len() > 1 {
                return Err(
                    "a pipe's edited policy goes to standard output: give it as the only POLICY"
                        .to_owned(),
                );
            }
            if mode == Mode::Write && self.format != Format::Diff {
                return Err(
                    "with `-` or a pipe the edited policy goes to standard output\n  help: for \
                     another --format there, add --dry-run"
                        .to_owned(),
                );
            }
            if self.backup.is_some() {
                return Err("with `-` or a pipe there is no file to keep a --backup of".to_owned());
            }
        }
        Ok(Options {
            mode,
            yes: self.yes,
            strict: self.strict,
            manner: Manner {
                backup: self.backup,
                in_place: self.in_place,
                wait: Duration::from_secs(self.wait),
            },
            context: self.context,
            format: self.format,
            expected: self.expect_sha256,
            replacement: None,
            selection,
            statement,
        })
    }
}
