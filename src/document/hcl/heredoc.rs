//! Heredocs among the elements of a list.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::parser::parse_body;
use hcl_edit::visit::{Visit, visit_expr};

use super::trivia::{indent_at, newline};
use crate::document::text::TextEdit;

struct Heredocs(Vec<Range<usize>>);

impl Visit for Heredocs {
    fn visit_expr(&mut self, node: &Expression) {
        if matches!(node, Expression::HeredocTemplate(_)) {
            self.0.extend(node.span());
        }
        visit_expr(self, node);
    }
}

/// The edits, with what they put behind a heredoc on a line below: the marker
/// that ends it is alone on its line. To the parser it need not be, but to
/// Terraform.
pub fn keep_markers(host: &str, mut edits: Vec<TextEdit>) -> Vec<TextEdit> {
    let mut heredocs = Heredocs(Vec::new());
    if host.contains("<<")
        && let Ok(body) = parse_body(host)
    {
        heredocs.visit_body(&body);
    }
    for edit in &mut edits {
        let mut before = heredocs.0.iter();
        let Some(heredoc) = before.find(|own| own.end == edit.range.start) else {
            continue;
        };
        let rest = Some(edit.text.as_str()).filter(|text| !text.is_empty());
        let rest = rest.unwrap_or(&host[edit.range.end..]);
        if rest
            .trim_start_matches([' ', '\t'])
            .starts_with(['\r', '\n'])
        {
            continue;
        }
        let line = format!("{}{}", newline(host), indent_at(host, heredoc.start));
        edit.text = match edit.text.strip_prefix(',') {
            Some(more) => {
                let own = more.trim_start();
                let lead = &more[..more.len() - own.len()];
                let lead = if lead.contains('\n') { lead } else { &line };
                format!("{lead}, {own}")
            }
            None => line + &edit.text,
        };
    }
    edits
}
