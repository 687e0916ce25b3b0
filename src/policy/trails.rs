//! The trails that there can be, by AWS's rules for their names.

use std::collections::HashSet;
use std::hash::Hash;
use std::ops::ControlFlow;

use super::account::{AccountId, TrailPattern};
use super::automaton::{Automaton, Builder, State};
use super::partition::Partition;
use super::pattern::Matcher;
use super::truth::Truth;

/// How many steps the reading of all accounts may take: some milliseconds.
pub(super) const STEPS: usize = 500_000;

/// How far a Region's name has been read, behind what all those of its
/// partition begin with: one word, or two where they begin with nothing, and a
/// number of one digit or two.
///
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct RegionAt {
    /// So many words are still to come.
    words: usize,
    /// So many letters of the word, or digits of the number, up to three.
    letters: usize,
    /// Whether it is `cn` so far, with which another partition's begin.
    is_cn: bool,
}

impl RegionAt {
    fn of(partition: Partition) -> Self {
        let is_plain = partition.prefix().is_empty();
        Self {
            words: 1 + usize::from(is_plain),
            letters: 0,
            is_cn: is_plain,
        }
    }

    fn next(self, c: char) -> Option<Self> {
        let letters = (self.letters + 1).min(3);
        let is_cn = self.is_cn && matches!((self.letters, c), (0, 'c') | (1, 'n'));
        match c {
            'a'..='z' if self.words > 0 => Some(Self {
                letters,
                is_cn,
                ..self
            }),
            '0'..='9' if self.words == 0 && self.letters < 2 => Some(Self { letters, ..self }),
            '-' if self.words > 0 && self.letters > 0 && !(self.is_cn && self.letters == 2) => {
                Some(Self {
                    words: self.words - 1,
                    letters: 0,
                    is_cn: false,
                })
            }
            _ => None,
        }
    }

    fn is_end(self) -> bool {
        self.words == 0 && self.letters > 0
    }

    /// Any characters that a Region's name may have.
    fn any(c: char) -> Option<Self> {
        let is_any = matches!(c, 'a'..='z' | '0'..='9' | '-');
        is_any.then_some(Self {
            words: 0,
            letters: 1,
            is_cn: false,
        })
    }
}

/// How far a trail's name has been read: so many characters of the three that
/// it has at least, and whether the last was `.`, `_` or `-`, of which no two
/// stand side by side, and none at an end.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
struct NameAt(usize, bool);

impl NameAt {
    fn next(self, c: char) -> Option<Self> {
        let is_mark = matches!(c, '.' | '_' | '-');
        let may_come = if is_mark {
            self.0 > 0 && !self.1
        } else {
            c.is_ascii_alphanumeric()
        };
        may_come.then_some(Self((self.0 + 1).min(3), is_mark))
    }

    fn is_end(self) -> bool {
        self.0 == 3 && !self.1
    }
}

/// The trails of a pattern, read by an automaton; beside it something else may
/// read them too, `()` if nothing does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'r> {
    pub automaton: &'r Automaton,
    /// The trails, but for the account.
    pub asked: &'r TrailPattern,
    /// The part that matches the trails alone, where they are not all.
    pub part: Option<usize>,
}

