//! What the trails of an account come to by all of a policy's statements.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::rc::Rc;

use foldhash::{HashMap, HashSet, HashSetExt};

use super::account::{AccountId, TrailPattern};
use super::automaton::{Automaton, Builder, State};
use super::pattern::Matcher;
use super::trails::Reader;
use super::truth::{Truth, Truths};
use super::verdict::{Obstacle, Verdict};

/// How many steps each account may take, where a policy tells many kinds of
/// them apart: a part of a millisecond.
const FEW: usize = 50_000;
/// How many steps all the accounts together may take, where there are few kinds.
pub(super) const MANY: usize = 2_000_000;
/// How many kinds are few.
const KINDS: usize = 64;

/// Whether a condition holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Read {
    /// This, whatever the trail.
    Known(Truth),
    /// As a part of the automaton matches the trail's ARN, or as it does not.
    Part { part: usize, negated: bool },
}

/// A statement, as far as it counts.
#[derive(Debug)]
pub(super) struct Rule {
    pub allows: bool,
    pub denies: bool,
    /// Whether it applies as far as its conditions do not say.
    pub truth: Truth,
    /// Its conditions.
    pub reads: Vec<Read>,
}

impl Rule {
    /// Whether it applies, where the parts match like this.
    fn truths(&self, part: &impl Fn(usize) -> Truths) -> Truths {
        let reads = self.reads.iter().map(|read| read.truths(part));
        reads.fold(self.truth.into(), |all, own| all.with(own, Truth::min))
    }
}

impl Read {
    fn truths(self, parts: &impl Fn(usize) -> Truths) -> Truths {
        match self {
            Self::Known(truth) => truth.into(),
            Self::Part { part, negated } if negated => {
                parts(part).iter().map(Truth::opposite).collect()
            }
            Self::Part { part, .. } => parts(part),
        }
    }
}

/// Why trails are not allowed, or may not be: what of a rule is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Why {
    /// Whether it is that it denies.
    pub denies: bool,
    pub rule: usize,
    pub truth: Truth,
}

/// The answer for all accounts of which the same is left to read.
#[derive(Debug)]
pub(super) struct Answer {
    pub verdict: Verdict,
    /// Each reason, with the conditions that are to blame.
    pub whys: BTreeMap<Why, BTreeSet<usize>>,
    /// Whether no statement allows anything.
    pub is_nothing: bool,
    /// Whether there are too many ways in which the patterns can match.
    pub is_entangled: bool,
    /// What stands in the way, where that is the same for all the accounts.
    pub told: OnceCell<Vec<Obstacle>>,
}

impl Answer {
    /// Whether what stands in the way is the same for all the accounts: what of
    /// a condition is not known may be a value that concerns one of them.
    pub fn is_common(&self) -> bool {
        let mut whys = self.whys.iter();
        whys.all(|(why, conditions)| why.truth != Truth::Unknown || conditions.is_empty())
    }
}

/// What the trails come to that are left at one place of the reading: whether
/// they are allowed, and whether they are denied.
#[derive(Debug)]
struct Judged {
    /// What each part may match.
    parts: Vec<Truths>,
    outcomes: BTreeSet<(Truth, Truth)>,
    is_entangled: bool,
}

/// The rules, and all that they compare with a trail's ARN, for trails that
/// differ in the account alone.
#[derive(Debug)]
pub(super) struct Judge {
    automaton: Automaton,
    asked: TrailPattern,
    /// The part that matches the trails asked about.
    part: Option<usize>,
    parts: usize,
    rules: Vec<Rule>,
    /// How many steps it may take where there are few kinds of accounts.
    steps: usize,
    /// Before the account, if that does not take too many steps.
    regions: Option<Vec<State>>,
    kinds: OnceCell<usize>,
    judged: RefCell<HashMap<State, Rc<Judged>>>,
    known: RefCell<HashMap<Vec<State>, Rc<Answer>>>,
    values: RefCell<HashMap<Place, Rc<Value>>>,
}

/// The rule, the condition and the index of a value.
type Place = (usize, usize, usize);

/// One value alone, beside all the rules.
#[derive(Debug)]
pub(super) struct Value {
    pub judge: Judge,
    /// Before the account, where both have been read.
    both: OnceCell<Option<Vec<(State, State)>>>,
    /// Whether a trail that the value matches is allowed, behind the account.
    known: RefCell<HashMap<BTreeSet<(State, State)>, bool>>,
}

/// Nothing is read beside the automaton.
const ALONE: fn((), char) -> Option<()> = |(), _| Some(());

