//! Lists that several statements of a policy, or several policies, use: an edit
//! for one of them is one of the others too.

use std::collections::HashMap;
use std::ops::Range;

use json_patch::jsonptr::{Pointer, PointerBuf};

use super::file::File;
use super::list::{account_of, loses_zeros};
use crate::document::found::{Body, Found};
use crate::document::text::Position;
use crate::document::tree::{Form, Kind, Node, Part};
use crate::operations::{Operation, Operations};
use crate::policy::operator::Operator;
use crate::policy::statement::name;
use crate::policy::{Arn, Code, Finding, pointer};
use crate::value::Value;

/// What an edit changes: a list, or an element of it.
pub struct Edited<'n> {
    /// The list's place in the policy.
    pub list: &'n Pointer,
    pub node: &'n Node,
    /// The one that goes.
    pub element: Option<&'n Range<usize>>,
    /// What is edited: the list's place, or the one's that goes.
    at: PointerBuf,
    /// What the file calls the list that this is from.
    name: Option<&'n str>,
    /// Those that come.
    pub(super) values: &'n [serde_json::Value],
}

impl<'n> Edited<'n> {
    /// What operations on a policy edit, if that is a list: what comes to each,
    /// and then what goes.
    pub fn all(tree: &'n Node, operations: &'n Operations) -> Vec<Self> {
        let list = |at: &Pointer| tree.exact(at).filter(|node| is_list(node));
        let added = operations.iter().filter_map(|operation| {
            let Operation::List { list: at, add, .. } = operation else {
                return None;
            };
            let node = list(at).filter(|_| !add.is_empty())?;
            let origin = node.origin.as_ref();
            Some(Self {
                list: at,
                node,
                element: None,
                at: at.to_buf(),
                name: origin.map(|own| own.name.as_str()),
                values: add,
            })
        });
        let gone = operations.taken_out().filter_map(|(own, index)| {
            let node = list(own)?;
            let mut at = own.to_buf();
            at.push_back(index);
            Some(Self {
                list: own,
                node,
                element: Some(&items(node).get(index)?.span),
                at,
                name: node.name_at(index),
                values: &[],
            })
        });
        added.chain(gone).collect()
    }

    fn what(&self) -> String {
        match self.name {
            Some(name) => format!("the list is {name}, which"),
            None => "the list is one that".to_owned(),
        }
    }
}

fn is_list(node: &Node) -> bool {
    matches!(node.kind, Kind::Array(_)) && node.form != Form::Blocks
}

fn items(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::Array(items) => items,
        _ => &[],
    }
}

/// The host, and the policies in it; one of them is edited.
#[derive(Debug, Clone, Copy)]
pub(in crate::document) struct Host<'f> {
    pub text: &'f str,
    pub name: &'f str,
    /// What was read of it.
    pub file: &'f File,
    /// The address of the one that is edited.
    pub address: Option<&'f str>,
}

/// Another place that uses an edited list.
pub(super) struct User<'f> {
    pub(super) policy: &'f Found,
    pub(super) body: &'f Body,
    pub(super) at: PointerBuf,
    /// The part of its list that is the edited one, if it is put together.
    pub(super) part: Option<&'f Part>,
}

