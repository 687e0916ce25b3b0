//! What holds for every policy, in every layout.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "common/invariants.rs"]
mod invariants;
#[path = "common/policies.rs"]
mod policies;

use ctpolicy::document::Document;
use ctpolicy::operations::Operation;
use ctpolicy::plan::{Case, Change, add, remove, sync};
use ctpolicy::policy::pattern::Matcher;
use ctpolicy::policy::walk::walk;
use ctpolicy::policy::witness::witnesses;
use ctpolicy::policy::{AccountId, Partition, Policy, TrailPattern, Verdict};
use ctpolicy::value::Value;
use invariants::{an_edit_is_lossless, request};
use json_patch::jsonptr::{Pointer, PointerBuf};
use policies::{policy, style};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_changes_what_the_patch_says_and_nothing_else(
        policy in policy(),
        style in style(),
        accounts in prop::collection::vec("[1-4]{12}|222222222222", 1..4),
    ) {
        let bytes = style.render(&policy);
        let before = Document::parse(&bytes).unwrap();
        prop_assert_eq!(before.value(), &Value::from(policy));
        an_edit_is_lossless(&bytes, &accounts);
    }

    #[test]
    fn who_is_added_without_a_warning_may_encrypt(policy in policy(), account in "[1-4]{12}") {
        let value = policy.clone().into();
        let Ok(plan) = add::plan(&Case::of(&value), &request(std::slice::from_ref(&account))) else {
            return Ok(());
        };
        let mut patched = policy;
        json_patch::patch(&mut patched, &plan.operations.patch(&value)).unwrap();
        let patched = patched.into();
        let pattern = TrailPattern::every(Partition::AWS, account.parse().unwrap());
        let verdict = Policy::read(&patched).unwrap().evaluate(&pattern).verdict;
        prop_assert_eq!(plan.outcomes[0].verdict, verdict);
        if plan.findings.is_empty() {
            prop_assert_eq!(verdict, Verdict::Allowed);
        }
    }

    #[test]
    fn adding_then_removing_gives_back_the_first_bytes(
        policy in policy(),
        style in style(),
        account in "[5-9]{12}",
    ) {
        let bytes = style.render(&policy);
        let before = Document::parse(&bytes).unwrap();
        let request = request(&[account]);
        let Ok(plan) = add::plan(&Case::of(before.value()), &request) else {
            return Ok(());
        };
        let is_append = |operation: &Operation| {
            let list = operation.target().as_str();
            list != "/Statement" && before.value().pointer(list).is_some_and(Value::is_array)
        };
        // A scalar that became an array stays one, and an empty list is refused.
        let was_empty = before.text().contains("[]") || before.text().contains("[ ]");
        if was_empty || plan.operations.is_empty() || !plan.operations.iter().all(is_append) {
            return Ok(());
        }
        let after = before.apply(&plan.operations).unwrap();
        let undo = remove::Request { accounts: request.accounts, ..remove::Request::default() };
        let undo = remove::plan(&Case::of(after.value()), &undo).unwrap();
        let undone = after.apply(&undo.operations).unwrap();
        prop_assert_eq!(undone.as_bytes(), bytes);
    }

    #[test]
    fn a_second_sync_changes_nothing(
        policy in policy(),
        style in style(),
        accounts in prop::collection::vec("[1-4]{12}|222222222222", 1..4),
    ) {
        let before = Document::parse(&style.render(&policy)).unwrap();
        let request = request(&accounts);
        let Ok(plan) = sync::plan(&Case::of(before.value()), &request) else {
            return Ok(());
        };
        let after = before.apply(&plan.operations).unwrap();
        let mut patched = policy;
        json_patch::patch(&mut patched, &plan.operations.patch(before.value())).unwrap();
        prop_assert_eq!(after.value(), &Value::from(patched));
        let again = sync::plan(&Case::of(after.value()), &request).unwrap();
        prop_assert!(again.operations.is_empty());
        prop_assert!(again.outcomes.iter().all(|outcome| outcome.change != Change::Removed));
    }

    /// No trail answers in a way that no witness does.
    #[test]
    fn a_place_is_the_same_by_a_look_and_by_the_tree(
        policy in policy(),
        style in style(),
        which: prop::sample::Index,
        beyond in prop::collection::vec("-|[0-9]|[a-c]", 0..3),
    ) {
        let mut pointers = Vec::new();
        walk(&policy.clone().into(), &PointerBuf::new(), &mut |_, at| pointers.push(at.clone()));
        let mut pointer = which.get(&pointers).clone();
        for token in &beyond {
            pointer.push_back(token.as_str());
        }
        let bytes = style.render(&policy);
        let once = Document::parse(&bytes).unwrap();
        let often = once.clone();
        for _ in 0..20 {
            let _ = often.position(Pointer::root());
        }
        prop_assert_eq!(once.position(&pointer), often.position(&pointer));
        prop_assert_eq!(once.has(&pointer), policy.pointer(pointer.as_str()).is_some());
    }

    #[test]
    fn the_witnesses_are_all_there_is(
        patterns in prop::collection::vec("(arn:aws:cloudtrail:)?[*?a-e:2/-]{1,10}(:222222222222:trail/)?[*?ab-]{0,4}", 1..4),
        region in "[a-e0-2-]{1,4}",
        name in "[a-eA-B_-]{3,5}",
        arn_like in any::<bool>(),
    ) {
        let matchers: Vec<Matcher> = patterns
            .iter()
            .map(|p| if arn_like { Matcher::arn(p) } else { Matcher::glob(p) })
            .collect();
        let borrowed: Vec<&Matcher> = matchers.iter().collect();
        let account: AccountId = "222222222222".parse().unwrap();
        let universe = TrailPattern::every(Partition::AWS, account).universe();
        let Some(found) = witnesses(&universe, &borrowed) else {
            return Ok(());
        };
        let answer = |arn: &str| matchers.iter().map(|m| m.matches(arn)).collect::<Vec<_>>();
        let trail = format!("arn:aws:cloudtrail:{region}:222222222222:trail/{name}");
        prop_assert!(found.iter().any(|arn| answer(arn) == answer(&trail)), "{} {:?}", trail, found);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), text in "[\\[\\]{}\",:\\\\a\n u0-9]{0,40}") {
        for input in [bytes, text.into_bytes()] {
            an_edit_is_lossless(&input, &["222222222222".to_owned()]);
        }
    }
}
