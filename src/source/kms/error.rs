//! What went wrong with a call to KMS, and the remedy.

use std::fmt;

/// The calls that are made, by their IAM names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    DescribeKey,
    GetKeyPolicy,
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
    pub call: Call,
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
    /// Something else than KMS answers.
    NotKms(String),
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
            Self::NotKms(why) => write!(f, "what answers is not KMS: {why}"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl Problem {
    /// What to do about it, in this call.
    pub fn help(&self, call: Call) -> Option<String> {
        let text = match self {
            Self::NoRegion(_) => "give --region REGION, or the key's ARN, or set AWS_REGION",
            Self::NoCredentials(_) => {
                "log in first (aws sso login, aws login), or give --profile NAME, or set AWS_PROFILE"
            }
            Self::BadCredentials(_) => "log in again, and look at the machine's clock",
            Self::Denied(_) => {
                return Some(format!(
                    "the caller needs {} on this key, by its key policy or by IAM; a key's policy \
                     is read and put only from the key's own account",
                    call.permission()
                ));
            }
            Self::OtherAccount { owner, .. } => {
                return Some(format!(
                    "a key's policy is read and put only from its own account: take credentials of \
                     account {owner}, with --profile NAME"
                ));
            }
            Self::NotFound(_) => {
                "look at the Region and the account: aws kms list-aliases --region REGION"
            }
            Self::Lockout => {
                "let a principal that you are, or the account's root, call kms:PutKeyPolicy in the policy first"
            }
            Self::InvalidPrincipal(_) => {
                "take deleted users and roles (AIDA…, AROA…) out of the policy first"
            }
            Self::TooLarge(_) => crate::plan::CURE,
            Self::Throttled(_) | Self::Server(_) => {
                "run it again in a minute; AWS_MAX_ATTEMPTS sets how often a call is tried"
            }
            Self::Timeout | Self::Unreachable(_) => {
                "look at the network, the Region's name, --endpoint-url and the proxy settings"
            }
            Self::NotKms(_) => {
                "look at --endpoint-url, AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL and the proxy settings"
            }
            Self::Malformed(_) | Self::Other(_) => return None,
        };
        Some(text.to_owned())
    }
}

impl KmsError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        self.problem.help(self.call)
    }

    /// Whether the same call may be taken a little later.
    pub fn is_passing(&self) -> bool {
        matches!(self.problem, Problem::Throttled(_)) || self.is_uncertain()
    }

    /// Whether a put that failed so may have been carried out all the same.
    pub fn is_uncertain(&self) -> bool {
        matches!(
            self.problem,
            Problem::Timeout | Problem::Unreachable(_) | Problem::Server(_) | Problem::NotKms(_)
        )
    }

    /// Whether the policy names a principal that does not exist.
    pub fn is_invalid_principal(&self) -> bool {
        matches!(self.problem, Problem::InvalidPrincipal(_))
    }
}
