//! Texts and places in them, in any syntax.

pub mod edit;
