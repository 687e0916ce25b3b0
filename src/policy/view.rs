//! A statement as one account sees it.

use super::condition::{Condition, Values};
use super::statement::Statement;

/// A statement, and which values of its conditions can concern the account
/// that is asked about.
#[derive(Debug)]
pub(super) struct View<'v, 'a> {
    /// The statement.
    pub statement: &'v Statement<'a>,
    /// For each condition, the places of these values; nothing where all can.
    pub relevant: Vec<Option<Vec<usize>>>,
}

impl<'v, 'a> View<'v, 'a> {
    /// A statement of which every value may concern the account.
    pub fn whole(statement: &'v Statement<'a>) -> Self {
        Self {
            statement,
            relevant: Vec::new(),
        }
    }

    /// The conditions, each with the values that can concern the account.
    pub fn conditions(&self) -> impl Iterator<Item = (&'v Condition<'a>, Values<'_>)> {
        let conditions = self.statement.conditions.iter().enumerate();
        conditions.map(|(index, condition)| {
            let places = self.relevant.get(index).and_then(Option::as_deref);
            (condition, condition.some(places))
        })
    }
}
