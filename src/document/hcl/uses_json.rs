//! `uses` in Terraform's JSON syntax.

use hcl_edit::visit::Visit;

use super::json_document::{blocks, members};
use super::strings::Strings;
use super::uses::{Finder, Frame, Uses};
use super::wording::{self, Effect};
use crate::document::tree::{Kind, Node};

impl Finder<'_> {
    /// The uses in a file.
    pub(super) fn json_file(&mut self, tree: &Node, strings: &Strings) {
        for (kind, depth) in [
            ("locals", 1),
            ("variable", 1),
            ("output", 1),
            ("module", 1),
            ("resource", 2),
            ("data", 2),
        ] {
            let Some(node) = tree.child(kind) else {
                continue;
            };
            self.json_labels(strings, kind, node, depth);
        }
    }

    /// The blocks under as many labels.
    fn json_labels(&mut self, strings: &Strings, address: &str, node: &Node, depth: usize) {
        for node in blocks(node) {
            for member in members(node) {
                let address = match address {
                    "resource" => member.key.to_string(),
                    "locals" => format!("local.{}", member.key),
                    "variable" => format!("var.{}", member.key),
                    other => format!("{other}.{}", member.key),
                };
                if depth > 1 {
                    self.json_labels(strings, &address, &member.value, depth - 1);
                    continue;
                }
                if address.starts_with("local.") || address.starts_with("var.") {
                    let span = member.value.span.clone();
                    self.uses.definitions.push((address.clone(), span));
                }
                self.address = address;
                self.json_value(strings, &member.value, false);
            }
        }
    }

    fn json_value(&mut self, strings: &Strings, node: &Node, is_statement: bool) {
        match &node.kind {
            Kind::Scalar => self.json_text(strings, node),
            Kind::Array(nodes) => nodes
                .iter()
                .for_each(|own| self.json_value(strings, own, is_statement)),
            Kind::Object(members) => {
                let text = |name: &str| {
                    let own = members
                        .iter()
                        .find(|own| own.key.eq_ignore_ascii_case(name))?;
                    self.text.get(own.value.span.clone())
                };
                let actions = text("actions")
                    .or(text("action"))
                    .unwrap_or_default()
                    .to_owned();
                let effect = text("effect").map(wording::effect);
                let effect = effect.or(is_statement.then_some(Effect::Allow));
                let mut frame = Frame {
                    is_denying: effect == Some(Effect::Deny)
                        || text("test").is_some_and(wording::is_negated),
                    is_context: text("variable").is_some_and(wording::is_context),
                    ..Frame::default()
                };
                if effect == Some(Effect::Allow) {
                    frame.allows = Some((actions.clone(), wording::is_encrypt(&actions)));
                }
                if effect.is_some() {
                    self.uses.statements.push(node.span.clone());
                }
                self.within(frame, |own| {
                    for member in members {
                        let mut frame = Frame::member(&member.key);
                        let whole = own.text.get(node.span.clone()).unwrap_or_default();
                        frame.is_denying |= member.key == "for_each" && wording::denies(whole);
                        frame.is_denying |= member.key == "dynamic"
                            && wording::denies(
                                own.text.get(member.value.span.clone()).unwrap_or_default(),
                            );
                        let is_statement = member.key == "statement";
                        own.within(frame, |own| {
                            own.json_value(strings, &member.value, is_statement);
                        });
                    }
                });
            }
        }
    }

    fn json_text(&mut self, strings: &Strings, node: &Node) {
        if !self
            .text
            .get(node.span.clone())
            .is_some_and(|own| own.starts_with('"') && own.contains('{'))
        {
            return;
        }
        let own = strings.at(self.text, &node.span);
        let (decoded, Ok(template)) = (&own.decoded, &own.template) else {
            return;
        };
        let is_text = template.as_single_element().is_none();
        let mut inner = Finder {
            text: &decoded.text,
            decoded: Some(decoded),
            frames: self.frames.clone(),
            address: self.address.clone(),
            uses: Uses::default(),
        };
        let frame = Frame {
            text: is_text.then_some(0..decoded.text.len()),
            ..Frame::default()
        };
        inner.within(frame, |own| own.visit_template(template));
        self.uses.found.append(&mut inner.uses.found);
    }
}
