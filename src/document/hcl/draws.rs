//! What expressions draw on.

use hcl_edit::expr::Expression;
use hcl_edit::visit::Visit;

use super::lower::span;
use super::names::{Named, Names, is_partition_name, unwrap};
use super::scope::{DEPTH, Scope};
use crate::document::error::DocumentError;
use crate::document::holes::Source;
use crate::document::text::Position;

impl Scope<'_> {
    /// What an expression draws on: variables, locals and what these draw on.
    /// Where some of it may be lists, a text is not what matters.
    pub fn sources(&self, expression: &Expression) -> Vec<Source> {
        let mut found = Vec::new();
        self.collect(expression, &mut found, DEPTH);
        let has_lists = found.iter().any(|(_, path)| !self.is_plain(path));
        found.retain(|(_, path)| !has_lists || !self.is_plain(path));
        found.into_iter().map(|(source, _)| source).collect()
    }

    fn collect(
        &self,
        expression: &Expression,
        found: &mut Vec<(Source, Vec<String>)>,
        depth: usize,
    ) {
        let mut names = Names::of_values();
        names.visit_expr(expression);
        for path in names.found {
            let definition = self.definition(&path);
            let name = path.join(".");
            let is_partition = path.last().is_some_and(|last| is_partition_name(last));
            let is_flag = definition.is_some_and(|own| {
                own.kind == Some("bool") || matches!(own.value, Some(Expression::Bool(_)))
            });
            if is_partition || is_flag || found.iter().any(|(source, _)| source.name == name) {
                continue;
            }
            let at = definition.map(|definition| Position::of(self.host, definition.at));
            let value = definition.and_then(|own| own.value);
            let follows = path[0] == "local" && depth > 0;
            found.push((Source { name, at }, path));
            if let (Some(value), true) = (value, follows) {
                self.collect(value, found, depth - 1);
            }
        }
    }

    /// Whether an expression, as it is written here, puts quotes into its text:
    /// `join("\", \"", local.arns)`. In a JSON string they end the string.
    pub fn has_quotes(&self, expression: &Expression, written: &str) -> bool {
        if written.contains("\\\"") {
            return true;
        }
        let mut names = Names::of_values();
        names.visit_expr(expression);
        let mut seen: Vec<Vec<String>> = Vec::new();
        while let Some(path) = names.found.pop() {
            if seen.contains(&path) {
                continue;
            }
            if let Some(value) = self.definition(&path).and_then(|own| own.value) {
                if self.host[span(value)].contains("\\\"") {
                    return true;
                }
                names.visit_expr(value);
            }
            seen.push(path);
        }
        false
    }

    /// Refuses what draws on a name that the file defines twice.
    ///
    /// # Errors
    /// The first such name.
    pub fn check_twice(&self, part: &impl Named) -> Result<(), DocumentError> {
        if self.twice.is_empty() {
            return Ok(());
        }
        let mut names = Names::default();
        part.collect(&mut names);
        let mut seen: Vec<Vec<String>> = Vec::new();
        while let Some(path) = names.found.pop() {
            if seen.contains(&path) {
                continue;
            }
            let name = path.join(".");
            if let Some((first, second)) = self.twice.get(&name) {
                return Err(DocumentError::Twice {
                    name,
                    first: Position::of(self.host, *first),
                    second: Position::of(self.host, *second),
                });
            }
            if let Some(value) = self.definition(&path).and_then(|own| own.value) {
                names.visit_expr(value);
            }
            seen.push(path);
        }
        Ok(())
    }

    /// The data sources, and the locals, that an expression takes a policy
    /// from: their addresses.
    pub fn references(&self, expression: &Expression) -> Vec<String> {
        let mut found = Vec::new();
        self.refer(expression, &mut found, DEPTH);
        found
    }

    fn refer(&self, expression: &Expression, found: &mut Vec<String>, depth: usize) {
        let mut names = Names::of_values();
        names.visit_expr(expression);
        for path in names.found {
            let address = match path.as_slice() {
                [root, kind, name, ..] if root == "data" => format!("data.{kind}.{name}"),
                [root, name] if root == "local" => format!("local.{name}"),
                _ => continue,
            };
            if found.contains(&address) {
                continue;
            }
            found.push(address);
            let value = self.definition(&path).and_then(|own| own.value);
            if let Some(value) = value.filter(|_| depth > 0).map(unwrap)
                && matches!(
                    value,
                    Expression::Traversal(_) | Expression::FuncCall(_) | Expression::Conditional(_)
                )
            {
                self.refer(value, found, depth - 1);
            }
        }
    }
}
