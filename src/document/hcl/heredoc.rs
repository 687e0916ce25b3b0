//! Heredocs among the elements of a list.

use std::ops::Range;

use super::trivia::indent_at;
use crate::text::edit::TextEdit;

/// The edit, with what it puts behind a heredoc on a line below: the marker
/// that ends it is alone on its line. To the parser it need not be, but to
/// Terraform.
pub fn keep_markers(
    host: &str,
    edit: TextEdit,
    heredocs: &[Range<usize>],
    newline: &str,
) -> TextEdit {
    edit.map_texts(|own| {
        let text = own.text.as_str();
        let mut before = heredocs.iter();
        let Some(heredoc) = before.find(|heredoc| heredoc.end == own.range.start) else {
            return text.to_owned();
        };
        let rest = Some(text).filter(|text| !text.is_empty());
        let rest = rest.unwrap_or(&host[own.range.end..]);
        if rest
            .trim_start_matches([' ', '\t'])
            .starts_with(['\r', '\n'])
        {
            return text.to_owned();
        }
        let line = format!("{newline}{}", indent_at(host, heredoc.start));
        match text.strip_prefix(',') {
            Some(more) => {
                let own = more.trim_start();
                let lead = &more[..more.len() - own.len()];
                let lead = if lead.contains('\n') { lead } else { &line };
                format!("{lead}, {own}")
            }
            None => line + text,
        }
    })
}
