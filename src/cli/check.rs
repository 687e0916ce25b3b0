//! `ctpolicy check`

use clap::{Args, ValueEnum};

use super::arguments::{PartitionArgs, TargetArgs, one_trail_arn};
use super::keys::KeyEditArgs;
use crate::accounts::Which;
use crate::audit::check::{self, Question};
use crate::flow::{self, Status};
use crate::plan::Scope;
use crate::policy::{Severity, TrailPattern};
use crate::report::{self, json};
use crate::source::kms::Connect;

#[derive(Debug, Args)]
#[command(
    override_usage = "ctpolicy check [OPTIONS] ACCOUNT[,ACCOUNT…] (POLICY | --key KEY)…\n       ctpolicy check [OPTIONS] --accounts-from FILE (POLICY | --key KEY)…\n       ctpolicy check [OPTIONS] --trail-arn ARN (POLICY | --key KEY)…"
)]
#[command(before_help = "Example: ctpolicy check 222222222222 key-policy.json")]
#[command(
    after_long_help = "Status: 0 all may encrypt; 1 not all, or it depends, or with --strict a warning; 2 an error; 130 Ctrl-C."
)]
pub struct Check {
    #[command(flatten)]
    targets: TargetArgs,

    /// Ask about one trail instead of accounts; the answer is yes, no or
    /// depends
    #[arg(long = "trail-arn", value_name = "ARN", value_parser = one_trail_arn, conflicts_with = "accounts_from")]
    trail_arns: Vec<TrailPattern>,

    /// End with status 1 on a warning too
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    partition: PartitionArgs,

    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines
    Text,
    /// One JSON object per policy
    Json,
    /// A list, for a pull request
    Markdown,
    /// GitHub workflow annotations
    Github,
    /// One SARIF 2.1.0 log
    Sarif,
}

impl Check {
    pub fn run(self, connect: &Connect) -> Result<Status, String> {
        let selection = self.targets.selection();
        let (question, sources) = if self.trail_arns.is_empty() {
            let edit = KeyEditArgs::default();
            let (accounts, policies) =
                self.targets
                    .resolve("check", Which::Active, &edit, connect)?;
            (Question::Accounts(accounts), policies)
        } else {
            let policies = self.targets.policies("check --trail-arn ARN", connect)?;
            (Question::Trails(self.trail_arns), policies)
        };
        let scope: Scope = self.partition.into();
        let mut inspection = flow::inspect(&sources, &selection, |reading| {
            let scope = scope.in_case(&reading.case);
            let doubts = reading.document.doubts();
            let mut checked = check::check(reading.policy, &question, &scope, &doubts)?;
            checked.notes.extend(reading.document.provisos());
            checked.spell(&|text| reading.document.spell(text).into_owned());
            Ok(checked)
        });
        if self.format != Format::Json {
            let answers = inspection.answers.iter_mut();
            check::tell_once(answers.map(|(.., check)| check).collect());
        }
        let checked = &inspection.answers;
        let notes = checked.iter().flat_map(|(.., check)| &check.notes);
        let has_warned = notes
            .into_iter()
            .any(|note| note.severity == Severity::Warning);
        let mut status = inspection.status();
        if checked.iter().any(|(.., check)| !check.is_passed())
            || (self.strict && (has_warned || inspection.has_warned))
        {
            status = status.max(Status::Differs);
        }
        let out = match self.format {
            Format::Text => report::check::text(
                checked,
                inspection.failures.len(),
                report::output_has_colours(),
            ),
            Format::Json => checked
                .iter()
                .map(|one| json::line(&report::check::json(one)))
                .collect(),
            Format::Markdown => checked.iter().map(report::check::markdown).collect(),
            Format::Github => checked.iter().map(report::check::github).collect(),
            Format::Sarif => json::line(&report::sarif::log(checked, &inspection.failures)),
        };
        let status = flow::print(&out, status);
        for (source, document, check) in checked {
            for note in &check.notes {
                report::say(&report::finding(
                    &source.to_string(),
                    document,
                    document,
                    note,
                ));
            }
        }
        Ok(status)
    }
}
