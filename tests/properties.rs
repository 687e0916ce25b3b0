//! What holds for every policy, in every layout.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "common/invariants.rs"]
mod invariants;
#[path = "common/policies.rs"]
mod policies;

use ctpolicy::document::Document;
use ctpolicy::operations::Operation;
use ctpolicy::plan::target::{By, Which, which};
use ctpolicy::plan::{Case, Change, Choice, Plan, Request, Scope, add, remove, sync};
use ctpolicy::policy::walk::walk;
use ctpolicy::policy::{
    CURRENT_SID, DEFAULT_SID, Finding, Partition, Policy, TrailPattern, Verdict, listed,
};
use ctpolicy::value::Value;
use invariants::{an_edit_is_lossless, request};
use json_patch::jsonptr::{Pointer, PointerBuf};
use policies::{crowded_policy, policy, style};
use proptest::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Add,
    Sync,
    Remove,
}

impl Command {
    fn plan(self, policy: &serde_json::Value, request: &Request) -> Result<Plan, Vec<Finding>> {
        let value = policy.clone().into();
        let case = Case::of(&value);
        match self {
            Self::Add => add::plan(&case, request),
            Self::Sync => sync::plan(&case, request),
            Self::Remove => {
                let request = remove::Request {
                    accounts: request.accounts.clone(),
                    scope: request.scope.clone(),
                    // After that a number is another statement's.
                    drop_statement: request.restrict && request.scope.choice.is_none(),
                };
                remove::plan(&case, &request)
            }
        }
    }

    /// The policy after the edit, if there is one.
    fn run(self, policy: &serde_json::Value, request: &Request) -> Option<serde_json::Value> {
        let plan = self.plan(policy, request).ok()?;
        let mut after = policy.clone();
        json_patch::patch(&mut after, &plan.operations.patch(&policy.clone().into())).unwrap();
        plan.question.is_none().then_some(after)
    }
}

/// What a command may be asked for.
fn options() -> impl Strategy<Value = Request> {
    let accounts = prop::collection::vec(prop::sample::select(vec!['1', '2', '3', '4']), 1..3);
    let sid = prop::option::weighted(
        0.3,
        prop::sample::select(vec!["Trails", "TRAILS", "New", DEFAULT_SID]),
    );
    let number = prop::option::weighted(0.3, 1..5_usize);
    let arn = |id: char| {
        let id = id.to_string().repeat(12);
        format!("arn:aws:cloudtrail:eu-west-1:{id}:trail/main")
    };
    (accounts, sid, number, any::<[bool; 4]>()).prop_map(
        move |(ids, sid, number, [insert, arns, source_account, restrict])| {
            let accounts: Vec<String> = ids.iter().map(|id| id.to_string().repeat(12)).collect();
            let mut request = request(&accounts);
            request.scope = Scope {
                sid: sid.map(str::to_owned),
                insert: insert && number.is_none(),
                choice: number.map(|number| Choice::Number(number, None)),
                ..Scope::default()
            };
            if arns {
                request.source_arns = ids.iter().map(|id| arn(*id)).collect();
            }
            request.source_account = source_account;
            request.restrict = restrict;
            request
        },
    )
}

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
        if plan.question.is_some() {
            return Ok(());
        }
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
        // Where the text is a template, `${…}` in it is an expression.
        let mut patched: serde_json::Value = before.value().into();
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
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), text in "[\\[\\]{}\",:\\\\a\n u0-9]{0,40}") {
        for input in [bytes, text.into_bytes()] {
            an_edit_is_lossless(&input, &["222222222222".to_owned()]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_second_run_edits_nothing(policy in crowded_policy(), request in options()) {
        for command in [Command::Add, Command::Sync, Command::Remove] {
            let Some(after) = command.run(&policy, &request) else {
                continue;
            };
            let again = command.plan(&after, &request);
            match again {
                Ok(again) => {
                    prop_assert!(again.question.is_none(), "{command:?} asks");
                    prop_assert!(again.operations.is_empty(), "{command:?}: {:?}", again.operations);
                }
                // Once a statement is gone, what is left of the policy may be refused.
                Err(refused) => prop_assert_eq!(command, Command::Remove, "{:?}", refused),
            }
        }
    }

    /// Only `--restrict` takes from others, and of an event data store's
    /// statement nothing changes.
    #[test]
    fn adding_takes_nothing_away(policy in crowded_policy(), mut request in options()) {
        request.restrict = false;
        let Some(after) = Command::Add.run(&policy, &request) else {
            return Ok(());
        };
        let (before, after) = (Value::from(policy), Value::from(after));
        let (before, after) = (Policy::read(&before).unwrap(), Policy::read(&after).unwrap());
        for id in ["111111111111", "222222222222", "333333333333", "444444444444"] {
            let every = TrailPattern::every(Partition::AWS, id.parse().unwrap());
            let (was, is) = (before.evaluate(&every).verdict, after.evaluate(&every).verdict);
            prop_assert!(was == is || was != Verdict::Allowed, "{} {:?} {:?}", id, was, is);
            prop_assert!(was == Verdict::Blocked || is != Verdict::Blocked, "{} {:?} {:?}", id, was, is);
        }
        for (old, new) in before.statements.iter().zip(&after.statements) {
            let is_listless = listed::lists(old).next().is_none();
            if is_listless && old.body().to_string().contains(":eventdatastore/") {
                prop_assert_eq!(old.body(), new.body());
            }
        }
    }

    #[test]
    fn the_statement_with_the_sid_is_the_one(policy in crowded_policy()) {
        let value = Value::from(policy);
        let policy = Policy::read(&value).unwrap();
        let scope = Scope::default();
        let with = |sid| policy.with_sid(sid);
        match (with(DEFAULT_SID).as_slice(), with(CURRENT_SID).as_slice()) {
            ([only], _) | ([], [only]) => {
                let found = which(&policy, &scope).unwrap();
                prop_assert!(matches!(found, Which::One(one, By::Sid) if one.index == only.index));
            }
            ([], []) => {
                let found = which(&policy, &scope).unwrap();
                prop_assert!(!matches!(found, Which::One(_, By::Sid)));
            }
            _ => prop_assert!(which(&policy, &scope).is_err()),
        }
    }
}
