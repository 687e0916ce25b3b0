//! What went wrong with a call to KMS, and the remedy.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};

use crate::policy::{KeyArn, arn};

/// The calls that are made, by their IAM names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// `kms:DescribeKey`
    DescribeKey,
    /// `kms:GetKeyPolicy`
    GetKeyPolicy,
    /// `kms:PutKeyPolicy`
    PutKeyPolicy,
}

impl Call {
    fn action(self) -> &'static str {
        match self {
            Self::DescribeKey => "look the key up",
            Self::GetKeyPolicy => "read the key's policy",
            Self::PutKeyPolicy => "put the key's policy",
        }
    }

    fn permission(self) -> &'static str {
        match self {
            Self::DescribeKey => "kms:DescribeKey",
            Self::GetKeyPolicy => "kms:GetKeyPolicy",
            Self::PutKeyPolicy => "kms:PutKeyPolicy",
        }
    }
}

/// A call to KMS that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot {}: {problem}", call.action())]
pub struct KmsError {
    /// The call.
    pub call: Call,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong, as far as the remedy differs.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>,
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html#API_PutKeyPolicy_Errors>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No Region is configured, or this, which is none.
    NoRegion(String),
    /// No credentials are found, or they cannot be had.
    NoCredentials(String),
    /// The credentials are of no use: expired, or unknown to AWS.
    BadCredentials(String),
    /// The permission is missing.
    Denied(String),
    /// The caller's account is not the key's.
    OtherAccount {
        /// The caller's.
        caller: String,
        /// The key's.
        owner: String,
    },
    /// There is no such key or alias.
    NotFound(String),
    /// The caller could not change the policy any more.
    Lockout,
    /// A principal of the policy does not exist.
    InvalidPrincipal(String),
    /// Another fault of the policy.
    Malformed(String),
    /// Over 32,768 bytes.
    TooLarge(String),
    /// Too many calls.
    Throttled(String),
    /// A fault of the service.
    Server(String),
    /// No answer in time.
    Timeout,
    /// The endpoint is not reached, or hangs up.
    Unreachable(String),
    /// Anything else that the service says.
    Other(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRegion(found) if found.is_empty() => f.write_str("no Region is set"),
            Self::NoRegion(found) => write!(f, "{found:?} is no Region"),
            Self::NoCredentials(why) => write!(f, "no credentials: {why}"),
            Self::BadCredentials(why) => write!(f, "the credentials are refused: {why}"),
            Self::Denied(why) => write!(f, "not permitted: {why}"),
            Self::OtherAccount { caller, owner } => write!(
                f,
                "the key is in account {owner}, and the credentials are of account {caller}"
            ),
            Self::NotFound(why) => write!(f, "no such key: {why}"),
            Self::Lockout => f.write_str(
                "the new policy would not let you, the caller, change it again (KMS's lockout safety check)",
            ),
            Self::InvalidPrincipal(why) => {
                write!(f, "a principal in the policy does not exist: {why}")
            }
            Self::Malformed(why) => write!(f, "KMS refuses the policy: {why}"),
            Self::TooLarge(why) => write!(f, "the policy is too large: {why}"),
            Self::Throttled(why) => write!(f, "too many calls: {why}"),
            Self::Server(why) => write!(f, "KMS failed: {why}"),
            Self::Timeout => f.write_str("KMS did not answer in time"),
            Self::Unreachable(why) => write!(f, "KMS is not reached: {why}"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl KmsError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let text = match &self.problem {
            Problem::NoRegion(_) => "give --region REGION, or the key's ARN, or set AWS_REGION",
            Problem::NoCredentials(_) => {
                "log in first (aws sso login, aws login), or give --profile NAME, or set AWS_PROFILE"
            }
            Problem::BadCredentials(_) => "log in again, and look at the machine's clock",
            Problem::Denied(_) => {
                return Some(format!(
                    "the caller needs {} on this key, by its key policy or by IAM; a key's policy \
                     is read and put only from the key's own account",
                    self.call.permission()
                ));
            }
            Problem::OtherAccount { owner, .. } => {
                return Some(format!(
                    "a key's policy is read and put only from its own account: take credentials of \
                     account {owner}, with --profile NAME"
                ));
            }
            Problem::NotFound(_) => {
                "look at the Region and the account: aws kms list-aliases --region REGION"
            }
            Problem::Lockout => {
                "let a principal that you are, or the account's root, call kms:PutKeyPolicy in the policy first"
            }
            Problem::InvalidPrincipal(_) => {
                "take deleted users and roles (AIDA…, AROA…) out of the policy first"
            }
            Problem::TooLarge(_) => crate::plan::CURE,
            Problem::Throttled(_) | Problem::Server(_) => {
                "run it again in a minute; AWS_MAX_ATTEMPTS sets how often a call is tried"
            }
            Problem::Timeout | Problem::Unreachable(_) => {
                "look at the network, the Region's name, --endpoint-url and the proxy settings"
            }
            Problem::Malformed(_) | Problem::Other(_) => return None,
        };
        Some(text.to_owned())
    }

    /// Whether the same call may be taken a little later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self.problem, Problem::Throttled(_)) || self.is_uncertain()
    }

