//! Terraform's own syntax: the key policies in a `.tf` file.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/configuration>

pub(super) mod array;
mod assigned;
mod blocks;
mod draws;
mod dynamic;
mod elsewhere;
pub(super) mod exists;
pub(super) mod file;
mod followed;
mod heredoc;
pub(super) mod ignored;
mod json;
mod json_document;
pub(super) mod json_edits;
mod list;
pub(super) mod lower;
mod mapping;
pub(super) mod names;
pub(super) mod read;
pub(super) mod scope;
pub(super) mod shared;
mod spelling;
pub(super) mod splice;
mod statement;
mod strings;
pub(super) mod text;
mod trivia;
mod uses;
mod uses_hcl;
mod uses_json;
pub(super) mod wording;
pub(super) mod write;
