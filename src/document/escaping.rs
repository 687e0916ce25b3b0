//! How text that is put into a host is spelled there.

use super::holes::{Hole, Holes};
use crate::policy::hole;

/// How text is spelled in the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escaping {
    /// As a JSON string's body.
    JsonString,
    /// As a JSON string's body, in which `${` is Terraform's.
    JsonTemplate,
    /// As a quoted HCL string's body.
    HclQuoted,
    /// As it is, but `${` and `%{` are Terraform's.
    Template,
    /// As it is.
    Plain,
    /// As the body of a single-quoted scalar in YAML.
    SingleQuoted,
    /// As the lines of a block scalar in YAML.
    Block {
        /// The spaces that each starts with.
        indent: usize,
        /// Whether they end in CR LF.
        is_crlf: bool,
    },
}

impl Escaping {
    /// Spells text in the host.
    pub fn encode(self, text: &str, holes: &Holes) -> String {
        let mut out = String::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let bare = rest
                .strip_prefix('"')
                .and_then(|inner| Some((inner.chars().next()?, inner)))
                .filter(|(c, inner)| {
                    hole::WHOLE.contains(c) && inner[c.len_utf8()..].starts_with('"')
                });
            if let Some((c, inner)) = bare
                && let Some(hole) = holes.get(c)
            {
                out.push_str(&self.literal(&literal));
                literal.clear();
                out.push_str(&self.expression(hole));
                rest = &inner[c.len_utf8() + 1..];
                continue;
            }
            if let Some(hole) = holes.get(c) {
                out.push_str(&self.literal(&literal));
                literal.clear();
                out.push_str(&self.expression(hole));
            } else {
                literal.push(c);
            }
            rest = &rest[c.len_utf8()..];
        }
        out.push_str(&self.literal(&literal));
        out
    }

    fn literal(self, text: &str) -> String {
        let markers = |text: &str| text.replace("${", "$${").replace("%{", "%%{");
        let json = |text: &str| {
            let quoted = serde_json::Value::from(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        };
        match self {
            Self::JsonString => json(text),
            Self::JsonTemplate => json(&markers(text)),
            // HCL has JSON's `\n`, `\r`, `\t`, `\"` and `\\`.
            Self::HclQuoted => markers(&json(text)),
            Self::Template => markers(text),
            Self::Plain => text.to_owned(),
            Self::SingleQuoted => text.replace('\'', "''"),
            Self::Block { indent, is_crlf } => {
                let newline = if is_crlf { "\r\n" } else { "\n" };
                let newline = [newline, &" ".repeat(indent)].concat();
                text.replace('\n', &newline)
            }
        }
    }

    fn expression(self, hole: &Hole) -> String {
        match self {
            Self::JsonString | Self::JsonTemplate => {
                let quoted = serde_json::Value::from(hole.text.as_str()).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
            Self::Plain | Self::SingleQuoted | Self::Block { .. } => hole.text.clone(),
            Self::HclQuoted | Self::Template => {
                if hole.text.starts_with(['$', '%']) {
                    hole.text.clone()
                } else {
                    format!("${{{}}}", hole.text)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_spelled_as_its_place_has_it() {
        let text = "it's \"${a}\" %{b}\n";
        let block = |is_crlf| Escaping::Block { indent: 2, is_crlf };
        for (escaping, spelled) in [
            (Escaping::Plain, text),
            (Escaping::Template, "it's \"$${a}\" %%{b}\n"),
            (Escaping::JsonString, "it's \\\"${a}\\\" %{b}\\n"),
            (Escaping::JsonTemplate, "it's \\\"$${a}\\\" %%{b}\\n"),
            (Escaping::HclQuoted, "it's \\\"$${a}\\\" %%{b}\\n"),
            (Escaping::SingleQuoted, "it''s \"${a}\" %{b}\n"),
            (block(false), "it's \"${a}\" %{b}\n  "),
            (block(true), "it's \"${a}\" %{b}\r\n  "),
        ] {
            let encoded = escaping.encode(text, &Holes::default());
            assert_eq!(encoded, spelled, "{escaping:?}");
        }
    }
}
