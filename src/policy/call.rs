//! The calls that `CloudTrail` makes with a key.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/services-cloudtrail.html>

use super::condition::{Condition, Context};
use super::condition_key::is_on_context;
use super::condition_value::Subject;
use super::partition::Partition;
use super::{DECRYPT_ACTION, DESCRIBE_ACTION, ENCRYPT_ACTION, SERVICE};

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

    /// What the call has under a condition's key.
    ///
    /// Only cryptographic operations have an encryption context, and AWS
    /// documents none for `CloudTrail`'s decrypting. `kms:ViaService` is about
    /// calls on behalf of a principal, and `CloudTrail` calls as itself:
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>.
    /// KMS takes no call without TLS. A service such as `CloudTrail` is in no
    /// organization:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
    pub(super) fn context(
        self,
        condition: &Condition<'_>,
        partition: Partition,
    ) -> Context<'static> {
        let present = |value| Context::Present(vec![value]);
        match self {
            Self::Describe if is_on_context(condition.key) => return Context::Absent,
            Self::Decrypt if is_on_context(condition.key) => return Context::Unknown,
            _ if condition.is_another_in(partition) => return Context::Unknown,
            _ if condition.subject != Subject::Other => return Context::Own,
            _ => {}
        }
        match condition.key.to_ascii_lowercase().as_str() {
            "aws:principalisawsservice" | "aws:securetransport" => present("true"),
            "aws:principalservicename" => present(SERVICE),
            "kms:encryptioncontextkeys" => {
                Context::Present(vec!["aws:cloudtrail:arn", "aws:s3:arn"])
            }
            "kms:viaservice" => Context::Absent,
            "aws:principalorgid" => Context::Foreign,
            _ => Context::Unknown,
        }
    }
}