impl<'f> Host<'f> {
    pub(super) fn own(&self) -> Option<&'f Body> {
        let mut found = self.file.found.iter();
        let own = found.find(|one| one.address.as_deref() == self.address)?;
        // Places in texts of their own are not the host's.
        let body = own.body.as_ref().ok();
        body.filter(|body| body.embedding.is_none())
    }

    /// Each list that the operations edit, with the others that use it.
    pub(super) fn shared<'o>(&self, operations: &'o Operations) -> Vec<(Edited<'o>, Vec<User<'f>>)>
    where
        'f: 'o,
    {
        let Some(body) = self.own() else {
            return Vec::new();
        };
        let edited = Edited::all(&body.tree, operations);
        let mut users: Vec<Vec<User<'f>>> = edited.iter().map(|_| Vec::new()).collect();
        let (mut lists, mut elements) = (HashMap::new(), HashMap::new());
        for (number, own) in edited.iter().enumerate() {
            match own.element {
                Some(element) => elements.insert(element, number),
                None => lists.insert(&own.node.span, number),
            };
        }
        for policy in &self.file.found {
            let Ok(body) = &policy.body else { continue };
            if body.embedding.is_some() {
                continue;
            }
            let is_own = policy.address.as_deref() == self.address;
            let tree = &body.tree;
            tree.visit(&PointerBuf::new(), &mut |at, node| {
                if !is_list(node) {
                    return;
                }
                let items = items(node).iter().map(|item| elements.get(&item.span));
                // The last part is the list's own end.
                let own = (&node.span, None);
                let parts = node.parts.iter().flatten().rev().skip(1);
                let parts = parts.map(|part| (&part.span, Some(part))).chain([own]);
                let lists = parts.map(|(span, part)| Some((*lists.get(span)?, part)));
                let items = items.map(|own| Some((*own?, None)));
                for (number, part) in items.chain(lists).flatten() {
                    let is_edited = is_own && **at == *edited[number].list;
                    if !is_edited || part.is_some() {
                        let at = at.clone();
                        users[number].push(User {
                            policy,
                            body,
                            at,
                            part,
                        });
                    }
                }
            });
        }
        edited.into_iter().zip(users).collect()
    }

    pub(super) fn is_own(&self, user: &User<'_>) -> bool {
        user.policy.address.as_deref() == self.address
    }

    /// The refusal of an edit that would be another one too, and not a like
    /// one: an account that is added to what several statements allow is no
    /// surprise, if it is said.
    pub fn obstacle(&self, operations: &Operations) -> Option<Finding> {
        if let Some(finding) = self.misfit(operations).or_else(|| self.denied(operations)) {
            return Some(finding);
        }
        self.shared(operations)
            .into_iter()
            .find_map(|(edited, users)| {
                let is_like = |user: &&User<'_>| {
                    let is_edited = *user.at == *edited.list;
                    let is_apart = user.at.get(..2) != edited.list.get(..2);
                    let is_apart = !self.is_own(user) || is_edited || is_apart;
                    edited.element.is_none() && is_apart && user.is_allowing()
                };
                let user = users.iter().find(|user| !is_like(user))?;
                let (who, place) = self.describe(user);
                let message = format!(
                    "{} {who} uses too: the edit would change both",
                    edited.what()
                );
                let finding = Finding::error(Code::SharedList, message, edited.at.clone());
                let finding = match place {
                    Ok(at) => finding.related(at, "there"),
                    Err(line) => finding.help(line),
                };
                let is_other_key = !self.is_own(user) && user.is_allowing();
                Some(finding.help(if edited.element.is_some() && is_other_key {
                    "a removal is refused where adding only warns: it may end the logging of trails that use the other policy's key; write the values out in one of the two places first, or take the account out of the list by hand if it is to leave both"
                } else {
                    "write the values out in one of the two places first, or edit the file by hand"
                }))
            })
    }

    /// The refusal of a value that is not what an expression makes of an
    /// account ID, in a list of account IDs.
    fn misfit(&self, operations: &Operations) -> Option<Finding> {
        let edited = Edited::all(&self.own()?.tree, operations);
        edited.iter().find_map(|edited| {
            let Form::Accounts { prefix, suffix } = &edited.node.form else {
                return None;
            };
            let mut values = edited.values.iter().filter_map(|own| own.as_str());
            let origin = edited.node.origin.as_ref();
            if let Some(origin) = origin.filter(|own| own.is_of_numbers) {
                let mut accounts = values.clone().filter_map(|own| account_of(own, prefix, suffix));
                if let Some(account) = accounts.find(|own| loses_zeros(own)) {
                    let message = format!(
                        "the list is {}, a list of numbers, where {account} would become {}",
                        origin.name,
                        account.trim_start_matches('0')
                    );
                    let finding = Finding::error(Code::AccountForm, message, edited.list.to_buf());
                    return Some(finding.help("make it a list of texts first: list(string)"));
                }
            }
            let value = values.find(|own| account_of(own, prefix, suffix).is_none())?;
            let account = Arn::of(value).account.unwrap_or(value);
            let list = match &edited.node.origin {
                Some(origin) => format!("the list is {}", origin.name),
                None => "the list is one of account IDs".to_owned(),
            };
            let message = format!(
                "{list}, where {account} would become {:?}, and not {value:?}",
                [prefix, account, suffix].concat()
            );
            let finding = Finding::error(Code::AccountForm, message, edited.list.to_buf());
            Some(finding.help(
                "if that is what is meant, add it there by hand; or give --trail-region, --trail and --partition as the expression has them",
            ))
        })
    }

    /// What else an edit is.
    pub fn warnings(&self, operations: &Operations) -> Vec<Finding> {
        let mut warnings = self.elsewhere(operations);
        let told: Vec<PointerBuf> = warnings.iter().map(|own| own.at.clone()).collect();
        for (edited, users) in self.shared(operations) {
            if told.iter().any(|own| **own == *edited.list) {
                continue;
            }
            for user in users {
                if self.is_own(&user) && *user.at == *edited.list {
                    continue;
                }
                let (who, place) = self.describe(&user);
                let message = format!(
                    "{} {who} uses too: what is added is added there as well",
                    edited.what()
                );
                if warnings.iter().any(|own| own.message == message) {
                    continue;
                }
                let finding = Finding::warning(Code::SharedList, message, edited.list.to_buf());
                warnings.push(match place {
                    Ok(at) => finding.related(at, "there"),
                    Err(line) => finding.help(line),
                });
            }
        }
        warnings
    }

    /// Who uses a list: a statement of the policy, and where; or another
    /// policy, with a line on that.
    fn describe(&self, user: &User<'_>) -> (String, Result<PointerBuf, String>) {
        if self.is_own(user) {
            let (who, at) = statement(&user.body.value, &user.at);
            return (who, Ok(at));
        }
        let address = user.policy.address.as_deref().unwrap_or("another policy");
        let Position { line, column } = Position::of(self.text, user.policy.at);
        let line = format!("{}:{line}:{column}: {address}", self.name);
        (address.to_owned(), Err(line))
    }
}

