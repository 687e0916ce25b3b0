//! What an error of the AWS client means.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use ctpolicy::policy::{Arn, KeyArn};
use ctpolicy::source::kms::{Call, KmsError, Problem};

/// The error of a call about a key, or one whose ARN is not known yet.
pub(super) fn of_sdk<E>(call: Call, key: Option<&KeyArn>, error: &SdkError<E>) -> KmsError
where
    E: ProvideErrorMetadata + Error + 'static,
{
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
                // A gateway, or whatever else listens there.
                None => Problem::NotKms(format!("HTTP status {status}")),
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
    KmsError { call, problem }
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
    Arn::of(arn).account
}

/// Why there are no credentials.
pub(super) fn of_credentials(error: &CredentialsError) -> String {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => "none are found".to_owned(),
        other => innermost(other),
    }
}

/// The innermost error, without Rust's "(os error N)".
fn innermost(error: &(dyn Error + 'static)) -> String {
    let words = chain(error).last().map(ToString::to_string);
    let words = words.unwrap_or_default();
    match words.split_once(" (os error") {
        Some((system, _)) => system.to_lowercase(),
        None => words,
    }
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
