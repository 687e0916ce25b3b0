//! Many accounts before one policy: what is the same for all of them is worked
//! out once, and each is compared only with the values that can concern it.

use std::cell::RefCell;
use std::collections::HashMap;

use super::asked::{AccountSet, Trails};
use super::condition::Condition;
use super::index::Index;
use super::named::{Compared, Named, Namer};
use super::statement::Statement;
use super::trails::is_on_trail;
use super::verdict::{Evaluation, Verdict};
use super::view::View;
use super::{Partition, Policy, RegionPattern, SOURCE_ACCOUNT, TrailName, TrailPattern};

/// Gives the same answers as [`Policy::evaluate`], for many accounts.
#[derive(Debug)]
pub struct Judge<'p, 'a> {
    policy: &'p Policy<'a>,
    /// The statements, each with an index for each of its conditions whose
    /// values are about accounts.
    statements: Vec<(&'p Statement<'a>, Vec<Option<Index>>)>,
    /// The answers that hold for every account of a kind.
    known: RefCell<HashMap<Kind, Evaluation>>,
}

/// What accounts that are treated alike have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Kind {
    /// The trails asked about, but for the account.
    trails: (Partition, RegionPattern, TrailName),
    conditions: Vec<Vec<u32>>,
}

impl<'p, 'a> Judge<'p, 'a> {
    /// Of the whole policy, for these accounts.
    #[must_use]
    pub fn new(policy: &'p Policy<'a>, accounts: &AccountSet) -> Self {
        let statements = policy.concerning().collect();
        Self::of(policy, statements, accounts)
    }

    /// Of one statement alone, as [`Policy::evaluate_statement`].
    #[must_use]
    pub fn of_statement(
        policy: &'p Policy<'a>,
        statement: &'p Statement<'a>,
        accounts: &AccountSet,
    ) -> Self {
        Self::of(policy, vec![statement], accounts)
    }

    fn of(policy: &'p Policy<'a>, statements: Vec<&'p Statement<'a>>, wanted: &AccountSet) -> Self {
        let index = |condition: &Condition<'_>| {
            let compared = if is_on_trail(condition) {
                Compared::Arn
            } else if condition.is_on(SOURCE_ACCOUNT) {
                Compared::Account
            } else {
                return None;
            };
            let values = condition.values.iter().map(AsRef::as_ref).enumerate();
            Some(Index::new(values, compared, wanted))
        };
        let indexed = |statement: &'p Statement<'a>| {
            let conditions = statement.conditions.iter().map(index);
            (statement, conditions.collect())
        };
        Self {
            policy,
            statements: statements.into_iter().map(indexed).collect(),
            known: RefCell::default(),
        }
    }

    /// Whether the trails of `pattern` may encrypt. Its account is one of those
    /// that the judge is for.
    #[must_use]
    pub fn evaluate(&self, pattern: &TrailPattern) -> Evaluation {
        let indices = || self.statements.iter().flat_map(|(_, own)| own).flatten();
        let mut conditions = Some(Vec::new());
        let mut has_own = false;
        for (kind, own) in indices().map(|index| index.kind(&pattern.account)) {
            conditions = conditions.zip(kind).map(|(mut all, kind)| {
                all.push(kind);
                all
            });
            has_own |= own;
        }
        let kind = conditions.map(|conditions| Kind {
            trails: (
                pattern.partition,
                pattern.region.clone(),
                pattern.trail.clone(),
            ),
            conditions,
        });
        if let Some(known) = kind
            .as_ref()
            .and_then(|kind| self.known.borrow().get(kind).cloned())
        {
            return known;
        }
        let views = self.statements.iter().map(|(statement, indices)| View {
            statement,
            relevant: indices
                .iter()
                .map(|index| index.as_ref().map(|index| index.values(&pattern.account)))
                .collect(),
        });
        let views: Vec<View<'_, '_>> = views.collect();
        let evaluation = self.policy.evaluate_views(&views, pattern);
        // The patterns that bind may name the account.
        let is_for_all = evaluation.verdict != Verdict::Partly || !has_own;
        if let Some(kind) = kind.filter(|_| is_for_all) {
            self.known.borrow_mut().insert(kind, evaluation.clone());
        }
        evaluation
    }
}

/// Which values of a list cover an account: the same answers as
/// [`Policy::covering`] and [`Policy::may_cover`], for many accounts with one
/// Region and trail.
#[derive(Debug)]
pub struct Coverage<'p, 'a> {
    policy: &'p Policy<'a>,
    condition: &'p Condition<'a>,
    /// The values that cover each account that they can concern.
    covering: Index,
    /// Values to be tried with each account.
    others: Vec<usize>,
}

impl<'p, 'a> Coverage<'p, 'a> {
    /// For the trails that are asked about.
    #[must_use]
    pub fn new(policy: &'p Policy<'a>, condition: &'p Condition<'a>, asked: &Trails) -> Self {
        let mut others = Vec::new();
        let mut chosen = Vec::new();
        if let (Some(any), Some(operator)) = (&asked.first(), condition.operator) {
            // What a value covers but for the account is the same for each.
            let mut known: HashMap<(&str, &str), bool> = HashMap::new();
            let mut covers_around = |before, behind| {
                *known.entry((before, behind)).or_insert_with(|| {
                    let value = format!("{before}{}{behind}", any.account);
                    policy.is_covering(operator, &value, any, true)
                })
            };
            let mut namer = Namer::new(Compared::Arn);
            for (place, value) in condition.values.iter().enumerate() {
                let is_covering = match namer.named(value) {
                    Named::Nobody => false,
                    Named::One(id, _) if asked.set().place(id).is_none() => false,
                    Named::One(_, Some((before, behind))) => covers_around(before, behind),
                    Named::Like { before, behind, .. } => {
                        operator.has_wildcards() && covers_around(before, behind)
                    }
                    Named::Everybody => policy.is_covering(operator, value, any, true),
                    Named::One(_, None) | Named::Anybody => {
                        others.push(place);
                        false
                    }
                };
                if is_covering {
                    chosen.push((place, value.as_ref()));
                }
            }
        }
        Self {
            policy,
            condition,
            covering: Index::new(chosen.into_iter(), Compared::Arn, asked.set()),
            others,
        }
    }

    /// The first value that matches every trail of `pattern`: its index.
    #[must_use]
    pub fn covering(&self, pattern: &TrailPattern) -> Option<usize> {
        let first = self.covering.first(&pattern.account);
        self.other(pattern, true).into_iter().chain(first).min()
    }

    /// The first value that may match every trail of `pattern`, by an
    /// expression in it: its index.
    #[must_use]
    pub fn may_cover(&self, pattern: &TrailPattern) -> Option<usize> {
        self.other(pattern, false)
    }

    fn other(&self, pattern: &TrailPattern, for_certain: bool) -> Option<usize> {
        let operator = self.condition.operator?;
        self.others.iter().copied().find(|place| {
            self.condition.values.get(*place).is_some_and(|value| {
                self.policy
                    .is_covering(operator, value, pattern, for_certain)
            })
        })
    }
}
