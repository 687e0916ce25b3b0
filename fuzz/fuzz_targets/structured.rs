//! A policy, a layout and an edit: the generators of the property tests, with a
//! seed from the fuzzer. (Its bytes in the place of random numbers would end
//! while a generator still asks for others.)

#![no_main]

#[path = "../../tests/common/invariants.rs"]
mod invariants;
#[path = "../../tests/common/policies.rs"]
mod policies;

use libfuzzer_sys::fuzz_target;
use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

fuzz_target!(|seed: [u8; 32]| {
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let accounts = vec("[1-4]{12}|222222222222", 1..4);
    let Ok(tree) = (policies::policy(), policies::style(), accounts).new_tree(&mut runner) else {
        return;
    };
    let (policy, style, accounts) = tree.current();
    invariants::an_edit_is_lossless(&style.render(&policy), &accounts);
});
