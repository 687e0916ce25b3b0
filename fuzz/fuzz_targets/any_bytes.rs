//! Any bytes as a policy.

#![no_main]

#[path = "../../tests/common/invariants.rs"]
mod invariants;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    invariants::an_edit_is_lossless(bytes, &["222222222222".to_owned()]);
});
