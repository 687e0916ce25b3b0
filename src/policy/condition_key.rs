//! The condition keys that tell whose trail a call is made for.

use super::account::AccountId;
use super::hole;
use super::partition::Partition;

/// The condition key that holds the context list.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>
pub const CONTEXT_KEY: &str = "kms:EncryptionContext:aws:cloudtrail:arn";
/// The condition key that holds the ARN of the trail that a call is made for.
pub const SOURCE_ARN: &str = "aws:SourceArn";
/// The condition key that holds the account of that trail.
pub const SOURCE_ACCOUNT: &str = "aws:SourceAccount";

/// Whether a condition key is this one, as written or where the partition that
/// it has as an expression is `aws`. Neither part of a key has case.
pub(super) fn is_key(written: &str, key: &str) -> bool {
    hole::fill(written, Partition::AWS).eq_ignore_ascii_case(key)
}

/// Whether a condition key is about the encryption context.
pub(super) fn is_on_context(key: &str) -> bool {
    const PREFIX: &str = "kms:EncryptionContext";
    let own = key.get(..PREFIX.len());
    own.is_some_and(|own| own.eq_ignore_ascii_case(PREFIX))
}

/// The option that lets accounts through a condition.
pub fn source_option(key: &str, partition: Partition, accounts: &[&AccountId]) -> String {
    match accounts {
        _ if key.eq_ignore_ascii_case(SOURCE_ACCOUNT) => "--source-account".to_owned(),
        [] => "--source-arn ARN".to_owned(),
        [account, more @ ..] => {
            let more = if more.is_empty() {
                ""
            } else {
                ", and so for each account"
            };
            format!("--source-arn arn:{partition}:cloudtrail:REGION:{account}:trail/NAME{more}")
        }
    }
}
