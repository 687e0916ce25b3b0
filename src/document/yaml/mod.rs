//! YAML: where its nodes stand, what they mean in JSON's terms, and how text is
//! added to it in the layout around it.

pub(super) mod chomping;
pub mod convert;
mod flow;
pub mod layout;
pub mod lenient;
pub mod number;
pub mod quote;
pub mod raw;
pub mod scan;
pub mod shared;
pub mod splice;
pub mod units;
mod write;

use convert::Converted;
use raw::RawError;

/// Reads a text that is one YAML document, in which the placeholders of a template
/// engine are masked.
///
/// # Errors
/// What YAML, or this program, has against the text.
pub fn parse(masked: &str) -> Result<Converted, RawError> {
    convert::convert(&raw::parse(masked)?)
}

#[cfg(test)]
mod tests;
