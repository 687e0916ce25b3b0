//! Edit a KMS key policy so that `CloudTrail` may encrypt for one more
//! account, and change nothing else in it.
//!
//! One straight line:
//!
//! ```text
//! argv ─► source ─► document ─► plan ─► report ─► confirm ─► source
//!         where     text and    what    what a    a person   writes
//!         it lives  value       changes person    says yes
//!                               and why sees
//! ```
//!
//! [`flow`] is that line. [`policy`] holds IAM's rules, as pure functions over
//! values; [`plan`] turns a request and a policy into RFC 6902 operations and
//! findings; [`document`] finds the policy in its host (the whole file, a
//! Terraform module) and applies the operations to the text, byte for byte.
//! [`audit`] answers what changes nothing.
//!
//! What is read is a [`value::Value`], which shares the text it was read from;
//! what is to be written comes as RFC 6902 has it, in `serde_json`'s values.
//!
//! Two programs are made of it: `ctpolicy`, and `ctpolicy-kms`, which has the
//! AWS client ([`source::kms::Api`]) and which the first goes on in when a live
//! key is named.

pub mod accounts;
pub mod audit;
pub mod cli;
pub mod confirm;
pub mod document;
pub mod flow;
mod interrupt;
pub mod operations;
pub mod plan;
pub mod policy;
pub mod report;
pub mod source;
pub mod text;
pub mod value;
