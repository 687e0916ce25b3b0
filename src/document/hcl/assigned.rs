//! What is assigned to `policy`: a policy that is written there, one that is
//! written elsewhere, or what nobody can tell.

use hcl_edit::expr::{Conditional, Expression, FuncCall, Object};

use super::file::native;
use super::lower::{Lower, span};
use super::names::unwrap;
use crate::document::error::DocumentError;
use crate::document::found::Body;
use crate::document::holes::{one_line, short};
use crate::document::text::Position;
use crate::document::tree::Origin;

/// The policies that an expression may be.
#[derive(Debug, Default)]
pub struct Assigned {
    /// The only one that is written in the expression.
    pub here: Option<Result<Body, DocumentError>>,
    /// The addresses of others, each with when it is meant, if not always.
    pub uses: Vec<(String, Option<String>)>,
    /// Why it cannot be read, where it is something else.
    pub other: Option<DocumentError>,
}

impl Lower<'_, '_> {
    pub fn assigned(&mut self, expression: &Expression) -> Assigned {
        let mut assigned = Assigned::default();
        let mut count = 0;
        self.assign(expression, None, &mut assigned, &mut count);
        if count > 1 {
            assigned.here = Some(Err(self.unclear(expression)));
        }
        assigned
    }

    /// The policy that is written in a local's value, which is read once.
    pub fn local_policy(&mut self, value: &Expression) -> Option<Result<Body, DocumentError>> {
        let start = span(value).start;
        if let Some(known) = self.known.get(&start) {
            return known.clone();
        }
        let found = self.assigned(value).here;
        self.known.insert(start, found.clone());
        found
    }

    fn assign(
        &mut self,
        expression: &Expression,
        only_if: Option<&str>,
        all: &mut Assigned,
        count: &mut usize,
    ) {
        let expression = unwrap(expression);
        self.step();
        if self.is_spent() {
            // So many that there are two.
            *count = 2;
            return;
        }
        if let Some(body) = self.written(expression) {
            *count += 1;
            all.here = Some(body.map(|mut body| {
                let origin = only_if.map(|condition| Origin::only_if("the policy", condition));
                body.tree.say_origin(origin);
                body
            }));
            return;
        }
        match expression {
            Expression::Null(_) => return,
            Expression::Conditional(own) => {
                for (arm, only_if) in self.arms(own, only_if) {
                    self.assign(arm, Some(&only_if), all, count);
                }
                return;
            }
            Expression::FuncCall(call) => match call.name.name.as_str() {
                "coalesce" | "try" => {
                    for (argument, own) in self.alternatives(call) {
                        let only_if = joined(only_if, own);
                        self.assign(argument, only_if.as_deref(), all, count);
                    }
                    return;
                }
                // What a template is given is no policy: it stands in the file.
                name @ ("file" | "templatefile") => {
                    if let Some(first) = call.args.iter().next() {
                        let path = one_line(&self.host[span(first)]);
                        let more = if call.args.len() > 1 { ", …" } else { "" };
                        all.other.get_or_insert(DocumentError::Elsewhere {
                            expression: format!("{name}({path}{more})"),
                            at: Position::of(self.host, span(expression).start),
                        });
                        return;
                    }
                }
                // The text stays the same but for white space.
                "trimspace" | "chomp" | "tostring" | "sensitive" | "nonsensitive" => {
                    if let Some(argument) = call.args.iter().next() {
                        self.assign(argument, only_if, all, count);
                        return;
                    }
                }
                _ => {}
            },
            _ => {}
        }
        if self.assign_local(expression, only_if, all, count) {
            return;
        }
        let text = &self.host[span(expression)];
        let uses = self.scope.references(expression);
        if text.contains("Statement") {
            all.other = Some(self.unclear(expression));
        } else if uses.is_empty() {
            all.other.get_or_insert(DocumentError::Elsewhere {
                expression: one_line(text).into_owned(),
                at: Position::of(self.host, span(expression).start),
            });
        }
        let only_if = only_if.map(str::to_owned);
        all.uses
            .extend(uses.into_iter().map(|own| (own, only_if.clone())));
    }

