//! Many patterns as one automaton, which reads a text for all of them at once.
//!
//! The patterns of a part share what they begin with, as in a trie, and all that
//! what is left of them is alike has one node. So a long list takes as many
//! steps as its texts differ, and two accounts of which the same is left are
//! known to be alike.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::hash::Hash;
use std::ops::ControlFlow;
use std::rc::Rc;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::pattern::{Class, Token};
use super::truth::{Truth, Truths};

/// How far the reading of a text has come: nodes, by a number.
pub type State = usize;

/// What is left to match of some patterns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Node {
    /// The part that the patterns are of.
    part: usize,
    /// Whether a pattern ends here.
    end: Option<Truth>,
    /// What of the text may be passed over.
    run: Option<Class>,
    next: Vec<(Token, usize)>,
    /// How many characters are needed at least to match.
    height: usize,
}

impl Node {
    /// Whether all that may come is matched, for certain.
    fn takes_all(&self) -> bool {
        self.end == Some(Truth::True) && self.run == Some(Class::Any)
    }
}

/// The patterns, part by part.
#[derive(Debug, Default)]
pub struct Builder {
    nodes: Vec<Node>,
    roots: Vec<usize>,
    /// What a text may come to by each part.
    ends: Vec<Truths>,
}

impl Builder {
    /// A new part, without a pattern: its number.
    pub fn part(&mut self) -> usize {
        let part = self.roots.len();
        self.roots.push(self.nodes.len());
        self.ends.push(Truth::False.into());
        self.nodes.push(Node {
            part,
            ..Node::default()
        });
        part
    }

    /// Adds a pattern to a part; a text that it matches is matched as `end` says.
    pub fn add(&mut self, part: usize, tokens: &[Token], end: Truth) {
        let mut at = self.roots[part];
        let mut last = None;
        for token in tokens {
            // A run behind the same run is that run.
            if matches!(token, Token::Run(_)) && last == Some(token) {
                continue;
            }
            last = Some(token);
            let new = self.nodes.len();
            let next = &mut self.nodes[at].next;
            let known = next.iter().find(|(own, _)| own == token);
            at = known.map_or(new, |(_, next)| *next);
            if at == new {
                next.push((*token, new));
                let run = match token {
                    Token::Run(class) => Some(*class),
                    _ => None,
                };
                self.nodes.push(Node {
                    part,
                    run,
                    ..Node::default()
                });
            }
        }
        let node = &mut self.nodes[at];
        node.end = node.end.max(Some(end));
        self.ends[part].insert(end);
    }

    /// The automaton. Once the first part matches for certain, the parts that
    /// are `settled` by it are read no further.
    pub fn build(self, settled: impl Fn(usize) -> bool) -> Automaton {
        let mut places = Vec::with_capacity(self.nodes.len());
        let mut known = HashMap::new();
        let mut nodes: Vec<Node> = Vec::new();
        // What comes behind a node was added later.
        places.resize(self.nodes.len(), 0);
        for (at, mut node) in self.nodes.into_iter().enumerate().rev() {
            if node.takes_all() {
                node.next.clear();
            }
            let mut height = node.end.map(|_| 0);
            for (token, next) in &mut node.next {
                *next = places[*next];
                let is_run = matches!(token, Token::Run(_));
                let behind = nodes.get(*next).map_or(0, |node: &Node| node.height);
                let own = behind + usize::from(!is_run);
                height = Some(height.map_or(own, |height: usize| height.min(own)));
            }
            node.height = height.unwrap_or_default();
            node.next.sort_unstable();
            places[at] = *known.entry(node).or_insert_with_key(|node| {
                nodes.push(node.clone());
                nodes.len() - 1
            });
        }
        let settled = (0..self.roots.len()).map(settled).collect();
        let mut automaton = Automaton {
            nodes,
            settled,
            ends: self.ends,
            states: RefCell::default(),
            start: 0,
            work: Cell::default(),
        };
        let mut start = Vec::new();
        for root in self.roots {
            automaton.enter(places[root], &mut start);
        }
        automaton.start = automaton.state(start);
        automaton
    }
}

/// The patterns, ready to read.
#[derive(Debug)]
pub struct Automaton {
    nodes: Vec<Node>,
    settled: Vec<bool>,
    ends: Vec<Truths>,
    states: RefCell<States>,
    start: State,
    /// How many steps were taken, of those that were not known.
    work: Cell<usize>,
}

/// The states that were come to.
#[derive(Debug, Default)]
struct States {
    known: HashMap<Rc<[usize]>, State>,
    nodes: Vec<Rc<[usize]>>,
    next: HashMap<(State, char), State>,
}

impl Automaton {
    /// Before the text.
    pub fn start(&self) -> State {
        self.start
    }

    fn nodes(&self, state: State) -> Rc<[usize]> {
        Rc::clone(&self.states.borrow().nodes[state])
    }

    /// A run may be empty, so what is behind it is come to too.
    fn enter(&self, at: usize, into: &mut Vec<usize>) {
        into.push(at);
        for (token, next) in &self.nodes[at].next {
            if let Token::Run(_) = token {
                self.enter(*next, into);
            }
        }
    }