impl Judge {
    /// By these rules. Once the first part matches, nothing else counts that
    /// `is_settled` by it.
    pub fn new(
        mut builder: Builder,
        parts: usize,
        rules: Vec<Rule>,
        asked: &TrailPattern,
        steps: usize,
        is_settled: impl Fn(usize) -> bool,
    ) -> Self {
        let part = asked.add_to(&mut builder);
        let automaton = builder.build(|own| own < parts && is_settled(own));
        let mut judge = Self {
            automaton,
            asked: asked.clone(),
            part,
            parts,
            rules,
            steps,
            regions: None,
            kinds: OnceCell::new(),
            judged: RefCell::default(),
            known: RefCell::default(),
            values: RefCell::default(),
        };
        let regions = judge.reader().regions((), ALONE, steps / 8);
        judge.regions = regions.map(|states| states.into_iter().map(|(state, ())| state).collect());
        judge
    }

    /// Whether trails match one pattern.
    pub fn of_matcher(matcher: &Matcher, asked: &TrailPattern) -> Self {
        let mut builder = Builder::default();
        let part = builder.part();
        builder.add(part, &matcher.tokens, matcher.certainty());
        let rule = Rule {
            allows: true,
            denies: false,
            truth: Truth::True,
            reads: vec![Read::Part {
                part,
                negated: false,
            }],
        };
        Self::new(builder, 1, vec![rule], asked, FEW, |_| false)
    }