    /// Whether a put that failed so may have been carried out all the same.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        matches!(
            self.problem,
            Problem::Timeout | Problem::Unreachable(_) | Problem::Server(_)
        )
    }

    /// Whether the policy names a principal that does not exist.
    #[must_use]
    pub fn is_invalid_principal(&self) -> bool {
        matches!(self.problem, Problem::InvalidPrincipal(_))
    }

    pub(super) fn no_region(call: Call, found: &str) -> Self {
        Self {
            call,
            problem: Problem::NoRegion(found.to_owned()),
        }
    }

    /// The error of a call about a key, or one whose ARN is not known yet.
    pub(super) fn from_sdk<E>(call: Call, key: Option<&KeyArn>, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if let Some(problem) = credentials(error) {
            return Self { call, problem };
        }
        let problem = match error {
            SdkError::ServiceError(service) => {
                let meta = service.err().meta();
                let message = meta.message().unwrap_or_default();
                let status = service.raw().status();
                match meta.code() {
                    Some(code) => match refused(code, message, key) {
                        Problem::Other(said) if status.is_server_error() => Problem::Server(said),
                        problem => problem,
                    },
                    // Not KMS, but something on the way there.
                    None if status.is_server_error() => {
                        Problem::Server(format!("HTTP status {status}"))
                    }
                    None => Problem::Unreachable(format!("HTTP status {status}")),
                }
            }
            SdkError::TimeoutError(_) => Problem::Timeout,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Problem::Timeout,
            // An answer that breaks off is no answer.
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
                Problem::Unreachable(innermost(error))
            }
            _ => Problem::Other(innermost(error)),
        };
        Self { call, problem }
    }
}

/// What the service's error code means.
fn refused(code: &str, message: &str, key: Option<&KeyArn>) -> Problem {
    let said = if message.is_empty() {
        code.to_owned()
    } else {
        message.to_owned()
    };
    match code {
        "AccessDeniedException" => match (caller(message), key) {
            (Some(caller), Some(key)) if caller != key.account.as_str() => Problem::OtherAccount {
                caller: caller.to_owned(),
                owner: key.account.to_string(),
            },
            _ => Problem::Denied(said),
        },
        "NotFoundException" => Problem::NotFound(said),
        "MalformedPolicyDocumentException"
            if message.contains("update the key policy in the future") =>
        {
            Problem::Lockout
        }
        "MalformedPolicyDocumentException" if message.contains("invalid principal") => {
            Problem::InvalidPrincipal(said)
        }
        "MalformedPolicyDocumentException" => Problem::Malformed(said),
        "LimitExceededException" => Problem::TooLarge(said),
        "ExpiredTokenException"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationTokenException" => Problem::BadCredentials(said),
        "ThrottlingException" | "Throttling" | "RequestLimitExceeded" => Problem::Throttled(said),
        "KMSInternalException"
        | "DependencyTimeoutException"
        | "InternalFailure"
        | "InternalServerError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Problem::Server(said),
        _ if message.is_empty() => Problem::Other(said),
        _ => Problem::Other(format!("{code}: {message}")),
    }
}

/// The caller's account, which KMS names in `User: ARN is not authorized …`.
fn caller(message: &str) -> Option<&str> {
    let arn = message.strip_prefix("User: ")?.split(' ').next()?;
    arn::account(arn)
}

fn credentials(error: &(dyn Error + 'static)) -> Option<Problem> {
    let error = chain(error).find_map(|link| link.downcast_ref::<CredentialsError>())?;
    Some(Problem::NoCredentials(match error {
        CredentialsError::CredentialsNotLoaded(_) => "none are found".to_owned(),
        other => innermost(other),
    }))
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error)
        .last()
        .map_or_else(String::new, ToString::to_string)
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| {
        (*error).source()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_another_account_is_told_by_the_callers_arn() {
        let key: KeyArn = "arn:aws:kms:eu-west-1:111122223333:alias/x"
            .parse()
            .unwrap();
        let message = "User: arn:aws:sts::444455556666:assumed-role/r/s is not authorized to perform: kms:GetKeyPolicy on resource: …";
        assert_eq!(
            refused("AccessDeniedException", message, Some(&key)),
            Problem::OtherAccount {
                caller: "444455556666".to_owned(),
                owner: "111122223333".to_owned()
            }
        );
        let own = message.replace("444455556666", "111122223333");
        for (message, key) in [
            (own.as_str(), Some(&key)),
            (message, None),
            ("", Some(&key)),
        ] {
            assert!(matches!(
                refused("AccessDeniedException", message, key),
                Problem::Denied(_)
            ));
        }
    }
}
