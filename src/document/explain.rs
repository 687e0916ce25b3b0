//! What people are told of a policy's host: where its expressions come from,
//! and which other places an edit would change.

use json_patch::jsonptr::{Pointer, PointerBuf};

use super::comments::{self, Comment};
use super::elsewhere::Elsewhere;
use super::found::Syntax;
use super::text::Position;
use super::tree::{Kind, Origin};
use super::unknown::proviso;
use super::{Document, cloudformation, hcl, holes, yaml};
use crate::operations::{Operation, Operations};
use crate::policy::hole::is_hole;
use crate::policy::{CURRENT_SID, Code, DEFAULT_SID, Finding, pointer};
use crate::value::Value;

impl Document {
    /// A finding as people read it, with where the expressions that it names
    /// come from. `name` is the host's.
    pub fn explain(&self, mut finding: Finding, name: &str) -> Finding {
        let spell = |text: &mut String| *text = self.holes.spell(text).into_owned();
        if finding.code == Code::ComputedList {
            let holes = self.holes.within(&finding.message);
            let sources: Vec<&holes::Source> = holes.flat_map(|hole| &hole.sources).collect();
            if sources.is_empty() {
                let mut holes = self.holes.within(&finding.message);
                let is_choice = holes.any(|hole| {
                    let text = hole.text.trim_start_matches(['{', '"', '!', ' ']);
                    text.trim_start_matches("Fn::").starts_with("If")
                });
                let help = if is_choice {
                    "add the account by hand to each value that the expression chooses from"
                } else {
                    "add the account by hand in the expression, or in what it draws on"
                };
                finding.help.push(help.to_owned());
            }
            // Such a function takes an item of each list in turn.
            let mut holes = self.holes.within(&finding.message);
            let is_paired =
                sources.len() > 1 && holes.any(|hole| hole.text.starts_with("formatlist("));
            if is_paired {
                let names: Vec<&str> = sources.iter().map(|own| own.name.as_str()).collect();
                finding.help.push(format!(
                    "formatlist pairs the items of {}: an account more in one of them needs an item more in each",
                    names.join(" and ")
                ));
            }
            for source in sources {
                finding.help.push(match source.at {
                    Some(Position { line, column }) if is_paired => {
                        format!("{name}:{line}:{column}: {} is defined here", source.name)
                    }
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
        if finding.code == Code::MayCover {
            let holes = self.holes.within(&finding.message);
            let own = holes.filter_map(|hole| cloudformation::meaning(&hole.text));
            finding.help.extend(own.map(str::to_owned));
            let holes = self.holes.within(&finding.message);
            let sources = holes.flat_map(|hole| &hole.sources);
            let mapped = sources.filter(|source| source.name.contains(" in mapping "));
            finding.help.extend(mapped.filter_map(|source| {
                let Position { line, column } = source.at?;
                Some(format!("{name}:{line}:{column}: {}", source.name))
            }));
        }
        spell(&mut finding.message);
        finding.help.iter_mut().for_each(spell);
        finding.related.iter_mut().for_each(|(_, why)| spell(why));
        finding
    }

    /// What is to be known of lists that are written elsewhere than they are
    /// used, if the operations edit them, and of the policy. `name` is the
    /// host's.
    pub fn notes(&self, operations: &Operations, name: &str) -> Vec<Finding> {
        let ignored = self.ignored().map(|message| {
            Finding::warning(Code::IgnoreChanges, message, PointerBuf::new())
                .help("take it out of ignore_changes, or apply the policy another way")
        });
        let Some(tree) = self.origins() else {
            return ignored.into_iter().collect();
        };
        let shared = self.with_shared(name, |host| host.warnings(operations));
        let mut notes = shared.unwrap_or_default();
        let mapped = self.mapped(operations);
        notes.extend(mapped.iter().filter_map(|own| own.warning(self.host())));
        let is_shared = !notes.is_empty();
        tree.visit(&PointerBuf::new(), &mut |at, node| {
            let Some(origin) = node.origin.as_ref().filter(|_| operations.touch(at)) else {
                return;
            };
            notes.extend(
                proviso(origin, at)
                    .map(|(code, message)| Finding::warning(code, message, at.clone())),
            );
            if origin.uses > 1 && !is_shared {
                let Origin { name, uses, .. } = &**origin;
                let message =
                    format!("the list is {name}, which is used {uses} times in this file");
                notes.push(Finding::note(Code::SharedList, message, at.clone()));
            }
        });
        notes.extend(self.unread(operations));
        notes.extend(self.comments_left(operations));
        notes.extend(ignored);
        notes
    }

    /// A module's other files may use the locals and variables that are edited.
    fn unread(&self, operations: &Operations) -> Vec<Finding> {
        let Some(file) = self.file.as_ref() else {
            return Vec::new();
        };
        let added = operations.iter().filter_map(|operation| {
            let is_added = !matches!(operation, Operation::List { add, .. } if add.is_empty());
            let at = operation.target();
            is_added.then(|| (at, self.tree().nearest(at).span.start))
        });
        let gone = operations.taken_out().filter_map(|(list, index)| {
            let items = self.tree().exact(list)?.children();
            Some((list, items.get(index)?.start))
        });
        let mut notes: Vec<Finding> = Vec::new();
        for (at, own) in added.chain(gone) {
            let place = match &self.body.embedding {
                Some(inner) => inner.start(own),
                None => own,
            };
            let Some(name) = file.parsed.defined_at(place) else {
                continue;
            };
            let message = format!(
                "the edit is in {name}: the module's other files may use it too, and they are not read"
            );
            if notes.iter().all(|note| note.message != message) {
                notes.push(Finding::note(Code::OtherFiles, message, at.to_buf()));
            }
        }
        notes
    }

    /// Whether Terraform is told to leave the policy as it is in AWS.
    pub fn ignored(&self) -> Option<String> {
        self.with_shared("", hcl::ignored::ignored).flatten()
    }

    /// Comments above what the operations take out.
    fn comments_left(&self, operations: &Operations) -> Vec<Finding> {
        let markers: &[&str] = match self.body.syntax {
            Syntax::Yaml => &["#", "{#"],
            Syntax::Hcl => &["#", "//", "/*"],
            _ => return Vec::new(),
        };
        if self.body.embedding.is_some() {
            return Vec::new();
        }
        let mut gone: Vec<(&Pointer, usize)> = operations.taken_out().collect();
        gone.reverse();
        let left = gone.into_iter().filter_map(|(list, index)| {
            let Kind::Array(items) = &self.tree().exact(list)?.kind else {
                return None;
            };
            let span = &items.get(index)?.span;
            let comment = comments::above(self.host(), span, markers)?;
            let lines = match comment {
                Comment { first, last, .. } if first < last => format!("lines {first} to {last}"),
                Comment { last, .. } => format!("line {last}"),
            };
            let message = format!(
                "the comment on {lines}, above what is removed, is left: {}",
                comment.text
            );
            Some(Finding::note(Code::CommentLeft, message, list.to_buf()))
        });
        left.collect()
    }

    /// A statement that is an expression, and may have the Sid of one that is
    /// to be inserted.
    fn same_sid(&self, operations: &Operations) -> Option<Finding> {
        let inserted = operations.iter().find_map(|operation| match operation {
            Operation::List { add, .. } => add.last()?.get("Sid")?.as_str(),
            _ => None,
        })?;
        let sids = match inserted {
            DEFAULT_SID => vec![DEFAULT_SID, CURRENT_SID],
            other => vec![other],
        };
        let is_in = |text: &str| sids.iter().any(|sid| text.contains(sid));
        // An expression may be the name of what has the Sid.
        let local = |name: &str| self.file.as_ref()?.parsed.local(self.host(), name);
        let is_named = |hole: &holes::Hole| {
            let mut names = hole.sources.iter().map(|source| &source.name);
            is_in(&hole.text) || names.any(|name| local(name).is_some_and(is_in))
        };
        let statements = self.body.value.get("Statement")?.as_array()?.iter();
        let (index, sid) = statements.enumerate().find_map(|(index, statement)| {
            let sid = statement.get("Sid").and_then(Value::as_str);
            let mut holes = self.holes.within(statement.as_str().or(sid)?);
            holes.find(|hole| is_named(hole))?;
            Some((index, sid))
        })?;
        let finding = Finding::error(
            Code::ComputedStatement,
            format!(
                "statement {} is an expression that names the Sid {inserted:?}: whether the statement is there is not known",
                index + 1
            ),
            pointer(["Statement", &index.to_string()]),
        );
        if let Some(sid) = sid {
            let message = format!(
                "the Sid of statement {} is an expression that names {inserted:?}: {sid}",
                index + 1
            );
            let at = pointer(["Statement", &index.to_string(), "Sid"]);
            let finding = Finding::error(Code::ComputedSid, message, at);
            return Some(finding.help(format!("to add to that statement: --sid '{sid}'")));
        }
        let Position { line, .. } = self.position(&finding.at);
        Some(finding.help(format!(
            "add the account by hand in the expression on line {line}, or name another statement with --sid"
        )))
    }

    /// A mapping takes no functions.
    fn expression_in_mapping(&self, operations: &Operations) -> Option<Finding> {
        if !self.body.syntax.is_of_template() {
            return None;
        }
        operations.iter().find_map(|operation| {
            let Operation::List { list, add, .. } = operation else {
                return None;
            };
            let origin = self.tree().nearest(list).origin.as_ref()?;
            let mut texts = add.iter().filter_map(serde_json::Value::as_str);
            let expression = texts.find_map(|text| text.chars().find(|c| is_hole(*c)))?;
            let finding = Finding::error(
                Code::ExpressionInMapping,
                format!(
                    "the list is {}, where CloudFormation takes no {expression}",
                    origin.name
                ),
                list.to_buf(),
            );
            let help = "say the accounts' partition: --partition aws, aws-cn or aws-us-gov";
            Some(finding.help(help))
        })
    }

    /// The lists in mappings that the operations edit.
    fn mapped(&self, operations: &Operations) -> Vec<Elsewhere> {
        if !self.body.syntax.is_of_template() || self.body.embedding.is_some() {
            return Vec::new();
        }
        let whole = self.whole.as_deref();
        whole.map_or_else(Vec::new, |whole| {
            cloudformation::elsewhere::lists(whole, self.tree(), operations)
        })
    }

    /// What there is to say of a Terraform file as a whole; nothing of another
    /// host.
    pub(super) fn with_shared<T>(
        &self,
        name: &str,
        ask: impl FnOnce(&hcl::shared::Host<'_>) -> T,
    ) -> Option<T> {
        Some(ask(&hcl::shared::Host {
            text: self.host(),
            name,
            file: self.file.as_deref()?,
            address: self.address(),
        }))
    }

    /// Why an edit cannot be made in this text without changing another place;
    /// `name` is the host's.
    pub fn obstacle(&self, operations: &Operations, name: &str) -> Option<Finding> {
        if self.is_plain_json() && self.holes.is_empty() {
            return None;
        }
        if let Some(finding) = self.same_sid(operations) {
            return Some(finding);
        }
        if let Some(finding) = self.expression_in_mapping(operations) {
            return Some(finding);
        }
        if let Some(obstacle) = self.with_shared(name, |host| host.obstacle(operations)) {
            return obstacle;
        }
        let mapped = self.mapped(operations);
        if let Some(finding) = mapped.iter().find_map(|own| own.obstacle(self.host())) {
            return Some(finding);
        }
        if self.body.syntax != Syntax::Yaml {
            return None;
        }
        let shared = &self.whole.as_deref()?.shared;
        let several = yaml::shared::several(self.tree(), shared, operations)?;
        let finding = Finding::error(
            Code::SharedNode,
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