    /// Whether an expression is a local that is more than a name for a policy: a
    /// choice between policies, or what puts one together.
    fn assign_local(
        &mut self,
        expression: &Expression,
        only_if: Option<&str>,
        all: &mut Assigned,
        count: &mut usize,
    ) -> bool {
        let encoded = match expression {
            Expression::FuncCall(call) if is_jsonencode(call) => call.args.iter().next(),
            _ => None,
        };
        let own = unwrap(encoded.unwrap_or(expression));
        let followed = self.scope.follow(own);
        let start = span(followed).start;
        let is_more = matches!(
            followed,
            Expression::Conditional(_) | Expression::FuncCall(_)
        );
        if !is_more || start == span(own).start || self.open.contains(&start) {
            return false;
        }
        self.open.push(start);
        let is_handled = if self.host[span(followed)].contains("Statement") {
            // Such a local is a policy of its own, if it can be read.
            let is_readable = encoded.is_none() && self.local_policy(followed).is_some();
            if !is_readable {
                all.other = Some(self.unclear(followed));
            }
            !is_readable
        } else {
            self.assign(followed, only_if, all, count);
            true
        };
        self.open.pop();
        is_handled
    }

    /// The two sides of a conditional, each with when it counts.
    fn arms<'e>(
        &self,
        own: &'e Conditional,
        only_if: Option<&str>,
    ) -> [(&'e Expression, String); 2] {
        let condition = one_line(&self.host[span(&own.cond_expr)]);
        let line = self.line_of(&own.cond_expr);
        let so = format!("`{condition}`{line} is true");
        let not = format!("`{condition}`{line} is false");
        [(&own.true_expr, so), (&own.false_expr, not)]
            .map(|(arm, own)| (arm, joined(only_if, Some(own)).unwrap_or_default()))
    }

    /// The arguments of `coalesce` or `try`, each with when it counts.
    fn alternatives<'e>(&self, call: &'e FuncCall) -> Vec<(&'e Expression, Option<String>)> {
        let fails = if call.name.name.as_str() == "try" {
            "cannot be evaluated"
        } else {
            "is null or empty"
        };
        let mut before: Option<String> = None;
        let mut found = Vec::new();
        for argument in &call.args {
            found.push((argument, before.clone()));
            let own = one_line(&self.host[span(argument)]);
            let line = self.line_of(argument);
            before = joined(before.as_deref(), Some(format!("`{own}`{line} {fails}")));
        }
        found
    }

    /// The line of an expression; nothing inside a string of a `.tf.json` file,
    /// where lines are not the file's.
    fn line_of(&self, expression: &Expression) -> String {
        if std::ptr::eq(self.host, self.scope.host) {
            let Position { line, .. } = Position::of(self.host, span(expression).start);
            format!(" (line {line})")
        } else {
            String::new()
        }
    }

    fn unclear(&self, expression: &Expression) -> DocumentError {
        DocumentError::Unclear {
            expression: short(&self.host[span(expression)]),
            at: Position::of(self.host, span(expression).start),
        }
    }

    /// A policy that is written where it is used.
    fn written(&mut self, expression: &Expression) -> Option<Result<Body, DocumentError>> {
        match expression {
            Expression::FuncCall(call) if is_jsonencode(call) => {
                match unwrap(call.args.iter().next()?) {
                    Expression::Object(object) => Some(self.object_policy(object)),
                    _ => None,
                }
            }
            Expression::String(text) if text.value().trim().is_empty() => None,
            Expression::String(_)
            | Expression::StringTemplate(_)
            | Expression::HeredocTemplate(_) => self.json_text(expression),
            _ => None,
        }
    }

    pub fn object_policy(&mut self, object: &Object) -> Result<Body, DocumentError> {
        let lowered = self.object(object);
        match lowered.1.twins() {
            None => Ok(native(lowered)),
            Some(twins) => Err(DocumentError::Twins {
                first: Position::of(self.host, twins.first),
                second: Position::of(self.host, twins.second),
                key: twins.key,
                differ_by_case: twins.differ_by_case,
            }),
        }
    }
}

fn is_jsonencode(call: &FuncCall) -> bool {
    call.name.namespace.is_empty() && call.name.name.as_str() == "jsonencode"
}

/// Two conditions as one.
fn joined(first: Option<&str>, second: Option<String>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first} and {second}")),
        (first, second) => second.or_else(|| first.map(str::to_owned)),
    }
}
