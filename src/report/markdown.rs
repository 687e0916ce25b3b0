//! For a pull request.

use std::fmt::Write as _;

use super::escape::{escape, one_line};
use crate::plan::{Change, Plan};
use crate::policy::{AccountId, Finding, Severity, Verdict, accounts_text};

/// A sentence on who may encrypt with the edit, what stays blocked, and the
/// diff, which has no colours.
pub fn plan(name: &str, plan: &Plan, diff: &str) -> String {
    let names: Vec<String> = plan.targets.iter().map(|own| own.name()).collect();
    let target = if names.is_empty() {
        "the policy".to_owned()
    } else {
        names.join(" and ")
    };
    let mut parts = Vec::new();
    let mut part = |accounts: Vec<&AccountId>, before: &str, after: &str| {
        if !accounts.is_empty() {
            parts.push(format!("{before}{}{after}", accounts_text(&accounts)));
        }
    };
    let of = |wanted: fn(&Change) -> bool| plan.accounts(wanted);
    let place = format!(", in {}", inline(&target));
    let added = |is_allowed: bool| {
        let outcomes = plan.outcomes.iter();
        outcomes
            .filter(|o| o.change == Change::Added && (o.verdict == Verdict::Allowed) == is_allowed)
            .map(|o| &o.account)
            .collect()
    };
    part(
        added(true),
        "with this edit CloudTrail may encrypt for ",
        &place,
    );
    part(
        added(false),
        "adds ",
        &format!("{place}, which is not enough (see below)"),
    );
    part(
        of(|c| *c == Change::Removed),
        "removes ",
        &format!(" from {}", inline(&target)),
    );
    part(of(|c| *c == Change::Present), "", " present already");
    part(of(|c| *c == Change::Absent), "", " not in the list");
    part(
        of(|c| matches!(c, Change::Covered { .. } | Change::Allowed)),
        "",
        " covered already",
    );
    if plan.operations.is_empty() {
        parts.push("nothing to do".to_owned());
    }
    let mut out = format!("**{}**: {}.\n", text(name), parts.join("; "));
    out.push_str(&findings(&plan.findings));
    if !diff.is_empty() {
        let fence = fence(diff);
        let _ = write!(out, "\n{fence}diff\n{diff}{fence}\n");
    }
    out.push('\n');
    out
}

pub fn findings(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let word = match finding.severity {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
            Severity::Note => "Note",
        };
        let separator = if out.is_empty() { "\n" } else { "" };
        let _ = writeln!(
            out,
            "{separator}- **{word}** (`{}`): {}",
            finding.code,
            text(&finding.message)
        );
    }
    out
}

/// Text that Markdown and HTML leave as it is.
pub fn text(plain: &str) -> String {
    let mut out = String::new();
    for c in one_line(plain).chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '|' | '&' | '#' | '@' | '!'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn inline(plain: &str) -> String {
    text(&escape(plain))
}

/// A fence longer than any run of backticks inside.
fn fence(inside: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in inside.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(longest.max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_would_take_for_its_own_is_escaped() {
        assert_eq!(text("a|*b* <c>\n\\"), "a\\|\\*b\\* \\<c\\>\\\\n\\\\");
        for (inside, longest) in [
            ("", "```"),
            ("`a``", "```"),
            ("```", "````"),
            ("`````", "``````"),
        ] {
            assert_eq!(fence(inside), longest);
        }
    }
}
