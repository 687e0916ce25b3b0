//! `list-accounts`: who may encrypt, by which value.

use std::borrow::Cow;

use json_patch::jsonptr::PointerBuf;

use crate::plan::Scope;
use crate::policy::listed::{self, Who, samples};
use crate::policy::{
    Arn, Code, Evaluator, Finding, Partition, Policy, Statement, TrailPattern, Verdict, hole,
};

/// One value of a context list, or a statement that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value as it stands; `*` for a statement without a list.
    pub value: String,
    /// Whom it means.
    pub who: Who,
    /// Whether these may encrypt by the statement, if none denies it.
    pub verdict: Verdict,
    /// Whether the policy lets any AWS account encrypt by it.
    pub is_open: bool,
    /// The statement's place, from 0.
    pub statement: usize,
    /// The statement's Sid.
    pub sid: Option<String>,
    /// What brings the statement in, if it is written elsewhere.
    pub brought_by: Option<String>,
    /// Where the value stands.
    pub at: PointerBuf,
}

impl Entry {
    /// A warning on one that may encrypt, or may be able to, and has no account
    /// ID.
    pub fn no_id(&self) -> Option<Finding> {
        if matches!(self.who, Who::Account(_)) || self.verdict == Verdict::Blocked {
            return None;
        }
        let message = format!(
            "{:?} is no account ID: it means {}",
            self.value,
            self.who.text()
        );
        Some(
            Finding::warning(Code::NoAccountId, message, self.at.clone())
                .help("list-accounts without --format ids shows every entry"),
        )
    }

    /// Puts what people read into words that they know.
    pub fn spell(&mut self, spell: &dyn Fn(&str) -> String) {
        self.value = spell(&self.value);
        self.sid = self.sid.as_deref().map(spell);
        self.brought_by = self.brought_by.as_deref().map(spell);
        if let Who::Expression(text) | Who::Accounts(text) = &mut self.who {
            *text = spell(text);
        }
    }
}

/// The entries of a policy, in its order.
///
/// # Errors
/// If the policy does not tell the accounts' partition.
pub fn list(policy: &Policy<'_>, scope: &Scope) -> Result<Vec<Entry>, Finding> {
    let mut entries = Vec::new();
    // Why the accounts' partition cannot be told counts only where one is asked.
    let partition = scope.partition_of(policy);
    let statements = policy
        .statements
        .iter()
        .filter(|statement| statement.lets_cloudtrail_encrypt());
    for statement in statements {
        let lister = Lister {
            evaluator: Evaluator::of_allow(policy, statement),
            has_variables: policy.has_variables,
            partition: &partition,
        };
        let lists: Vec<_> = listed::lists(statement).collect();
        if lists.is_empty() {
            let value = statement.body().as_str().unwrap_or("*");
            entries.push(lister.entry(statement, value, statement.at.clone())?);
        }
        for list in lists {
            for (index, value) in list.values.iter().enumerate() {
                entries.push(lister.entry(statement, value, list.at_value(index))?);
            }
        }
    }
    Ok(entries)
}

/// What is worked out once for all the entries of a statement.
struct Lister<'p, 'a> {
    evaluator: Evaluator<'p, 'a>,
    has_variables: bool,
    partition: &'p Result<Partition, Finding>,
}

impl Lister<'_, '_> {
    fn entry(
        &self,
        statement: &Statement<'_>,
        value: &str,
        at: PointerBuf,
    ) -> Result<Entry, Finding> {
        let partition = || self.partition.as_ref().map_err(Finding::clone);
        let filled = match hole::partition(value) {
            Some(_) => hole::fill(value, *partition()?),
            None => Cow::Borrowed(value),
        };
        let meant = if self.has_variables {
            listed::meant(&filled)
        } else {
            Cow::Borrowed(&*filled)
        };
        let arn = Arn::of(&meant);
        let field = arn.account.unwrap_or("*");
        let who = match Who::of(&meant) {
            // What a variable stands for has no other name.
            Who::Expression(_) if !hole::has_unknown(value) => Who::Expression(value.to_owned()),
            _ if *meant == *filled => Who::of(value),
            who => who,
        };
        let accounts = match &who {
            Who::Account(account) => vec![account.clone()],
            Who::Expression(_) => Vec::new(),
            _ => samples(field),
        };
        let mut verdicts = Vec::new();
        for account in accounts {
            let pattern = match TrailPattern::of(arn, account.clone()) {
                Some(pattern) => pattern,
                None => TrailPattern::every(*partition()?, account),
            };
            verdicts.push(self.evaluator.verdict(&pattern));
        }
        let verdict = match verdicts.as_slice() {
            [] if matches!(who, Who::Expression(_)) => Verdict::Depends,
            [] => Verdict::Blocked,
            [first, rest @ ..] if rest.iter().all(|verdict| verdict == first) => *first,
            _ => Verdict::Partly,
        };
        Ok(Entry {
            value: value.to_owned(),
            is_open: who == Who::Anyone && verdict == Verdict::Allowed,
            who,
            verdict,
            statement: statement.index,
            sid: statement.sid.map(str::to_owned),
            brought_by: statement.brought_by.map(str::to_owned),
            at,
        })
    }
}
