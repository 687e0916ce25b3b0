//! What people are told of a policy's host: where its expressions come from,
//! and which other places an edit would change.

use json_patch::PatchOperation;
use json_patch::jsonptr::PointerBuf;

use super::tree::Origin;
use super::{Document, Position, cloudformation, hcl, holes, host, yaml};
use crate::plan::{CURRENT_SID, DEFAULT_SID};
use crate::policy::hole::is_hole;
use crate::policy::statement::walk;
use crate::policy::{Finding, pointer};

impl Document {
    /// A finding as people read it, with where the expressions that it names
    /// come from. `name` is the host's.
    #[must_use]
    pub fn explain(&self, mut finding: Finding, name: &str) -> Finding {
        let spell = |text: &mut String| *text = self.holes.spell(text).into_owned();
        if finding.code == "computed-list" {
            let holes = self.holes.within(&finding.message);
            let sources: Vec<&holes::Source> = holes.flat_map(|hole| &hole.sources).collect();
            if sources.is_empty() {
                let help = "add the account by hand in the expression, or in what it draws on";
                finding.help.push(help.to_owned());
            }
            for source in sources {
                finding.help.push(match source.at {
                    Some(Position { line, column }) => format!(
                        "{name}:{line}:{column}: {}, which it draws on, is defined here: the account belongs where the others are",
                        source.name
                    ),
                    None => format!(
                        "it draws on {}, which is not defined in this file: the account belongs where the others are",
                        source.name
                    ),
                });
            }
        }
        if finding.code == "may-cover" {
            let holes = self.holes.within(&finding.message);
            let own = holes.filter_map(|hole| cloudformation::meaning(&hole.text));
            finding.help.extend(own.map(str::to_owned));
        }
        spell(&mut finding.message);
        finding.help.iter_mut().for_each(spell);
        finding.related.iter_mut().for_each(|(_, why)| spell(why));
        finding
    }

    /// What is to be known of lists that are written elsewhere than they are
    /// used, if the operations edit them, and of the policy.
    #[must_use]
    pub fn notes(&self, operations: &[PatchOperation], name: &str) -> Vec<Finding> {
        let shared = self.with_shared(name, |host| host.warnings(operations));
        let is_shared = shared.as_ref().is_some_and(|own| !own.is_empty());
        let mut notes = shared.unwrap_or_default();
        self.body
            .tree
            .root(self.view())
            .visit(&PointerBuf::new(), &mut |at, node| {
                let is_edited = operations.iter().any(|own| own.path().starts_with(at));
                let Some(origin) = node.origin.as_ref().filter(|_| is_edited) else {
                    return;
                };
                notes.extend(
                    proviso(origin, at)
                        .map(|(code, message)| Finding::warning(code, message, at.clone())),
                );
                if origin.uses > 1 && !is_shared {
                    let Origin { name, uses, .. } = origin;
                    let message =
                        format!("the list is {name}, which is used {uses} times in this file");
                    notes.push(Finding::note("shared-list", message, at.clone()));
                }
            });
        notes.extend(self.comments_left(operations));
        notes
    }

    /// The comments above what is removed: whether they are of that alone, or
    /// of what follows too, nobody can tell, so they stay.
    fn comments_left(&self, operations: &[PatchOperation]) -> Vec<Finding> {
        if self.body.syntax != host::Syntax::Hcl || self.body.embedding.is_some() {
            return Vec::new();
        }
        let left = |operation: &PatchOperation| {
            let PatchOperation::Remove(own) = operation else {
                return None;
            };
            let removed = self.body.tree.nearest(self.view(), &own.path).start;
            let comment = hcl::comment::above(self.host(), removed)?;
            let Position { line, .. } = Position::of(self.host(), comment);
            let message =
                format!("the comment on line {line}, above what is removed, is left where it is");
            Some(Finding::note("comment-left", message, own.path.clone()))
        };
        operations.iter().filter_map(left).collect()
    }

    /// What an answer about the policy rests on that its host does not tell.
    #[must_use]
    pub fn provisos(&self) -> Vec<Finding> {
        let mut notes: Vec<Finding> = Vec::new();
        let tree = self.body.tree.root(self.view());
        tree.visit(&PointerBuf::new(), &mut |at, node| {
            let found = node.origin.as_ref().and_then(|own| proviso(own, at));
            if let Some((code, message)) = found
                && notes.iter().all(|note| note.message != message)
            {
                notes.push(Finding::note(code, message, at.clone()));
            }
        });
        notes
    }

