//! Live keys, in a build that has none: no key can be named, so that nothing
//! here is ever called.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;

use super::{Commit, SourceError};
use crate::policy::{Finding, KeyArn, Partition};

/// No key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {}

impl Wanted {
    /// The name.
    #[must_use]
    pub fn name(&self) -> String {
        match *self {}
    }

    /// Looks the key up.
    #[must_use]
    pub fn locate(&self) -> Vec<Result<Key, (String, SourceError)>> {
        match *self {}
    }
}

/// No key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {}

impl Key {
    /// The key as it was named.
    #[must_use]
    pub fn label(&self) -> &str {
        match *self {}
    }

    /// Its ARN and its alias.
    #[must_use]
    pub fn title(&self) -> String {
        match *self {}
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> &KeyArn {
        match *self {}
    }

    /// The partition that it is in.
    #[must_use]
    pub fn partition(&self) -> Partition {
        match *self {}
    }

    /// What its own state means.
    #[must_use]
    pub fn findings(&self, _: bool) -> Vec<Finding> {
        match *self {}
    }

    /// These keys are taken too.
    pub fn go_with(&mut self, _: &HashSet<String>) {
        match *self {}
    }

    /// The policy's bytes.
    ///
    /// # Errors
    /// None.
    pub fn read(&self) -> Result<Vec<u8>, SourceError> {
        match *self {}
    }

    /// Puts a policy.
    ///
    /// # Errors
    /// None.
    pub fn commit(
        &self,
        _: &[u8],
        _: &[u8],
        _: &mut dyn FnMut(&Step),
    ) -> Result<Commit, SourceError> {
        match *self {}
    }
}

/// Nothing under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Another run has the key's lock.
    Waiting,
    /// The old policy is kept.
    Saved(Saved),
}

/// No old policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Where.
    pub path: PathBuf,
    /// The command that puts it back.
    pub command: String,
}

/// No error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KmsError {}

impl KmsError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match *self {}
    }

    /// Whether the policy names a principal that does not exist.
    #[must_use]
    pub fn is_invalid_principal(&self) -> bool {
        match *self {}
    }
}

impl fmt::Display for KmsError {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for KmsError {}
