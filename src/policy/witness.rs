//! Which trails of an account patterns tell apart.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::mem;

use super::pattern::{Class, Matcher, States, Token};

/// How many steps `witnesses` takes before it gives up: a second or so.
const BUDGET: usize = 10_000_000;

/// One text of the universe for each way in which the matchers can answer
/// together: what holds for all witnesses holds for the whole universe.
///
/// Exact: it walks the product of the universe and of all the matchers. `None`
/// if the patterns are so many and so entangled that this would take too long.
pub fn witnesses(universe: &[Token], matchers: &[&Matcher]) -> Option<Vec<String>> {
    let literal = |token: &Token| match token {
        Token::Char(c) => Some(*c),
        _ => None,
    };
    if let Some(only) = universe.iter().map(literal).collect() {
        return Some(vec![only]);
    }
    let alphabet = alphabet(universe, matchers);
    if matchers.is_empty() {
        let least = |token: &Token| match token {
            Token::Run(_) => None,
            _ => alphabet.iter().copied().find(|c| token.takes(*c)),
        };
        return Some(vec![universe.iter().filter_map(least).collect()]);
    }
    let mut found: Vec<String> = Vec::new();
    let mut answers = HashSet::new();
    let mut seen = HashSet::new();
    let mut steps = 0;
    let first: Vec<States> = matchers.iter().map(|m| m.start()).collect();
    let mut queue = VecDeque::from([(0, first.clone(), String::new())]);
    seen.insert((0, first));
    while let Some((at, states, text)) = queue.pop_front() {
        steps += alphabet.len() * (1 + states.iter().map(States::len).sum::<usize>());
        if steps > BUDGET {
            return None;
        }
        let Some(&token) = universe.get(at) else {
            let answer: Vec<bool> = matchers
                .iter()
                .zip(&states)
                .map(|(matcher, states)| matcher.accepts(states))
                .collect();
            if answers.insert(answer) {
                found.push(text);
            }
            continue;
        };
        let after = match token {
            Token::Run(_) => {
                if seen.insert((at + 1, states.clone())) {
                    queue.push_back((at + 1, states.clone(), text.clone()));
                }
                at
            }
            _ => at + 1,
        };
        let mut is_first = true;
        for &c in alphabet.iter().filter(|&&c| token.takes(c)) {
            let mut each = matchers.iter().zip(&states);
            let is_named = each.any(|(matcher, states)| matcher.names(states, c));
            // All that is not named leads to the same place.
            if !is_named && !mem::take(&mut is_first) {
                continue;
            }
            let next: Vec<States> = matchers
                .iter()
                .zip(&states)
                .map(|(matcher, states)| matcher.step(states, c))
                .collect();
            if seen.insert((after, next.clone())) {
                let mut longer = text.clone();
                longer.push(c);
                queue.push_back((after, next, longer));
            }
        }
    }
    Some(found)
}

/// The characters that some pattern names, and for each class one that none
/// does, which stands for all the others.
fn alphabet(universe: &[Token], matchers: &[&Matcher]) -> BTreeSet<char> {
    let own = universe.iter();
    let mut named: BTreeSet<char> = matchers
        .iter()
        .flat_map(|matcher| &matcher.tokens)
        .chain(own)
        .filter_map(|token| match token {
            Token::Char(c) => Some(*c),
            _ => None,
        })
        .flat_map(|c| [c.to_ascii_lowercase(), c.to_ascii_uppercase()])
        .collect();
    for class in [Class::Region, Class::TrailName] {
        let fresh = ('a'..='z')
            .rev()
            .chain('0'..='9')
            .chain('A'..='Z')
            .chain(['-', '_', '.'])
            .find(|c| class.contains(*c) && !named.contains(c));
        named.extend(fresh);
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn witnesses_tell_apart_what_the_patterns_tell_apart() {
        let universe = [Token::Char('x'), Token::Run(Class::TrailName)];
        let (a, b) = (Matcher::glob("xa*"), Matcher::glob("x*b"));
        let found = witnesses(&universe, &[&a, &b]).unwrap();
        let mut answers: Vec<_> = found
            .iter()
            .map(|text| (a.matches(text), b.matches(text)))
            .collect();
        answers.sort_unstable();
        assert_eq!(
            answers,
            [(false, false), (false, true), (true, false), (true, true)]
        );
    }

    #[test]
    fn both_cases_of_a_character_are_that_character_to_a_matcher_without_case() {
        let universe = [Token::Char('x'), Token::Run(Class::TrailName)];
        let (a, any) = (Matcher::literal_ignore_case("xa"), Matcher::glob("x?"));
        let found = witnesses(&universe, &[&a, &any]).unwrap();
        let one_that_is_not_a = |text: &String| any.matches(text) && !a.matches(text);
        assert!(found.iter().any(one_that_is_not_a), "{found:?}");
        assert!(found.iter().any(|text| a.matches(text)), "{found:?}");
    }

    #[test]
    fn equal_languages_in_different_spellings_have_one_witness() {
        let universe = [Token::One(Class::TrailName), Token::Run(Class::TrailName)];
        assert_eq!(
            witnesses(&universe, &[&Matcher::glob("*?")]).unwrap().len(),
            1
        );
        assert_eq!(
            witnesses(&universe, &[&Matcher::glob("?*")]).unwrap().len(),
            1
        );
    }
}
