//! What is shown of an edit. It is text already where the edit waits for its
//! turn: the documents and the plan are larger, and let go.

use std::io::{self, IsTerminal};

use super::{Format, Mode, Options};
use crate::document::Document;
use crate::plan::Plan;
use crate::report::diff::{self, Look};
use crate::report::github::{self, Level};
use crate::report::{self, json, markdown};
use crate::source::Source;

pub(super) struct Preview {
    pub headline: String,
    /// In the colours of standard output.
    pub diff: String,
    /// The diff once more, for whoever is asked about it and does not see it on
    /// standard output.
    pub asked: Option<String>,
    pub findings: String,
    /// The result in another format than a diff.
    pub result: Option<String>,
}

impl Options {
    /// Whether the diff goes to standard output.
    pub(super) fn prints_diff(&self, source: &Source) -> bool {
        self.format == Format::Diff && !self.prints_policy(source)
    }

    /// Whether the edited policy goes to standard output.
    fn prints_policy(&self, source: &Source) -> bool {
        self.mode == Mode::Write && source.is_pipe()
    }

    pub(super) fn preview(
        &self,
        source: &Source,
        is_asked: bool,
        plan: &Plan,
        before: &Document,
        after: &Document,
    ) -> Preview {
        let name = &source.to_string();
        // Of a key with its account and Region.
        let title = &source.title();
        let diff = |is_coloured| {
            let look = Look {
                context: self.context,
                is_coloured,
            };
            diff::unified(title, before.diff_text(), after.diff_text(), look).to_string()
        };
        let is_seen = self.prints_diff(source) && io::stdout().is_terminal();
        let is_told = self.prints_policy(source) || (is_asked && !is_seen);
        let findings = plan.findings.iter();
        Preview {
            headline: report::headline(name, plan),
            diff: diff(report::output_has_colours()),
            asked: is_told.then(|| diff(report::speech_has_colours())),
            findings: findings
                .map(|finding| report::finding(name, before, after, finding))
                .collect(),
            result: match self.format {
                Format::Diff => None,
                Format::JsonPatch => Some(json::line(&json::patch(plan, before))),
                Format::Json => Some(json::line(&json::plan(source, plan, before, after))),
                Format::Markdown => Some(markdown::plan(title, plan, &diff(false))),
                Format::Github => {
                    // With --check it is why the step fails.
                    let edit = match self.mode {
                        Mode::Check => Level::Error,
                        Mode::DryRun | Mode::Write => Level::Notice,
                    };
                    Some(github::plan(title, plan, before, after, edit))
                }
            },
        }
    }
}