impl Reader<'_> {
    /// Behind a text.
    fn read<X: Copy>(
        &self,
        from: (State, X),
        beside: impl Fn(X, char) -> Option<X>,
        text: &str,
    ) -> Option<(State, X)> {
        text.chars().try_fold(from, |(state, x), c| {
            Some((self.automaton.step(state, c), beside(x, c)?))
        })
    }

    /// What the Regions come to, with the colon behind; nothing if that takes
    /// too many steps.
    pub fn regions<X: Copy + Eq + Hash>(
        &self,
        x: X,
        beside: impl Fn(X, char) -> Option<X>,
        mut steps: usize,
    ) -> Option<Vec<(State, X)>> {
        let partition = self.asked.partition;
        let before = format!("arn:{partition}:cloudtrail:");
        let Some((state, x)) = self.read((self.automaton.start(), x), &beside, &before) else {
            return Some(Vec::new());
        };
        if let Some(region) = self.asked.region.literal() {
            let behind = self.read((state, x), &beside, &format!("{region}:"));
            return Some(behind.into_iter().collect());
        }
        let mut found = HashSet::new();
        // A pattern that no Region of this form matches is taken at its word.
        for (before, is_strict) in [(partition.prefix(), true), ("", false)] {
            let Some((state, x)) = self.read((state, x), &beside, before) else {
                continue;
            };
            let next = |(at, x): (RegionAt, X), c| {
                let at = if is_strict {
                    at.next(c)
                } else {
                    RegionAt::any(c)
                };
                Some((at?, beside(x, c)?))
            };
            let from = ((RegionAt::of(partition), x), state);
            let is_whole = self
                .automaton
                .walk(from, next, &mut steps, |(at, x), state| {
                    if at.is_end()
                        && let Some((state, x)) = self.read((state, x), &beside, ":")
                        && self.is_asked(state)
                    {
                        found.insert((state, x));
                    }
                    ControlFlow::Continue(())
                });
            if !is_whole {
                return None;
            }
            if !found.is_empty() || self.asked.region.as_str() == "*" {
                break;
            }
        }
        Some(found.into_iter().collect())
    }

    fn is_asked(&self, state: State) -> bool {
        self.part
            .is_none_or(|part| self.automaton.is_settled(state, part) != Some(Truth::False))
    }

    /// Behind the account.
    pub fn account<X: Copy>(
        &self,
        from: (State, X),
        beside: impl Fn(X, char) -> Option<X>,
        account: &AccountId,
    ) -> Option<(State, X)> {
        let from = self.read(from, &beside, account.as_str())?;
        self.read(from, &beside, ":trail/")
    }

    /// What all the accounts that there can be come to, unless that is more
    /// than `most` or takes too many steps.
    pub fn accounts(&self, regions: &[State], most: usize) -> Option<HashSet<State>> {
        let mut found = HashSet::new();
        let mut steps = STEPS;
        for region in regions {
            let next = |digits, c: char| (digits < 12 && c.is_ascii_digit()).then_some(digits + 1);
            let is_whole = self
                .automaton
                .walk((0, *region), next, &mut steps, |digits, state| {
                    if digits == 12 {
                        let behind = ":trail/".chars();
                        found.insert(behind.fold(state, |state, c| self.automaton.step(state, c)));
                    }
                    if found.len() > most {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                });
            if !is_whole || found.len() > most {
                return None;
            }
        }
        Some(found)
    }

    /// Calls `visit` with what the names come to, until it has seen enough; false
    /// if that takes too many steps.
    pub fn names<X: Copy + Eq + Hash>(
        &self,
        (state, x): (State, X),
        beside: impl Fn(X, char) -> Option<X>,
        steps: &mut usize,
        mut visit: impl FnMut(State, X) -> ControlFlow<()>,
    ) -> bool {
        let truth = |state| self.part.map(|part| self.automaton.truth(state, part));
        let mut visit = |state, x| match truth(state) {
            None | Some(Truth::True) => visit(state, x),
            Some(_) => ControlFlow::Continue(()),
        };
        if let Some(name) = self.asked.trail.literal() {
            if let Some((state, x)) = self.read((state, x), beside, name) {
                let _ = visit(state, x);
            }
            return true;
        }
        let next = |(at, x): (NameAt, X), c| Some((at.next(c)?, beside(x, c)?));
        let from = ((NameAt::default(), x), state);
        self.automaton.walk(from, next, steps, |(at, x), state| {
            if at.is_end() {
                visit(state, x)
            } else {
                ControlFlow::Continue(())
            }
        })
    }
}

impl TrailPattern {
    /// Adds a part to an automaton that matches these trails alone, whatever
    /// the account, where the rules for names do not say which they are.
    pub(super) fn add_to(&self, builder: &mut Builder) -> Option<usize> {
        let is_plain = |text: &str, is_literal: bool| is_literal || text == "*";
        if is_plain(self.region.as_str(), self.region.literal().is_some())
            && is_plain(self.trail.as_str(), self.trail.literal().is_some())
        {
            return None;
        }
        let part = builder.part();
        let (region, trail) = (self.region.as_str(), self.trail.as_str());
        let pattern = format!("arn:*:cloudtrail:{region}:*:trail/{trail}");
        builder.add(part, &Matcher::arn(&pattern).tokens, Truth::True);
        Some(part)
    }
}
