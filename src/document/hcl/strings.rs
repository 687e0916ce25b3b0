//! The strings of a file in Terraform's JSON syntax, each of which is a
//! template: read once, whoever asks for it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use hcl_edit::parser::{Error, parse_template};
use hcl_edit::template::Template;

use super::spelling::Decoded;

/// A string as a template; its places are in the decoded text.
#[derive(Debug)]
pub struct Templated {
    pub decoded: Decoded,
    pub template: Result<Template, Error>,
}

/// Those of a file that were asked for, by where they start.
#[derive(Debug, Default)]
pub struct Strings(Mutex<HashMap<usize, Arc<Templated>>>);

impl Strings {
    /// The one whose text starts at a place, if it was asked for.
    pub fn known(&self, inside: usize) -> Option<Arc<Templated>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&inside.checked_sub(1)?).cloned()
    }

    /// The string at a place of the file, with its quotes.
    pub fn at(&self, host: &str, span: &Range<usize>) -> Arc<Templated> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || {
            let decoded = Decoded::new(host, span);
            let template = parse_template(&decoded.text);
            Arc::new(Templated { decoded, template })
        };
        known.entry(span.start).or_insert_with(read).clone()
    }
}
