//! What an expression makes of each element of a list: `[for a in ACCOUNTS :
//! "…${a}…"]`, `formatlist("…%s…", ACCOUNTS)`.

use hcl_edit::expr::{Expression, ForExpr, FuncCall};
use hcl_edit::template::Element;

use super::list::{Mapping, arguments, unset};
use super::lower::Lower;
use super::names::{is_variable, unwrap};
use crate::value::Value;

/// A part of the text that is made of an element.
enum Part<'e> {
    /// The same for each of them, a hole for each expression.
    Text(String),
    /// What stands in the place of the element.
    Element(&'e Expression),
}

/// What goes through the elements of a list, among the parts of a text.
#[derive(Clone, Copy)]
enum Through<'n> {
    /// The variable of a `for`, by its name.
    Variable(&'n str),
    /// What is no text, in `formatlist`.
    List,
    /// Nothing.
    Nothing,
}

impl Lower<'_, '_> {
    /// The text that `format` or `join` makes, where that is plain.
    pub fn made_text(&mut self, call: &FuncCall) -> Option<String> {
        let parts = match call.name.name.as_str() {
            _ if call.name.is_namespaced() => None,
            "format" => self.format(call, Through::Nothing),
            "join" => self.join(call, Through::Nothing),
            _ => None,
        };
        let text = parts?.into_iter().map(|part| match part {
            Part::Text(text) => Some(text),
            Part::Element(_) => None,
        });
        text.collect()
    }

    /// The list that an expression goes through, and what it puts around each
    /// element; nothing if that is not plain.
    pub fn mapping<'e>(&mut self, expression: &'e Expression) -> Option<Mapping<'e>> {
        match expression {
            Expression::ForExpr(comprehension) => self.comprehension(comprehension),
            Expression::FuncCall(call) if call.name.name.as_str() == "formatlist" => {
                let parts = self.format(call, Through::List)?;
                let (prefix, used, suffix) = around(parts)?;
                Some(Mapping {
                    used: unset(used),
                    prefix,
                    suffix,
                })
            }
            _ => None,
        }
    }

    fn comprehension<'e>(&mut self, comprehension: &'e ForExpr) -> Option<Mapping<'e>> {
        let intro = &comprehension.intro;
        let is_plain = comprehension.key_expr.is_none() && comprehension.cond.is_none();
        if !is_plain || intro.key_var.is_some() {
            return None;
        }
        let name = intro.value_var.as_str();
        let parts = self.parts(&comprehension.value_expr, name)?;
        let (prefix, _, suffix) = around(parts)?;
        Some(Mapping {
            used: unset(&intro.collection_expr),
            prefix,
            suffix,
        })
    }

    /// The text that is made of the variable of a `for`.
    fn parts<'e>(&mut self, expression: &'e Expression, name: &str) -> Option<Vec<Part<'e>>> {
        match unwrap(expression) {
            own if is_variable(own, name) => Some(vec![Part::Element(own)]),
            Expression::StringTemplate(template) => {
                let part = |element: &'e Element| match element {
                    Element::Interpolation(own) if is_variable(&own.expr, name) => {
                        Part::Element(&own.expr)
                    }
                    other => Part::Text(self.template(&mut std::iter::once(other))),
                };
                Some(template.iter().map(part).collect())
            }
            Expression::FuncCall(call) => match call.name.name.as_str() {
                "format" => self.format(call, Through::Variable(name)),
                "join" => self.join(call, Through::Variable(name)),
                _ => None,
            },
            _ => None,
        }
    }

    /// `join(":", ["arn", …])`
    fn join<'e>(&mut self, call: &'e FuncCall, through: Through<'_>) -> Option<Vec<Part<'e>>> {
        let [separator, list] = arguments(call)?[..] else {
            return None;
        };
        let separator = self.scope.text(separator)?;
        let Expression::Array(list) = unwrap(list) else {
            return None;
        };
        let mut parts = Vec::new();
        for element in list {
            if !parts.is_empty() {
                parts.push(Part::Text(separator.clone()));
            }
            parts.push(self.argument(element, through)?);
        }
        Some(parts)
    }

    /// A format and its arguments; `%s` and `%v` are taken, in order or by
    /// number.
    fn format<'e>(&mut self, call: &'e FuncCall, through: Through<'_>) -> Option<Vec<Part<'e>>> {
        let mut arguments = arguments(call)?.into_iter();
        let Value::String(format) = self.text(arguments.next()?).0 else {
            return None;
        };
        let arguments: Vec<&Expression> = arguments.collect();
        let mut parts = Vec::new();
        let mut next = 0;
        let mut rest = format.as_str();
        while let Some((literal, verb)) = rest.split_once('%') {
            parts.push(Part::Text(literal.to_owned()));
            if let Some(after) = verb.strip_prefix('%') {
                parts.push(Part::Text("%".to_owned()));
                rest = after;
                continue;
            }
            let verb = match verb.strip_prefix('[').map(|own| own.split_once(']')) {
                None => verb,
                Some(numbered) => {
                    let (number, verb) = numbered?;
                    next = number.parse::<usize>().ok()?.checked_sub(1)?;
                    verb
                }
            };
            rest = verb.strip_prefix(['s', 'v'])?;
            parts.push(self.argument(arguments.get(next)?, through)?);
            next += 1;
        }
        parts.push(Part::Text(rest.to_owned()));
        Some(parts)
    }

    /// An argument is what goes through elements, or a text.
    fn argument<'e>(
        &mut self,
        expression: &'e Expression,
        through: Through<'_>,
    ) -> Option<Part<'e>> {
        let is_element = match through {
            Through::Variable(name) => is_variable(expression, name),
            Through::List => !self.scope.is_text(expression),
            Through::Nothing => false,
        };
        if is_element {
            return Some(Part::Element(expression));
        }
        self.known(expression)
    }

    /// A text, as it stands among others.
    fn known<'e>(&mut self, expression: &Expression) -> Option<Part<'e>> {
        let text = self.text(expression).0;
        let text = self.holes.in_text(text.as_str()?);
        Some(Part::Text(text))
    }
}

/// What stands before and behind the only element.
fn around(parts: Vec<Part<'_>>) -> Option<(String, &Expression, String)> {
    let (mut prefix, mut used, mut suffix) = (String::new(), None, String::new());
    for part in parts {
        match (part, used) {
            (Part::Text(text), None) => prefix.push_str(&text),
            (Part::Text(text), Some(_)) => suffix.push_str(&text),
            (Part::Element(own), None) => used = Some(own),
            (Part::Element(_), Some(_)) => return None,
        }
    }
    Some((prefix, used?, suffix))
}
