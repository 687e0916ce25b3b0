//! What is known of an expression without its value: its type, and where the
//! template defines what it draws on.

use super::function::function;
use super::intrinsic::Reader;
use super::sub::{self, Piece};
use crate::document::holes::{HoleKind, Source};
use crate::document::text::Position;
use crate::document::tree::Kind;
use crate::value::Value;

/// How many values of a mapping are named one by one.
const MOST_ENTRIES: usize = 6;

impl Reader<'_> {
    /// What a function's value can be, by its name.
    pub(super) fn kind(&self, name: &str, argument: &Value) -> HoleKind {
        let is_text = |value: &Value| match value {
            Value::Object(map) => match function(map) {
                Some(("Ref", Value::String(name))) if name == "AWS::NoValue" => true,
                Some((name, argument)) => self.kind(name, argument) == HoleKind::Text,
                None => false,
            },
            other => !other.is_array(),
        };
        match name {
            "Ref" if self.is_list_parameter(argument) => HoleKind::Whole,
            "Ref" | "Fn::Sub" | "Fn::Join" | "Fn::GetAtt" | "Fn::ImportValue" | "Fn::Select"
            | "Fn::Base64" | "Fn::ToJsonString" => HoleKind::Text,
            "Fn::FindInMap" => {
                let entries = self.entries(argument);
                if !entries.is_empty() && entries.iter().all(|entry| is_text(entry.value)) {
                    HoleKind::Text
                } else {
                    HoleKind::Whole
                }
            }
            "Fn::If" => {
                let branches = argument.as_array().and_then(|parts| parts.get(1..3));
                match branches {
                    Some(branches) if branches.iter().all(is_text) => HoleKind::Text,
                    _ => HoleKind::Whole,
                }
            }
            _ => HoleKind::Whole,
        }
    }

    fn is_list_parameter(&self, name: &Value) -> bool {
        let own = name.as_str().and_then(|name| {
            self.template
                .get("Parameters")?
                .get(name)?
                .get("Type")?
                .as_str()
        });
        own.is_some_and(|own| own.contains("CommaDelimitedList") || own.contains("List<"))
    }

    /// What an expression draws on that the template defines.
    pub(super) fn draws_on(&self, name: &str, argument: &Value, found: &mut Vec<Source>) {
        let mut push = |section: &str, name: &str| {
            let kind = section.trim_end_matches('s').to_ascii_lowercase();
            let source = self.defined(section, name).map(|at| Source {
                name: format!("{kind} {name}{}", self.given(section, name)),
                at: Some(at),
            });
            found.extend(source.filter(|source| !found.contains(source)));
        };
        match (name, argument) {
            ("Ref", Value::String(name)) => {
                push("Parameters", name);
                push("Resources", name);
            }
            ("Fn::GetAtt", Value::String(path)) => {
                push("Resources", path.split('.').next().unwrap_or(path));
            }
            ("Fn::Sub", Value::String(text)) => {
                for piece in sub::pieces(text) {
                    if let Piece::Name(name) = piece {
                        push("Parameters", name.trim());
                    }
                }
            }
            ("Fn::GetAtt", Value::Array(parts)) => {
                if let Some(Value::String(first)) = parts.first() {
                    push("Resources", first);
                }
            }
            ("Fn::FindInMap", Value::Array(parts)) => {
                let entries = self.entries(argument);
                if (1..=MOST_ENTRIES).contains(&entries.len()) {
                    let sources = entries.iter().map(|entry| Source {
                        name: entry.name(),
                        at: Some(Position::of(self.text, entry.member.key_span.start)),
                    });
                    found.extend(sources);
                } else if let Some(Value::String(first)) = parts.first() {
                    push("Mappings", first);
                }
            }
            _ => {}
        }
        self.inside(argument, found);
    }

    /// Where a parameter's value comes from.
    fn given(&self, section: &str, name: &str) -> String {
        let own = self.template.get(section).and_then(|own| own.get(name));
        let Some((parameter, node)) = own
            .zip(self.tree.child(section).and_then(|own| own.child(name)))
            .filter(|_| section == "Parameters")
        else {
            return String::new();
        };
        let default = parameter.get("Default").zip(node.child("Default"));
        let Some((default, node)) = default else {
            return String::new();
        };
        let own_type = parameter.get("Type").and_then(Value::as_str);
        if own_type.is_some_and(|own| own.starts_with("AWS::SSM::")) {
            return format!(", a parameter of SSM, {default} if none is given");
        }
        let Position { line, .. } = Position::of(self.text, node.span.start);
        format!(", whose Default on line {line} counts only where no value is given")
    }

    fn defined(&self, section: &str, name: &str) -> Option<Position> {
        let Kind::Object(members) = &self.tree.child(section)?.kind else {
            return None;
        };
        let member = members.iter().find(|member| member.key == name)?;
        Some(Position::of(self.text, member.key_span.start))
    }

    fn inside(&self, value: &Value, found: &mut Vec<Source>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.inside(item, found)),
            Value::Object(map) => match function(map) {
                Some((name, argument)) => self.draws_on(name, argument, found),
                None => map.values().for_each(|item| self.inside(item, found)),
            },
            _ => {}
        }
    }
}
