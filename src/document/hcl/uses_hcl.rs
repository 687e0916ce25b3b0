//! `uses` in Terraform's own syntax.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ForExpr, FuncCall, Object, ObjectKey, ObjectValue, Traversal};
use hcl_edit::structure::{Attribute, Block, BlockLabel};
use hcl_edit::template::{ForDirective, HeredocTemplate, StringTemplate};
use hcl_edit::visit::{
    Visit, visit_attr, visit_block, visit_for_directive, visit_for_expr, visit_func_call,
    visit_heredoc_template, visit_object, visit_object_item, visit_string_template,
    visit_traversal,
};

use super::names::path_of;
use super::uses::{Finder, Frame};
use super::wording::{self, Effect};
impl Finder<'_> {
    fn slice(&self, node: &impl Span) -> &str {
        let span = node.span().unwrap_or_default();
        self.text.get(span).unwrap_or_default()
    }

    /// The frame of what has these members: a statement, if it has an effect.
    fn statement(
        &mut self,
        effect: Option<&Expression>,
        span: Range<usize>,
        actions: &str,
    ) -> Frame {
        let Some(effect) = effect else {
            return Frame::default();
        };
        if self.decoded.is_none() {
            self.uses.statements.push(span);
        }
        match wording::effect(self.slice(effect)) {
            Effect::Allow => Frame {
                allows: Some((actions.to_owned(), wording::is_encrypt(actions))),
                ..Frame::default()
            },
            Effect::Deny => Frame {
                is_denying: true,
                ..Frame::default()
            },
            Effect::Other => Frame::default(),
        }
    }
}

fn address(block: &Block) -> String {
    let labels = block.labels.iter().map(BlockLabel::as_str);
    let labels: Vec<&str> = labels.collect();
    match block.ident.as_str() {
        "resource" => labels.join("."),
        "variable" => format!("var.{}", labels.join(".")),
        other if labels.is_empty() => other.to_owned(),
        other => format!("{other}.{}", labels.join(".")),
    }
}

impl Visit for Finder<'_> {
    fn visit_block(&mut self, node: &Block) {
        let ident = node.ident.as_str();
        let span = node.span().unwrap_or_default();
        let is_top = self.frames.is_empty();
        if is_top {
            self.address = address(node);
            if ident == "variable" {
                self.uses
                    .definitions
                    .push((self.address.clone(), span.clone()));
            }
        }
        let value = |name: &str| node.body.get_attribute(name).map(|own| &own.value);
        let actions = value("actions").map(|own| self.slice(own).to_owned());
        let actions = actions.unwrap_or_default();
        let has_text = |name: &str, is: &dyn Fn(&str) -> bool| {
            value(name).is_some_and(|own| is(self.slice(own)))
        };
        let is_denying = has_text("test", &wording::is_negated) || wording::is_negated(ident);
        let is_context = has_text("variable", &wording::is_context);
        let mut frame = self.statement(value("effect"), span.clone(), &actions);
        if ident == "statement" && value("effect").is_none() {
            self.uses.statements.push(span);
            frame.allows = Some((actions.clone(), wording::is_encrypt(&actions)));
        }
        frame.is_denying |= is_denying;
        frame.is_context |= is_context;
        frame.name = Some(ident.to_owned());
        // What is made for each element is no less there than the element.
        let text = self.slice(node);
        let is_repeated = wording::denies(text) && (ident == "dynamic" || text.contains("each."));
        self.within(frame, |own| {
            if !is_repeated {
                return visit_block(own, node);
            }
            for part in &node.body {
                let is_each = part
                    .as_attribute()
                    .is_some_and(|own| own.key.as_str() == "for_each");
                let frame = Frame {
                    is_denying: is_each,
                    ..Frame::default()
                };
                own.within(frame, |own| own.visit_structure(part));
            }
        });
    }

    fn visit_attr(&mut self, node: &Attribute) {
        let name = node.key.as_str();
        if self.frames.len() == 1 && self.frames[0].name.as_deref() == Some("locals") {
            self.address = format!("local.{name}");
            let span = node.span().unwrap_or_default();
            self.uses.definitions.push((self.address.clone(), span));
        }
        let frame = Frame::member(name);
        self.within(frame, |own| visit_attr(own, node));
    }

    fn visit_object(&mut self, node: &Object) {
        let find = |names: &[&str]| {
            node.iter().find_map(|(own, value)| {
                let own = key(own)?;
                let is_it = names.iter().any(|name| own.eq_ignore_ascii_case(name));
                is_it.then(|| value.expr())
            })
        };
        let actions = find(&["Action", "actions"]).map(|own| self.slice(own).to_owned());
        let span = node.span().unwrap_or_default();
        let frame = self.statement(find(&["effect"]), span, &actions.unwrap_or_default());
        self.within(frame, |own| visit_object(own, node));
    }

    fn visit_object_item(&mut self, own: &ObjectKey, value: &ObjectValue) {
        let frame = key(own).map_or_else(Frame::default, |name| Frame::member(&name));
        self.within(frame, |finder| visit_object_item(finder, own, value));
    }

    fn visit_for_expr(&mut self, node: &ForExpr) {
        if !wording::denies(self.slice(&node.value_expr)) {
            return visit_for_expr(self, node);
        }
        let frame = Frame {
            is_denying: true,
            ..Frame::default()
        };
        self.within(frame, |own| own.visit_for_intro(&node.intro));
        node.key_expr.iter().for_each(|own| self.visit_expr(own));
        self.visit_expr(&node.value_expr);
    }

    fn visit_for_directive(&mut self, node: &ForDirective) {
        let is_denying = wording::denies(self.slice(node));
        let frame = Frame {
            is_denying,
            ..Frame::default()
        };
        self.within(frame, |own| own.visit_expr(&node.for_expr.collection_expr));
        visit_for_directive(self, node);
    }

    fn visit_func_call(&mut self, node: &FuncCall) {
        let is_merge = node.name.name.as_str() == "merge";
        let is_denying = is_merge && wording::denies(self.slice(node));
        let frame = Frame {
            is_denying,
            ..Frame::default()
        };
        self.within(frame, |own| visit_func_call(own, node));
    }

    fn visit_string_template(&mut self, node: &StringTemplate) {
        let frame = Frame {
            text: node.span(),
            ..Frame::default()
        };
        self.within(frame, |own| visit_string_template(own, node));
    }

    fn visit_heredoc_template(&mut self, node: &HeredocTemplate) {
        let frame = Frame {
            text: node.template.span(),
            ..Frame::default()
        };
        self.within(frame, |own| visit_heredoc_template(own, node));
    }

    fn visit_traversal(&mut self, node: &Traversal) {
        let at = node
            .expr
            .span()
            .or(node.span())
            .map_or(0, |span| span.start);
        if let Some([root, name, ..]) = path_of(node).as_deref()
            && matches!(root.as_str(), "local" | "var")
        {
            self.add(format!("{root}.{name}"), at);
        }
        visit_traversal(self, node);
    }
}

fn key(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(name) | ObjectKey::Expression(Expression::Variable(name)) => {
            Some(name.as_str().to_owned())
        }
        ObjectKey::Expression(Expression::String(text)) => Some(text.value().clone()),
        ObjectKey::Expression(_) => None,
    }
}