    fn reader(&self) -> Reader<'_> {
        Reader {
            automaton: &self.automaton,
            asked: &self.asked,
            part: self.part,
        }
    }

    /// How many steps were taken so far.
    #[cfg(test)]
    pub fn work(&self) -> usize {
        let values = self.values.borrow();
        let values = values.values().map(|own| own.judge.work());
        self.automaton.work() + values.sum::<usize>()
    }

    /// The verdict on an account.
    pub fn verdict(&self, account: &AccountId) -> Verdict {
        let any = || vec![Truths::any(); self.parts];
        self.answer(account, any).verdict
    }

    /// The answer for an account; what each part may match at most is asked
    /// for where reading all of them at once takes too many steps.
    pub fn answer(&self, account: &AccountId, at_most: impl FnOnce() -> Vec<Truths>) -> Rc<Answer> {
        let Some(behind) = self.behind(account) else {
            let judged = self.judge(at_most(), None);
            return Rc::new(self.combine(&[Rc::new(judged)]));
        };
        let known = self.known.borrow().get(&behind).map(Rc::clone);
        known.unwrap_or_else(|| {
            let judged: Vec<_> = behind.iter().map(|state| self.judged(*state)).collect();
            let answer = Rc::new(self.combine(&judged));
            self.known.borrow_mut().insert(behind, Rc::clone(&answer));
            answer
        })
    }

    /// What an account comes to, if that does not take too many steps.
    fn behind(&self, account: &AccountId) -> Option<Vec<State>> {
        let regions = self.regions.as_ref()?;
        let cost = regions.iter().map(|state| self.automaton.cost(*state));
        if cost.sum::<usize>() > FEW / 20 && self.kinds() > KINDS {
            return None;
        }
        let behind = regions.iter().filter_map(|state| {
            let behind = self.reader().account((*state, ()), ALONE, account)?;
            Some(behind.0)
        });
        let behind: BTreeSet<State> = behind.collect();
        Some(behind.into_iter().collect())
    }

    /// How many kinds of accounts there can be, or more than can be told.
    fn kinds(&self) -> usize {
        *self.kinds.get_or_init(|| {
            let regions = self.regions.as_deref().unwrap_or_default();
            let kinds = self.reader().accounts(regions, KINDS);
            kinds.map_or(usize::MAX, |kinds| kinds.len())
        })
    }

    fn judged(&self, state: State) -> Rc<Judged> {
        let known = self.judged.borrow().get(&state).map(Rc::clone);
        known.unwrap_or_else(|| {
            let regions = self.regions.as_ref().map_or(1, |own| own.len().max(1));
            let mut judged = self.read(state, FEW / regions);
            if judged.is_entangled && self.steps > FEW && self.kinds() <= KINDS {
                judged = self.read(state, self.steps / self.kinds().max(1));
            }
            let judged = Rc::new(judged);
            self.judged.borrow_mut().insert(state, Rc::clone(&judged));
            judged
        })
    }

    /// What the names come to from a state, in so many steps.
    fn read(&self, state: State, steps: usize) -> Judged {
        let mut left = steps;
        let parts = (0..self.parts).map(|part| self.matched(state, part, &mut left));
        let parts = parts.collect();
        self.judge(parts, Some((state, steps)))
    }

    /// What of the names a part matches.
    fn matched(&self, state: State, part: usize, steps: &mut usize) -> Truths {
        if let Some(truth) = self.automaton.is_settled(state, part) {
            return truth.into();
        }
        let own = |own| own == part || Some(own) == self.part;
        let from = self.automaton.of_parts(state, own);
        let mut found = Truths::default();
        let all = self.automaton.ends(part);
        let is_whole = self.reader().names((from, ()), ALONE, steps, |state, ()| {
            found.insert(self.automaton.truth(state, part));
            if found == all {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if is_whole { found } else { all }
    }

    /// Whether trails are allowed, and whether they are denied.
    fn join(&self, part: impl Fn(usize) -> Truths) -> (Truths, Truths) {
        let (mut allow, mut deny) = (Truths::from(Truth::False), Truths::from(Truth::False));
        for rule in &self.rules {
            let own = rule.truths(&part);
            if rule.allows {
                allow = allow.with(own, Truth::max);
            }
            if rule.denies {
                deny = deny.with(own, Truth::max);
            }
        }
        (allow, deny)
    }

    /// What the trails come to that are left at a state, if that can be read.
    fn judge(&self, parts: Vec<Truths>, read: Option<(State, usize)>) -> Judged {
        let (allow, deny) = self.join(|part| parts[part]);
        let mut outcomes = BTreeSet::new();
        let mut is_entangled = false;
        match (allow.only(), deny.only()) {
            (Some(allow), Some(deny)) => _ = outcomes.insert((allow, deny)),
            (None, Some(Truth::True)) => _ = outcomes.insert((Truth::False, Truth::True)),
            _ => {
                let bound = allow.iter().count() * deny.iter().count();
                let is_open = |part: usize| parts.get(part).is_none_or(|own| own.only().is_none());
                let is_whole = read.is_some_and(|(state, mut steps)| {
                    let from = self.automaton.of_parts(state, is_open);
                    let mut seen = HashSet::new();
                    self.reader()
                        .names((from, ()), ALONE, &mut steps, |end, ()| {
                            if seen.insert(end) {
                                outcomes.insert(self.outcome(end, &parts));
                            }
                            if outcomes.len() == bound {
                                ControlFlow::Break(())
                            } else {
                                ControlFlow::Continue(())
                            }
                        })
                });
                if !is_whole && allow.only() == Some(Truth::False) {
                    outcomes.insert((Truth::False, Truth::False));
                } else {
                    is_entangled = !is_whole;
                }
            }
        }
        Judged {
            parts,
            outcomes,
            is_entangled,
        }
    }

    /// What a trail comes to that was read to its end.
    fn outcome(&self, end: State, parts: &[Truths]) -> (Truth, Truth) {
        let truths = self.automaton.truths(end);
        let (allow, deny) = self.join(|part| match parts.get(part) {
            Some(own) if own.only().is_some() => *own,
            _ => truths[part].into(),
        });
        let only = |truths: Truths| truths.only().unwrap_or(Truth::Unknown);
        (only(allow), only(deny))
    }

    fn combine(&self, judged: &[Rc<Judged>]) -> Answer {
        let is_entangled = judged.iter().any(|own| own.is_entangled);
        let mut truths = Truths::default();
        let mut whys: BTreeMap<Why, BTreeSet<usize>> = BTreeMap::new();
        let mut is_short = false;
        for own in judged {
            for outcome in &own.outcomes {
                truths.insert(match outcome {
                    (Truth::True, Truth::False) => Truth::True,
                    (_, Truth::True) | (Truth::False, _) => Truth::False,
                    _ => Truth::Unknown,
                });
            }
            is_short |= self.blame(own, &mut whys);
        }
        let verdict = match (truths.only(), truths.has(Truth::Unknown)) {
            (_, true) => Verdict::Depends,
            _ if is_entangled => Verdict::Depends,
            (Some(Truth::True), _) => Verdict::Allowed,
            (None, _) if truths.has(Truth::True) => Verdict::Partly,
            _ => Verdict::Blocked,
        };
        let is_nothing = is_short && whys.keys().all(|why| why.denies);
        Answer {
            verdict,
            whys,
            is_nothing,
            is_entangled,
            told: OnceCell::new(),
        }
    }

    /// Adds what stands in the way of the trails that are not allowed; whether
    /// there are any that nothing allows.
    fn blame(&self, judged: &Judged, whys: &mut BTreeMap<Why, BTreeSet<usize>>) -> bool {
        let has = |is: fn(Truth, Truth) -> bool| judged.outcomes.iter().any(|(a, d)| is(*a, *d));
        let is_short = has(|allow, deny| allow == Truth::False && deny != Truth::True);
        let may_be_short = has(|allow, deny| allow == Truth::Unknown && deny != Truth::True);
        let is_denied = has(|_, deny| deny == Truth::True);
        let may_be_denied = has(|allow, deny| allow != Truth::False && deny == Truth::Unknown);
        let part = |part: usize| judged.parts[part];
        for (place, rule) in self.rules.iter().enumerate() {
            let own = rule.truths(&part);
            for (denies, truth, counts) in [
                (
                    false,
                    Truth::False,
                    rule.allows && (is_short || may_be_short),
                ),
                (false, Truth::Unknown, rule.allows && may_be_short),
                (true, Truth::Unknown, rule.denies && may_be_denied),
                (true, Truth::True, rule.denies && is_denied),
            ] {
                if !counts || !own.has(truth) {
                    continue;
                }
                let why = Why {
                    denies,
                    rule: place,
                    truth,
                };
                let blamed = whys.entry(why).or_default();
                // That a condition fails is no news where another statement
                // may allow.
                if truth != Truth::False || is_short {
                    let reads = rule.reads.iter().enumerate();
                    let reads = reads.filter(|(_, read)| read.truths(&part).has(truth));
                    blamed.extend(reads.map(|(condition, _)| condition));
                }
            }
        }
        is_short
    }

    /// Whether a rule's condition reads the trail's ARN.
    pub fn reads(&self, rule: usize, condition: usize) -> bool {
        matches!(self.rules[rule].reads[condition], Read::Part { .. })
    }

    /// What each part matches at most, if a rule's condition matches this.
    pub fn at_most(&self, own: impl Fn(usize, usize) -> Truths) -> Vec<Truths> {
        let mut parts = vec![Truths::from(Truth::False); self.parts];
        for (place, rule) in self.rules.iter().enumerate() {
            for (condition, read) in rule.reads.iter().enumerate() {
                if let Read::Part { part, .. } = read {
                    parts[*part] = parts[*part].with(own(place, condition), Truth::max);
                }
            }
        }
        parts
    }

    /// What judges by one value alone, which is known by its place.
    pub fn of_value(&self, place: Place, matcher: impl FnOnce() -> Matcher) -> Rc<Value> {
        let mut values = self.values.borrow_mut();
        let own = || {
            Rc::new(Value {
                judge: Self::of_matcher(&matcher(), &self.asked),
                both: OnceCell::new(),
                known: RefCell::default(),
            })
        };
        Rc::clone(values.entry(place).or_insert_with(own))
    }

    /// Whether a value of a rule's list matches a trail that is allowed, and
    /// does not match another one. Nothing else need be asked where no rule
    /// denies, and the list is all that its rule asks for.
    pub fn is_bound_by(
        &self,
        place: Place,
        matcher: impl FnOnce() -> Matcher,
        account: &AccountId,
    ) -> bool {
        let value = self.of_value(place, matcher);
        let verdict = value.judge.verdict(account);
        if matches!(verdict, Verdict::Allowed | Verdict::Blocked) {
            return false;
        }
        let mut reads = self.rules[place.0].reads.iter();
        let is_plain =
            reads.all(|read| matches!(read, Read::Known(Truth::True) | Read::Part { part: 0, .. }));
        (is_plain && self.rules.iter().all(|rule| !rule.denies)) || self.allows_any(&value, account)
    }

    /// Whether a trail that a value matches is allowed, as far as that can be
    /// told in few steps.
    fn allows_any(&self, value: &Value, account: &AccountId) -> bool {
        let other = &value.judge.automaton;
        let beside = |state: State, c| {
            let next = other.step(state, c);
            (!other.is_dead(next)).then_some(next)
        };
        let reader = self.reader();
        let both = || reader.regions(other.start(), beside, FEW);
        let Some(both) = value.both.get_or_init(both) else {
            return true;
        };
        let both = both.iter();
        let both = both.filter_map(|from| reader.account(*from, beside, account));
        let both: BTreeSet<(State, State)> = both.collect();
        let mut known = value.known.borrow_mut();
        *known.entry(both).or_insert_with_key(|both| {
            let mut steps = FEW;
            both.iter().any(|from| {
                let mut is_found = false;
                let is_whole = reader.names(*from, beside, &mut steps, |end, state| {
                    is_found = other.truth(state, 0) != Truth::False
                        && self.outcome(end, &[]) == (Truth::True, Truth::False);
                    if is_found {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                });
                is_found || !is_whole
            })
        })
    }
}
