//! Workflow annotations.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use json_patch::jsonptr::Pointer;

use super::escape::one_line;
use super::{headline, position};
use crate::document::{Document, Position};
use crate::plan::Plan;
use crate::policy::{Finding, Severity};

/// How loud an annotation is.
#[derive(Debug, Clone, Copy)]
pub enum Level {
    /// `::error`
    Error,
    /// `::warning`
    Warning,
    /// `::notice`
    Notice,
}

/// One annotation, on a line.
pub fn annotation(level: Level, file: &str, at: Position, title: &str, message: &str) -> String {
    let level = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    let Position { line, column } = at;
    let (file, title) = (property(file), property(title));
    let message = data(message);
    format!("::{level} file={file},line={line},col={column},title={title}::{message}\n")
}

/// The annotation of a finding.
pub fn finding(name: &str, before: &Document, after: &Document, finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Note => Level::Notice,
    };
    let at = position(before, after, &finding.at);
    annotation(level, name, at, &finding.code.to_string(), &finding.message)
}

/// The annotations of a plan: the edit, as loud as told, and its findings.
pub fn plan(name: &str, plan: &Plan, before: &Document, after: &Document, edit: Level) -> String {
    let mut out = String::new();
    if !plan.operations.is_empty() {
        let target = plan.targets.first().or(plan.extended.first());
        let at = target.map_or(Pointer::root(), |target| target.at.as_ptr());
        let at = position(before, after, at);
        let message = headline(name, plan);
        out.push_str(&annotation(edit, name, at, "change", message.trim_end()));
    }
    for one in &plan.findings {
        out.push_str(&finding(name, before, after, one));
    }
    out
}

fn data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(one_line).collect();
    lines.join("\n").replace('%', "%25").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_message_or_a_property_is_encoded() {
        assert_eq!(data("a,b: 5%\r\n%0A"), "a,b: 5%25\\r%0A%250A");
        assert_eq!(property("a,b: 5%\n"), "a%2Cb%3A 5%25%0A");
    }
}
