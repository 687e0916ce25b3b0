//! How many more accounts a policy has room for.

use crate::document::Document;
use crate::plan::target::{self, By, Target, Which};
use crate::plan::{Case, Choice, MAX_BYTES, Request, add};
use crate::policy::{AccountId, Policy};

/// The room that KMS leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// The policy's size, in bytes.
    pub bytes: usize,
    /// Its size without white space, in bytes.
    pub minified: usize,
    /// Whether each byte is known: none of them stands for an expression.
    pub is_exact: bool,
    /// How many more accounts fit; nothing if none can be added, or none need.
    pub accounts: Option<Accounts>,
    /// The statements that an account may be added to; of several, a person has
    /// to say which. None if one would be inserted.
    pub statements: Vec<Target>,
    /// Whether the statement has the Sid.
    pub has_sid: bool,
}

/// How many more accounts fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accounts {
    pub as_laid_out: usize,
    pub without_space: usize,
}

impl Room {
    /// Whether little is left.
    pub fn is_near_end(&self) -> bool {
        self.bytes * 100 > MAX_BYTES * 80
    }
}

/// Measures a policy.
pub fn room(document: &Document, policy: &Policy<'_>, request: &Request) -> Room {
    let (statements, has_sid) = match target::which(policy, &request.scope) {
        Ok(Which::One(statement, by)) => (vec![Target::of(statement)], by == By::Sid),
        Ok(Which::Several(all)) => (all.into_iter().map(Target::of).collect(), false),
        _ => (Vec::new(), false),
    };
    Room {
        bytes: document.policy_text().len(),
        minified: document.minified().len(),
        is_exact: !document.has_expressions(),
        accounts: accounts(document, request, statements.first()),
        statements,
        has_sid,
    }
}

/// Adds two accounts in the policy's own layout: the second one's bytes are
/// what each further one takes.
fn accounts(
    document: &Document,
    request: &Request,
    statement: Option<&Target>,
) -> Option<Accounts> {
    let absent = (0..u64::MAX)
        .map(|number| format!("{:012}", 999_999_999_999 - number))
        .filter(|id| !document.text().contains(id.as_str()))
        .take(2)
        .filter_map(|id| id.parse::<AccountId>().ok());
    let mut sizes = Vec::new();
    let mut request = request.clone();
    // Which of several statements they go into makes no difference.
    request.scope.choice = statement.map(|own| Choice::Number(own.number(), None));
    for account in absent {
        request.accounts.push(account);
        let plan = add::plan(&Case::of(document.value()), &request).ok()?;
        let after = document.apply(&plan.operations).ok()?;
        sizes.push((after.policy_text().len(), after.minified().len()));
    }
    let [(one, one_minified), (two, two_minified)] = sizes.try_into().ok()?;
    let fit = |one: usize, two: usize| {
        let each = two.checked_sub(one).filter(|each| *each > 0)?;
        Some(MAX_BYTES.checked_sub(one).map_or(0, |left| left / each + 1))
    };
    Some(Accounts {
        as_laid_out: fit(one, two)?,
        without_space: fit(one_minified, two_minified)?,
    })
}
