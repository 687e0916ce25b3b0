//! `ctpolicy list-accounts`

use clap::{Args, ValueEnum};

use super::arguments::{PartitionArgs, PolicyArgs};
use super::keys::KeyEditArgs;
use crate::audit::{list, room};
use crate::flow::{self, Status};
use crate::plan::Request;
use crate::plan::Scope;
use crate::report::{self, json};
use crate::source::kms::Connect;

#[derive(Debug, Args)]
#[command(override_usage = "ctpolicy list-accounts [OPTIONS] (POLICY | --key KEY)…")]
#[command(before_help = "Example: ctpolicy list-accounts key-policy.json")]
pub struct ListAccounts {
    #[command(flatten)]
    policies: PolicyArgs,

    #[command(flatten)]
    partition: PartitionArgs,

    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table
    Table,
    /// One JSON object per policy
    Json,
    /// One account ID a line, for pipes
    Ids,
    /// A table, for a pull request
    Markdown,
    /// GitHub workflow annotations
    Github,
}

impl ListAccounts {
    pub fn run(self, connect: &Connect) -> Result<Status, String> {
        let sources = self.policies.resolve(&KeyEditArgs::default(), connect)?;
        let selection = self.policies.selection();
        let scope: Scope = self.partition.into();
        let inspection = flow::inspect(&sources, &selection, |reading| {
            let scope = scope.in_case(&reading.case);
            let mut entries = list::list(reading.policy, &scope)?;
            let spell = |text: &str| reading.document.spell(text).into_owned();
            let doubts = reading.document.doubts();
            for entry in &mut entries {
                entry.spell(&spell);
                entry.verdict = entry.verdict.doubted(&doubts);
            }
            let request = Request {
                scope,
                ..Request::default()
            };
            Ok((
                entries,
                room::room(reading.document, reading.policy, &request),
            ))
        });
        let listed = &inspection.answers;
        let out = match self.format {
            Format::Table => listed.iter().map(report::list::table).collect(),
            Format::Json => listed
                .iter()
                .map(|one| json::line(&report::list::json(one)))
                .collect(),
            Format::Ids => report::list::ids(listed),
            Format::Markdown => listed.iter().map(report::list::markdown).collect(),
            Format::Github => listed.iter().map(report::list::github).collect(),
        };
        let mut status = flow::print(&out, inspection.status());
        for (source, document, _) in listed {
            for note in document.provisos() {
                report::say_finding(source, document, &note);
            }
        }
        if let Format::Ids = self.format {
            for (source, document, (entries, _)) in listed {
                for finding in entries.iter().filter_map(list::Entry::no_id) {
                    status = status.max(Status::Differs);
                    report::say_finding(source, document, &finding);
                }
            }
        }
        Ok(status)
    }
}
