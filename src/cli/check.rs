//! `ctpolicy check`

use clap::{Args, ValueEnum};

use super::arguments::{PartitionArgs, TargetArgs, one_trail_arn};
use super::keys::KeyEditArgs;
use crate::accounts::Which;
use crate::audit::check::{self, Host, Question};
use crate::document::HostKind;
use crate::flow::{self, Reading, Status};
use crate::plan::cure::Cure;
use crate::plan::{Plan, Scope, limits};
use crate::policy::{AccountId, Partition, Severity, TrailPattern};
use crate::report::{self, json};
use crate::source::kms::Connect;

#[derive(Debug, Args)]
#[command(
    override_usage = "ctpolicy check [OPTIONS] ACCOUNT[,ACCOUNT…] (POLICY | --key KEY)…\n       ctpolicy check [OPTIONS] --accounts-from FILE (POLICY | --key KEY)…\n       ctpolicy check [OPTIONS] --trail-arn ARN (POLICY | --key KEY)…"
)]
#[command(before_help = "Example: ctpolicy check 222222222222 key-policy.json")]
#[command(
    after_long_help = "Where a run of add-account would let those encrypt that may not, the last line gives it.

InsufficientEncryptionPolicyException: CloudTrail gives this error when a trail is created or updated, \
and it may mean the key's policy, the bucket's policy, or a key that is disabled, pending deletion or in \
another Region than the bucket. check tells whether the key's policy lets CloudTrail encrypt and call \
kms:DescribeKey for the trail (--trail-arn), and of a live key (--key) whether its state allows it. It sees \
neither the bucket nor its policy: where the answer is yes and nothing is warned of, look there.

Status: 0 all may encrypt; 1 not all, or it depends, or with --strict a warning; 2 an error; 130 Ctrl-C."
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
            let host = Host {
                doubts: reading.document.doubts(),
                can_be_made: &|plan| can_be_made(reading, plan),
                command: &|cure| command(cure, reading, selection.kind, scope.partition),
            };
            let scope = scope.in_case(&reading.case);
            let mut checked = check::check(reading.policy, &question, &scope, &host)?;
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
                report::say_finding(source, document, note);
            }
        }
        Ok(status)
    }
}

/// Whether a planned edit can be made where the policy is.
fn can_be_made(reading: &Reading<'_>, plan: &Plan) -> bool {
    let (source, before) = (reading.source, reading.document);
    let name = source.to_string();
    let is_error = |severity| severity == Severity::Error;
    let findings = source.findings(true);
    if findings.iter().any(|own| is_error(own.severity))
        || before.obstacle(&plan.operations, &name).is_some()
    {
        return false;
    }
    before.apply(&plan.operations).is_ok_and(|after| {
        let (after, _) = source.fit(after);
        let (old, new) = (before.policy_text(), after.policy_text());
        let findings = limits(&old, &new, after.value());
        findings.iter().all(|own| !is_error(own.severity))
    })
}

/// The command that makes an edit of the same policy.
fn command(
    cure: &Cure,
    reading: &Reading<'_>,
    kind: Option<HostKind>,
    partition: Option<Partition>,
) -> String {
    let accounts: Vec<&str> = cure.accounts.iter().map(AccountId::as_str).collect();
    let mut words = cure.options.clone();
    let kind = kind.and_then(|kind| kind.to_possible_value());
    for (option, value) in [
        ("--partition", partition.map(|own| own.to_string())),
        ("--kind", kind.map(|kind| kind.get_name().to_owned())),
        ("--resource", reading.document.resource().map(str::to_owned)),
    ] {
        words.extend(
            value
                .into_iter()
                .flat_map(|value| [option.to_owned(), value]),
        );
    }
    words.extend(reading.source.arguments());
    let words = shlex::try_join(words.iter().map(String::as_str)).unwrap_or(words.join(" "));
    format!("ctpolicy add-account {} {words}", accounts.join(","))
}
