//! What a policy's host does not tell of it.

use json_patch::jsonptr::PointerBuf;

use super::found::Existence;
use super::text::Position;
use super::tree::Origin;
use super::{Document, cloudformation, hcl};
use crate::policy::hole::is_hole;
use crate::policy::walk::walk;
use crate::policy::{Code, Finding, Obstacle, Reason};
use crate::value::Value;

impl Document {
    /// What an answer about the policy rests on that its host does not tell.
    pub fn provisos(&self) -> Vec<Finding> {
        let mut notes: Vec<Finding> = Vec::new();
        if let Some(tree) = self.origins() {
            tree.visit(&PointerBuf::new(), &mut |at, node| {
                let found = node.origin.as_ref().and_then(|own| proviso(own, at));
                if let Some((code, message)) = found
                    && notes.iter().all(|note| note.message != message)
                {
                    notes.push(Finding::note(code, message, at.clone()));
                }
            });
        }
        notes.extend(self.existence());
        notes
    }

    /// The Sids that are expressions, each as it is written (on one line, and
    /// as it stands) and as it is in the value.
    pub fn computed_sids(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        if self.holes.is_empty() {
            return found;
        }
        let statements = self.value().get("Statement").and_then(Value::as_array);
        for sid in statements.into_iter().flatten() {
            let sid = sid.get("Sid").and_then(Value::as_str);
            if let Some(sid) = sid.filter(|sid| sid.contains(is_hole)) {
                for written in [self.holes.spell(sid), self.holes.spell_whole(sid)] {
                    found.push((written.into_owned(), sid.to_owned()));
                }
            }
        }
        found
    }

    /// What the policy as a whole rests on.
    pub fn whole_proviso(&self) -> Option<Finding> {
        let root = PointerBuf::new();
        let (code, message) = proviso(self.origins()?.origin.as_ref()?, &root)?;
        Some(Finding::note(code, message, root))
    }

    /// Why it is not certain that the key has this policy, whatever it says.
    pub fn doubts(&self) -> Vec<Obstacle> {
        let origin = self.origins().and_then(|tree| tree.origin.as_ref());
        let condition = origin.and_then(|own| own.only_if.as_ref());
        let condition = condition.map(|own| (Code::PolicyConditional, format!("only if {own}")));
        let macros = self.macro_names().map(|names| {
            let on = format!("the template goes through {names}, which may change it");
            (Code::Macro, on)
        });
        let none = self.conditions().into_iter().filter(|own| own.is_none);
        let none = none.map(|own| {
            let line = Position::of(self.host(), own.at).line;
            (
                Code::NoSuchKey,
                format!("`{}` on line {line} makes none", own.text),
            )
        });
        let all = condition.into_iter().chain(macros).chain(none);
        let doubt = |(code, on): (Code, String)| Obstacle {
            statement: None,
            at: PointerBuf::new(),
            reason: Reason::Host { code, on },
        };
        all.map(doubt).collect()
    }

    /// What says whether there is a key, or a policy, at all; and what says
    /// that its policy is another one.
    pub fn existence(&self) -> Vec<Finding> {
        let line = |at| Position::of(self.host(), at).line;
        let conditions = self.conditions().into_iter().map(|own| {
            let (what, text, line) = (own.what, own.text, line(own.at));
            if own.is_none {
                let message =
                    format!("there is no such {what}: `{text}` on line {line} makes none");
                Finding::warning(Code::NoSuchKey, message, PointerBuf::new())
            } else {
                let message =
                    format!("there is such a {what} only if `{text}` on line {line} says so");
                Finding::note(Code::KeyConditional, message, PointerBuf::new())
            }
        });
        let rival = self.rival().map(|[one, other]| {
            let message = format!(
                "{} (line {}) and {} (line {}) are two policies of one key: Terraform applies whichever comes last",
                one.0, line(one.1), other.0, line(other.1)
            );
            Finding::warning(Code::TwoPolicies, message, PointerBuf::new())
                .help("keep one of the two")
        });
        conditions.chain(rival).collect()
    }

    /// The template itself, where the host is one, without its key policies.
    pub(super) fn template(&self) -> Option<&Value> {
        let mut others = self.others.iter();
        others.find(|(address, _)| address.is_none())?.1.as_ref()
    }

    fn conditions(&self) -> Vec<Existence> {
        let Some(address) = self.address.as_deref() else {
            return Vec::new();
        };
        if let Some(file) = &self.file {
            return hcl::exists::conditions(self.host(), &file.parsed, address);
        }
        let whole = self.whole.as_deref();
        let own = whole.and_then(|whole| cloudformation::condition(whole, address));
        own.into_iter().collect()
    }

    fn rival(&self) -> Option<[(String, usize); 2]> {
        hcl::exists::rival(self.host(), &self.file.as_ref()?.parsed, self.address()?)
    }

    /// Whether some of the policy is an expression.
    pub fn has_expressions(&self) -> bool {
        self.expression().is_some()
    }

    /// The first expression in the policy, and where it stands.
    fn expression(&self) -> Option<(String, PointerBuf)> {
        if self.holes.is_empty() {
            return None;
        }
        let whole = self.body.value.to_string();
        let mut found = None;
        if whole.contains(is_hole) {
            walk(&self.body.value, &PointerBuf::new(), &mut |text, at| {
                let hole = text.chars().find(|c| is_hole(*c));
                found = found.take().or_else(|| Some((hole?, at.clone())));
            });
            // A key may be one too.
            let key = whole.chars().find(|c| is_hole(*c));
            found = found.or_else(|| Some((key?, PointerBuf::new())));
        }
        found.map(|(hole, at)| (hole.to_string(), at))
    }

    /// Why there is no JSON Patch of an edit.
    pub fn no_patch(&self) -> Option<Finding> {
        let (expression, at) = self.expression()?;
        let message = format!(
            "a JSON Patch of this edit would apply to no policy: KMS has another text where the file has {expression}"
        );
        let finding = Finding::error(Code::NoJsonPatch, message, at);
        Some(finding.help("the default format's diff is of the file, and applies to it; --key edits the key's own policy"))
    }
}

/// When what is written at a place does not count.
pub(super) fn proviso(origin: &Origin, at: &PointerBuf) -> Option<(Code, String)> {
    let Origin {
        name,
        is_default,
        only_if,
        ..
    } = origin;
    match only_if {
        Some(condition) if at.is_root() => Some((
            Code::PolicyConditional,
            format!("the key has this policy only if {condition}"),
        )),
        _ if *is_default => Some((
            Code::VariableDefault,
            format!(
                "the list is the default of {name}: where the variable is set, the default does not count"
            ),
        )),
        _ => None,
    }
}
