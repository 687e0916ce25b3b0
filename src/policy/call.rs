//! The calls that `CloudTrail` makes with a key.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/services-cloudtrail.html>

use super::condition::Context;
use super::{DECRYPT_ACTION, DESCRIBE_ACTION, ENCRYPT_ACTION};

/// A call that `CloudTrail` makes for a trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// For a log file.
    Encrypt,
    /// When a trail is created or updated.
    Describe,
    /// Where the bucket has an S3 Bucket Key.
    Decrypt,
}

impl Call {
    /// The action that a statement must cover.
    pub fn action(self) -> &'static str {
        match self {
            Self::Encrypt => ENCRYPT_ACTION,
            Self::Describe => DESCRIBE_ACTION,
            Self::Decrypt => DECRYPT_ACTION,
        }
    }

    /// What the call has under a key of the encryption context, if that is not
    /// what an encrypting call has: only cryptographic operations have a
    /// context, and AWS documents none for `CloudTrail`'s decrypting.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>
    pub(super) fn other_context(self, key: &str) -> Option<Context<'static>> {
        match self {
            Self::Describe if is_on_context(key) => Some(Context::Absent),
            Self::Decrypt if is_on_context(key) => Some(Context::Unknown),
            _ => None,
        }
    }
}

/// Whether a condition key is about the encryption context.
pub(super) fn is_on_context(key: &str) -> bool {
    const PREFIX: &str = "kms:EncryptionContext";
    let own = key.get(..PREFIX.len());
    own.is_some_and(|own| own.eq_ignore_ascii_case(PREFIX))
}