    fn state(&self, mut nodes: Vec<usize>) -> State {
        nodes.sort_unstable();
        nodes.dedup();
        let all: Vec<usize> = nodes
            .iter()
            .copied()
            .filter(|at| self.nodes[*at].takes_all())
            .collect();
        if !all.is_empty() {
            let done: Vec<usize> = all.iter().map(|at| self.nodes[*at].part).collect();
            let is_first = done.contains(&0);
            nodes.retain(|at| {
                let part = self.nodes[*at].part;
                all.contains(at) || !(done.contains(&part) || (is_first && self.settled[part]))
            });
            if is_first {
                nodes.retain(|at| !self.settled[self.nodes[*at].part]);
            }
        }
        let nodes: Rc<[usize]> = nodes.into_iter().collect();
        let mut states = self.states.borrow_mut();
        let new = states.nodes.len();
        let state = *states.known.entry(Rc::clone(&nodes)).or_insert(new);
        if state == new {
            states.nodes.push(nodes);
        }
        state
    }

    /// How many steps were taken so far.
    #[cfg(test)]
    pub fn work(&self) -> usize {
        self.work.get()
    }

    /// Behind one more character.
    pub fn step(&self, state: State, c: char) -> State {
        if let Some(next) = self.states.borrow().next.get(&(state, c)) {
            return *next;
        }
        self.work.set(self.work.get() + self.cost(state));
        let mut into = Vec::new();
        for at in self.nodes(state).iter() {
            let node = &self.nodes[*at];
            if node.run.is_some_and(|class| class.contains(c)) {
                self.enter(*at, &mut into);
            }
            for (token, next) in &node.next {
                if !matches!(token, Token::Run(_)) && token.takes(c) {
                    self.enter(*next, &mut into);
                }
            }
        }
        let next = self.state(into);
        self.states.borrow_mut().next.insert((state, c), next);
        next
    }

    /// What a text may come to by a part.
    pub fn ends(&self, part: usize) -> Truths {
        self.ends[part]
    }

    /// How many steps it is to read one more character.
    pub fn cost(&self, state: State) -> usize {
        1 + self.nodes(state).len()
    }

    /// Whether nothing is left of any pattern.
    pub fn is_dead(&self, state: State) -> bool {
        self.nodes(state).is_empty()
    }

    /// What is left of these parts.
    pub fn of_parts(&self, state: State, is_meant: impl Fn(usize) -> bool) -> State {
        let nodes = self.nodes(state);
        let nodes = nodes.iter().filter(|at| is_meant(self.nodes[**at].part));
        self.state(nodes.copied().collect())
    }

    /// Whether a part matches what was read; what nothing is left of does not.
    pub fn truth(&self, state: State, part: usize) -> Truth {
        let nodes = self.nodes(state);
        let nodes = nodes.iter().map(|at| &self.nodes[*at]);
        let ends = nodes.filter(|own| own.part == part).map(|own| own.end);
        ends.flatten().max().unwrap_or(Truth::False)
    }

    /// Whether each part matches what was read.
    pub fn truths(&self, state: State) -> Vec<Truth> {
        let mut truths = vec![Truth::False; self.settled.len()];
        for at in self.nodes(state).iter() {
            let node = &self.nodes[*at];
            truths[node.part] = truths[node.part].max(node.end.unwrap_or(Truth::False));
        }
        truths
    }

    /// Whether there is anything left of a part, and whether it matches
    /// whatever comes.
    pub fn is_settled(&self, state: State, part: usize) -> Option<Truth> {
        let nodes = self.nodes(state);
        let mut own = nodes
            .iter()
            .map(|at| &self.nodes[*at])
            .filter(|own| own.part == part);
        match own.next() {
            None => Some(Truth::False),
            Some(node) if node.takes_all() => Some(Truth::True),
            Some(_) => None,
        }
    }

    /// The characters that patterns go on with, the one that comes nearest to a
    /// match last, behind one of each class that none of them names.
    fn alphabet(&self, state: State) -> Vec<char> {
        let nodes = self.nodes(state);
        let next = nodes.iter().flat_map(|at| &self.nodes[*at].next);
        let mut named: BTreeMap<char, usize> = BTreeMap::new();
        for (token, next) in next {
            let (one, other) = match token {
                Token::Char(c) => (*c, *c),
                Token::Fold(c) => (*c, c.to_ascii_uppercase()),
                Token::One(_) | Token::Run(_) => continue,
            };
            for c in [one, other] {
                let height = self.nodes[*next].height;
                let nearest = named.entry(c).or_insert(height);
                *nearest = height.min(*nearest);
            }
        }
        let mut sorted: Vec<char> = named.keys().copied().collect();
        sorted.sort_by_key(|c| Reverse(named.get(c)));
        let others = [
            'a'..='z',
            'A'..='Z',
            '0'..='9',
            '-'..='-',
            '.'..='.',
            '_'..='_',
            ':'..=':',
        ];
        let others = others.into_iter();
        let others = others.filter_map(|mut class| class.rfind(|c| !named.contains_key(c)));
        others.chain(sorted).collect()
    }

    /// Calls `visit` with all that texts of a form come to from a state, until
    /// it has seen enough. A form is known by how far it has come, too. False
    /// if there were no more steps.
    pub fn walk<F: Copy + Eq + Hash>(
        &self,
        from: (F, State),
        next: impl Fn(F, char) -> Option<F>,
        steps: &mut usize,
        mut visit: impl FnMut(F, State) -> ControlFlow<()>,
    ) -> bool {
        let mut seen = HashSet::from_iter([from]);
        let mut stack = vec![from];
        while let Some((form, state)) = stack.pop() {
            if visit(form, state).is_break() {
                return true;
            }
            let cost = self.cost(state);
            for c in self.alphabet(state) {
                let Some(form) = next(form, c) else { continue };
                let Some(left) = steps.checked_sub(cost) else {
                    return false;
                };
                *steps = left;
                self.work.set(self.work.get() + 1);
                let to = (form, self.step(state, c));
                if seen.insert(to) {
                    stack.push(to);
                }
            }
        }
        true
    }
}
