//! What a KMS key's own state means for the use that `CloudTrail` makes of it.

use json_patch::jsonptr::PointerBuf;

use super::code::Code;
use super::{Finding, KeyArn};

/// What KMS tells of a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    pub arn: KeyArn,
    /// `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: String,
    /// When it will be deleted, in RFC 3339, if that is so.
    pub deletion: Option<String>,
    /// Whether AWS manages it, for a service.
    pub is_aws_managed: bool,
    /// `SYMMETRIC_DEFAULT`, `RSA_4096`, …
    pub spec: String,
    /// Whether it is a replica of another Region's key.
    pub is_replica: bool,
    /// The other keys of its multi-Region set, the primary one first.
    pub siblings: Vec<KeyArn>,
}

impl KeyFacts {
    /// What a person should know of the key before its policy is edited, or
    /// asked about: whatever the policy says, `CloudTrail` may be unable to
    /// use it.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>
    pub fn findings(&self, will_edit: bool) -> Vec<Finding> {
        let at = PointerBuf::new;
        let mut findings = Vec::new();
        if self.is_aws_managed {
            let message = "AWS manages this key, and nobody else can change its policy";
            let finding = if will_edit {
                Finding::error(Code::AwsManagedKey, message, at())
            } else {
                Finding::note(Code::AwsManagedKey, message, at())
            };
            findings.push(finding.help("give the trail a customer managed key"));
        }
        if let Some(finding) = self.state_finding() {
            findings.push(finding);
        }
        if self.spec != "SYMMETRIC_DEFAULT" {
            findings.push(
                Finding::warning(
                    Code::KeySpec,
                    format!(
                        "the key is {}, and CloudTrail encrypts only with a symmetric encryption key",
                        self.spec
                    ),
                    at(),
                )
                .help("give the trail a key of KeySpec SYMMETRIC_DEFAULT"),
            );
        }
        findings
    }

    fn state_finding(&self) -> Option<Finding> {
        let warning = |message: String, help: String| {
            Some(Finding::warning(Code::KeyState, message, PointerBuf::new()).help(help))
        };
        let arn = &self.arn;
        match self.state.as_str() {
            "Enabled" => None,
            "Disabled" => warning(
                "the key is disabled: CloudTrail cannot deliver".to_owned(),
                format!("to enable it: aws kms enable-key --key-id {arn}"),
            ),
            "PendingDeletion" | "PendingReplicaDeletion" => warning(
                match &self.deletion {
                    Some(date) => {
                        format!("the key will be deleted on {date}: CloudTrail cannot deliver")
                    }
                    None => "the key is pending deletion: CloudTrail cannot deliver".to_owned(),
                },
                format!("to keep it: aws kms cancel-key-deletion --key-id {arn}"),
            ),
            other => warning(
                format!("the key's state is {other}: CloudTrail cannot deliver"),
                "only an enabled key encrypts".to_owned(),
            ),
        }
    }

    /// A note on the keys of a multi-Region set that are left alone: a key's
    /// policy is no shared property.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-auth.html>
    pub fn left_alone(&self) -> Option<Finding> {
        if self.siblings.is_empty() {
            return None;
        }
        let regions: Vec<&str> = self
            .siblings
            .iter()
            .map(|arn| arn.region.as_str())
            .collect();
        Some(
            Finding::note(
                Code::Replicas,
                format!(
                    "the multi-Region key's policies in {} are their own, and are left alone",
                    regions.join(", ")
                ),
                PointerBuf::new(),
            )
            .help("to take the primary key and every replica: --replicas"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Severity::{Error, Note, Warning};

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    fn facts() -> KeyFacts {
        KeyFacts {
            arn: format!("arn:aws:kms:eu-west-1:111122223333:key/{ID}")
                .parse()
                .unwrap(),
            state: "Enabled".to_owned(),
            deletion: None,
            is_aws_managed: false,
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            is_replica: false,
            siblings: Vec::new(),
        }
    }

    #[test]
    fn an_enabled_symmetric_key_needs_no_word() {
        assert!(facts().findings(true).is_empty());
        assert!(facts().left_alone().is_none());
    }

    #[test]
    fn what_keeps_cloudtrail_from_the_key_is_said() {
        let codes = |facts: &KeyFacts, edit| -> Vec<_> {
            let findings = facts.findings(edit);
            findings.iter().map(|f| (f.severity, f.code)).collect()
        };
        let mut key = facts();
        key.is_aws_managed = true;
        assert_eq!(codes(&key, true), [(Error, Code::AwsManagedKey)]);
        assert_eq!(codes(&key, false), [(Note, Code::AwsManagedKey)]);
        for (state, what) in [
            ("Disabled", "is disabled"),
            ("PendingDeletion", "is pending deletion"),
            ("PendingImport", "state is PendingImport"),
        ] {
            let mut key = facts();
            key.state = state.to_owned();
            assert_eq!(codes(&key, true), [(Warning, Code::KeyState)]);
            let message = &key.findings(true)[0].message;
            assert!(message.contains(what), "{message}");
        }
        let mut key = facts();
        key.spec = "RSA_4096".to_owned();
        assert_eq!(codes(&key, true), [(Warning, Code::KeySpec)]);
    }
}