    /// Whether some of the policy is an expression.
    #[must_use]
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
    #[must_use]
    pub fn no_patch(&self) -> Option<Finding> {
        let (expression, at) = self.expression()?;
        let message = format!(
            "a JSON Patch of this edit would apply to no policy: KMS has another text where the file has {expression}"
        );
        let finding = Finding::error("no-json-patch", message, at);
        Some(finding.help("the default format's diff is of the file, and applies to it; --key edits the key's own policy"))
    }

    /// A statement that is an expression, and may have the Sid of one that is
    /// to be inserted.
    fn same_sid(&self, operations: &[PatchOperation]) -> Option<Finding> {
        let inserted = operations.iter().find_map(|operation| match operation {
            PatchOperation::Add(add) => add.value.get("Sid")?.as_str(),
            PatchOperation::Replace(replace) => {
                replace.value.as_array()?.last()?.get("Sid")?.as_str()
            }
            _ => None,
        })?;
        let sids = match inserted {
            DEFAULT_SID => vec![DEFAULT_SID, CURRENT_SID],
            other => vec![other],
        };
        let is_in = |text: &str| sids.iter().any(|sid| text.contains(sid));
        // An expression may be the name of what has the Sid.
        let is_named = |hole: &holes::Hole| {
            let mut names = hole.sources.iter().map(|source| &source.name);
            is_in(&hole.text)
                || names.any(|name| hcl::local(self.host(), name).is_some_and(|own| is_in(&own)))
        };
        let statements = self.body.value.get("Statement")?.as_array()?.iter();
        let (index, _) = statements.enumerate().find_map(|(index, statement)| {
            let mut holes = self.holes.within(statement.as_str()?);
            Some((index, holes.find(|hole| is_named(hole))?))
        })?;
        let finding = Finding::error(
            "computed-statement",
            format!(
                "statement {} is an expression that names the Sid {inserted:?}: whether the statement is there is not known",
                index + 1
            ),
            pointer(["Statement", &index.to_string()]),
        );
        let Position { line, .. } = self.position(&finding.at);
        Some(finding.help(format!(
            "add the account by hand in the expression on line {line}, or name another statement with --sid"
        )))
    }

    /// What there is to say of lists that several places use; nothing where the
    /// host has no such lists.
    pub(super) fn with_shared<T>(
        &self,
        name: &str,
        ask: impl FnOnce(&hcl::shared::Host<'_>) -> T,
    ) -> Option<T> {
        if !matches!(self.body.syntax, host::Syntax::Hcl | host::Syntax::HclJson) {
            return None;
        }
        let found = host::read(self.host(), &self.selection, &mut self.holes.clone()).ok()?;
        Some(ask(&hcl::shared::Host {
            text: self.host(),
            name,
            found: &found,
            address: self.address(),
        }))
    }

    /// Why an edit cannot be made in this text without changing another place;
    /// `name` is the host's.
    #[must_use]
    pub fn obstacle(&self, operations: &[PatchOperation], name: &str) -> Option<Finding> {
        if let Some(finding) = self.same_sid(operations) {
            return Some(finding);
        }
        if let Some(obstacle) = self.with_shared(name, |host| host.obstacle(operations)) {
            return obstacle;
        }
        if self.body.syntax != host::Syntax::Yaml {
            return None;
        }
        let shared = yaml::parse(self.host()).ok()?.shared;
        let several = yaml::shared::several(self.body.tree.root(self.view()), &shared, operations)?;
        let finding = Finding::error(
            "shared-node",
            "this part of the policy has an anchor (`&`) and is used elsewhere by an alias (`*`): the edit would change each place",
            several.at.to_buf(),
        );
        let place = |offset: usize, what: &str| {
            let Position { line, column } = Position::of(self.host(), offset);
            format!("{name}:{line}:{column}: {what}")
        };
        let aliases = several.aliases.iter();
        let finding = finding.help(place(several.anchor, "the anchor"));
        let finding = aliases.fold(finding, |finding, alias| {
            finding.help(place(*alias, "an alias of it"))
        });
        Some(finding.help("write the policy's own values out in the place of the alias first"))
    }
}

/// When what is written at a place does not count.
fn proviso(origin: &Origin, at: &PointerBuf) -> Option<(&'static str, String)> {
    let Origin {
        name,
        is_default,
        only_if,
        ..
    } = origin;
    match only_if {
        Some(condition) if at.is_root() => Some((
            "policy-conditional",
            format!("the key has this policy only if {condition}"),
        )),
        _ if *is_default => Some((
            "variable-default",
            format!(
                "the list is the default of {name}: where the variable is set, the default does not count"
            ),
        )),
        _ => None,
    }
}