impl User<'_> {
    /// Whether a value more in the list lets more through.
    fn is_allowing(&self) -> bool {
        let tokens: Vec<String> = self
            .at
            .tokens()
            .map(|own| own.decoded().into_owned())
            .collect();
        let [statement, index, element, below @ ..] = tokens.as_slice() else {
            return false;
        };
        let effect = self
            .body
            .value
            .pointer(pointer([statement.as_str(), index, "Effect"]).as_str());
        let is_positive = match (element.as_str(), below) {
            ("Condition", [operator, ..]) => {
                Operator::parse(operator).is_some_and(|operator| !operator.negated)
            }
            (element, _) => matches!(element, "Principal" | "Action" | "Resource"),
        };
        effect.and_then(Value::as_str) == Some("Allow") && is_positive
    }
}

/// The statement that a place is in: its name, and where it stands.
fn statement(policy: &Value, at: &Pointer) -> (String, PointerBuf) {
    let tokens: Vec<String> = at.tokens().map(|own| own.decoded().into_owned()).collect();
    let index = tokens.get(1).and_then(|index| index.parse::<usize>().ok());
    let at = match index {
        Some(index) => pointer(["Statement", &index.to_string()]),
        None => pointer(["Statement"]),
    };
    let sid = policy.pointer(&format!("{at}/Sid")).and_then(Value::as_str);
    (name(index.unwrap_or(0), sid), at)
}
