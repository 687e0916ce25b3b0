//! What is asked of KMS, by whatever speaks to it.

use std::fmt;

use super::error::KmsError;
use super::settings::Settings;
use crate::policy::{KeyArn, KeyFacts, KeyName};

/// The calls that are made to KMS, from ordinary threads. Their AWS client is
/// not part of this library: whoever edits a file alone does not load it.
pub trait Api: fmt::Debug + Send + Sync {
    /// How often a call is tried, by the AWS configuration.
    fn max_attempts(&self) -> u32;

    /// What KMS tells of a key, and the names of its aliases. Without a Region
    /// it is the configured one.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>
    ///
    /// # Errors
    /// If KMS refuses, or is not reached.
    fn describe(
        &self,
        region: Option<&str>,
        name: &KeyName,
    ) -> Result<(KeyFacts, Vec<String>), KmsError>;

    /// The policy's text.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>
    ///
    /// # Errors
    /// If KMS refuses, or is not reached.
    fn get(&self, key: &KeyArn) -> Result<String, KmsError>;

    /// Replaces the policy, in one attempt: before another one somebody has to
    /// look whether the policy is still the one to be replaced. KMS's lockout
    /// safety check is never bypassed.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>
    ///
    /// # Errors
    /// If KMS refuses, or is not reached; [`KmsError::is_uncertain`] tells
    /// whether the policy may be there all the same.
    fn put_once(&self, key: &KeyArn, policy: &str) -> Result<(), KmsError>;
}

/// Reads the AWS configuration, and gives what speaks to KMS; credentials are
/// looked for at the first call. An error is for a person, with its help.
pub type Connect = dyn Fn(&Settings) -> Result<Box<dyn Api>, String>;
